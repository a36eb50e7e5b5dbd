// zq task and zq criticism: the task ledger (台账) and notices of criticism (通报).
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/task.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::TaskService::Stub;

std::string Named(std::string_view text) { return MatterArgument("tasks", text); }

std::string NumberText(double value) { return absl::StrFormat("%g", value); }

std::string ValueText(const v1::DutyProgress& progress) {
  if (progress.source() == v1::PROGRESS_SOURCE_UNSPECIFIED) return "";
  if (progress.source() == v1::PROGRESS_SOURCE_ATTESTED) return NumberText(progress.value()) + "%";
  return progress.target() > 1 ? NumberText(progress.value()) : absl::StrFormat("%.1f%%", progress.value() * 100);
}

absl::Status Print(Context& context, const absl::StatusOr<v1::Task>& answered) {
  const v1::Task task = TRY(answered);
  if (context.json()) {
    PrintJson(task, context.out);
    return absl::OkStatus();
  }
  const v1::DutyProgress& progress = task.progress();
  Sheet sheet;
  sheet.Add("任务 task", absl::StrCat(CodeIn(task.name()), "  ", task.section(), "  ", task.title()));
  sheet.Add("deliverable", task.deliverable());
  sheet.Add("deadline", task.deadline());
  for (const std::string& lead : task.leads()) sheet.Add("牵头 lead", CodeIn(lead));
  for (const std::string& support : task.supports()) sheet.Add("配合 support", CodeIn(support));
  sheet.Add("measure", task.measure());
  sheet.Add("light", EnumText(v1::TaskLight_descriptor(), progress.light()));
  sheet.Add("progress", absl::StrCat(ValueText(progress), progress.source() == v1::PROGRESS_SOURCE_UNSPECIFIED
                                                              ? ""
                                                              : absl::StrCat(" ", EnumText(v1::ProgressSource_descriptor(), progress.source())),
                                     progress.done() ? ", done " : "", progress.done_date()));
  if (!task.deadline().empty()) sheet.Add("days left", absl::StrCat(progress.days_to_deadline()));
  std::string evidence;
  for (const uint64_t index : progress.evidence()) absl::StrAppend(&evidence, evidence.empty() ? "" : " ", index);
  sheet.Add("evidence", progress.evidence_count() > progress.evidence_size()
                            ? absl::StrCat(evidence, " … of ", progress.evidence_count()) : evidence);
  std::string behind;
  for (const std::string& body : progress.behind()) absl::StrAppend(&behind, behind.empty() ? "" : " ", CodeIn(body));
  sheet.Add("behind", behind);
  for (const auto& attestation : task.attestations()) {
    sheet.Add("attested", absl::StrCat(CodeIn(attestation.organization()), " ", attestation.date(), " ", attestation.percent(), "%: ", attestation.note()));
  }
  sheet.Add("etag", task.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status List(Context& context, const v1::ListTasksRequest& request) {
  const auto all = TRY(Session(context.options).Call(&Stub::ListTasks, request));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"TASK", "任务", "DEADLINE", "LIGHT", "PROGRESS", "DAYS", "BEHIND"});
  for (const v1::Task& task : all.tasks()) {
    const v1::DutyProgress& progress = task.progress();
    table.Add({CodeIn(task.name()), task.title(), task.deadline(), EnumText(v1::TaskLight_descriptor(), progress.light()),
               progress.done() ? "done" : ValueText(progress), task.deadline().empty() ? "" : absl::StrCat(progress.days_to_deadline()),
               absl::StrCat(progress.behind_size())});
  }
  context.out << table.Render() << all.total() << " duties: " << all.done() << " done, " << all.overdue() << " overdue";
  if (!all.next_deadline().empty()) context.out << "; next deadline " << all.next_deadline() << " (" << all.next_deadline_tasks() << ")";
  context.out << "\n";
  return absl::OkStatus();
}

absl::Status Import(Context& context, const std::string& file, bool validate_only) {
  v1::ImportTasksRequest request;
  request.set_csv(TRY(ReadFile(file)));
  request.set_validate_only(validate_only);
  const auto done = TRY(Session(context.options).Call(&Stub::ImportTasks, request));
  if (context.json()) {
    PrintWholeJson(done, context.out);
  } else {
    context.out << done.created() << " created, " << done.updated() << " updated, " << done.unchanged() << " unchanged\n";
  }
  return absl::OkStatus();
}

absl::Status PrintCriticism(Context& context, const absl::StatusOr<v1::Criticism>& answered) {
  const v1::Criticism criticism = TRY(answered);
  if (context.json()) {
    PrintJson(criticism, context.out);
    return absl::OkStatus();
  }
  context.out << criticism.name() << "  " << EnumText(v1::CriticismState_descriptor(), criticism.state()) << "  etag " << criticism.etag()
              << "\n" << Printable(criticism.title()) << "\n\n";
  for (size_t at = 0; at < criticism.text().size();) {
    const size_t end = std::min(criticism.text().find('\n', at), criticism.text().size());
    context.out << Printable(criticism.text().substr(at, end - at)) << "\n";
    at = end + 1;
  }
  return absl::OkStatus();
}

