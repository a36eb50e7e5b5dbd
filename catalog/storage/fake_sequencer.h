// A sequencer for tests and benches that knows no Merkle tree: entries and secrets under their index, the size of
// the log as head. Does what hub/ledger does for every record, except for the tree.
#pragma once

#include <cassert>
#include <cstdint>
#include <string>

#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/storage/pipeline.h"

namespace zhanqiao::storage {

// Not thread-safe, as the commit thread is the only one to call it. Continues the log that is in the store.
class FakeSequencer final : public Sequencer {
 public:
  static constexpr char kHeadKey[] = "fake/size";

  FakeSequencer(const Store& store, const Clock& clock) : store_(store), clock_(clock) { Reload().IgnoreError(); }
  LogPlace Place(const LogRecord& record, Batch& batch) override {
    last_ = std::max(last_, clock_.Now());
    LogPlace place{next_++, Sha256(std::string_view("\0", 1), record.body), last_};
    std::string key = BigEndian(place.index);
    if (!record.secret.empty()) batch.Put(Table::kSalts, key, record.secret);
    batch.Put(Table::kEntries, std::move(key), record.body);
    return place;
  }
  void Seal(Batch& batch) override {
    ++sealed;
    batch.Put(Table::kMeta, kHeadKey, BigEndian(next_));
  }
  void Committed() override {
    ++committed;
    durable_ = next_;
  }
  void Aborted() override {
    ++aborted;
    next_ = durable_;
  }
  absl::Status Reload() override {
    const auto head = store_.Get(Table::kMeta, kHeadKey);
    if (head.ok()) durable_ = next_ = *head ? FromBigEndian(**head) : 0;
    return head.status();
  }
  uint64_t size() const { return durable_; }

  int sealed = 0;
  int committed = 0;
  int aborted = 0;

 private:
  const Store& store_;
  const Clock& clock_;
  uint64_t next_ = 0;
  uint64_t durable_ = 0;
  absl::Time last_ = absl::InfinitePast();
};

}  // namespace zhanqiao::storage
