// How a grant moves: the new version, its typed entries, and who is told, in one commit.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "hub/access/rules.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

// Who moves it.
struct Mover {
  std::string actor;  // subject, or "hub"
  std::string trace;
};

// One move.
struct GrantMove {
  std::vector<std::string_view> verbs;   // of GrantEvent, one entry for each
  std::string reason;                    // why, in the mover's words
  std::string provider;                  // organisation; for the notices
  std::vector<documents::Change> more;   // stored with it, for example a request id
};

// A stored version as callers see it: with revision, ledger index and etag.
absl::StatusOr<v1::Grant> GrantOf(const documents::Version& version);

// The party that learns of `verb` by a notice (GRANT_SUBMITTED and so on), if any; both of what the hub does by itself.
enum class Told { kNobody, kConsumer, kProvider, kBoth };
Told ToldOf(std::string_view verb);

// Thread-safe. Blocks until its commits are durable.
class GrantWriter {
 public:
  // Everything referred to must outlive it.
  GrantWriter(documents::DocumentStore& store, const Rules& rules, const Clock& clock, Random& random)
      : store_(store), rules_(rules), clock_(clock), random_(random) {}

  // Stores the moved grant over `revision` (0: a new one) and returns it. Errors of DocumentStore::Apply.
  absl::StatusOr<v1::Grant> Write(const Mover& mover, v1::Grant grant, uint64_t revision, GrantMove move);
  // Deletes it: a draft nobody has acted on.
  absl::Status Delete(const Mover& mover, const v1::Grant& grant, uint64_t revision);
  // Says `verb` of a grant that stays as it is: entry and notices, with `move.more`.
  absl::Status Note(const Mover& mover, const v1::Grant& grant, GrantMove move);

 private:
  storage::LogRecord EventOf(const Mover& mover, const v1::Grant& grant, uint64_t revision, std::string_view verb,
                             bool last, std::string_view reason, std::string_view document);
  void AddNotices(const v1::Grant& grant, const GrantMove& move, documents::Transaction& transaction);

  documents::DocumentStore& store_;
  const Rules& rules_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace zhanqiao::access
