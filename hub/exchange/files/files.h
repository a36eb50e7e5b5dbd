// The files of a hub: what is announced, what has arrived, and what retention takes away. No thread of its own.
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/caller.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/directory.h"
#include "hub/access/grant_view.h"
#include "hub/access/refusals.h"
#include "hub/exchange/at_rest/payload_keys.h"
#include "hub/exchange/at_rest/strand.h"
#include "hub/exchange/files/incoming.h"
#include "hub/exchange/quotas.h"
#include "zhanqiao/v1/file.pb.h"

namespace zhanqiao::exchange {

inline constexpr std::string_view kFileNames = "files/";

// What files share; it outlives them.
struct FileParts {
  documents::DocumentStore& documents;
  storage::CommitPipeline& pipeline;
  const catalog::Catalog& catalog;
  const access::GrantView& grants;
  const access::Directory& directory;
  access::Refusals& refusals;
  Quotas& quotas;  // of the grants, shared with the broker
  const PayloadKeys& keys;
  const Clock& clock;
  Random& random;
  Executor executor;
  std::string origin;                      // origin line of the log, for receipts
  std::filesystem::path spool;             // directory of the files
  int64_t spool_bytes_max = 200LL << 30;   // announced sizes together
  int64_t free_bytes_min = 1LL << 30;      // disk space that is left free
};

// Thread-safe.
class Files {
 public:
  // The pipeline must be stopped before it goes.
  explicit Files(FileParts parts);
  ~Files();

  // Makes the spool, loads what is announced and follows it, removes what no document names. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);

  // A file with the revision of its document.
  struct Known {
    v1::File file;
    uint64_t revision = 0;
  };
  // FILE_NOT_FOUND.
  absl::StatusOr<Known> Find(std::string_view name) const;
  std::vector<Known> Of(std::string_view resource) const;  // newest first

  // Announces `file`, all elements set. RESOURCE_EXHAUSTED / SPOOL_FULL. Waits for the commit, as all below.
  absl::StatusOr<Known> Announce(const Caller& caller, v1::File file);
  // Its way into the spool; FAILED_PRECONDITION / FILE_NOT_UPLOADING for a file that has arrived.
  absl::StatusOr<std::shared_ptr<Incoming>> Receive(const Known& known);
  // It has arrived whole.
  absl::StatusOr<Known> Arrived(const Caller& caller, const Known& known);
  // Takes it away: document, spool, and an entry with `verb`.
  absl::Status Remove(const std::string& actor, const Known& known, std::string_view verb, std::string reason);

  // Bytes of `known` that are durable.
  int64_t Received(const Known& known);
  std::filesystem::path PathOf(std::string_view name) const;

  // Takes away what is past its time. Call about once a minute, from a thread that may wait.
  void Sweep();

  const FileParts& parts() const { return parts_; }
  int64_t bytes() const;  // announced sizes together
  size_t count() const;

 private:
  struct State;
  absl::Status CheckSpace(int64_t bytes) const;
  absl::StatusOr<Known> Store(const Caller& caller, v1::File file, uint64_t expected, storage::LogRecord event);

  const FileParts parts_;
  const std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this
};

// The entry of what happened to a file.
storage::LogRecord FileEntry(std::string_view actor, std::string_view trace, v1::FileEvent event);

}  // namespace zhanqiao::exchange
