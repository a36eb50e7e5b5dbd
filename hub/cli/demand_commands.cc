// zq demand.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/demand.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::DemandService::Stub;

std::string Named(std::string_view text) {
  return MatterArgument("demands", text);
}

absl::Status Print(Context& context, const absl::StatusOr<v1::Demand>& answered) {
  const v1::Demand demand = TRY(answered);
  if (context.json()) {
    PrintJson(demand, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", demand.name());
  sheet.Add("title", demand.title());
  sheet.Add("description", demand.description());
  sheet.Add("purpose", demand.purpose());
  sheet.Add("consumer", demand.consumer());
  sheet.Add("state", EnumText(v1::DemandState_descriptor(), demand.state()));
  sheet.Add("created", TimeText(demand.create_time()));
  for (const std::string& provider : demand.providers()) sheet.Add("matched to", provider);
  for (const std::string& resource : demand.resources()) sheet.Add("may serve", resource);
  sheet.Add("due", demand.due_date());
  if (!demand.due_date().empty()) {
    sheet.Add("working days", absl::StrCat(demand.working_days(),
                                           demand.overdue_working_days() > 0
                                               ? absl::StrCat(", ", demand.overdue_working_days(), " overdue")
                                               : ""));
  }
  for (const v1::DemandAnswer& answer : demand.answers()) {
    std::string text = absl::StrCat(CodeIn(answer.provider()), ": ",
                                    EnumText(v1::DemandAnswerKind_descriptor(), answer.kind()));
    if (!answer.publish_by().empty()) absl::StrAppend(&text, " by ", answer.publish_by());
    for (const std::string& resource : answer.resources()) absl::StrAppend(&text, " ", resource);
    if (!answer.reason().empty()) absl::StrAppend(&text, "; ", answer.reason());
    sheet.Add("answer", text);
  }
  sheet.Add("closed", demand.close_reason());
  sheet.Add("etag", demand.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status List(Context& context, const v1::ListDemandsRequest& request) {
  Session session(context.options);
  const auto all =
      TRY(ListAll(session, &Stub::ListDemands, request, &v1::ListDemandsResponse::mutable_demands));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"DEMAND", "TITLE", "CONSUMER", "STATE", "DUE", "DAYS", "LATE"});
  for (const v1::Demand& one : all.demands()) {
    table.Add({CodeIn(one.name()), one.title(), CodeIn(one.consumer()),
               EnumText(v1::DemandState_descriptor(), one.state()), one.due_date(),
               one.due_date().empty() ? "" : absl::StrCat(one.working_days()),
               one.overdue_working_days() > 0 ? absl::StrCat(one.overdue_working_days()) : ""});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status Suggest(Context& context, const v1::SuggestMatchesRequest& request) {
  const auto suggested = TRY(Session(context.options).Call(&Stub::SuggestMatches, request));
  if (context.json()) {
    PrintJson(suggested, context.out);
    return absl::OkStatus();
  }
  Table bodies({"BODY", "ENTRIES", "WHY"});
  for (const auto& one : suggested.providers())
    bodies.Add({CodeIn(one.provider()), absl::StrCat(one.entries()), one.why()});
  context.out << bodies.Render() << "\n";
  Table entries({"ENTRY"});
  for (const std::string& name : suggested.resources()) entries.Add({name});
  context.out << entries.Render();
  return absl::OkStatus();
}

void AddReading(CLI::App& group, Context& context) {
  auto get = std::make_shared<v1::GetDemandRequest>();
  auto* show = Add(group, context, "get", "One demand", [get](Context& c) {
    get->set_name(Named(get->name()));
    return Print(c, Session(c.options).Call(&Stub::GetDemand, *get));
  });
  show->add_option("demand", *get->mutable_name(), "Name or id")->required();
  show->add_option("--as-of", *get->mutable_as_of(), "YYYY-MM-DD to count days to; today if left out");

  auto list = std::make_shared<v1::ListDemandsRequest>();
  auto* lists = Add(group, context, "list", "Demands one may see, oldest first", [list](Context& c) {
    if (!list->provider().empty()) list->set_provider(OrganizationArgument(list->provider()));
    if (!list->consumer().empty()) list->set_consumer(OrganizationArgument(list->consumer()));
    return List(c, *list);
  });
  lists->add_flag_callback(
      "--overdue", [list] { list->set_overdue(true); }, "Only matched ones past their due date");
  lists->add_option("--as-of", *list->mutable_as_of(), "YYYY-MM-DD; today if left out");
  lists->add_option("--provider", *list->mutable_provider(), "Matched to this organisation");
  lists->add_option("--consumer", *list->mutable_consumer(), "Code of the organisation that needs the data");

  auto suggest = std::make_shared<v1::SuggestMatchesRequest>();
  auto* suggesting = Add(group, context, "suggest", "Entries and bodies that may fit", [suggest](Context& c) {
    suggest->set_name(Named(suggest->name()));
    return Suggest(c, *suggest);
  });
  suggesting->add_option("demand", *suggest->mutable_name(), "Name or id")->required();
}

}  // namespace

void AddDemandCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("demand", "Demands for data nobody offers yet (需求)");
  group->require_subcommand(1);
  AddReading(*group, context);

  auto create = std::make_shared<v1::CreateDemandRequest>();
  auto fields = std::make_shared<std::vector<std::string>>();
  auto* creating = Add(*group, context, "create", "States a need", [create, fields](Context& c) {
    for (const std::string& field : *fields) create->add_wanted_fields(field);
    return Print(c, Session(c.options).Call(&Stub::CreateDemand, *create));
  });
  creating->add_option("--title", *create->mutable_title(), "What is needed, in a few words")->required();
  creating->add_option("--description", *create->mutable_description(), "Content, items, scope")->required();
  creating->add_option("--purpose", *create->mutable_purpose(), "Business matter it is for")->required();
  creating->add_option("--field", *fields, "信息项 wanted (repeatable)");
  creating->add_option("--request-id", *create->mutable_request_id(), "Makes a retry safe");

  auto match = std::make_shared<v1::MatchDemandRequest>();
  auto providers = std::make_shared<std::vector<std::string>>();
  auto resources = std::make_shared<std::vector<std::string>>();
  auto* matching = Add(*group, context, "match", "Assigns a demand to bodies (office)",
                       [match, providers, resources](Context& c) {
                         match->set_name(Named(match->name()));
                         for (const std::string& one : *providers)
                           match->add_providers(OrganizationArgument(one));
                         for (const std::string& one : *resources)
                           match->add_resources(ResourceArgument(one));
                         return Print(c, Session(c.options).Call(&Stub::MatchDemand, *match));
                       });
  matching->add_option("demand", *match->mutable_name(), "Name or id")->required();
  matching->add_option("--provider", *providers, "Code of a body (repeatable)")->required();
  matching->add_option("--resource", *resources, "Entry that may serve already (repeatable)");
  matching->add_option("--reason", *match->mutable_reason(), "Why");

  auto answer = std::make_shared<v1::AnswerDemandRequest>();
  auto kind = std::make_shared<std::string>();
  auto serving = std::make_shared<std::vector<std::string>>();
  auto* answering = Add(*group, context, "answer", "A matched body's answer",
                        [answer, kind, serving](Context& c) -> absl::Status {
                          answer->set_name(Named(answer->name()));
                          answer->set_kind(static_cast<v1::DemandAnswerKind>(TRY(EnumArgument(
                              v1::DemandAnswerKind_descriptor(), "DEMAND_ANSWER_KIND_", "--kind", *kind))));
                          for (const std::string& one : *serving)
                            answer->add_resources(ResourceArgument(one));
                          return Print(c, Session(c.options).Call(&Stub::AnswerDemand, *answer));
                        });
  answering->add_option("demand", *answer->mutable_name(), "Name or id")->required();
  answering->add_option("--kind", *kind, "will_publish, exists or not_held")->required();
  answering->add_option("--publish-by", *answer->mutable_publish_by(), "YYYY-MM-DD, for will_publish");
  answering->add_option("--resource", *serving, "Entry that serves, for exists (repeatable)");
  answering->add_option("--reason", *answer->mutable_reason(), "In words; needed for not_held");

  auto close = std::make_shared<v1::CloseDemandRequest>();
  auto* closing = Add(*group, context, "close", "Ends a demand", [close](Context& c) {
    close->set_name(Named(close->name()));
    return Print(c, Session(c.options).Call(&Stub::CloseDemand, *close));
  });
  closing->add_option("demand", *close->mutable_name(), "Name or id")->required();
  closing->add_option("--reason", *close->mutable_reason(), "Why")->required();
}

}  // namespace zhanqiao::cli
