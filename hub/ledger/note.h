// Signed notes (C2SP signed-note), the checkpoints written in them (C2SP tlog-checkpoint), and the cosignatures of
// witnesses below those (C2SP tlog-cosignature, version 1).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

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

// How a key signs; the number is the type byte of its vkey and key id (C2SP signed-note).
enum class KeyKind : uint8_t {
  kEd25519 = 0x01,      // over the text of the note
  kCosignature = 0x04,  // cosignature/v1, what witnesses give: a time, and Ed25519 over time and text
  kOpaque = 0xff,       // a type of one's own, such as SM2: its lines are kept, neither believed nor refused
};

// Who may have signed a note. Text form (vkey): `name+<8 hex of id>+base64(type byte || public key)`.
struct VerifierKey {
  std::string name;
  std::string public_key;  // Ed25519, 32 bytes; of kOpaque whatever follows the type byte
  KeyKind kind = KeyKind::kEd25519;
  // The first four bytes of SHA-256(name || 0x0A || type byte || public key), big-endian.
  uint32_t id() const;
  std::string ToText() const;
  bool operator==(const VerifierKey&) const = default;
};
VerifierKey VerifierKeyOf(const Signer& signer);
// INVALID_ARGUMENT / VERIFIER_KEY_INVALID for anything ToText does not write.
absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view text);
// True for a key name: non-empty valid UTF-8 without spaces (of any script), control characters and '+'.
bool IsKeyName(std::string_view name);

// One signature line: `— name base64(key id || signature)`.
struct NoteSignature {
  std::string name;
  uint32_t id = 0;
  std::string signature;
  std::string ToLine() const;  // with its line break
};

// A note taken apart; nothing is verified yet.
struct Note {
  std::string text;                       // ends in a line break
  std::vector<NoteSignature> signatures;  // in order, also those of unknown keys
  std::string ToText() const;
};
// INVALID_ARGUMENT / NOTE_MALFORMED. At most 64 signature lines.
absl::StatusOr<Note> ParseNote(std::string_view note);
// Signature lines alone, as a witness answers them.
absl::StatusOr<std::vector<NoteSignature>> ParseSignatures(std::string_view lines);

// A signature that is good.
struct VerifiedSignature {
  VerifierKey key;
  uint64_t time_s = 0;  // seconds since 1970 at which it was given; 0 for kinds that do not say
  NoteSignature line;
};
// The lines of `note` that `keys` gave, in order; empty when none did. Lines of unknown keys are ignored; a line of
// a known key that does not verify refuses the note: DATA_LOSS / NOTE_SIGNATURE (fact: key).
absl::StatusOr<std::vector<VerifiedSignature>> VerifySignatures(const Note& note,
                                                                absl::Span<const VerifierKey> keys);

// `text` (which ends in a line break) with a signature line of `signer`, or of each of `signers` in order.
absl::StatusOr<std::string> SignNote(std::string_view text, const Signer& signer);
absl::StatusOr<std::string> SignNote(std::string_view text, absl::Span<const Signer* const> signers);
// The cosignature/v1 of `signer` over a checkpoint's text at a time in seconds since 1970. Its verifier key has
// the signer's name and public key and the kind kCosignature.
absl::StatusOr<NoteSignature> Cosign(std::string_view text, const Signer& signer, uint64_t time_s);
VerifierKey CosignerKeyOf(const Signer& signer);

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
// The same with any of the keys of one log, which all bear its origin as their name.
absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, absl::Span<const VerifierKey> keys);

}  // namespace zhanqiao::ledger
