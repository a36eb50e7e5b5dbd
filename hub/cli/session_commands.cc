// zq session: acting as a person without a certificate. The token lies in the session file, mode 0600.
#include <CLI/CLI.hpp>

#include <filesystem>
#include <iostream>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/terminal.h"
#include "zhanqiao/v1/account.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccountService::Stub;

struct SignInOrder {
  std::string person;
  std::string totp;
  std::string password_file;
  std::string new_password_file;
  bool oidc = false;
};

void Print(Context& context, const v1::Session& session) {
  if (context.json()) return PrintJson(session, context.out);
  Sheet sheet;
  sheet.Add("session", session.id());
  sheet.Add("person", session.person());
  sheet.Add("signed in by", absl::StrCat(session.method(), " from ", session.address()));
  sheet.Add("since", TimeText(session.create_time()));
  sheet.Add("last used", TimeText(session.use_time()));
  sheet.Add("ends", TimeText(session.expire_time()));
  context.out << sheet.Render();
}

// The value of `name` in the query of the URL the provider sent the person back to.
std::string Parameter(std::string_view url, std::string_view name) {
  const size_t question = url.find('?');
  if (question == std::string_view::npos) return "";
  for (const absl::string_view pair : absl::StrSplit(Absl(url.substr(question + 1)), absl::ByAnyChar("&#"))) {
    const std::vector<std::string> parts = absl::StrSplit(pair, absl::MaxSplits('=', 1));
    if (parts.size() == 2 && parts[0] == name) return parts[1];
  }
  return "";
}

absl::StatusOr<v1::SignInResponse> AtProvider(Context& context, Session& session) {
  const auto begun = TRY(session.Call(&Stub::GetOidcSignIn, v1::GetOidcSignInRequest()));
  context.err << "Sign in here, then paste the address the browser was sent to:\n" << begun.authorization_url() << "\n";
  std::string url;
  std::getline(std::cin, url);
  v1::FinishOidcSignInRequest finish;
  finish.set_attempt(begun.attempt());
  finish.set_state(Parameter(url, "state"));
  finish.set_code(Parameter(url, "code"));
  return session.Call(&Stub::FinishOidcSignIn, finish);
}

absl::Status SignIn(Context& context, const SignInOrder& order) {
  Options options = context.options;
  options.anonymous = true;
  Session session(options);
  v1::SignInResponse response;
  if (order.oidc) {
    response = TRY(AtProvider(context, session));
  } else {
    v1::SignInRequest request;
    request.set_person(PersonArgument(order.person));
    request.set_password(TRY(Secret("Password", order.password_file, "--password-file")));
    request.set_totp(order.totp);
    if (!order.new_password_file.empty()) request.set_new_password(TRY(Secret("", order.new_password_file, "")));
    auto signed_in = session.Call(&Stub::SignIn, request);
    if (ReasonOf(signed_in.status()) == "PASSWORD_CHANGE_REQUIRED" && order.new_password_file.empty()) {
      const auto fresh = Secret("New password, to replace the initial one", "", "--new-password-file");
      if (!fresh.ok()) return signed_in.status();
      request.set_new_password(*fresh);
      signed_in = session.Call(&Stub::SignIn, request);
    }
    response = TRY(std::move(signed_in));
  }
  TRY(WriteFile(SessionFile(context.options), response.token() + "\n", 0600));
  Print(context, response.session());
  return absl::OkStatus();
}

absl::Status SignOut(Context& context) {
  Session session(context.options);
  const auto done = session.Call(&Stub::SignOut, v1::SignOutRequest());
  // A session that is over already is as good; its token is no use to anybody.
  if (!done.ok() && ReasonOf(done.status()) != "SESSION_UNKNOWN") return done.status();
  std::error_code ignored;
  std::filesystem::remove(SessionFile(context.options), ignored);
  if (context.json()) {
    PrintJson(v1::SignOutResponse(), context.out);
  } else {
    context.out << "signed out\n";
  }
  return absl::OkStatus();
}

absl::Status Show(Context& context) {
  Session session(context.options);
  Print(context, TRY(session.Call(&Stub::GetSession, v1::GetSessionRequest())));
  return absl::OkStatus();
}

absl::Status ListSessions(Context& context, const std::string& person) {
  Session session(context.options);
  v1::ListSessionsRequest request;
  request.set_person(PersonArgument(person));
  const auto all = TRY(session.Call(&Stub::ListSessions, request));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"SESSION", "PERSON", "BY", "FROM", "LAST USED"});
  for (const auto& one : all.sessions()) table.Add({one.id(), one.person(), one.method(), one.address(), TimeText(one.use_time())});
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status Revoke(Context& context, const v1::RevokeSessionRequest& request) {
  Session session(context.options);
  Print(context, TRY(session.Call(&Stub::RevokeSession, request)));
  return absl::OkStatus();
}

}  // namespace

void AddSessionCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("session", "Signing in as a person, without a certificate");
  group->require_subcommand(1);
  auto* sign_in = group->add_subcommand("sign-in", "Signs in; the token goes to the session file (--session)");
  const auto order = std::make_shared<SignInOrder>();
  auto* person = sign_in->add_option("person", order->person, "organizations/{code}/persons/{id}, or {code}/{id}");
  sign_in->add_option("--password-file", order->password_file, "File with the password; asked for without one");
  sign_in->add_option("--new-password-file", order->new_password_file, "File with the one that replaces an initial password");
  sign_in->add_option("--totp", order->totp, "One-time code, six digits");
  auto* oidc = sign_in->add_flag("--oidc", order->oidc, "At the city's identity provider");
  person->excludes(oidc);
  sign_in->callback([&context, order] { context.action = [&context, order] { return SignIn(context, *order); }; });
  group->add_subcommand("sign-out", "Ends the session and removes its file")->callback([&context] {
    context.action = [&context] { return SignOut(context); };
  });
  group->add_subcommand("show", "The session in use")->callback([&context] { context.action = [&context] { return Show(context); }; });
  auto* list = group->add_subcommand("list", "Sessions of oneself, of a person, or (-) of everybody");
  const auto whose = std::make_shared<std::string>();
  list->add_option("person", *whose, "{code}/{id}; - for everybody");
  list->callback([&context, whose] { context.action = [&context, whose] { return ListSessions(context, *whose); }; });
  auto* revoke = group->add_subcommand("revoke", "Ends another session");
  const auto request = std::make_shared<v1::RevokeSessionRequest>();
  revoke->add_option("session", *request->mutable_id(), "Its id")->required();
  revoke->add_option("--reason", *request->mutable_reason(), "Why");
  revoke->callback([&context, request] { context.action = [&context, request] { return Revoke(context, *request); }; });
}

}  // namespace zhanqiao::cli
