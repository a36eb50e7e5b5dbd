#include "hub/access/sign_ins.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {
namespace {

// Without the port: a new connection is no new place.
std::string_view HostOf(std::string_view address) {
  return address.substr(0, address.rfind(':'));
}

}  // namespace

void SignIns::Seen(const Caller& caller) {
  if (caller.kind == SubjectKind::kPerson) Write(caller.subject, caller.address, caller.fingerprint, false);
}

void SignIns::Refused(const Presented& presented) {
  for (const std::string& uri : presented.identities) {
    const auto identity = ParseIdentity(uri);
    if (!identity.ok() || identity->kind != SubjectKind::kPerson) continue;
    return Write(identity->subject, presented.address, presented.fingerprint, true);
  }
}

void SignIns::Write(std::string_view person, std::string_view address, std::string_view fingerprint,
                    bool refused) {
  const std::string_view host = HostOf(address);
  std::string key =
      absl::StrCat(Absl(person), "\n", Absl(fingerprint), "\n", Absl(host), "\n", refused ? "refused" : "");
  {
    const absl::CivilDay today = CivilDayOf(clock_.Now());
    absl::MutexLock lock(&mu_);
    if (day_ != today) {
      day_ = today;
      seen_.clear();
    }
    if (seen_.size() >= kSeenMax || !seen_.insert(key).second) return;
  }
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(std::string(person));
  v1::SignIn& sign_in = *entry.mutable_sign_in();
  sign_in.set_person(std::string(person));
  sign_in.set_method("certificate");
  sign_in.set_address(std::string(host));
  sign_in.set_fingerprint(std::string(fingerprint));
  sign_in.set_refused(refused);
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), ""});
  pipeline_.Submit(std::move(commit),
                   [this, key = std::move(key)](absl::StatusOr<storage::CommitResult> result) {
                     if (result.ok()) return;
                     LogStatus(LogLevel::kError, "sign_in_not_written", result.status());
                     absl::MutexLock lock(&mu_);
                     seen_.erase(key);  // the next call tries again
                   });
}

}  // namespace zhanqiao::access
