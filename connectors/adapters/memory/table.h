// Rows held in memory, indexed by the entry's key fields: what file adapters load into.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "connectors/adapters/adapter.h"
#include "connectors/adapters/schema.h"

namespace zhanqiao::connectors {

// Never changes once made, so that reading takes no lock. Thread-safe.
class Table final : public Adapter {
 public:
  // `rows` hold a value for each field of `entry`, in its order and of its type (the caller has checked them).
  Table(const v1::Resource& entry, std::vector<v1::Row> rows);

  // An equality on a key field costs one look-up and the rows it finds; without one every row is looked at.
  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;

  size_t size() const { return rows_.size(); }

 private:
  using Positions = std::vector<uint32_t>;
  using Index = absl::flat_hash_map<std::string, Positions>;  // canonical value -> rows in order

  // True and `positions` set when an index narrows the search (null: no row can match).
  bool Narrow(const v1::ConnectorQuery& query, const Positions*& positions) const;

  const Schema schema_;
  const std::vector<v1::Row> rows_;
  absl::flat_hash_map<int, Index> indexes_;  // by column of a key field; set by the constructor only
};

}  // namespace zhanqiao::connectors