void AddDuties(CLI::App& group, Context& context) {
  auto get = std::make_shared<v1::GetTaskRequest>();
  auto* show = Add(group, context, "show", "One duty", [get](Context& c) {
    get->set_name(Named(get->name()));
    return Print(c, Session(c.options).Call(&Stub::GetTask, *get));
  });
  show->add_option("task", *get->mutable_name(), "Name or id, for example T2-01-10")->required();
  show->add_option("--as-of", *get->mutable_as_of(), "YYYY-MM-DD; today if left out");
  AddKnownAt(*show, get);

  auto list = std::make_shared<v1::ListTasksRequest>();
  auto light = std::make_shared<std::string>();
  auto role = std::make_shared<std::string>();
  auto* lists = Add(group, context, "list", "The duties of the plan with lights and progress", [list, light, role](Context& c) -> absl::Status {
    if (!list->organization().empty()) list->set_organization(OrganizationArgument(list->organization()));
    if (!light->empty()) {
      list->set_light(static_cast<v1::TaskLight>(TRY(EnumArgument(v1::TaskLight_descriptor(), "TASK_LIGHT_", "--light", *light))));
    }
    if (!role->empty()) list->set_role(static_cast<v1::TaskRole>(TRY(EnumArgument(v1::TaskRole_descriptor(), "TASK_ROLE_", "--role", *role))));
    return List(c, *list);
  });
  lists->add_option("--org", *list->mutable_organization(), "Code of a body that leads or supports");
  lists->add_option("--role", *role, "lead or support");
  lists->add_option("--light", *light, "green, yellow, red or grey");
  lists->add_flag_callback("--overdue", [list] { list->set_overdue(true); }, "Only those past their deadline");
  lists->add_option("--as-of", *list->mutable_as_of(), "YYYY-MM-DD; today if left out");
  AddKnownAt(*lists, list);

  auto attest = std::make_shared<v1::AttestTaskRequest>();
  auto evidence = std::make_shared<std::vector<uint64_t>>();
  auto percent = std::make_shared<int32_t>(0);
  auto* attests = Add(group, context, "attest", "Say how far a duty is that no measure counts", [attest, evidence, percent](Context& c) {
    attest->set_name(Named(attest->name()));
    attest->set_percent(*percent);
    if (!attest->organization().empty()) attest->set_organization(OrganizationArgument(attest->organization()));
    *attest->mutable_evidence() = {evidence->begin(), evidence->end()};
    return Print(c, Session(c.options).Call(&Stub::AttestTask, *attest));
  });
  attests->add_option("task", *attest->mutable_name(), "Name or id")->required();
  attests->add_option("--percent", *percent, "0 to 100; 100 is done")->required();
  attests->add_option("--note", *attest->mutable_note(), "What was done")->required();
  attests->add_option("--date", *attest->mutable_date(), "YYYY-MM-DD from which it holds; today if left out");
  attests->add_option("--evidence", *evidence, "Ledger indexes");
  attests->add_option("--org", *attest->mutable_organization(), "Body that leads; one's own if left out");

  auto file = std::make_shared<std::string>();
  auto dry = std::make_shared<bool>(false);
  auto* import = Add(group, context, "import", "Load the duties from CSV (plan_tasks.csv)", [file, dry](Context& c) { return Import(c, *file, *dry); });
  import->add_option("file", *file, "CSV")->required();
  import->add_flag("--dry-run", *dry, "Check only");
}

void AddCriticisms(CLI::App& group, Context& context) {
  auto draft = std::make_shared<v1::DraftCriticismRequest>();
  auto* drafts = Add(group, context, "draft", "Draft a notice from what is overdue",
                     [draft](Context& c) { return PrintCriticism(c, Session(c.options).Call(&Stub::DraftCriticism, *draft)); });
  drafts->add_option("--as-of", *draft->mutable_as_of(), "YYYY-MM-DD; today if left out");

  auto get = std::make_shared<v1::GetCriticismRequest>();
  auto* show = Add(group, context, "show", "One notice", [get](Context& c) {
    get->set_name(MatterArgument("criticisms", get->name()));
    return PrintCriticism(c, Session(c.options).Call(&Stub::GetCriticism, *get));
  });
  show->add_option("criticism", *get->mutable_name(), "Name or id")->required();

  auto publish = std::make_shared<v1::PublishCriticismRequest>();
  auto strike = std::make_shared<std::vector<int32_t>>();
  auto* publishes = Add(group, context, "publish", "Publish a draft; a second person of the office", [publish, strike](Context& c) {
    publish->set_name(MatterArgument("criticisms", publish->name()));
    *publish->mutable_strike_out() = {strike->begin(), strike->end()};
    return PrintCriticism(c, Session(c.options).Call(&Stub::PublishCriticism, *publish));
  });
  publishes->add_option("criticism", *publish->mutable_name(), "Name or id")->required();
  publishes->add_option("--strike-out", *strike, "Positions of items that are left out, from 0");

  Add(group, context, "list", "Notices, oldest first", [](Context& c) -> absl::Status {
    Session session(c.options);
    const auto all = TRY(ListAll(session, &Stub::ListCriticisms, v1::ListCriticismsRequest(), &v1::ListCriticismsResponse::mutable_criticisms));
    if (c.json()) {
      PrintJson(all, c.out);
      return absl::OkStatus();
    }
    Table table({"NOTICE", "AS OF", "STATE", "ITEMS"});
    for (const v1::Criticism& one : all.criticisms()) {
      table.Add({CodeIn(one.name()), one.as_of(), EnumText(v1::CriticismState_descriptor(), one.state()), absl::StrCat(one.items_size())});
    }
    c.out << table.Render();
    return absl::OkStatus();
  });
}

}  // namespace

void AddTaskCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("task", "The task ledger (台账): duties of the plan, who leads, how far");
  group->require_subcommand(1);
  AddDuties(*group, context);
  auto* criticism = app.add_subcommand("criticism", "Notices of criticism (通报) from overdue duties");
  criticism->require_subcommand(1);
  AddCriticisms(*criticism, context);
}

}  // namespace zhanqiao::cli
