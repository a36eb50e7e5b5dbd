// AccountService (account.proto): every RPC as one method. Blocking: call from a worker thread; those that hash a password
// (SignIn, ChangePassword, EnrolTotp, DisableTotp, CreateAccount, ResetAccount) take tens of milliseconds and the memory of
// one hash, those that ask the identity provider (GetOidcSignIn, FinishOidcSignIn) seconds: give both threads of their own,
// so that neither keeps the others waiting. Thread-safe. A caller's right is asked before whether a thing exists.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "hub/access/account_store.h"
#include "hub/access/oidc.h"
#include "hub/access/passwords.h"
#include "hub/access/refusals.h"
#include "hub/access/sessions.h"
#include "hub/access/sign_in_limits.h"
#include "zhanqiao/v1/account.pb.h"

namespace zhanqiao::access {

// [accounts] of the configuration.
struct AccountOptions {
  std::string city = "qingdao";  // what authenticator apps show
  PasswordPolicy password;
  PasswordCost cost;
  int tries_max = 5;                          // failed in a row, then the account is locked
  absl::Duration lock = absl::Minutes(30);
  SignInLimits::Options limits;
};

class AccountService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& documents;
    storage::CommitPipeline& pipeline;
    AccountStore& accounts;
    Sessions& sessions;
    const AccountKey& key;
    Refusals& refusals;
    const Clock& clock;
    Random& random;
    OidcProvider* oidc = nullptr;  // null: none is configured
  };
  AccountService(Parts parts, AccountOptions options);

  absl::StatusOr<v1::IssuedAccount> CreateAccount(const Caller& caller, const v1::CreateAccountRequest& request);
  absl::StatusOr<v1::Account> GetAccount(const Caller& caller, const v1::GetAccountRequest& request);
  absl::StatusOr<v1::ListAccountsResponse> ListAccounts(const Caller& caller, const v1::ListAccountsRequest& request);
  absl::StatusOr<v1::IssuedAccount> ResetAccount(const Caller& caller, const v1::ResetAccountRequest& request);
  absl::StatusOr<v1::Account> UnlockAccount(const Caller& caller, const v1::UnlockAccountRequest& request);
  absl::StatusOr<v1::Account> LinkOidcSubject(const Caller& caller, const v1::LinkOidcSubjectRequest& request);

  absl::StatusOr<v1::SignInResponse> SignIn(const Caller& caller, const v1::SignInRequest& request);
  absl::StatusOr<v1::OidcSignIn> GetOidcSignIn(const Caller& caller, const v1::GetOidcSignInRequest& request);
  absl::StatusOr<v1::SignInResponse> FinishOidcSignIn(const Caller& caller, const v1::FinishOidcSignInRequest& request);
  absl::StatusOr<v1::SignOutResponse> SignOut(const Caller& caller, const v1::SignOutRequest& request);
  absl::StatusOr<v1::Session> GetSession(const Caller& caller, const v1::GetSessionRequest& request);
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(const Caller& caller, const v1::ListSessionsRequest& request);
  absl::StatusOr<v1::Session> RevokeSession(const Caller& caller, const v1::RevokeSessionRequest& request);

  absl::StatusOr<v1::Account> ChangePassword(const Caller& caller, const v1::ChangePasswordRequest& request);
  absl::StatusOr<v1::EnrolTotpResponse> EnrolTotp(const Caller& caller, const v1::EnrolTotpRequest& request);
  absl::StatusOr<v1::Account> ConfirmTotp(const Caller& caller, const v1::ConfirmTotpRequest& request);
  absl::StatusOr<v1::Account> DisableTotp(const Caller& caller, const v1::DisableTotpRequest& request);

 private:
  // One try to show that one is who one says; written down whichever way it ends.
  struct Try {
    const Caller& caller;      // address and trace
    std::string network;
    std::string person;        // resource name; empty: nobody is called so
    std::string method = "password";
  };

  bool Active(std::string_view person) const;
  v1::LedgerEntry Entry(const Caller& caller, std::string_view actor) const;
  storage::LogRecord EventOf(const Caller& caller, std::string_view person, std::string_view verb, std::string_view reason,
                             std::string_view session = "", absl::Time until = absl::UnixEpoch()) const;
  storage::LogRecord SignInOf(const Try& attempt, std::string_view refusal, std::string_view session) const;

  // Ends the person's sessions but `except` from this moment; what goes with it, for a commit that may be made several times.
  storage::Commit Ending(const Caller& caller, std::string_view person, std::string_view except, std::string_view reason) const;
  static void Append(const storage::Commit& from, storage::Commit& to);

  // A new initial password in `held`, which it returns.
  absl::StatusOr<std::string> Issue(HeldAccount& held) const;
  absl::Status CheckNewPassword(std::string_view person, std::string_view password, std::string_view field) const;

  // RESOURCE_EXHAUSTED / SIGN_IN_TOO_OFTEN, written down, when this network failed too often.
  absl::Status CheckLimits(const Try& attempt);
  // Writes that `attempt` was refused and gives the one answer there is.
  absl::Status RefuseTry(const Try& attempt, std::string_view why);
  // Counts a failed try of an account; the fifth in a row locks it.
  absl::Status FailTry(const Try& attempt, std::string_view why);
  // OK if `password` is the account's and it is not locked; else the try is refused and counted.
  absl::StatusOr<HeldAccount> CheckPasswordOf(const Try& attempt, std::string_view password);
  absl::StatusOr<v1::SignInResponse> Begin(Try attempt, const v1::SignInRequest& request, const HeldAccount& checked);
  absl::StatusOr<std::string> RenewedHash(const v1::SignInRequest& request, const HeldAccount& checked) const;
  // Why a right password is not enough to sign in, if so; notes the code's step in `held`.
  std::string_view MissingIn(const v1::SignInRequest& request, HeldAccount& held, Try& attempt) const;
  storage::Commit MakingRoom(const Try& attempt) const;

  Parts parts_;
  const AccountOptions options_;
  const PasswordHasher hasher_;
  SignInLimits limits_;
};

}  // namespace zhanqiao::access
