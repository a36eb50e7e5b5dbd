// PostgreSQL's own change log: a logical replication slot read by libpq's replication protocol (pgoutput, version 1).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

struct pg_conn;  // libpq's PGconn

namespace zhanqiao::connectors {

// A row that was inserted or updated, as the source has it now.
struct ReplicatedRow {
  std::string schema, table;
  std::vector<std::string> columns;
  std::vector<std::optional<std::string>> cells;  // as text; absent: NULL
};

// One thing the slot told.
struct ReplicatedChange {
  enum class Kind {
    kNothing,  // nothing yet; ask again later
    kRow,
    kCommit,   // all rows of the transaction were told
  };
  Kind kind = Kind::kNothing;
  ReplicatedRow row;
  // Of rows and commits: where the transaction ends in the log (its own place, the same whenever it is told again), and the
  // row's number in it, from 1.
  uint64_t transaction = 0;
  uint64_t number = 0;
  uint64_t end = 0;  // of a commit: what may be confirmed once its rows are safe
};

struct ReplicationOptions {
  std::string connection;  // libpq connection string; its user needs the attribute REPLICATION
  std::string password;
  std::string slot;         // [a-z0-9_]{1,63}
  std::string publication;  // that the owner of the table made
};

// One reader of one slot. The server keeps everything from the confirmed place on: what was told and not confirmed is told
// again, transaction by transaction, after a restart of either side. Not thread-safe.
class ReplicationSlot {
 public:
  // Begins to read. Without such a slot: makes it if `make`, which then tells of what is committed from now on; else
  // FAILED_PRECONDITION / CAPTURE_SLOT_LOST. UNAVAILABLE / SOURCE_UNAVAILABLE, FAILED_PRECONDITION / CAPTURE_REFUSED (the
  // server does not replicate: wal_level, the user's rights, the publication). Link source.
  static absl::StatusOr<std::unique_ptr<ReplicationSlot>> Open(const ReplicationOptions& options, bool make,
                                                               absl::Time deadline);

  // The next change, or kNothing if none came until `deadline`. Fails with UNAVAILABLE / SOURCE_UNAVAILABLE, or
  // FAILED_PRECONDITION / CAPTURE_TOAST: an update left a long value out, which its table must be told to send along.
  absl::StatusOr<ReplicatedChange> Next(absl::Time deadline);

  // Everything up to `end` is safe elsewhere: the server may forget it.
  absl::Status Confirm(uint64_t end);
  uint64_t confirmed() const { return confirmed_; }

 private:
  struct Close {
    void operator()(pg_conn* connection) const;
  };
  struct Relation {
    std::string schema, table;
    std::vector<std::string> columns;
  };
  class Message;

  explicit ReplicationSlot(pg_conn* connection) : connection_(connection) {}
  absl::Status Start(const ReplicationOptions& options, bool make);
  absl::Status Send();
  absl::Status Lost() const;
  // What `data`, one message of pgoutput, tells; nothing for those that matter to nobody.
  absl::StatusOr<std::optional<ReplicatedChange>> Decode(std::string_view data);
  absl::StatusOr<std::optional<ReplicatedChange>> DecodeRow(Message& message, bool update);

  const std::unique_ptr<pg_conn, Close> connection_;
  absl::flat_hash_map<uint32_t, Relation> relations_;
  uint64_t transaction_ = 0;  // final place of the transaction being told; 0: between two
  uint64_t number_ = 0;
  uint64_t told_ = 0;         // end of the last transaction that was told
  uint64_t confirmed_ = 0;
  absl::Time sent_ = absl::InfinitePast();
};

// "16/B374D848", as PostgreSQL writes a place.
std::string LsnText(uint64_t place);

}  // namespace zhanqiao::connectors
