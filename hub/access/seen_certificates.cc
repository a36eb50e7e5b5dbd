#include "hub/access/seen_certificates.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/caller.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/access/directory.h"

namespace zhanqiao::access {
namespace {

using storage::Table;

constexpr std::string_view kRows = "certificates/";
constexpr absl::Duration kKeepAfterEnd = absl::Hours(24 * 365);

std::string KeyOf(std::string_view fingerprint) { return absl::StrCat(Absl(kRows), Absl(fingerprint)); }
absl::Time TimeOf(const google::protobuf::Timestamp& time) { return absl::FromUnixSeconds(time.seconds()); }

// The one identity of `city` among `identities`.
std::optional<std::string> SubjectIn(absl::Span<const std::string> identities, std::string_view city) {
  std::optional<std::string> subject;
  for (const std::string& uri : identities) {
    if (!absl::StartsWith(uri, "zhanqiao://")) continue;
    const auto identity = ParseIdentity(uri);
    if (subject || !identity.ok() || identity->city != city) return std::nullopt;
    subject = identity->subject;
  }
  return subject;
}

}  // namespace

absl::Status SeenCertificates::Load() {
  absl::Status broken;
  absl::MutexLock lock(&mu_);
  const auto take = [&](std::string_view key, std::string_view bytes) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    v1::Certificate row;
    if (!row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      broken = Fail(absl::StatusCode::kDataLoss, "CERTIFICATE_ROW_MALFORMED", "The row of a certificate is not in its form; restore the store.",
                    {{"link", std::string(kLinkHub)}, {"row", std::string(key)}});
      return false;
    }
    by_fingerprint_[row.fingerprint()] = std::move(row);
    return true;
  };
  TRY(store_.Scan(Table::kMeta, kRows, storage::PrefixEnd(kRows), take));
  return broken;
}

void SeenCertificates::Connected(absl::Span<const std::string> identities, std::string_view fingerprint, absl::Time not_after) {
  if (fingerprint.empty() || not_after == absl::InfiniteFuture()) return;
  const std::optional<std::string> subject = SubjectIn(identities, city_);
  if (!subject) return;
  const absl::Time now = clock_.Now();
  storage::Commit commit;
  {
    absl::MutexLock lock(&mu_);
    const auto found = by_fingerprint_.find(Absl(fingerprint));
    if (found != by_fingerprint_.end() && CivilDayOf(TimeOf(found->second.last_time())) == CivilDayOf(now)) return;
    if (found == by_fingerprint_.end() && by_fingerprint_.size() >= kCertificatesMax) return;
    v1::Certificate& row = by_fingerprint_[std::string(fingerprint)];
    row.set_subject(*subject);
    row.set_fingerprint(std::string(fingerprint));
    row.mutable_expire_time()->set_seconds(absl::ToUnixSeconds(not_after));
    if (!row.has_first_time()) row.mutable_first_time()->set_seconds(absl::ToUnixSeconds(now));
    row.mutable_last_time()->set_seconds(absl::ToUnixSeconds(now));
    commit.writes.Put(Table::kMeta, KeyOf(fingerprint), row.SerializeAsString());
  }
  pipeline_.Submit(std::move(commit), [](const absl::StatusOr<storage::CommitResult>& written) {
    if (!written.ok()) LogStatus(LogLevel::kWarning, "certificate_not_noted", written.status());
  });
}

std::vector<v1::Certificate> SeenCertificates::Of(std::string_view organization) const {
  std::vector<v1::Certificate> all;
  {
    absl::ReaderMutexLock lock(&mu_);
    for (const auto& [fingerprint, row] : by_fingerprint_) {
      const bool of_it = absl::StartsWith(row.subject(), Absl(organization)) && row.subject().size() > organization.size() &&
                         row.subject()[organization.size()] == '/';
      if (organization.empty() || of_it) all.push_back(row);
    }
  }
  std::sort(all.begin(), all.end(), [](const v1::Certificate& a, const v1::Certificate& b) {
    return std::pair(a.expire_time().seconds(), a.fingerprint()) < std::pair(b.expire_time().seconds(), b.fingerprint());
  });
  return all;
}

void SeenCertificates::Sweep() {
  const absl::Time now = clock_.Now();
  storage::Commit commit;
  {
    absl::MutexLock lock(&mu_);
    for (auto it = by_fingerprint_.begin(); it != by_fingerprint_.end();) {
      const auto one = it++;
      if (TimeOf(one->second.expire_time()) + kKeepAfterEnd >= now) continue;
      commit.writes.Delete(Table::kMeta, KeyOf(one->first));
      by_fingerprint_.erase(one);
    }
  }
  if (commit.writes.empty()) return;
  pipeline_.Submit(std::move(commit), [](const absl::StatusOr<storage::CommitResult>& written) {
    if (!written.ok()) LogStatus(LogLevel::kWarning, "certificates_not_swept", written.status());
  });
}

}  // namespace zhanqiao::access
