// What every adapter promises, as one suite. A test file says how its source is filled and served, then instantiates:
//   INSTANTIATE_TEST_SUITE_P(Csv, AdapterContract, testing::Values(&MakeCsvSource));
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "connectors/adapters/adapter.h"
#include "connectors/adapters/contract_rows.h"

namespace zhanqiao::connectors {

// A source of one adapter, as a test drives it.
class ContractSource {
 public:
  virtual ~ContractSource() = default;
  // An adapter that serves `rows`, which replace what was there; `key` names the fields that identify a row (empty:
  // none do). Called again with the same rows it is another connector of the same source.
  virtual std::unique_ptr<Adapter> Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                         const std::vector<std::string>& key) = 0;
  // Another adapter of what is served.
  virtual std::unique_ptr<Adapter> Again() = 0;
  // Sources that can be away: takes it down and brings it back; false if it has no such state.
  virtual bool Stop() { return false; }
  virtual void Start() {}
  // What one cell may hold, as text.
  virtual size_t cell_bytes_max() const { return size_t{1} << 20; }
  // True if all that should be in the source still is: called at the end of the fuzz.
  virtual bool Intact() { return true; }
};

using MakeSource = std::unique_ptr<ContractSource> (*)();

class AdapterContract : public testing::TestWithParam<MakeSource> {
 protected:
  AdapterContract() : source_(GetParam()()) { Serve(ContractEntry(), ContractRows(), {"permit"}); }

  void Serve(const v1::Resource& entry, std::vector<v1::Row> rows, const std::vector<std::string>& key);
  v1::ConnectorQuery Ask(const std::vector<std::string>& fields) const { return AskOf(entry_, fields); }
  v1::ConnectorReply Answer(const v1::ConnectorQuery& query);
  void ExpectRefused(const v1::ConnectorQuery& query, const char* reason);
  // The rows of the answer are those a naive look at all rows finds, in any order.
  void ExpectAsModel(v1::ConnectorQuery query);
  // All rows by chunks of `rows`, each from an adapter of its own; empty and a failed test if a chunk is refused.
  std::vector<v1::Row> Fetch(v1::ConnectorQuery query, int rows);

  std::unique_ptr<ContractSource> source_;
  v1::Resource entry_;
  std::vector<v1::Row> rows_;
  std::unique_ptr<Adapter> adapter_;
  absl::Status status_;
};

}  // namespace zhanqiao::connectors
