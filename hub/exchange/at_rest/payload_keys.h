// Keys of the payload that rests in the hub: records of feeds and files awaiting delivery.
//
// One a civil month, payload-202611.key, and payload-digest.key for digests of idempotency keys; all apart from the
// store, mode 0600. A key is destroyed when nothing it sealed may be kept any longer, so that what retention removed
// cannot be read from an old copy of the store either.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "catalog/base/ids.h"
#include "catalog/base/seal_key.h"

namespace zhanqiao::exchange {

// The longest retention that may be declared; a key outlives its month by that and one month more.
inline constexpr absl::Duration kRetentionMax = absl::Hours(24 * 90);

// Thread-safe.
class PayloadKeys {
 public:
  // Writes the entry that the key `id` begins or ends ("added", "retired"); before there is a file, after it is gone.
  using Announce = std::function<absl::Status(uint32_t id, std::string_view verb)>;

  // Reads the keys in `directory`; errors as of SealKey. `random` must outlive it.
  static absl::StatusOr<std::unique_ptr<PayloadKeys>> Open(std::filesystem::path directory, Random& random);

  // Makes the key of the month of `now` and destroys those nothing may need. Call at start and daily.
  absl::Status Rotate(absl::Time now, const Announce& announce);

  struct Numbered {
    uint32_t id;  // 202611
    SealKey key;
  };
  // The newest key. UNAVAILABLE / PAYLOAD_KEY_MISSING before the first Rotate.
  absl::StatusOr<Numbered> Newest() const;
  // DATA_LOSS / PAYLOAD_KEY_MISSING (fact: key) for one that is not there.
  absl::StatusOr<SealKey> Find(uint32_t id) const;

  // First 16 bytes of HMAC-SHA256(digest key, `scope` 0x00 `text`).
  std::string DigestOf(std::string_view scope, std::string_view text) const;

 private:
  PayloadKeys(std::filesystem::path directory, Random& random) : directory_(std::move(directory)), random_(random) {}
  std::filesystem::path FileOf(uint32_t id) const;

  const std::filesystem::path directory_;
  Random& random_;
  std::string digest_key_;  // set by Open
  mutable absl::Mutex mu_;  // makes finding, making and destroying a key one step
  std::map<uint32_t, SealKey> keys_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::exchange
