// Ed25519 (RFC 8032): the keys parties sign requests and answers with. The keys of the log's checkpoints are
// elsewhere (hub/ledger/note.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao {

// A private key. Immutable, thread-safe; signing costs about 50 microseconds, verifying about 130.
class Ed25519Key {
 public:
  // The PKCS#8 PEM file at `path`. NOT_FOUND / SIGNING_KEY_MISSING, FAILED_PRECONDITION / SIGNING_KEY_MODE
  // when others than its owner may read it, INVALID_ARGUMENT / SIGNING_KEY_INVALID.
  static absl::StatusOr<Ed25519Key> Open(const std::string& path);
  // From 32 secret bytes; asserts their number.
  static Ed25519Key FromSeed(std::string_view seed);

  // Raw, 32 bytes.
  const std::string& public_key() const { return public_key_; }
  // PKCS#8 PEM.
  std::string ToPem() const;
  // 64 bytes.
  std::string Sign(std::string_view message) const;

 private:
  struct Key;
  explicit Ed25519Key(std::shared_ptr<const Key> key);
  std::shared_ptr<const Key> key_;  // shared by copies
  std::string public_key_;
};

// True if `signature` is of `message` by the holder of `public_key` (32 bytes); false for anything else.
bool VerifyEd25519(std::string_view public_key, std::string_view message, std::string_view signature);

}  // namespace zhanqiao
