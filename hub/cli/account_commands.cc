// zq account: how persons may sign in.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/terminal.h"
#include "zhanqiao/v1/account.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccountService::Stub;

struct AccountOrder {
  std::string person;
  std::string subject;
  std::string reason;
  std::string code;
  std::string password_file;
  std::string new_password_file;
};
using Order = std::shared_ptr<AccountOrder>;

std::string StateText(const v1::Account& account) {
  if (account.has_locked_until()) return absl::StrCat("locked until ", TimeText(account.locked_until()));
  return account.password_initial() ? "initial password" : "in use";
}

void Print(Context& context, const v1::Account& account) {
  if (context.json()) return PrintJson(account, context.out);
  Sheet sheet;
  sheet.Add("person", account.person());
  sheet.Add("state", StateText(account));
  sheet.Add("one-time codes", account.totp() ? "yes" : "no");
  if (!account.oidc_subject().empty()) sheet.Add("identity provider", account.oidc_subject());
  if (account.failed_tries() > 0) sheet.Add("failed tries", absl::StrCat(account.failed_tries()));
  sheet.Add("opened", TimeText(account.create_time()));
  sheet.Add("password of", TimeText(account.password_time()));
  if (account.has_sign_in_time()) sheet.Add("last sign-in", TimeText(account.sign_in_time()));
  context.out << sheet.Render();
}

void PrintIssued(Context& context, const v1::IssuedAccount& issued) {
  if (context.json()) return PrintJson(issued, context.out);
  Sheet sheet;
  sheet.Add("person", issued.account().person());
  sheet.Add("initial password", issued.initial_password());
  sheet.Add("note", "Shown this once; the person replaces it at the first sign-in.");
  context.out << sheet.Render();
}

// One call whose request is about a person and whose answer is an account.
template <typename Request, typename Answer>
absl::Status About(Context& context, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Answer*),
                   const AccountOrder& order) {
  Session session(context.options);
  Request request;
  request.set_person(PersonArgument(order.person));
  if constexpr (requires { request.set_reason(order.reason); }) request.set_reason(order.reason);
  if constexpr (requires { request.set_subject(order.subject); }) request.set_subject(order.subject);
  const Answer answer = TRY(session.Call(method, request));
  if constexpr (std::is_same_v<Answer, v1::IssuedAccount>) {
    PrintIssued(context, answer);
  } else {
    Print(context, answer);
  }
  return absl::OkStatus();
}

