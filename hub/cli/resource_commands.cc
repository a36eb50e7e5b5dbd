// zq resource.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/resource_sheet.h"
#include "hub/cli/resources.h"
#include "hub/cli/sheets.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::CatalogService::Stub;

// Filters as people type them.
struct Filter {
  std::string provider;
  std::string state;
  std::string share;
  std::string open;
  std::string base;
  std::string classification;
  std::string legacy;
};

// The value whose name ends with `word`: "published" of RESOURCE_STATE_PUBLISHED.
absl::StatusOr<int> ValueOf(const google::protobuf::EnumDescriptor* type, const std::string& word,
                            std::string_view option) {
  if (word.empty()) return 0;
  std::string known;
  for (int i = 1; i < type->value_count(); ++i) {
    const std::string text = absl::AsciiStrToLower(EnumText(type, type->value(i)->number()));
    if (text == absl::AsciiStrToLower(word)) return type->value(i)->number();
    absl::StrAppend(&known, known.empty() ? "" : ", ", text);
  }
  return BadField("ENUM_VALUE", option, absl::StrCat("Give one of ", known, "."));
}

absl::StatusOr<v1::ListResourcesRequest> RequestOf(const Filter& filter) {
  v1::ListResourcesRequest request;
  if (!filter.provider.empty()) request.set_provider(OrganizationArgument(filter.provider));
  request.set_state(
      static_cast<v1::ResourceState>(TRY(ValueOf(v1::ResourceState_descriptor(), filter.state, "--state"))));
  request.set_share_type(static_cast<v1::ShareType>(TRY(ValueOf(v1::ShareType_descriptor(), filter.share, "--share"))));
  request.set_open_type(static_cast<v1::OpenType>(TRY(ValueOf(v1::OpenType_descriptor(), filter.open, "--open"))));
  request.set_base_database(filter.base);
  request.set_classification(filter.classification);
  request.set_legacy_code(filter.legacy);
  return request;
}

absl::Status ListResources(Context& context, const Filter& filter) {
  const v1::ListResourcesRequest request = TRY(RequestOf(filter));
  Session session(context.options);
  const auto all = TRY(ListAll(session, &Stub::ListResources, request, &v1::ListResourcesResponse::mutable_resources));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"CODE", "NAME", "PROVIDER", "SHARING", "STATE"});
  for (const auto& one : all.resources()) {
    table.Add({one.resource_code(), one.display_name(), one.provider().substr(one.provider().find('/') + 1),
               WordOf(one.share_type()), WordOf(one.state())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

// The entry of this code, or else the one that had it before.
absl::StatusOr<v1::Resource> FindResource(Session& session, const std::string& code) {
  const std::string normal = NormalizeCode(code);
  if (IsResourceCode(normal) || code.find("resources/") == 0) {
    v1::GetResourceRequest request;
    request.set_name(ResourceArgument(IsResourceCode(normal) ? normal : code));
    return session.Call(&Stub::GetResource, request);
  }
  v1::ListResourcesRequest request;
  request.set_legacy_code(code);
  const auto found = TRY(session.Call(&Stub::ListResources, request));
  if (found.resources_size() == 1) return found.resources(0);
  return Fail(absl::StatusCode::kNotFound, found.resources().empty() ? "RESOURCE_UNKNOWN" : "LEGACY_CODE_AMBIGUOUS",
              "Not a resource code, and not the one entry that had this code before; see zq resource list --legacy.",
              {{"code", code}});
}

absl::Status GetResource(Context& context, const std::string& code) {
  Session session(context.options);
  PrintResource(context, TRY(FindResource(session, code)));
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
    table.Add({one.resource_code(), one.display_name(), WordOf(one.state()),
               outcomes[static_cast<size_t>(at)], std::to_string(one.findings_size())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void PrintResource(Context& context, const v1::Resource& resource) {
  if (context.json()) return PrintJson(resource, context.out);
  context.out << ResourceSheet(resource);
}

void AddResourceCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("resource", "Catalogue entries");
  group->require_subcommand(1);
  AddSearchCommand(*group, context);

  auto* list = group->add_subcommand("list", "Entries in code order");
  auto filter = std::make_shared<Filter>();
  list->add_option("--provider", filter->provider, "Code of the organisation; all if left out");
  list->add_option("--state", filter->state, "draft, submitted, published or withdrawn");
  list->add_option("--share", filter->share, "unconditional, conditional or not_shared");
  list->add_option("--open", filter->open, "unconditional, conditional or not_open");
  list->add_option("--base", filter->base, "Base database: 自然人, 法人, 公共信用, 空间地理 or 行政执法");
  list->add_option("--class", filter->classification, "First digits of the code: 类项目细目");
  list->add_option("--legacy", filter->legacy, "A code in use before");
  list->callback([&context, filter] {
    context.action = [&context, filter] { return ListResources(context, *filter); };
  });

  auto* get = group->add_subcommand("get", "One entry with all its elements, 信息项 and findings");
  auto name = std::make_shared<std::string>();
  get->add_option("code", *name, "Resource code, name, or a code in use before")->required();
  get->callback(
      [&context, name] { context.action = [&context, name] { return GetResource(context, *name); }; });

  auto* apply =
      group->add_subcommand("apply", "Creates or updates the entries of a file; what is equal stays");
  auto file = std::make_shared<std::string>();
  apply->add_option("file", *file, "JSON: an array of entries, or one entry")->required();
  apply->callback(
      [&context, file] { context.action = [&context, file] { return ApplyFile(context, *file); }; });

  AddSheetCommands(*group, context, v1::SHEET_KIND_RESOURCES);
  AddResourceStateCommands(*group, context);
  AddResourceFigureCommands(*group, context);
}

}  // namespace zhanqiao::cli
