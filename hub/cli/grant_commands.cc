// zq grant: applications listed, written, changed, renewed. Their moves: grant_move_commands.cc.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/grant_text.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::AccessService::Stub;

absl::Status ListGrants(Context& context, v1::ListGrantsRequest request) {
  if (!request.resource().empty()) request.set_resource(ResourceArgument(request.resource()));
  if (!request.consumer().empty()) request.set_consumer(OrganizationArgument(request.consumer()));
  if (!request.provider().empty()) request.set_provider(OrganizationArgument(request.provider()));
  Session session(context.options);
  auto all = TRY(ListAll(session, &Stub::ListGrants, request, &v1::ListGrantsResponse::mutable_grants));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table(request.overdue() ? std::vector<std::string>{"GRANT", "STATE", "DUE", "LATE", "CONSUMER", "RESOURCE"}
                                : std::vector<std::string>{"GRANT", "STATE", "CONSUMER", "RESOURCE", "FIELDS"});
  for (const auto& one : all.grants()) {
    const std::string state = EnumText(v1::GrantState_descriptor(), one.state());
    const std::string consumer = one.consumer().substr(one.consumer().find('/') + 1);
    const std::string resource = one.resource().substr(one.resource().find('/') + 1);
    if (request.overdue()) {
      table.Add({one.name(), state, one.due_date(), absl::StrCat(one.overdue_working_days(), " d"), consumer, resource});
    } else {
      table.Add({one.name(), state, consumer, resource, FieldsText(one.fields())});
    }
  }
  context.out << table.Render();
  return absl::OkStatus();
}

// Everything the writing commands are told.
struct Application {
  v1::Grant grant;
  std::vector<std::string> fields;       // field or field:mask
  std::vector<std::string> conditions;   // field=value
  std::vector<std::string> attachments;  // files
  std::string request_id;
  bool submit = false;
};

// The grant with what was told as text.
absl::StatusOr<v1::Grant> GrantToldBy(const Application& application) {
  v1::Grant grant = application.grant;
  for (const std::string& text : application.fields) *grant.add_fields() = TRY(FieldOf(text));
  for (const std::string& text : application.conditions) *grant.add_row_conditions() = TRY(ConditionOf(text));
  for (const std::string& path : application.attachments) *grant.add_attachments() = TRY(AttachmentOf(path));
  return grant;
}

absl::Status CreateGrant(Context& context, const Application& application) {
  v1::CreateGrantRequest request;
  *request.mutable_grant() = TRY(GrantToldBy(application));
  request.mutable_grant()->set_resource(ResourceArgument(request.grant().resource()));
  request.set_request_id(application.request_id);
  Session session(context.options);
  v1::Grant grant = TRY(session.Call(&Stub::CreateGrant, request));
  if (application.submit) {
    v1::SubmitGrantRequest submit;
    submit.set_name(grant.name());
    submit.set_etag(grant.etag());
    grant = TRY(session.Call(&Stub::SubmitGrant, submit));
  }
  PrintGrant(context, grant);
  return absl::OkStatus();
}

// What the options say is changed; the etag is that of the draft as it is now, unless one is given.
absl::Status UpdateGrant(Context& context, const Application& application, const std::string& name) {
  v1::UpdateGrantRequest request;
  *request.mutable_grant() = TRY(GrantToldBy(application));
  std::vector<const google::protobuf::FieldDescriptor*> told;
  request.grant().GetReflection()->ListFields(request.grant(), &told);
  for (const auto* field : told) {
    if (field->name() != "etag") request.mutable_update_mask()->add_paths(field->name());
  }
  if (request.update_mask().paths().empty()) return BadField("NOTHING_TO_CHANGE", "options", "Say what to change, for example --purpose.");
  request.mutable_grant()->set_name(GrantArgument(name));
  Session session(context.options);
  if (request.grant().etag().empty()) {
    v1::GetGrantRequest get;
    get.set_name(request.grant().name());
    const v1::Grant now = TRY(session.Call(&Stub::GetGrant, get));
    request.mutable_grant()->set_etag(now.etag());
  }
  PrintGrant(context, TRY(session.Call(&Stub::UpdateGrant, request)));
  return absl::OkStatus();
}

void AddTerms(CLI::App& command, const std::shared_ptr<Application>& told) {
  v1::Grant& grant = told->grant;
  command.add_option("--matter", *grant.mutable_business_matter(), "Business matter (办理事项) the records serve");
  command.add_option("--legal-basis", *grant.mutable_legal_basis(), "Legal basis; required for conditional resources");
  command.add_option("--only-rows", told->conditions, "Only rows with field=value; may be repeated");
  command.add_option("--attach", told->attachments, "File whose digest goes with the application; may be repeated");
  command.add_option("--start-date", *grant.mutable_start_date(), "YYYY-MM-DD");
  command.add_option("--end-date", *grant.mutable_end_date(), "YYYY-MM-DD; required for conditional resources");
  command.add_option_function<int>("--rate-per-second", [told](int rate) { told->grant.set_rate_per_second(rate); }, "Calls a second");
  const auto limit = [&](const char* option, void (v1::Grant::*set)(int64_t), const char* help) {
    command.add_option_function<int64_t>(option, [told, set](int64_t max) { (told->grant.*set)(max); }, help);
  };
  limit("--daily-calls-max", &v1::Grant::set_daily_calls_max, "Calls a civil day");
  limit("--daily-rows-max", &v1::Grant::set_daily_rows_max, "Rows a civil day");
  limit("--daily-bytes-max", &v1::Grant::set_daily_bytes_max, "Bytes of rows a civil day");
  limit("--daily-persons-max", &v1::Grant::set_daily_persons_max, "Distinct persons a civil day");
}

