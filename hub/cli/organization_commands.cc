// zq org, zq system.
#include <CLI/CLI.hpp>

#include "catalog/base/digest.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/receipts.h"
#include "hub/cli/sheets.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::CatalogService::Stub;

absl::Status ListOrganizations(Context& context) {
  Session session(context.options);
  auto all = TRY(ListAll(session, &Stub::ListOrganizations, v1::ListOrganizationsRequest(),
                         &v1::ListOrganizationsResponse::mutable_organizations));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"CODE", "SHORT NAME", "NAME", "KIND"});
  for (const auto& one : all.organizations()) {
    table.Add({one.name().substr(one.name().find('/') + 1), one.short_name(), one.display_name(),
               EnumText(v1::OrganizationKind_descriptor(), one.kind())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status GetOrganization(Context& context, const std::string& name) {
  Session session(context.options);
  v1::GetOrganizationRequest request;
  request.set_name(OrganizationArgument(name));
  const auto found = TRY(session.Call(&Stub::GetOrganization, request));
  if (context.json()) {
    PrintJson(found, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", found.name());
  sheet.Add("display name", found.display_name());
  sheet.Add("short name", found.short_name());
  sheet.Add("kind", EnumText(v1::OrganizationKind_descriptor(), found.kind()));
  sheet.Add("division", found.division_code());
  sheet.Add("parent", found.parent());
  sheet.Add("plan role", found.plan_role());
  sheet.Add("credit code", found.unified_credit_code());
  sheet.Add("etag", found.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

void PrintSystem(Context& context, const v1::InformationSystem& system) {
  if (context.json()) return PrintJson(system, context.out);
  Sheet sheet;
  sheet.Add("name", system.name());
  sheet.Add("display name", system.display_name());
  sheet.Add("function", system.function());
  sheet.Add("state", EnumText(v1::RegistrationState_descriptor(), system.state()));
  if (!system.signing_key().empty()) sheet.Add("signs with", ToBase64(system.signing_key()));
  sheet.Add("etag", system.etag());
  context.out << sheet.Render();
}

absl::Status ListSystems(Context& context, const std::string& parent) {
  Session session(context.options);
  v1::ListInformationSystemsRequest request;
  request.set_parent(OrganizationArgument(parent));
  auto all = TRY(ListAll(session, &Stub::ListInformationSystems, request,
                         &v1::ListInformationSystemsResponse::mutable_information_systems));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"NAME", "DISPLAY NAME", "STATE"});
  for (const auto& one : all.information_systems()) {
    table.Add({one.name(), one.display_name(), EnumText(v1::RegistrationState_descriptor(), one.state())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status CreateSystem(Context& context, const v1::InformationSystem& system, const std::string& key) {
  Session session(context.options);
  v1::CreateInformationSystemRequest request;
  *request.mutable_information_system() = system;
  if (!key.empty()) request.mutable_information_system()->set_signing_key(TRY(SigningKeyArgument(key)));
  PrintSystem(context, TRY(session.Call(&Stub::CreateInformationSystem, request)));
  return absl::OkStatus();
}

absl::Status GetSystem(Context& context, const std::string& name) {
  Session session(context.options);
  v1::GetInformationSystemRequest request;
  request.set_name(name);
  PrintSystem(context, TRY(session.Call(&Stub::GetInformationSystem, request)));
  return absl::OkStatus();
}

// An empty key: its requests are not signed any more.
absl::Status SetSigningKey(Context& context, const std::string& name, const std::string& key) {
  Session session(context.options);
  v1::GetInformationSystemRequest get;
  get.set_name(name);
  v1::UpdateInformationSystemRequest request;
  *request.mutable_information_system() = TRY(session.Call(&Stub::GetInformationSystem, get));
  request.mutable_information_system()->set_signing_key(key.empty() ? "" : TRY(SigningKeyArgument(key)));
  PrintSystem(context, TRY(session.Call(&Stub::UpdateInformationSystem, request)));
  return absl::OkStatus();
}

void AddSystemCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("system", "Information systems, which ask for records");
  group->require_subcommand(1);

  auto* list = group->add_subcommand("list", "Systems of one organisation, or of all");
  auto parent = std::make_shared<std::string>("-");
  list->add_option("organization", *parent, "Code of the organisation; - for all")->capture_default_str();
  list->callback(
      [&context, parent] { context.action = [&context, parent] { return ListSystems(context, *parent); }; });

  auto* get = group->add_subcommand("get", "One system");
  auto name = std::make_shared<std::string>();
  get->add_option("name", *name, "organizations/{code}/systems/{id}")->required();
  get->callback(
      [&context, name] { context.action = [&context, name] { return GetSystem(context, *name); }; });

  auto* create = group->add_subcommand("create", "Registers a system");
  auto system = std::make_shared<v1::InformationSystem>();
  system->set_state(v1::REGISTRATION_STATE_ACTIVE);
  create->add_option("name", *system->mutable_name(), "organizations/{code}/systems/{id}")->required();
  create->add_option("--display-name", *system->mutable_display_name(), "Chinese name")->required();
  create->add_option("--function", *system->mutable_function(), "What it is for");
  auto key = std::make_shared<std::string>();
  create->add_option("--signing-key", *key,
                     "Public key it may sign requests with (zq cert signing-key: .pub)");
  create->callback([&context, system, key] {
    context.action = [&context, system, key] { return CreateSystem(context, *system, *key); };
  });

  AddSheetCommands(*group, context, v1::SHEET_KIND_INFORMATION_SYSTEMS);

  auto* sign = group->add_subcommand("signing-key", "Registers the key a system may sign its requests with");
  auto name_of = std::make_shared<std::string>();
  auto new_key = std::make_shared<std::string>();
  sign->add_option("name", *name_of, "organizations/{code}/systems/{id}")->required();
  sign->add_option("key", *new_key,
                   "Public key (zq cert signing-key: .pub); none: its requests are not signed");
  sign->callback([&context, name_of, new_key] {
    context.action = [&context, name_of, new_key] { return SetSigningKey(context, *name_of, *new_key); };
  });
}

}  // namespace

void AddOrganizationCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("org", "Organisations");
  group->require_subcommand(1);
  group->add_subcommand("list", "All organisations")->callback([&context] {
    context.action = [&context] { return ListOrganizations(context); };
  });

  auto* get = group->add_subcommand("get", "One organisation");
  auto name = std::make_shared<std::string>();
  get->add_option("code", *name, "Code or resource name")->required();
  get->callback(
      [&context, name] { context.action = [&context, name] { return GetOrganization(context, *name); }; });

  AddSheetCommands(*group, context, v1::SHEET_KIND_ORGANIZATIONS);
  AddSystemCommands(app, context);
}

}  // namespace zhanqiao::cli
