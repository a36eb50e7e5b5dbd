// Change capture: rows of a table that were added or changed become records of the resource's feed, found by
// the column that tells when.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "catalog/base/clock.h"
#include "connectors/adapters/adapter.h"
#include "zhanqiao/v1/feed.grpc.pb.h"

namespace zhanqiao::connectors {

struct CaptureOptions {
  std::string feed;     // feeds/{code}
  std::string changed;  // 信息项 (T) that tells when a row changed
  std::string state;    // file that holds how far it has come
  // Rows younger than this wait: transactions that began before others may end after them.
  absl::Duration margin = absl::Seconds(10);
  int rows = 1000;  // published together
};

// Not thread-safe. The adapter's key must begin with the column of `changed`: chunks then go from change to
// change, and a cursor is where the capture stands. It moves, and is kept in the file, only once the hub has
// acknowledged: a killed connector publishes some rows again, which the hub knows by their idempotency keys
// (SHA-256 of the row). Deleted rows leave no trace here.
class Capture {
 public:
  // All must outlive it. `stub` is called for each round.
  Capture(CaptureOptions options, v1::Resource entry, const Adapter& adapter,
          v1::FeedService::StubInterface& stub, const Clock& clock);

  // Publishes everything that has changed since. Fails as Adapter::Answer, as FeedService.Publish, or with
  // UNAVAILABLE / CAPTURE_STATE if the file cannot be written.
  absl::Status Round();

  int64_t published() const { return published_; }

 private:
  absl::Status Read();
  absl::Status Save(const std::string& cursor);
  absl::StatusOr<v1::ConnectorReply> Chunk() const;
  // The rows of `reply` that were not acknowledged since the cursor, with their keys.
  v1::PublishRequest Fresh(const v1::ConnectorReply& reply) const;

  const CaptureOptions options_;
  const v1::Resource entry_;
  const Adapter& adapter_;
  v1::FeedService::StubInterface& stub_;
  const Clock& clock_;
  bool read_ = false;
  std::string cursor_;
  absl::flat_hash_set<std::string> acknowledged_;  // keys of rows after the cursor
  int64_t published_ = 0;
};

}  // namespace zhanqiao::connectors