void AddCreate(CLI::App* group, Context& context) {
  auto* create = group->add_subcommand("create", "Writes down an application as a draft");
  auto told = std::make_shared<Application>();
  create->add_option("--consumer", *told->grant.mutable_consumer(), "organizations/{code}/systems/{id}")->required();
  create->add_option("--resource", *told->grant.mutable_resource(), "Resource code or name")->required();
  create->add_option("--field", told->fields, "Field, or field:mask; may be repeated")->required();
  create->add_option("--purpose", *told->grant.mutable_purpose(), "What the records are for")->required();
  AddTerms(*create, told);
  create->add_option("--request-id", told->request_id, "Repeating it returns the grant made before");
  create->add_flag("--submit", told->submit, "Submit it at once");
  create->callback([&context, told] { context.action = [&context, told] { return CreateGrant(context, *told); }; });
}

void AddUpdate(CLI::App* group, Context& context) {
  auto* update = group->add_subcommand("update", "Changes a draft in what the options name");
  auto told = std::make_shared<Application>();
  auto name = std::make_shared<std::string>();
  update->add_option("grant", *name, "grants/{id} or id")->required();
  update->add_option("--field", told->fields, "Field, or field:mask; may be repeated");
  update->add_option("--purpose", *told->grant.mutable_purpose(), "What the records are for");
  AddTerms(*update, told);
  update->add_option("--etag", *told->grant.mutable_etag(), "Of the version that was read; otherwise that of now");
  update->callback(
      [&context, told, name] { context.action = [&context, told, name] { return UpdateGrant(context, *told, *name); }; });
}

void AddDelete(CLI::App* group, Context& context) {
  auto* command = group->add_subcommand("delete", "Deletes a draft");
  auto request = std::make_shared<v1::DeleteGrantRequest>();
  command->add_option("grant", *request->mutable_name(), "grants/{id} or id")->required();
  command->add_option("--etag", *request->mutable_etag(), "Of the version that was read");
  command->callback([&context, request] {
    context.action = [&context, request]() -> absl::Status {
      request->set_name(GrantArgument(request->name()));
      Session session(context.options);
      const auto nothing = TRY(session.Call(&Stub::DeleteGrant, *request));
      if (context.json()) PrintJson(nothing, context.out);
      return absl::OkStatus();
    };
  });
}

void AddRenew(CLI::App* group, Context& context) {
  auto* command = group->add_subcommand("renew", "Writes down an application that carries a grant on without a gap");
  auto request = std::make_shared<v1::RenewGrantRequest>();
  command->add_option("grant", *request->mutable_name(), "grants/{id} or id")->required();
  command->add_option("--end-date", *request->mutable_end_date(), "The new last day, YYYY-MM-DD")->required();
  command->add_option("--request-id", *request->mutable_request_id(), "Repeating it returns the application made before");
  command->callback([&context, request] {
    context.action = [&context, request]() -> absl::Status {
      request->set_name(GrantArgument(request->name()));
      Session session(context.options);
      PrintGrant(context, TRY(session.Call(&Stub::RenewGrant, *request)));
      return absl::OkStatus();
    };
  });
}

void AddList(CLI::App* group, Context& context) {
  auto* list = group->add_subcommand("list", "Grants the caller may see");
  auto request = std::make_shared<v1::ListGrantsRequest>();
  auto states = std::make_shared<std::vector<std::string>>();
  list->add_option("--consumer", *request->mutable_consumer(), "Organisation or system");
  list->add_option("--provider", *request->mutable_provider(), "Organisation");
  list->add_option("--resource", *request->mutable_resource(), "Resource code or name");
  list->add_option("--state", *states, "draft, submitted, accepted, approved, rejected, active, suspended, revoked …; may be repeated");
  list->add_flag_callback("--overdue", [request] { request->set_overdue(true); }, "Only applications whose answer is late");
  list->add_option("--as-of", *request->mutable_as_of(), "YYYY-MM-DD: as they were then, late by then; today when left out");
  list->callback([&context, request, states] {
    context.action = [&context, request, states]() -> absl::Status {
      for (const std::string& state : *states) {
        v1::GrantState wanted = v1::GRANT_STATE_UNSPECIFIED;
        if (!v1::GrantState_Parse("GRANT_STATE_" + absl::AsciiStrToUpper(state), &wanted)) {
          return BadField("STATE_UNKNOWN", "--state", "There is no such state of a grant.");
        }
        request->add_states(wanted);
      }
      return ListGrants(context, *request);
    };
  });
}

}  // namespace

void AddGrantCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("grant", "Grants: who may have which fields for which purpose");
  group->require_subcommand(1);
  AddList(group, context);
  AddCreate(group, context);
  AddUpdate(group, context);
  AddDelete(group, context);
  AddRenew(group, context);
  AddGrantMoves(*group, context);
  AddDelegationCommands(*group, context);
}

}  // namespace zhanqiao::cli
