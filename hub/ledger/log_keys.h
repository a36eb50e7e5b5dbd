// The keys that sign a log's checkpoints, as the log itself states them: entry 0 names the first, KeyEvent entries add
// and retire others. While two are active every checkpoint bears both signatures, so that whoever knows either can
// verify it; what an old key signed stays verifiable for ever.
//
// The list (FORMAT.md) lies in the store under "ledger/keys", written together with the entries it follows from. The
// private keys lie in a vault: files, or a security module.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/signers.h"

namespace zhanqiao::v1 {
class LedgerEntry;
}

namespace zhanqiao::ledger {

inline constexpr std::string_view kKeysKey = "ledger/keys";

// Where the private keys of one log lie. Thread-safe.
class KeyVault {
 public:
  virtual ~KeyVault() = default;
  // The key of a new log: the one that is there, or made now.
  virtual absl::StatusOr<std::shared_ptr<const Signer>> First() = 0;
  // The private key of `public_key`. NOT_FOUND / SIGNING_KEY_MISSING (fact: key_id), or why the vault does not open.
  virtual absl::StatusOr<std::shared_ptr<const Signer>> Find(std::string_view public_key) = 0;
  // A further key, kept durably.
  virtual absl::StatusOr<std::shared_ptr<const Signer>> Create() = 0;
};

// PEM files in `directory`: log.pem for the first key, log-<key id>.pem for further ones; see Ed25519FileSigner.
class FileKeyVault final : public KeyVault {
 public:
  FileKeyVault(std::filesystem::path directory, std::string origin)
      : directory_(std::move(directory)), origin_(std::move(origin)) {}
  absl::StatusOr<std::shared_ptr<const Signer>> First() override;
  absl::StatusOr<std::shared_ptr<const Signer>> Find(std::string_view public_key) override;
  absl::StatusOr<std::shared_ptr<const Signer>> Create() override;

 private:
  const std::filesystem::path directory_;
  const std::string origin_;
};

// One key and the entries that brought and ended it.
struct LogKey {
  VerifierKey key;
  uint64_t added = 0;               // index of Genesis or of KeyEvent added
  std::optional<uint64_t> retired;  // index of KeyEvent retired; nothing: it signs
  std::string id() const;           // eight hex digits
};
// One line each: `<vkey> <added> <retired or ->`; and back. DATA_LOSS / LOG_KEYS_MALFORMED.
std::string KeysToText(const std::vector<LogKey>& keys);
absl::StatusOr<std::vector<LogKey>> ParseKeys(std::string_view text);

// The keys as the entries of a log state them, read in order.
class KeyHistory {
 public:
  void Read(uint64_t index, const v1::LedgerEntry& entry);
  const std::vector<LogKey>& keys() const { return keys_; }
  // True if the log states the key and not that it was retired.
  bool Signs(const VerifierKey& key) const;

 private:
  std::vector<LogKey> keys_;
};
// `keys` as a log of `size` entries states them.
std::vector<LogKey> KeysAt(std::vector<LogKey> keys, uint64_t size);

// The keys the log in `reader` states; empty for an empty store.
absl::StatusOr<std::vector<LogKey>> KeysOfLog(const storage::Reader& reader);

// Thread-safe.
class LogKeys final : public Signers {
 public:
  // Finds the private keys of the log in `reader`, or the first one for an empty log named `origin`. Fails as the
  // vault does, and with FAILED_PRECONDITION / LEDGER_ORIGIN_OTHER when the log in the store bears another origin.
  static absl::StatusOr<std::unique_ptr<LogKeys>> Open(const storage::Reader& reader, std::unique_ptr<KeyVault> vault,
                                                       std::string_view origin);

  std::vector<std::shared_ptr<const Signer>> Active() const override;
  std::vector<VerifierKey> Known() const override;
  std::vector<LogKey> List() const;

  // Makes a key and logs that it was added, by `actor`: from then on it signs beside the others.
  absl::StatusOr<LogKey> Add(storage::CommitPipeline& pipeline, std::string_view actor);
  // Ends a key: it signs no more. NOT_FOUND / LOG_KEY_UNKNOWN, FAILED_PRECONDITION / LOG_KEY_RETIRED or LOG_KEY_LAST.
  absl::StatusOr<LogKey> Retire(storage::CommitPipeline& pipeline, std::string_view key_id, std::string_view actor);

 private:
  struct Held {
    LogKey key;
    std::shared_ptr<const Signer> signer;  // null once retired
  };
  explicit LogKeys(std::unique_ptr<KeyVault> vault) : vault_(std::move(vault)) {}
  absl::StatusOr<uint64_t> Log(storage::CommitPipeline& pipeline, std::string_view actor, std::string_view verb,
                               const VerifierKey& key, std::vector<LogKey> keys, size_t changed);

  const std::unique_ptr<KeyVault> vault_;
  absl::Mutex change_;       // makes one change at a time
  mutable absl::Mutex mu_;   // makes replacing the list one step
  std::vector<Held> held_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::ledger