absl::Status ListAccounts(Context& context, const std::string& parent) {
  Session session(context.options);
  v1::ListAccountsRequest request;
  request.set_parent(OrganizationArgument(parent));
  auto all = TRY(ListAll(session, &Stub::ListAccounts, request, &v1::ListAccountsResponse::mutable_accounts));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"PERSON", "STATE", "CODES", "LAST SIGN-IN"});
  for (const auto& one : all.accounts()) {
    table.Add({one.person(), StateText(one), one.totp() ? "yes" : "no", one.has_sign_in_time() ? TimeText(one.sign_in_time()) : "never"});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status ChangePassword(Context& context, const AccountOrder& order) {
  v1::ChangePasswordRequest request;
  request.set_password(TRY(Secret("Present password", order.password_file, "--password-file")));
  request.set_new_password(TRY(Secret("New password", order.new_password_file, "--new-password-file")));
  Session session(context.options);
  Print(context, TRY(session.Call(&Stub::ChangePassword, request)));
  return absl::OkStatus();
}

absl::Status EnrolTotp(Context& context, const AccountOrder& order) {
  v1::EnrolTotpRequest request;
  request.set_password(TRY(Secret("Password", order.password_file, "--password-file")));
  Session session(context.options);
  const auto enrolled = TRY(session.Call(&Stub::EnrolTotp, request));
  if (context.json()) {
    PrintJson(enrolled, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("secret", enrolled.secret());
  sheet.Add("uri", enrolled.uri());
  sheet.Add("next", "Enter it in an authenticator, then zq account totp confirm CODE.");
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status ConfirmTotp(Context& context, const AccountOrder& order) {
  Session session(context.options);
  v1::ConfirmTotpRequest request;
  request.set_totp(order.code);
  Print(context, TRY(session.Call(&Stub::ConfirmTotp, request)));
  return absl::OkStatus();
}

absl::Status DisableTotp(Context& context, const AccountOrder& order) {
  v1::DisableTotpRequest request;
  request.set_totp(order.code);
  request.set_password(TRY(Secret("Password", order.password_file, "--password-file")));
  Session session(context.options);
  Print(context, TRY(session.Call(&Stub::DisableTotp, request)));
  return absl::OkStatus();
}

CLI::App* Command(CLI::App* group, Context& context, const Order& order, const std::string& name, const std::string& help,
                  absl::Status (*run)(Context&, const AccountOrder&)) {
  auto* command = group->add_subcommand(name, help);
  command->callback([&context, order, run] { context.action = [&context, order, run] { return run(context, *order); }; });
  return command;
}

void AddPerson(CLI::App* command, const Order& order) {
  command->add_option("person", order->person, "organizations/{code}/persons/{id}, or {code}/{id}")->required();
}

void AddTotp(CLI::App* group, Context& context, const Order& order) {
  auto* totp = group->add_subcommand("totp", "One-time codes of one's own account");
  totp->require_subcommand(1);
  Command(totp, context, order, "enrol", "Makes a secret; in force once confirmed", &EnrolTotp)
      ->add_option("--password-file", order->password_file, "File with the password; asked for without one");
  Command(totp, context, order, "confirm", "Puts the secret in force", &ConfirmTotp)
      ->add_option("code", order->code, "The first code, six digits")
      ->required();
  auto* disable = Command(totp, context, order, "disable", "Removes the codes", &DisableTotp);
  disable->add_option("code", order->code, "A code, six digits")->required();
  disable->add_option("--password-file", order->password_file, "File with the password; asked for without one");
}

}  // namespace

std::string PersonArgument(std::string_view text) {
  const size_t slash = text.find('/');
  if (slash == std::string_view::npos || text.find('/', slash + 1) != std::string_view::npos) return std::string(text);
  return absl::StrCat("organizations/", Absl(text.substr(0, slash)), "/persons/", Absl(text.substr(slash + 1)));
}

void AddAccountCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("account", "Accounts of persons: passwords and one-time codes");
  group->require_subcommand(1);
  const auto order = std::make_shared<AccountOrder>();
  auto parent = std::make_shared<std::string>("-");
  auto* list = group->add_subcommand("list", "Accounts of one organisation, or of all");
  list->add_option("organization", *parent, "Code of the organisation; - for all")->capture_default_str();
  list->callback([&context, parent] { context.action = [&context, parent] { return ListAccounts(context, *parent); }; });

  auto* create = Command(group, context, order, "create", "Opens an account; prints its initial password",
                         [](Context& with, const AccountOrder& told) { return About(with, &Stub::CreateAccount, told); });
  auto* get = Command(group, context, order, "get", "One account",
                      [](Context& with, const AccountOrder& told) { return About(with, &Stub::GetAccount, told); });
  auto* reset = Command(group, context, order, "reset", "A new initial password; codes, lock and sessions go",
                        [](Context& with, const AccountOrder& told) { return About(with, &Stub::ResetAccount, told); });
  auto* unlock = Command(group, context, order, "unlock", "Takes a lock off before its time",
                         [](Context& with, const AccountOrder& told) { return About(with, &Stub::UnlockAccount, told); });
  auto* link = Command(group, context, order, "link-oidc", "Names whom the identity provider calls this person",
                       [](Context& with, const AccountOrder& told) { return About(with, &Stub::LinkOidcSubject, told); });
  for (CLI::App* command : {create, get, reset, unlock, link}) AddPerson(command, order);
  link->add_option("subject", order->subject, "The provider's identifier; none: nobody");
  for (CLI::App* command : {create, link}) command->add_option("--reason", order->reason, "Why");
  for (CLI::App* command : {reset, unlock}) command->add_option("--reason", order->reason, "Why")->required();

  auto* password = Command(group, context, order, "password", "Replaces one's own password", &ChangePassword);
  password->add_option("--password-file", order->password_file, "File with the present one; asked for without one");
  password->add_option("--new-password-file", order->new_password_file, "File with the new one; asked for without one");
  AddTotp(group, context, order);
}

}  // namespace zhanqiao::cli
