// Sessions of persons: what stands between a sign-in and its end. A session's token is 256 random bits; the hub keeps its
// SHA-256 only. Rows lie under Table::kMeta "sessions/{SHA-256 of the token, hex}" (account_row.proto), so that sessions
// outlive a restart; questions are answered from memory.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/storage/pipeline.h"
#include "zhanqiao/v1/account.pb.h"
#include "zhanqiao/v1/account_row.pb.h"

namespace zhanqiao::access {

struct SessionOptions {
  absl::Duration idle = absl::Minutes(30);    // over when nothing was asked for so long
  absl::Duration lifetime = absl::Hours(12);  // over when it is so old, however busy
  size_t per_person_max = 16;                 // one more ends the one used least lately
};

// Thread-safe.
class Sessions {
 public:
  // The first four outlive it; the pipeline must be stopped before it goes.
  Sessions(const storage::Store& store, storage::CommitPipeline& pipeline, const Clock& clock, Random& random, SessionOptions options);

  // Reads the rows. Once, before traffic starts.
  absl::Status Load();

  struct Begun {
    std::string token;  // 64 hex digits
    v1::SessionRow row;
  };
  // Adds a session to `commit` (whose `applied` it takes): it is in force once that is durable.
  Begun Begin(std::string_view person, std::string_view method, std::string_view address, storage::Commit& commit);

  // Ends, as EndAll does, what is too much for one more session of `person`: those used least lately.
  std::vector<v1::SessionRow> MakeRoom(std::string_view person, storage::Commit& commit);

  // The session `token` opens, if it is not over; this use is noted.
  std::optional<v1::SessionRow> Use(std::string_view token);

  // Sessions of `person` (empty: of everybody), newest first.
  std::vector<v1::SessionRow> Of(std::string_view person) const;
  std::optional<v1::SessionRow> Find(std::string_view id) const;

  // Ends sessions of `person` from this moment, all but `except`, and adds the deletion of their rows to `commit`. Should the
  // commit fail, those that were over already may be back after a restart.
  std::vector<v1::SessionRow> EndAll(std::string_view person, std::string_view except, storage::Commit& commit);
  bool End(std::string_view id, storage::Commit& commit);

  // Forgets sessions that are over and writes down when the others were used last, without waiting. About once a minute.
  void Sweep();

  v1::Session ToSession(const v1::SessionRow& row) const;

 private:
  struct Kept {
    v1::SessionRow row;
    int64_t written_us = 0;  // use_time_us as the row in the store has it
  };
  using All = absl::flat_hash_map<std::string, Kept>;  // by the hash of the token, hex
  struct State {
    mutable absl::Mutex mu;  // makes looking a session up and noting its use one step
    All all ABSL_GUARDED_BY(mu);
  };
  bool Over(const v1::SessionRow& row, absl::Time now) const;

  const storage::Store& store_;
  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  Random& random_;
  const SessionOptions options_;
  const std::shared_ptr<State> state_ = std::make_shared<State>();  // shared with commits in flight
};

}  // namespace zhanqiao::access
