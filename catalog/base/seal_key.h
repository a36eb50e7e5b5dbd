// Authenticated encryption of what leaves the hub's hands or rests on disk: AES-256-GCM (NIST SP 800-38D) under a key
// that lies in a file of its own, apart from the store.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/digest.h"
#include "catalog/base/ids.h"

namespace zhanqiao {

// A value; const use is thread-safe. At most 2^32 messages under one key (random nonces of 96 bits).
class SealKey {
 public:
  // Reads the key in `file` (64 hexadecimal digits, mode 0600), or makes one there, synced before it counts.
  // FAILED_PRECONDITION / SEAL_KEY_MODE if others may read it, INVALID_ARGUMENT / SEAL_KEY_INVALID if it is not in its
  // form, UNAVAILABLE / SEAL_KEY_UNWRITABLE if none can be made. All carry the fact `file`.
  static absl::StatusOr<SealKey> OpenOrMake(const std::filesystem::path& file, Random& random);
  // Exactly 32 bytes.
  explicit SealKey(std::string_view key);

  // nonce (12) ‖ ciphertext ‖ tag (16). `context` is not in it, but must be the same to open it.
  std::string Seal(std::string_view plain, std::string_view context, Random& random) const;
  // INVALID_ARGUMENT / SEAL_BROKEN if it was not sealed with this key and context, or was altered.
  absl::StatusOr<std::string> Open(std::string_view sealed, std::string_view context) const;
  // HMAC-SHA256(key, `purpose`): key material for something else than sealing.
  Digest Derive(std::string_view purpose) const;

 private:
  Digest key_;
};

}  // namespace zhanqiao
