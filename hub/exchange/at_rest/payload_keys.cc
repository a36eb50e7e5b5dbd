#include "hub/exchange/at_rest/payload_keys.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

namespace fs = std::filesystem;

constexpr size_t kDigestBytes = 16;

uint32_t MonthOf(absl::Time time) {
  const absl::CivilDay day = CivilDayOf(time);
  return static_cast<uint32_t>(day.year() * 100 + day.month());
}

// The month in "payload-202611.key"; 0 for other names.
uint32_t MonthIn(const std::string& file) {
  uint32_t month = 0;
  const bool ours = file.size() == 18 && file.starts_with("payload-") && file.ends_with(".key");
  return ours && absl::SimpleAtoi(file.substr(8, 6), &month) ? month : 0;
}

// From when on nothing sealed in `month` may be kept.
absl::Time EndOf(uint32_t month) {
  const absl::CivilMonth after = absl::CivilMonth(month / 100, static_cast<int>(month % 100)) + 2;
  return absl::FromCivil(absl::CivilSecond(after), Shanghai()) + kRetentionMax;
}

absl::Status Missing(absl::StatusCode code, uint32_t id) {
  return Fail(code, "PAYLOAD_KEY_MISSING", "The key this payload was sealed with is not there; restore the key directory.",
              {{"key", absl::StrCat(id)}});
}

}  // namespace

fs::path PayloadKeys::FileOf(uint32_t id) const { return directory_ / absl::StrCat("payload-", id, ".key"); }

absl::StatusOr<std::unique_ptr<PayloadKeys>> PayloadKeys::Open(fs::path directory, Random& random) {
  std::unique_ptr<PayloadKeys> keys(new PayloadKeys(std::move(directory), random));
  const SealKey digest = TRY(SealKey::OpenOrMake(keys->directory_ / "payload-digest.key", random));
  // A key of its own for digests, derived: the file's key seals nothing.
  keys->digest_key_ = std::string(Bytes(digest.Derive("idempotency digests")));
  std::error_code error;
  for (const auto& file : fs::directory_iterator(keys->directory_, error)) {
    const uint32_t id = MonthIn(file.path().filename().string());
    if (id == 0) continue;
    const SealKey key = TRY(SealKey::OpenOrMake(file.path(), random));
    absl::MutexLock lock(&keys->mu_);
    keys->keys_.emplace(id, key);
  }
  return keys;
}

absl::Status PayloadKeys::Rotate(absl::Time now, const Announce& announce) {
  const uint32_t month = MonthOf(now);
  absl::MutexLock lock(&mu_);
  if (!keys_.contains(month)) {
    if (announce) TRY(announce(month, "added"));
    const SealKey made = TRY(SealKey::OpenOrMake(FileOf(month), random_));
    keys_.emplace(month, made);
  }
  while (!keys_.empty() && keys_.begin()->first < month && EndOf(keys_.begin()->first) <= now) {
    const uint32_t old = keys_.begin()->first;
    std::error_code error;
    fs::remove(FileOf(old), error);
    keys_.erase(keys_.begin());
    if (announce) TRY(announce(old, "retired"));
  }
  return absl::OkStatus();
}

absl::StatusOr<PayloadKeys::Numbered> PayloadKeys::Newest() const {
  absl::MutexLock lock(&mu_);
  if (keys_.empty()) return Missing(absl::StatusCode::kUnavailable, 0);
  const auto newest = std::prev(keys_.end());
  return Numbered{newest->first, newest->second};
}

absl::StatusOr<SealKey> PayloadKeys::Find(uint32_t id) const {
  absl::MutexLock lock(&mu_);
  const auto found = keys_.find(id);
  if (found == keys_.end()) return Missing(absl::StatusCode::kDataLoss, id);
  return found->second;
}

std::string PayloadKeys::DigestOf(std::string_view scope, std::string_view text) const {
  std::string data(scope);
  data += '\0';
  data += text;
  return std::string(Bytes(HmacSha256(digest_key_, data)).substr(0, kDigestBytes));
}

}  // namespace zhanqiao::exchange
