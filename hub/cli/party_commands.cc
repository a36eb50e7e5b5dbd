// zq person, zq connector.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/receipts.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccessService::Stub;

std::string RolesText(const v1::Person& person) {
  std::string text;
  for (const int role : person.roles())
    text += (text.empty() ? "" : ", ") + EnumText(v1::Role_descriptor(), role);
  return text;
}

absl::Status ListPersons(Context& context, const std::string& parent) {
  Session session(context.options);
  v1::ListPersonsRequest request;
  request.set_parent(OrganizationArgument(parent));
  auto all = TRY(ListAll(session, &Stub::ListPersons, request, &v1::ListPersonsResponse::mutable_persons));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"NAME", "DISPLAY NAME", "ROLES", "STATE"});
  for (const auto& one : all.persons()) {
    table.Add({one.name(), one.display_name(), RolesText(one),
               EnumText(v1::RegistrationState_descriptor(), one.state())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status CreatePerson(Context& context, v1::Person person, const std::vector<std::string>& roles) {
  for (const std::string& role : roles) {
    v1::Role parsed = v1::ROLE_UNSPECIFIED;
    v1::Role_Parse("ROLE_" + absl::AsciiStrToUpper(role), &parsed);
    person.add_roles(parsed);
  }
  Session session(context.options);
  v1::CreatePersonRequest request;
  *request.mutable_person() = std::move(person);
  const auto created = TRY(session.Call(&Stub::CreatePerson, request));
  if (context.json()) {
    PrintJson(created, context.out);
  } else {
    context.out << created.name() << "  " << Printable(created.display_name()) << "  " << RolesText(created)
                << "\n";
  }
  return absl::OkStatus();
}

absl::Status CreateConnector(Context& context, const v1::Connector& connector,
                             const std::string& signing_key) {
  Session session(context.options);
  v1::CreateConnectorRequest request;
  *request.mutable_connector() = connector;
  if (!signing_key.empty())
    request.mutable_connector()->set_signing_key(TRY(SigningKeyArgument(signing_key)));
  const auto created = TRY(session.Call(&Stub::CreateConnector, request));
  if (context.json()) {
    PrintJson(created, context.out);
  } else {
    context.out << created.name() << "  " << Printable(created.display_name()) << "\n";
  }
  return absl::OkStatus();
}

// An empty key: its answers are not signed any more.
absl::Status SetSigningKey(Context& context, const std::string& name, const std::string& signing_key) {
  Session session(context.options);
  v1::GetConnectorRequest get;
  get.set_name(name);
  v1::UpdateConnectorRequest request;
  *request.mutable_connector() = TRY(session.Call(&Stub::GetConnector, get));
  request.mutable_connector()->set_signing_key(signing_key.empty() ? ""
                                                                   : TRY(SigningKeyArgument(signing_key)));
  request.set_reason("signing key");
  const auto stored = TRY(session.Call(&Stub::UpdateConnector, request));
  if (context.json()) {
    PrintJson(stored, context.out);
  } else {
    context.out << stored.name() << (signing_key.empty() ? " does not sign\n" : " signs\n");
  }
  return absl::OkStatus();
}

void AddConnectorCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("connector", "Connectors, which serve records");
  group->require_subcommand(1);
  AddConnectorList(*group, context);

  auto* create = group->add_subcommand("create", "Registers a connector");
  auto connector = std::make_shared<v1::Connector>();
  connector->set_state(v1::REGISTRATION_STATE_ACTIVE);
  create->add_option("name", *connector->mutable_name(), "organizations/{code}/connectors/{id}")->required();
  create->add_option("--display-name", *connector->mutable_display_name(), "Chinese name")->required();
  auto key = std::make_shared<std::string>();
  create->add_option("--signing-key", *key,
                     "Public key its answers are signed with (zq cert signing-key: .pub)");
  create->callback([&context, connector, key] {
    context.action = [&context, connector, key] { return CreateConnector(context, *connector, *key); };
  });

  auto* sign = group->add_subcommand("signing-key", "Registers the key a connector signs its answers with");
  auto name = std::make_shared<std::string>();
  auto new_key = std::make_shared<std::string>();
  sign->add_option("name", *name, "organizations/{code}/connectors/{id}")->required();
  sign->add_option("key", *new_key,
                   "Public key (zq cert signing-key: .pub); none: its answers are not signed");
  sign->callback([&context, name, new_key] {
    context.action = [&context, name, new_key] { return SetSigningKey(context, *name, *new_key); };
  });
  AddReconcileCommand(*group, context);
}

}  // namespace

void AddPartyCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("person", "Persons, who act through a certificate");
  group->require_subcommand(1);
  auto* list = group->add_subcommand("list", "Persons of one organisation, or of all");
  auto parent = std::make_shared<std::string>("-");
  list->add_option("organization", *parent, "Code of the organisation; - for all")->capture_default_str();
  list->callback(
      [&context, parent] { context.action = [&context, parent] { return ListPersons(context, *parent); }; });

  auto* create = group->add_subcommand("create", "Registers a person");
  auto person = std::make_shared<v1::Person>();
  auto roles = std::make_shared<std::vector<std::string>>();
  person->set_state(v1::REGISTRATION_STATE_ACTIVE);
  create->add_option("name", *person->mutable_name(), "organizations/{code}/persons/{id}")->required();
  create->add_option("--display-name", *person->mutable_display_name(), "Name")->required();
  create->add_option("--role", *roles, "Role; may be repeated")
      ->required()
      ->check(CLI::IsMember(
          {"system_admin", "security_admin", "auditor", "office", "org_approver", "org_clerk"}));
  create->callback([&context, person, roles] {
    context.action = [&context, person, roles] { return CreatePerson(context, *person, *roles); };
  });
  AddConnectorCommands(app, context);
}

}  // namespace zhanqiao::cli
