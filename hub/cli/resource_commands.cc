// zq resource.
#include <CLI/CLI.hpp>

#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/resources.h"
#include "hub/cli/sheets.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::CatalogService::Stub;

std::string CodeOf(const v1::Resource& resource) {
  return resource.resource_code();
}

absl::Status ListResources(Context& context, const std::string& provider) {
  Session session(context.options);
  v1::ListResourcesRequest request;
  if (!provider.empty()) request.set_provider(OrganizationArgument(provider));
  auto all =
      TRY(ListAll(session, &Stub::ListResources, request, &v1::ListResourcesResponse::mutable_resources));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"CODE", "NAME", "PROVIDER", "SHARING", "STATE"});
  for (const auto& one : all.resources()) {
    table.Add({CodeOf(one), one.display_name(), one.provider().substr(one.provider().find('/') + 1),
               EnumText(v1::ShareType_descriptor(), one.share_type()),
               EnumText(v1::ResourceState_descriptor(), one.state())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

void PrintResource(Context& context, const v1::Resource& resource) {
  if (context.json()) return PrintJson(resource, context.out);
  Sheet sheet;
  sheet.Add("name", resource.name());
  sheet.Add("code", CodeOf(resource));
  sheet.Add("display name", resource.display_name());
  sheet.Add("provider", resource.provider());
  sheet.Add("abstract", resource.abstract());
  sheet.Add("sharing", EnumText(v1::ShareType_descriptor(), resource.share_type()));
  sheet.Add("condition", resource.share_condition());
  sheet.Add("opening", EnumText(v1::OpenType_descriptor(), resource.open_type()));
  sheet.Add("updated", EnumText(v1::UpdateCycle_descriptor(), resource.update_cycle()));
  sheet.Add("released", resource.release_date());
  sheet.Add("state", EnumText(v1::ResourceState_descriptor(), resource.state()));
  for (const std::string& connector : resource.connectors()) sheet.Add("connector", connector);
  for (const auto& finding : resource.findings())
    sheet.Add("finding", finding.reason() + ": " + finding.description());
  sheet.Add("etag", resource.etag());
  context.out << sheet.Render() << "\n";
  Table table({"FIELD", "NAME", "TYPE", "LENGTH", "KEY", "MASK"});
  for (const auto& field : resource.fields()) {
    table.Add({field.field(), field.display_name(), EnumText(v1::DataType_descriptor(), field.data_type()),
               field.length() > 0 ? std::to_string(field.length()) : "", field.key() ? "yes" : "",
               EnumText(v1::Mask_descriptor(), field.mask())});
  }
  context.out << table.Render();
}

absl::Status GetResource(Context& context, const std::string& name) {
  Session session(context.options);
  v1::GetResourceRequest request;
  request.set_name(ResourceArgument(name));
  PrintResource(context, TRY(session.Call(&Stub::GetResource, request)));
  return absl::OkStatus();
}

absl::Status ApplyFile(Context& context, const std::string& file) {
  const std::string json = TRY(ReadFile(file));
  const auto wanted = TRY(ParseResources(json));
  Session session(context.options);
  v1::ListResourcesResponse stored;
  std::vector<std::string> outcomes;
  for (const auto& resource : wanted.resources()) {
    Applied applied = TRY(ApplyResource(session, resource));
    outcomes.emplace_back(applied.outcome);
    *stored.add_resources() = std::move(applied.resource);
  }
  if (context.json()) {
    PrintJson(stored, context.out);
    return absl::OkStatus();
  }
  Table table({"CODE", "NAME", "STATE", "OUTCOME", "FINDINGS"});
  for (int at = 0; at < stored.resources_size(); ++at) {
    const auto& one = stored.resources(at);
    table.Add({CodeOf(one), one.display_name(), EnumText(v1::ResourceState_descriptor(), one.state()),
               outcomes[static_cast<size_t>(at)], std::to_string(one.findings_size())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status PublishResource(Context& context, const std::string& name, const std::string& reason) {
  Session session(context.options);
  v1::PublishResourceRequest request;
  request.set_name(ResourceArgument(name));
  request.set_reason(reason);
  PrintResource(context, TRY(session.Call(&Stub::PublishResource, request)));
  return absl::OkStatus();
}

}  // namespace

void AddResourceCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("resource", "Catalogue entries");
  group->require_subcommand(1);

  auto* list = group->add_subcommand("list", "Entries in code order");
  auto provider = std::make_shared<std::string>();
  list->add_option("--provider", *provider, "Code of the organisation; all if left out");
  list->callback([&context, provider] {
    context.action = [&context, provider] { return ListResources(context, *provider); };
  });

  auto* get = group->add_subcommand("get", "One entry with its fields and findings");
  auto name = std::make_shared<std::string>();
  get->add_option("code", *name, "Resource code or name")->required();
  get->callback(
      [&context, name] { context.action = [&context, name] { return GetResource(context, *name); }; });

  auto* apply =
      group->add_subcommand("apply", "Creates or updates the entries of a file; what is equal stays");
  auto file = std::make_shared<std::string>();
  apply->add_option("file", *file, "JSON: an array of entries, or one entry")->required();
  apply->callback(
      [&context, file] { context.action = [&context, file] { return ApplyFile(context, *file); }; });

  AddSheetCommands(*group, context, v1::SHEET_KIND_RESOURCES);

  auto* publish = group->add_subcommand("publish", "Moves a draft to PUBLISHED");
  auto reason = std::make_shared<std::string>();
  publish->add_option("code", *name, "Resource code or name")->required();
  publish->add_option("--reason", *reason, "Why; kept in the history");
  publish->callback([&context, name, reason] {
    context.action = [&context, name, reason] { return PublishResource(context, *name, *reason); };
  });
}

}  // namespace zhanqiao::cli
