// The generic versioned document store: every governed thing is a protobuf message kept under its resource
// name, with every earlier version, who changed it and why.
//
// Two times never mix. `as_of` is the civil date from which a fact holds (the version's effective date);
// `known_at` is the ledger position at which the hub learnt it. A read at {as_of, known_at} gives, among the
// versions logged at or before `known_at`, the one with the latest effective date not after `as_of` (the
// newest revision among equals). Without either it gives the newest version.
//
// Each change and its ledger entry are one commit. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/storage/pipeline.h"
#include "google/protobuf/message.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::documents {

// One version of a document.
struct Version {
  std::string name;              // "organizations/370200-FGW"
  uint64_t revision = 0;         // 1, 2, 3 …
  std::string type;              // full protobuf name, "zhanqiao.v1.Organization"
  std::string document;          // serialised message; empty when deleted
  bool deleted = false;
  absl::CivilDay effective;      // holds from this date
  uint64_t known_at = 0;         // ledger index of its entry
  absl::Time change_time;        // the entry's time
  std::string actor;             // subject that made the change
  std::string reason;            // why, in the actor's words

  std::string etag() const;      // opaque text of the revision
  // The document as `Message`; INTERNAL / DOCUMENT_TYPE if it is of another type.
  template <typename Message>
  absl::StatusOr<Message> As() const {
    Message message;
    if (type != Message::descriptor()->full_name() || !message.ParseFromString(document)) {
      return Fail(absl::StatusCode::kInternal, "DOCUMENT_TYPE", "The stored document is of another type.",
                  {{"document", name}, {"type", type}});
    }
    return message;
  }
};

struct ReadAt {
  std::optional<absl::CivilDay> as_of;
  std::optional<uint64_t> known_at;
};

// One change of one document.
struct Change {
  std::string name;
  std::string type;
  std::string document;                        // serialised deterministically
  bool deleted = false;
  std::optional<uint64_t> expected_revision;   // 0: must not exist; nothing: whatever it is now
  std::optional<absl::CivilDay> effective;     // nothing: the date of the change
};

// Changes made together, by one actor for one reason, with further conditions and records of their own.
struct Transaction {
  std::vector<Change> changes;
  std::string actor;
  std::string reason;
  std::vector<storage::Precondition> preconditions;
  // Entries that stand in place of the default one-per-document DocumentChange entry: typed events such as
  // GrantEvent. The documents' known_at is the first of these. Empty: the default entries.
  std::vector<storage::LogRecord> records;
  // Entries beside those, after them.
  std::vector<storage::LogRecord> further_records;
};

class DocumentStore {
 public:
  // `store` and `pipeline` must outlive it.
  DocumentStore(storage::Store& store, storage::CommitPipeline& pipeline, const Clock& clock, Random& random);

  // NOT_FOUND / DOCUMENT_NOT_FOUND if there is no such version or it is a deletion.
  absl::StatusOr<Version> Get(std::string_view name, const ReadAt& at = {}) const;

  struct Page {
    std::vector<Version> versions;
    std::string next_page_token;  // empty at the end
  };
  // Documents whose names start with `prefix`, in name order, skipping deletions and those for which `keep`
  // (if any) is false. INVALID_ARGUMENT / PAGE_TOKEN_INVALID for a foreign token.
  absl::StatusOr<Page> List(std::string_view prefix, int page_size, std::string_view page_token,
                            const ReadAt& at = {}, const std::function<bool(const Version&)>& keep = {}) const;

  // Every version of one document, newest first, deletions included. NOT_FOUND / DOCUMENT_NOT_FOUND if it was
  // never written; INVALID_ARGUMENT / PAGE_TOKEN_INVALID for a foreign token.
  absl::StatusOr<Page> History(std::string_view name, int page_size, std::string_view page_token) const;

  // Changes with known_at > `position` in ledger order, at most `limit`; changes that share a position are not
  // separated, so that going on from the last one's known_at misses none (`limit` may then be exceeded).
  absl::StatusOr<std::vector<Version>> ChangesSince(std::optional<uint64_t> position, int limit) const;

  // Applies a transaction and returns the new versions in order, durable.
  // ABORTED / ETAG_MISMATCH (facts: document, expected, stored) if an expected revision does not hold,
  // ALREADY_EXISTS / DOCUMENT_EXISTS if one must not exist but does, NOT_FOUND / DOCUMENT_NOT_FOUND for the
  // deletion of what does not exist. ABORTED / PRECONDITION_FAILED (fact `precondition`: index among those of the
  // transaction) for the caller's own conditions. Revisions go on after a deletion. Blocks until durable: never
  // from the commit thread.
  absl::StatusOr<std::vector<Version>> Apply(Transaction transaction);

  // The precondition that document `name` is still at `revision` (0: absent or never written), for commits of
  // other rooms; evaluated by the pipeline.
  static storage::Precondition StillAt(std::string_view name, uint64_t revision);

  // Calls `observer` for every current document under `prefix` now, and then for every later version on the
  // commit thread, in order, before the change's caller is answered. A version whose write failed but is found when
  // the store was opened anew is told then, before any later one. Observers must be quick and live as long as the
  // store. Register before traffic starts.
  using Observer = std::function<void(const Version&)>;
  absl::Status Observe(std::string prefix, Observer observer);

 private:
  struct Watch {
    std::string prefix;
    Observer observer;
    std::optional<uint64_t> seen_until;  // position up to which the observer was told at its registration
  };
  // Who is told of versions, and how far they were. The commit thread's only.
  struct Watches {
    std::vector<Watch> all;
    std::optional<uint64_t> told_until;  // position of the last version told to everyone
    void Tell(const Version& version);
  };
  struct Attempt;
  absl::StatusOr<Attempt> Prepare(Transaction& transaction);  // takes the documents out of it
  static absl::StatusOr<std::vector<Version>> ChangesIn(const storage::Store& store, std::optional<uint64_t> position,
                                                        int limit);

  storage::Store& store_;
  storage::CommitPipeline& pipeline_;
  const Clock& clock_;
  Random& random_;
  const std::shared_ptr<Watches> watches_;  // shared with commits in flight and the pipeline's reopening
};

// Serialises `message` so that equal messages give equal bytes.
std::string Canonical(const google::protobuf::Message& message);

// The revision inside an etag; INVALID_ARGUMENT / ETAG_INVALID for anything Version::etag did not make.
absl::StatusOr<uint64_t> RevisionOf(std::string_view etag);

}  // namespace zhanqiao::documents
