// AccountService: what a person changes about their own account. Each asks for the present password or a code: a stolen
// session must not be enough to keep the real person out.
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/account_service.h"
#include "hub/access/totp.h"

namespace zhanqiao::access {
namespace {

absl::Status PersonsOnly() {
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED", "Only persons have accounts; act as one.",
              {{"link", std::string(kLinkCaller)}, {"roles", "the person"}});
}

absl::Status State(std::string_view reason, std::string_view message) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message, {{"link", std::string(kLinkCaller)}});
}

}  // namespace

absl::StatusOr<v1::Account> AccountService::ChangePassword(const Caller& caller, const v1::ChangePasswordRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return PersonsOnly();
  const Try attempt{.caller = caller, .network = NetworkOf(caller.address), .person = caller.subject};
  TRY(parts_.accounts.Get(caller.subject));
  TRY(CheckNewPassword(caller.subject, request.new_password(), "new_password"));
  if (request.new_password() == request.password()) {
    return BadField("PASSWORD_WEAK", "new_password", "The new password is the present one; give another.", {{"rule", "same"}});
  }
  const HeldAccount checked = TRY(CheckPasswordOf(attempt, request.password()));
  const std::string hash = TRY(hasher_.Hash(request.new_password()));
  const storage::Commit ending = Ending(caller, caller.subject, caller.session, "password changed");
  const HeldAccount held = TRY(parts_.accounts.Change(caller.subject, [&](HeldAccount& account, storage::Commit& commit) -> absl::Status {
    if (account.secrets.password_hash() != checked.secrets.password_hash()) {
      return Fail(absl::StatusCode::kAborted, "ACCOUNT_BUSY", "The password was changed meanwhile; try again with the new one.");
    }
    account.secrets.set_password_hash(hash);
    account.row.set_password_initial(false);
    account.row.set_password_time_us(absl::ToUnixMicros(parts_.clock.Now()));
    account.row.set_failed_tries(0);
    commit.records.push_back(EventOf(caller, account.person, "password-changed", ""));
    Append(ending, commit);
    return absl::OkStatus();
  }));
  return ToAccount(held, parts_.clock.Now());
}

absl::StatusOr<v1::EnrolTotpResponse> AccountService::EnrolTotp(const Caller& caller, const v1::EnrolTotpRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return PersonsOnly();
  const Try attempt{.caller = caller, .network = NetworkOf(caller.address), .person = caller.subject};
  TRY(parts_.accounts.Get(caller.subject));
  TRY(CheckPasswordOf(attempt, request.password()));
  std::string secret(kTotpSecretBytes, '\0');
  parts_.random.Fill(secret.data(), secret.size());
  TRY(parts_.accounts.Change(caller.subject, [&](HeldAccount& account, storage::Commit&) -> absl::Status {
    if (account.row.totp()) return State("TOTP_ENROLLED", "One-time codes are in force; remove them first.");
    account.secrets.set_totp_pending(secret);
    return absl::OkStatus();
  }));
  const std::string_view name = caller.subject;
  v1::EnrolTotpResponse response;
  response.set_secret(ToBase32(secret));
  response.set_uri(TotpUri("zhanqiao " + options_.city,
                           absl::StrCat(Absl(Std(OrganizationOf(name)).substr(std::string_view("organizations/").size())), "/",
                                        Absl(name.substr(name.rfind('/') + 1))),
                           secret));
  return response;
}

absl::StatusOr<v1::Account> AccountService::ConfirmTotp(const Caller& caller, const v1::ConfirmTotpRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return PersonsOnly();
  const HeldAccount held = TRY(parts_.accounts.Change(caller.subject, [&](HeldAccount& account, storage::Commit& commit) -> absl::Status {
    if (account.secrets.totp_pending().empty()) return State("TOTP_NOT_PENDING", "No secret waits for its first code; enrol first.");
    const auto step = MatchTotp(account.secrets.totp_pending(), request.totp(), parts_.clock.Now(), 0);
    if (!step) return BadField("TOTP_WRONG", "totp", "Not the code of now; check the clock of the device and give six digits.");
    account.secrets.set_totp_secret(account.secrets.totp_pending());
    account.secrets.clear_totp_pending();
    account.row.set_totp(true);
    account.row.set_totp_step(*step);
    commit.records.push_back(EventOf(caller, account.person, "totp-enrolled", ""));
    return absl::OkStatus();
  }));
  return ToAccount(held, parts_.clock.Now());
}

absl::StatusOr<v1::Account> AccountService::DisableTotp(const Caller& caller, const v1::DisableTotpRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return PersonsOnly();
  const Try attempt{.caller = caller, .network = NetworkOf(caller.address), .person = caller.subject, .method = "password+totp"};
  const HeldAccount account = TRY(parts_.accounts.Get(caller.subject));
  if (!account.row.totp()) return State("TOTP_NOT_ENROLLED", "No one-time codes are in force.");
  TRY(CheckPasswordOf(attempt, request.password()));
  bool wrong = false;
  const auto held = parts_.accounts.Change(caller.subject, [&](HeldAccount& changed, storage::Commit& commit) -> absl::Status {
    const auto step = MatchTotp(changed.secrets.totp_secret(), request.totp(), parts_.clock.Now(), changed.row.totp_step());
    wrong = !step;
    if (wrong) return absl::UnauthenticatedError("");
    changed.secrets.clear_totp_secret();
    changed.row.set_totp(false);
    commit.records.push_back(EventOf(caller, changed.person, "totp-removed", ""));
    return absl::OkStatus();
  });
  if (wrong) return FailTry(attempt, "TOTP_WRONG");
  TRY(held.status());
  return ToAccount(*held, parts_.clock.Now());
}

}  // namespace zhanqiao::access
