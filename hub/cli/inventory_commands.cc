// zq inventory: facilities, proposals of what to clear and merge, merge trees, completeness, cost and performance.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/oversight_text.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/inventory.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::InventoryService::Stub;

// "370200-FGW/systems/oa" for the full name.
std::string Short(const std::string& name) { return name.substr(name.find('/') + 1); }

std::string SystemArgument(const std::string& text) {
  return text.starts_with("organizations/") ? text : absl::StrCat("organizations/", text);
}

absl::Status ListFacilities(Context& context, const std::string& organization, const std::string& kind) {
  Session session(context.options);
  v1::ListFacilitiesRequest request;
  request.set_parent(organization.empty() ? "organizations/-" : OrganizationArgument(organization));
  if (!kind.empty()) {
    request.set_kind(static_cast<v1::FacilityKind>(TRY(EnumArgument(v1::FacilityKind_descriptor(), "FACILITY_KIND_", "--kind", kind))));
  }
  const auto all = TRY(ListAll(session, &Stub::ListFacilities, request, &v1::ListFacilitiesResponse::mutable_facilities));
  if (context.json()) {
    PrintWholeJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"FACILITY", "NAME", "KIND", "PLANNED", "DONE", "APPROVED TO STAY"});
  for (const v1::Facility& one : all.facilities()) {
    table.Add({Short(one.name()), one.display_name(), EnumText(v1::FacilityKind_descriptor(), one.kind()), one.planned_date(),
               one.done_date(), one.exemption_approval()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

// Creates the facility, or replaces what is there.
absl::Status SetFacility(Context& context, v1::Facility facility, const std::string& kind, const std::string& network,
                         const std::string& level, const std::string& reason) {
  Session session(context.options);
  facility.set_name(SystemArgument(facility.name()));
  facility.set_kind(static_cast<v1::FacilityKind>(TRY(EnumArgument(v1::FacilityKind_descriptor(), "FACILITY_KIND_", "--kind", kind))));
  if (!network.empty()) {
    facility.set_target_network(
        static_cast<v1::SystemNetwork>(TRY(EnumArgument(v1::SystemNetwork_descriptor(), "SYSTEM_NETWORK_", "--target", network))));
  }
  if (!level.empty()) {
    facility.set_platform_level(
        static_cast<v1::PlatformLevel>(TRY(EnumArgument(v1::PlatformLevel_descriptor(), "PLATFORM_LEVEL_", "--level", level))));
  }
  v1::GetFacilityRequest get;
  get.set_name(facility.name());
  const auto stored = session.Call(&Stub::GetFacility, get);
  absl::StatusOr<v1::Facility> made;
  if (stored.ok()) {
    v1::UpdateFacilityRequest request;
    facility.set_etag(stored->etag());
    *request.mutable_facility() = facility;
    request.set_reason(reason);
    made = session.Call(&Stub::UpdateFacility, request);
  } else if (stored.status().code() == absl::StatusCode::kNotFound) {
    v1::CreateFacilityRequest request;
    *request.mutable_facility() = facility;
    request.set_reason(reason);
    made = session.Call(&Stub::CreateFacility, request);
  } else {
    return stored.status();
  }
  const v1::Facility kept = TRY(made);
  if (context.json()) {
    PrintWholeJson(kept, context.out);
  } else {
    context.out << Short(kept.name()) << " is recorded (" << kept.etag() << ")\n";
  }
  return absl::OkStatus();
}

absl::Status ListProposals(Context& context, v1::ListCleanupProposalsRequest request, const std::string& rule) {
  Session session(context.options);
  if (!request.organization().empty()) request.set_organization(OrganizationArgument(request.organization()));
  if (!rule.empty()) {
    request.set_rule(static_cast<v1::CleanupRule>(TRY(EnumArgument(v1::CleanupRule_descriptor(), "CLEANUP_RULE_", "--rule", rule))));
  }
  const auto all =
      TRY(ListAll(session, &Stub::ListCleanupProposals, request, &v1::ListCleanupProposalsResponse::mutable_proposals));
  if (context.json()) {
    PrintWholeJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"SYSTEM", "NAME", "RULE", "FACTS", "OTHER", "ALIKE", "ETAG"});
  for (const v1::CleanupProposal& one : all.proposals()) {
    table.Add({Short(one.system()), one.display_name(), EnumText(v1::CleanupRule_descriptor(), one.rule()),
               absl::StrJoin(one.facts(), " "), one.other_display_name(),
               one.likeness_percent() > 0 ? absl::StrCat(one.likeness_percent(), "%") : "", one.etag()});
  }
  context.out << table.Render() << all.proposals_size() << " proposals; a person confirms or dismisses each (zq inventory judge)\n";
  return absl::OkStatus();
}

absl::Status Judge(Context& context, v1::JudgeCleanupProposalRequest request, const std::string& rule) {
  Session session(context.options);
  request.set_system(SystemArgument(request.system()));
  if (!request.other().empty()) request.set_other(SystemArgument(request.other()));
  request.set_rule(static_cast<v1::CleanupRule>(TRY(EnumArgument(v1::CleanupRule_descriptor(), "CLEANUP_RULE_", "--rule", rule))));
  const v1::CleanupJudgement judgement = TRY(session.Call(&Stub::JudgeCleanupProposal, request));
  if (context.json()) {
    PrintWholeJson(judgement, context.out);
  } else {
    context.out << Short(judgement.system()) << (judgement.confirmed() ? " is classed\n" : " is left as it is\n");
  }
  return absl::OkStatus();
}

absl::Status ShowTrees(Context& context, const FigureQuestion& question) {
  Session session(context.options);
  v1::ListMergeTreesRequest request;
  TRY(question.Fill(request));
  const auto all = TRY(ListAll(session, &Stub::ListMergeTrees, request, &v1::ListMergeTreesResponse::mutable_nodes));
  if (context.json()) {
    PrintWholeJson(all, context.out);
    return absl::OkStatus();
  }
  for (const v1::MergeNode& node : all.nodes()) {
    for (int step = 0; step < node.depth(); ++step) context.out << "  ";
    context.out << Printable(node.display_name()) << "  " << Short(node.system());
    if (node.depth() > 0) context.out << (node.merged() ? "  已归并 " + node.merged_date() : "  未归并");
    context.out << (node.cycle() ? "  CYCLE" : "") << "\n";
  }
  return absl::OkStatus();
}

absl::Status ShowCompleteness(Context& context, const FigureQuestion& question) {
  Session session(context.options);
  v1::GetCompletenessRequest request;
  TRY(question.Fill(request));
  const v1::Completeness completeness = TRY(session.Call(&Stub::GetCompleteness, request));
  if (context.json()) {
    PrintWholeJson(completeness, context.out);
    return absl::OkStatus();
  }
  Table table({"BODY", "NAME", "SYSTEMS", "EMPTY", "SCORE", "MISSING MOST"});
  for (const v1::BodyCompleteness& body : completeness.bodies()) {
    const std::string missing = body.missing().empty() ? "" : absl::StrCat(body.missing(0).reason(), " ", body.missing(0).count());
    table.Add({CodeIn(body.organization()), body.display_name(), absl::StrCat(body.systems()), absl::StrCat(body.without_inventory()),
               absl::StrCat(body.score_percent(), "%"), missing});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status ShowCosts(Context& context, const FigureQuestion& question) {
  Session session(context.options);
  v1::ListCloudComparisonsRequest request;
  TRY(question.Fill(request));
  const auto all =
      TRY(ListAll(session, &Stub::ListCloudComparisons, request, &v1::ListCloudComparisonsResponse::mutable_comparisons));
  if (context.json()) {
    PrintWholeJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"SYSTEM", "NAME", "YUAN/YEAR", "PER 1000", "COST", "RESPONSE", "ADVICE"});
  for (const v1::CloudComparison& one : all.comparisons()) {
    table.Add({Short(one.system()), one.display_name(), absl::StrCat(one.use().yearly_cost_yuan()),
               absl::StrFormat("%.1f", one.yuan_per_thousand_transactions()), absl::StrFormat("%+.0f%%", one.cost_change_percent()),
               absl::StrFormat("%+.0f%%", one.response_change_percent()), absl::StrJoin(one.advice(), " ")});
  }
  context.out << table.Render();
  if (!all.comparisons().empty()) {
    context.out << absl::StrFormat("median %.1f yuan per thousand transactions\n", all.comparisons(0).median_yuan_per_thousand());
  }
  return absl::OkStatus();
}

void AddFacilities(CLI::App& group, Context& context) {
  auto organization = std::make_shared<std::string>();
  auto kind = std::make_shared<std::string>();
  auto* list = Add(group, context, "facilities", "Private networks, internet exits, portals",
                   [organization, kind](Context& c) { return ListFacilities(c, *organization, *kind); });
  list->add_option("--org", *organization, "Code of a body; all if left out");
  list->add_option("--kind", *kind, "business_network, internet_exit or portal");

  struct Setting {
    v1::Facility facility;
    std::string kind, network, level, reason;
  };
  auto setting = std::make_shared<Setting>();
  auto* set = Add(group, context, "set-facility", "Records a facility as it is now", [setting](Context& c) {
    return SetFacility(c, setting->facility, setting->kind, setting->network, setting->level, setting->reason);
  });
  set->add_option("facility", *setting->facility.mutable_name(), "370200-FGW/facilities/exit")->required();
  set->add_option("--kind", setting->kind, "business_network, internet_exit or portal")->required();
  set->add_option("--name", *setting->facility.mutable_display_name(), "Chinese name")->required();
  set->add_option("--target", setting->network, "intranet or extranet, of a network");
  set->add_option("--level", setting->level, "city or district, of an exit");
  set->add_option("--approval", *setting->facility.mutable_exemption_approval(), "Reference of the approval to stay");
  set->add_option("--planned", *setting->facility.mutable_planned_date(), "YYYY-MM-DD");
  set->add_option("--done", *setting->facility.mutable_done_date(), "YYYY-MM-DD on which it was moved or merged");
  set->add_option("--reason", setting->reason, "Why");
}

void AddProposals(CLI::App& group, Context& context) {
  auto asked = std::make_shared<v1::ListCleanupProposalsRequest>();
  auto rule = std::make_shared<std::string>();
  auto* list = Add(group, context, "proposals", "Systems that look like zombies or shadows (僵尸、影子)",
                   [asked, rule](Context& c) { return ListProposals(c, *asked, *rule); });
  list->add_option("--org", *asked->mutable_organization(), "Code of a body; all if left out");
  list->add_option("--rule", *rule, "zombie or shadow");

  auto judged = std::make_shared<v1::JudgeCleanupProposalRequest>();
  auto by = std::make_shared<std::string>();
  auto* judge = Add(group, context, "judge", "Confirms or dismisses a proposal (org_approver, office)",
                    [judged, by](Context& c) { return Judge(c, *judged, *by); });
  judge->add_option("system", *judged->mutable_system(), "370200-FGW/systems/oa")->required();
  judge->add_option("--rule", *by, "zombie or shadow")->required();
  judge->add_option("--etag", *judged->mutable_etag(), "Of the proposal")->required();
  judge->add_flag_callback(
      "--confirm", [judged] { judged->set_confirmed(true); }, "Confirms; dismisses without it");
  judge->add_option("--other", *judged->mutable_other(), "What replaces it or what it is merged into, if another than proposed");
  judge->add_option("--reason", *judged->mutable_reason(), "Why; needed to dismiss");
}

}  // namespace

void AddInventoryCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("inventory", "The inventory beyond systems (系统清单)");
  group->require_subcommand(1);
  AddFacilities(*group, context);
  AddProposals(*group, context);
  const auto add = [&](const char* name, const char* help, absl::Status (*run)(Context&, const FigureQuestion&)) {
    auto question = std::make_shared<FigureQuestion>();
    question->AddTo(*Add(*group, context, name, help, [question, run](Context& c) { return run(c, *question); }));
  };
  add("tree", "Big systems and what is merged into each (归并)", &ShowTrees);
  add("completeness", "How complete each body's records are (完整度)", &ShowCompleteness);
  add("costs", "What the cloud costs and gives, by system (性价比)", &ShowCosts);
}

}  // namespace zhanqiao::cli
