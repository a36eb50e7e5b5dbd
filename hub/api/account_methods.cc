// Accounts and break-glass in the method table: who needs no caller, whose work has threads of its own, who sets cookies.
#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "hub/access/account_service.h"
#include "hub/access/break_glass_service.h"
#include "hub/access/session_gate.h"
#include "hub/api/call_handlers.h"
#include "hub/api/services.h"

namespace zhanqiao::api {
namespace {

using S = access::AccountService;
using B = access::BreakGlassService;

std::string Named(std::string_view service, std::string_view method) {
  return absl::StrCat("zhanqiao.v1.", Absl(service), ".", Absl(method));
}

// Runs a blocking method on `pool` instead of the table's own workers.
template <typename Req, typename Resp, typename Answered>
void RunOn(WorkerPool& pool, S& service, absl::StatusOr<Resp> (S::*run)(const Caller&, const Req&), Caller caller, Req request,
           Reply<Answered> reply) {
  struct Job {
    Caller caller;
    Req request;
    Reply<Answered> reply;
  };
  auto job = std::make_shared<Job>(Job{std::move(caller), std::move(request), std::move(reply)});
  const bool taken = pool.Submit([&service, run, job] {
    absl::StatusOr<Resp> response = absl::UnknownError("");
    const absl::Status status = Guarded([&] {
      response = (service.*run)(job->caller, job->request);
      return response.status();
    });
    if (!status.ok()) return job->reply(status);
    job->reply(Answered(*std::move(response), job->request));
  });
  if (taken) return;
  job->reply(WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "SIGN_IN_BUSY",
                                 "More people sign in than the hub checks at once; try again after the delay given.",
                                 {{"link", std::string(kLinkHub)}}),
                            1000));
}

// An answer as it is.
template <typename Resp>
struct Plain {
  template <typename Req>
  Plain(Resp made, const Req&) : response(std::move(made)) {}
  Resp response;
};

template <typename Req, typename Resp>
void OwnThreads(MethodTable& table, WorkerPool& pool, S& service, std::string_view method,
                absl::StatusOr<Resp> (S::*run)(const Caller&, const Req&), RegisterOptions options = {}) {
  table.UnaryAsync<Req, Resp>(
      Named("AccountService", method),
      [&pool, &service, run](Caller caller, Req request, Reply<Resp> reply) {
        RunOn<Req, Resp, Plain<Resp>>(pool, service, run, std::move(caller), std::move(request),
                                      [reply = std::move(reply)](absl::StatusOr<Plain<Resp>> answer) mutable {
                                        if (!answer.ok()) return reply(answer.status());
                                        reply(std::move(answer->response));
                                      });
      },
      options);
}

// A session's token in the body or, when asked for, in a cookie and nowhere else.
struct SignedIn {
  template <typename Req>
  SignedIn(v1::SignInResponse made, const Req& request) : response(std::move(made)) {
    if (request.cookie()) cookie = access::SessionCookie(std::exchange(*response.mutable_token(), ""));
    wire = response.SerializeAsString();
  }
  const v1::SignInResponse& Decoded() const { return response; }
  v1::SignInResponse response;
  std::string cookie;
  std::string wire;
};

template <typename Req>
void SigningIn(MethodTable& table, WorkerPool& pool, S& service, std::string_view method,
               absl::StatusOr<v1::SignInResponse> (S::*run)(const Caller&, const Req&)) {
  table.UnaryEncoded<Req, v1::SignInResponse, SignedIn>(
      Named("AccountService", method),
      [&pool, &service, run](Caller caller, Req request, Reply<SignedIn> reply) {
        RunOn<Req, v1::SignInResponse, SignedIn>(pool, service, run, std::move(caller), std::move(request), std::move(reply));
      },
      [](const SignedIn& answer) {
        return answer.cookie.empty() ? edge::Metadata() : edge::Metadata{{"set-cookie", answer.cookie}};
      },
      {.anonymous = true});
}

template <typename Service, typename Req, typename Resp>
void Ordinary(MethodTable& table, Service& service, std::string_view name, std::string_view method,
              absl::StatusOr<Resp> (Service::*run)(const Caller&, const Req&)) {
  table.Unary<Req, Resp>(Named(name, method), [&service, run](const Caller& caller, const Req& request) {
    return (service.*run)(caller, request);
  });
}

}  // namespace

void RegisterAccounts(MethodTable& table, S& accounts, B& break_glass, WorkerPool& hashing, WorkerPool& asking) {
  OwnThreads(table, hashing, accounts, "CreateAccount", &S::CreateAccount);
  OwnThreads(table, hashing, accounts, "ResetAccount", &S::ResetAccount);
  OwnThreads(table, hashing, accounts, "ChangePassword", &S::ChangePassword);
  OwnThreads(table, hashing, accounts, "EnrolTotp", &S::EnrolTotp);
  OwnThreads(table, hashing, accounts, "DisableTotp", &S::DisableTotp);
  SigningIn(table, hashing, accounts, "SignIn", &S::SignIn);
  OwnThreads(table, asking, accounts, "GetOidcSignIn", &S::GetOidcSignIn, {.anonymous = true});
  SigningIn(table, asking, accounts, "FinishOidcSignIn", &S::FinishOidcSignIn);
  table.UnaryAsync<v1::SignOutRequest, v1::SignOutResponse>(
      Named("AccountService", "SignOut"),
      [&hashing, &accounts](Caller caller, v1::SignOutRequest request, Reply<v1::SignOutResponse> reply) {
        RunOn<v1::SignOutRequest, v1::SignOutResponse, Plain<v1::SignOutResponse>>(
            hashing, accounts, &S::SignOut, std::move(caller), std::move(request),
            [reply = std::move(reply)](const absl::StatusOr<Plain<v1::SignOutResponse>>& answer) mutable {
              if (!answer.ok()) return reply(answer.status());
              reply(answer->response);
            });
      },
      {}, [](const v1::SignOutResponse&) { return edge::Metadata{{"set-cookie", access::SessionCookie("")}}; });
  const auto ordinary = [&](std::string_view method, auto run) { Ordinary(table, accounts, "AccountService", method, run); };
  ordinary("GetAccount", &S::GetAccount);
  ordinary("ListAccounts", &S::ListAccounts);
  ordinary("UnlockAccount", &S::UnlockAccount);
  ordinary("LinkOidcSubject", &S::LinkOidcSubject);
  ordinary("GetSession", &S::GetSession);
  ordinary("ListSessions", &S::ListSessions);
  ordinary("RevokeSession", &S::RevokeSession);
  ordinary("ConfirmTotp", &S::ConfirmTotp);
  const auto emergency = [&](std::string_view method, auto run) { Ordinary(table, break_glass, "BreakGlassService", method, run); };
  emergency("RequestBreakGlass", &B::RequestBreakGlass);
  emergency("ApproveBreakGlass", &B::ApproveBreakGlass);
  emergency("EndBreakGlass", &B::EndBreakGlass);
  emergency("GetBreakGlass", &B::GetBreakGlass);
  emergency("ListBreakGlasses", &B::ListBreakGlasses);
}

}  // namespace zhanqiao::api
