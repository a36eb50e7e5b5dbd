// Signed notes (C2SP signed-note) and the checkpoints written in them (C2SP tlog-checkpoint).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/base/digest.h"

namespace zhanqiao::ledger {

// Signs notes under a name. The private key may lie elsewhere (a file, a security module). Thread-safe.
class Signer {
 public:
  virtual ~Signer() = default;
  virtual const std::string& name() const = 0;        // key name: the origin of the log
  virtual const std::string& public_key() const = 0;  // Ed25519, 32 bytes
  virtual absl::StatusOr<std::string> Sign(std::string_view text) const = 0;  // 64 bytes
};

// An Ed25519 key in a PKCS#8 PEM file that only its owner may read.
class Ed25519FileSigner final : public Signer {
 public:
  // Reads the key at `path`. NOT_FOUND / SIGNING_KEY_MISSING, FAILED_PRECONDITION / SIGNING_KEY_MODE when others
  // than the owner may read it, INVALID_ARGUMENT / SIGNING_KEY_INVALID, or KEY_NAME_INVALID for the name.
  static absl::StatusOr<std::unique_ptr<Ed25519FileSigner>> Open(const std::filesystem::path& path,
                                                                std::string name);
  // The same, creating a new key with mode 0600 (synced) if there is no file.
  static absl::StatusOr<std::unique_ptr<Ed25519FileSigner>> OpenOrCreate(const std::filesystem::path& path,
                                                                        std::string name);
  // From the 32-byte private seed; for tests and worked examples.
  static absl::StatusOr<std::unique_ptr<Ed25519FileSigner>> FromSeed(std::string_view seed, std::string name);
  ~Ed25519FileSigner() override;

  const std::string& name() const override { return name_; }
  const std::string& public_key() const override { return public_key_; }
  absl::StatusOr<std::string> Sign(std::string_view text) const override;

 private:
  struct Key;
  Ed25519FileSigner(std::unique_ptr<Key> key, std::string name, std::string public_key);
  const std::unique_ptr<Key> key_;
  const std::string name_;
  const std::string public_key_;
};

// Who may have signed a note. Text form (vkey): `name+<8 hex of id>+base64(0x01 || public key)`.
struct VerifierKey {
  std::string name;
  std::string public_key;  // Ed25519, 32 bytes
  // The first four bytes of SHA-256(name || 0x0A || 0x01 || public key), big-endian.
  uint32_t id() const;
  std::string ToText() const;
};
VerifierKey VerifierKeyOf(const Signer& signer);
// INVALID_ARGUMENT / VERIFIER_KEY_INVALID for anything ToText does not write.
absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view text);
// True for a key name: non-empty valid UTF-8 without spaces (of any script), control characters and '+'.
bool IsKeyName(std::string_view name);

// `text` (which ends in a line break) with a signature line of `signer`.
absl::StatusOr<std::string> SignNote(std::string_view text, const Signer& signer);
// The text of `note` if at least one of `keys` signed it. Lines of unknown keys are ignored; a line of a known
// key that does not verify refuses the note. INVALID_ARGUMENT / NOTE_MALFORMED, DATA_LOSS / NOTE_SIGNATURE.
absl::StatusOr<std::string> OpenNote(std::string_view note, absl::Span<const VerifierKey> keys);

// The head of a log as its key holder states it.
struct Checkpoint {
  std::string origin;
  uint64_t size = 0;
  Digest root{};
  std::string ToText() const;
};
// INVALID_ARGUMENT / CHECKPOINT_MALFORMED unless the text is origin, decimal size, base64 root; extension lines
// are accepted and ignored.
absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text);
// Opens the note and parses it; the origin must be the name of `key` (else DATA_LOSS / CHECKPOINT_ORIGIN).
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key);

}  // namespace zhanqiao::ledger
