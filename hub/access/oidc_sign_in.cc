// AccountService: signing in at the city's identity provider.
#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "hub/access/account_service.h"

namespace zhanqiao::access {
namespace {

constexpr absl::Duration kAttemptTime = absl::Minutes(10);
constexpr std::string_view kAbout = "oidc attempt";

std::string RandomText(Random& random) {
  std::string bytes(32, '\0');
  random.Fill(bytes.data(), bytes.size());
  return ToBase64Url(bytes);
}

absl::Status NotConfigured() {
  return Fail(absl::StatusCode::kFailedPrecondition, "OIDC_NOT_CONFIGURED",
              "This hub has no identity provider; sign in with a password or a certificate.", {{"link", std::string(kLinkHub)}});
}

absl::Status AttemptOver() {
  return Fail(absl::StatusCode::kUnauthenticated, "SIGN_IN_REFUSED",
              "The sign-in did not begin here or is older than ten minutes; begin again.", {{"link", std::string(kLinkCaller)}});
}

}  // namespace

absl::StatusOr<v1::OidcSignIn> AccountService::GetOidcSignIn(const Caller&, const v1::GetOidcSignInRequest&) {
  if (parts_.oidc == nullptr) return NotConfigured();
  v1::OidcAttempt attempt;
  attempt.set_nonce(RandomText(parts_.random));
  attempt.set_verifier(RandomText(parts_.random));
  attempt.set_state(RandomText(parts_.random));
  attempt.set_expire_time_us(absl::ToUnixMicros(parts_.clock.Now() + kAttemptTime));
  v1::OidcSignIn begun;
  begun.set_authorization_url(TRY(parts_.oidc->AuthorizationUrl(attempt.state(), attempt.nonce(), attempt.verifier())));
  begun.set_attempt(ToBase64Url(parts_.key.Seal(attempt.SerializeAsString(), kAbout)));
  return begun;
}

absl::StatusOr<v1::SignInResponse> AccountService::FinishOidcSignIn(const Caller& caller,
                                                                    const v1::FinishOidcSignInRequest& request) {
  if (parts_.oidc == nullptr) return NotConfigured();
  Try attempt{.caller = caller, .network = NetworkOf(caller.address), .person = "", .method = "oidc"};
  TRY(CheckLimits(attempt));
  const auto sealed = FromBase64Url(request.attempt());
  const auto plain = sealed.ok() ? parts_.key.Open(*sealed, kAbout) : sealed;
  v1::OidcAttempt begun;
  if (!plain.ok() || !begun.ParseFromString(*plain) || begun.expire_time_us() <= absl::ToUnixMicros(parts_.clock.Now()) ||
      begun.state() != request.state() || request.code().empty()) {
    limits_.Failed(attempt.network);
    return AttemptOver();
  }
  const auto subject = parts_.oidc->Redeem(request.code(), begun.nonce(), begun.verifier());
  if (subject.status().code() == absl::StatusCode::kUnauthenticated) return RefuseTry(attempt, "OIDC_TOKEN_REFUSED");
  TRY(subject.status());
  attempt.person = TRY(parts_.accounts.PersonOf(*subject));
  if (attempt.person.empty()) return RefuseTry(attempt, "OIDC_SUBJECT_UNKNOWN");
  if (!Active(attempt.person)) return RefuseTry(attempt, "PERSON_DISABLED");
  const storage::Commit ending = MakingRoom(attempt);
  Sessions::Begun session;
  TRY(parts_.accounts.Change(attempt.person, [&](HeldAccount& held, storage::Commit& commit) {
    held.row.set_sign_in_time_us(absl::ToUnixMicros(parts_.clock.Now()));
    session = parts_.sessions.Begin(held.person, attempt.method, attempt.network, commit);
    commit.records.push_back(SignInOf(attempt, "", session.row.id()));
    Append(ending, commit);
    return absl::OkStatus();
  }));
  v1::SignInResponse response;
  response.set_token(session.token);
  *response.mutable_session() = parts_.sessions.ToSession(session.row);
  return response;
}

}  // namespace zhanqiao::access
