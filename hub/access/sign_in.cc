// AccountService: signing in with a password, and what every try has in common.
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/synchronization/notification.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/account_service.h"
#include "hub/access/totp.h"

namespace zhanqiao::access {
namespace {

// The one answer to every failed try: it tells nothing of what was wrong.
absl::Status SignInRefused() {
  return Fail(absl::StatusCode::kUnauthenticated, "SIGN_IN_REFUSED",
              "The name, the password or the code is wrong, or the account is locked; after five failures it is for half an hour.",
              {{"link", std::string(kLinkCaller)}});
}

// "370200-GAJ/clerk" or the whole resource name; empty when it is neither.
std::string PersonArgument(std::string_view text) {
  if (IsSubjectName(text, "persons")) return std::string(text);
  const std::vector<std::string> parts = absl::StrSplit(Absl(text), '/');
  if (parts.size() != 2 || !IsOrganizationCode(parts[0]) || !IsSubjectId(parts[1])) return "";
  return absl::StrCat("organizations/", parts[0], "/persons/", parts[1]);
}

bool Locked(const HeldAccount& held, absl::Time now) { return held.row.locked_until_us() > absl::ToUnixMicros(now); }

}  // namespace

storage::LogRecord AccountService::SignInOf(const Try& attempt, std::string_view refusal, std::string_view session) const {
  v1::LedgerEntry entry = Entry(attempt.caller, attempt.person);
  v1::SignIn& sign_in = *entry.mutable_sign_in();
  sign_in.set_person(attempt.person);
  sign_in.set_method(attempt.method);
  sign_in.set_address(attempt.network);
  sign_in.set_refused(!refusal.empty());
  sign_in.set_reason(std::string(refusal));
  sign_in.set_session(std::string(session));
  return {entry.SerializeAsString(), {}};
}

absl::Status AccountService::CheckLimits(const Try& attempt) {
  const absl::Duration wait = limits_.Wait(attempt.network);
  if (wait == absl::ZeroDuration()) return absl::OkStatus();
  struct Recorded {
    absl::Notification done;
    absl::Status status;
  };
  // Refused in floods and counted as such: one entry for many.
  Refused refused;
  refused.denial.set_link(std::string(kLinkCaller));
  refused.denial.set_method("/zhanqiao.v1.AccountService/SignIn");
  refused.denial.set_identity(attempt.network);
  refused.trace = attempt.caller.trace;
  auto recorded = std::make_shared<Recorded>();
  parts_.refusals.Record(std::move(refused),
                         Fail(absl::StatusCode::kResourceExhausted, "SIGN_IN_TOO_OFTEN",
                              "Too many sign-ins from this network have failed; wait for the time given."),
                         [recorded](absl::Status status) {
                           recorded->status = std::move(status);
                           recorded->done.Notify();
                         });
  recorded->done.WaitForNotification();
  return WithRetryAfter(recorded->status, static_cast<int>(absl::ToInt64Milliseconds(wait)));
}

absl::Status AccountService::RefuseTry(const Try& attempt, std::string_view why) {
  limits_.Failed(attempt.network);
  storage::Commit commit;
  commit.records.push_back(SignInOf(attempt, why, ""));
  TRY(parts_.pipeline.Run(std::move(commit)));
  return SignInRefused();
}

absl::Status AccountService::FailTry(const Try& attempt, std::string_view why) {
  limits_.Failed(attempt.network);
  TRY(parts_.accounts.Change(attempt.person, [&](HeldAccount& held, storage::Commit& commit) {
    const absl::Time now = parts_.clock.Now();
    const bool locked = Locked(held, now);
    commit.records.push_back(SignInOf(attempt, locked ? "ACCOUNT_LOCKED" : why, ""));
    if (locked) return absl::OkStatus();
    held.row.set_failed_tries(held.row.failed_tries() + 1);
    if (held.row.failed_tries() < options_.tries_max) return absl::OkStatus();
    held.row.set_failed_tries(0);
    held.row.set_locked_until_us(absl::ToUnixMicros(now + options_.lock));
    Caller hub;
    hub.subject = "hub";
    hub.trace = attempt.caller.trace;
    commit.records.push_back(EventOf(hub, held.person, "locked", why, "", now + options_.lock));
    return absl::OkStatus();
  }));
  return SignInRefused();
}

absl::StatusOr<HeldAccount> AccountService::CheckPasswordOf(const Try& attempt, std::string_view password) {
  TRY(CheckLimits(attempt));
  // Whatever is wrong, the same work is done: a hash is verified, and one entry is written.
  auto held = attempt.person.empty() ? absl::StatusOr<HeldAccount>(absl::NotFoundError("")) : parts_.accounts.Get(attempt.person);
  if (!held.ok() && held.status().code() != absl::StatusCode::kNotFound) return held.status();
  const bool plausible = password.size() <= options_.password.bytes_max;
  const bool right = TRY(hasher_.Verify(held.ok() ? held->secrets.password_hash() : "", plausible ? password : "")) && plausible;
  if (!held.ok()) {
    Try unknown = attempt;
    unknown.person.clear();
    return RefuseTry(unknown, "ACCOUNT_UNKNOWN");
  }
  if (Locked(*held, parts_.clock.Now())) return RefuseTry(attempt, "ACCOUNT_LOCKED");
  if (!right) return FailTry(attempt, "PASSWORD_WRONG");
  if (!Active(attempt.person)) return RefuseTry(attempt, "PERSON_DISABLED");
  return held;
}

absl::StatusOr<std::string> AccountService::RenewedHash(const v1::SignInRequest& request, const HeldAccount& checked) const {
  if (!request.new_password().empty()) {
    if (!checked.row.password_initial()) {
      return BadField("NEW_PASSWORD_UNWANTED", "new_password", "The password is no initial one; sign in without a new one and change it.");
    }
    TRY(CheckNewPassword(checked.person, request.new_password(), "new_password"));
    if (request.new_password() == request.password()) {
      return BadField("PASSWORD_WEAK", "new_password", "The new password is the initial one; give another.", {{"rule", "same"}});
    }
    return hasher_.Hash(request.new_password());
  }
  // The password is here in clear this once: a hash of another cost is made anew.
  if (hasher_.Outdated(checked.secrets.password_hash())) return hasher_.Hash(request.password());
  return checked.secrets.password_hash();
}

std::string_view AccountService::MissingIn(const v1::SignInRequest& request, HeldAccount& held, Try& attempt) const {
  if (held.row.totp()) {
    attempt.method = "password+totp";
    if (request.totp().empty()) return "TOTP_REQUIRED";
    const auto step = MatchTotp(held.secrets.totp_secret(), request.totp(), parts_.clock.Now(), held.row.totp_step());
    if (!step) return "TOTP_WRONG";
    held.row.set_totp_step(*step);
  }
  return held.row.password_initial() && request.new_password().empty() ? "PASSWORD_CHANGE_REQUIRED" : "";
}

storage::Commit AccountService::MakingRoom(const Try& attempt) const {
  storage::Commit ending;
  for (const auto& row : parts_.sessions.MakeRoom(attempt.person, ending)) {
    ending.records.push_back(EventOf(attempt.caller, attempt.person, "session-revoked", "too many sessions", row.id()));
  }
  return ending;
}

absl::StatusOr<v1::SignInResponse> AccountService::SignIn(const Caller& caller, const v1::SignInRequest& request) {
  Try attempt{.caller = caller, .network = NetworkOf(caller.address), .person = PersonArgument(request.person())};
  const HeldAccount checked = TRY(CheckPasswordOf(attempt, request.password()));
  return Begin(std::move(attempt), request, checked);
}

absl::StatusOr<v1::SignInResponse> AccountService::Begin(Try attempt, const v1::SignInRequest& request,
                                                         const HeldAccount& checked) {
  HeldAccount probe = checked;
  const std::string_view missing = MissingIn(request, probe, attempt);
  if (missing == "TOTP_WRONG") return FailTry(attempt, missing);
  if (!missing.empty()) {
    TRY(CheckLimits(attempt));
    storage::Commit commit;
    commit.records.push_back(SignInOf(attempt, missing, ""));
    TRY(parts_.pipeline.Run(std::move(commit)));
    if (missing == "TOTP_REQUIRED") {
      return Fail(absl::StatusCode::kUnauthenticated, "TOTP_REQUIRED", "The account asks for a one-time code; send it too.",
                  {{"link", std::string(kLinkCaller)}, {"field", "totp"}});
    }
    return Fail(absl::StatusCode::kFailedPrecondition, "PASSWORD_CHANGE_REQUIRED",
                "The password is the initial one; sign in with it and a new one.",
                {{"link", std::string(kLinkCaller)}, {"field", "new_password"}});
  }
  const std::string hash = TRY(RenewedHash(request, checked));
  const storage::Commit ending = MakingRoom(attempt);
  Sessions::Begun begun;
  bool overtaken = false;
  const absl::Status stored = parts_.accounts.Change(attempt.person, [&](HeldAccount& held, storage::Commit& commit) {
    // Between the check and now others may have failed, used the same code, or replaced the password.
    overtaken = Locked(held, parts_.clock.Now()) || held.secrets.password_hash() != checked.secrets.password_hash() ||
                !MissingIn(request, held, attempt).empty();
    if (overtaken) return SignInRefused();
    const int64_t now_us = absl::ToUnixMicros(parts_.clock.Now());
    if (!request.new_password().empty()) {
      commit.records.push_back(EventOf(attempt.caller, held.person, "password-changed", ""));
      held.row.set_password_initial(false);
      held.row.set_password_time_us(now_us);
    }
    held.secrets.set_password_hash(hash);
    held.row.set_failed_tries(0);
    held.row.set_locked_until_us(0);
    held.row.set_sign_in_time_us(now_us);
    begun = parts_.sessions.Begin(held.person, attempt.method, attempt.network, commit);
    commit.records.push_back(SignInOf(attempt, "", begun.row.id()));
    Append(ending, commit);
    return absl::OkStatus();
  }).status();
  if (overtaken) return FailTry(attempt, "PASSWORD_WRONG");
  TRY(stored);
  v1::SignInResponse response;
  response.set_token(begun.token);
  *response.mutable_session() = parts_.sessions.ToSession(begun.row);
  return response;
}

}  // namespace zhanqiao::access
