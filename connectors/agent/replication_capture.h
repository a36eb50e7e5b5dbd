// Change capture by PostgreSQL's logical replication: every committed row becomes a record of the resource's feed, in the
// order of commits, without a column that tells when.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "connectors/adapters/mapping.h"
#include "connectors/adapters/postgres/replication.h"
#include "zhanqiao/v1/feed.grpc.pb.h"

namespace zhanqiao::connectors {

struct ReplicationCaptureOptions {
  std::string feed;   // feeds/{code}
  std::string state;  // file that says that the slot was made; without it a slot is made
  ReplicationOptions source;
  int rows = 1000;    // published together
};

// Not thread-safe. The slot moves only once the hub has acknowledged, so that nothing is lost; what is told again after a
// crash the hub knows by its idempotency key (the transaction's place and the row's number in it). Inserted and updated rows
// are published as they are after it; deleted ones are not, and what was there before the slot was made is not either:
// consumers fetch it.
class ReplicationCapture {
 public:
  // `stub` must outlive it. The mapping must name a table, and fit the entry (CheckMapping).
  ReplicationCapture(ReplicationCaptureOptions options, Mapping mapping, v1::Resource entry,
                     v1::FeedService::StubInterface& stub)
      : options_(std::move(options)), mapping_(std::move(mapping)), entry_(std::move(entry)), stub_(stub) {}

  // Publishes what is committed, until nothing came for `patience`. Fails as ReplicationSlot, as FeedService.Publish, or with
  // SOURCE_VALUE, COLUMN_MISSING, CAPTURE_STATE; then the next round begins with the first row that is not acknowledged.
  absl::Status Round(absl::Duration patience);

  int64_t published() const { return published_; }

 private:
  absl::Status Open();
  absl::Status Add(const ReplicatedChange& change);
  absl::Status Flush();
  bool Ours(const ReplicatedRow& row) const;

  const ReplicationCaptureOptions options_;
  const Mapping mapping_;
  const v1::Resource entry_;
  v1::FeedService::StubInterface& stub_;
  std::unique_ptr<ReplicationSlot> slot_;  // null: to be opened
  v1::PublishRequest gathered_;
  uint64_t through_ = 0;                   // end of the last transaction that is wholly gathered
  int64_t published_ = 0;
};

}  // namespace zhanqiao::connectors
