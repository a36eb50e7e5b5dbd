// zq dataset: open datasets from their description to the public.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "hub/cli/commands.h"
#include "hub/cli/datasets.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/progress.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::DatasetService::Stub;

// What the commands are given; each uses its own.
struct Given {
  std::string name;
  std::string file;
  std::string columns;
  std::string id = "data";
  std::string title;
  std::string date;
  std::string reason;
  std::string address;
  std::string format = "CSV";
  std::string parent = "-";
  std::string as_of;
  std::string organization;
  std::string curve_from;
  int64_t known_at = -1;
  bool reject = false;
  bool list = false;
};
using GivenPtr = std::shared_ptr<Given>;

// "370200-FGW/tasks" of organizations/370200-FGW/datasets/tasks, as the commands take it.
std::string Short(const std::string& name) {
  constexpr size_t kBefore = sizeof "organizations/" - 1;
  const size_t at = name.find("/datasets/");
  return at == std::string::npos ? name : absl::StrCat(name.substr(kBefore, at - kBefore), "/", name.substr(at + sizeof "/datasets/" - 1));
}

void AddRelease(Sheet& sheet, const std::string& label, const v1::DatasetRelease& release) {
  sheet.Add(label, absl::StrCat("release ", release.number(), ", data of ", release.data_update_date(),
                                release.risk_report().empty() ? "" : release.risk_passed() ? ", gate passed" : ", gate not passed"));
  for (const v1::Distribution& one : release.distributions()) {
    sheet.Add("  data", absl::StrCat(one.id(), ": ", one.format(), one.address().empty() ? "" : absl::StrCat(" ", one.address()),
                                     one.rows() > 0 ? absl::StrCat(", ", one.rows(), " rows, ", one.bytes(), " bytes") : ""));
  }
  sheet.Add("  proposed by", release.proposer());
  sheet.Add("  decided by", release.decider());
  sheet.Add("  comment", release.comment());
}

absl::Status Print(Context& context, const absl::StatusOr<v1::Dataset>& answered) {
  const v1::Dataset dataset = TRY(answered);
  if (context.json()) {
    PrintJson(dataset, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", dataset.name());
  sheet.Add("title", absl::StrCat(dataset.title(), dataset.sample() ? "（样例）" : ""));
  sheet.Add("entry", dataset.resource());
  sheet.Add("state", EnumText(v1::DatasetState_descriptor(), dataset.state()));
  sheet.Add("access", EnumText(v1::DatasetAccess_descriptor(), dataset.access()));
  sheet.Add("issued", dataset.issue_date());
  if (dataset.has_current()) AddRelease(sheet, "in force", dataset.current());
  if (dataset.has_candidate()) {
    AddRelease(sheet, "candidate", dataset.candidate());
    sheet.Add("candidate is", EnumText(v1::CandidateState_descriptor(), dataset.candidate_state()));
  }
  sheet.Add("ended", dataset.end_reason());
  sheet.Add("etag", dataset.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status PrintReport(Context& context, const absl::StatusOr<v1::RiskReport>& answered) {
  const v1::RiskReport report = TRY(answered);
  if (context.json()) {
    PrintJson(report, context.out);
  } else {
    Table table({"RULE", "DATA", "COLUMN", "", "NEEDED", "FOUND", "ROWS"});
    for (const v1::RiskCheck& check : report.checks()) {
      table.Add({check.rule(), check.distribution(), check.column(), check.passed() ? "ok" : "NOT PASSED",
                 check.required() > 0 ? absl::StrCat(check.required()) : "", check.required() > 0 || !check.passed() ? absl::StrCat(check.found()) : "",
                 check.passed() ? "" : absl::StrCat(check.rows())});
    }
    context.out << table.Render();
    for (const v1::RiskCheck& check : report.checks()) {
      if (!check.passed()) context.out << check.rule() << ": " << check.explanation() << "\n";
    }
    context.out << (report.passed() ? "passed\n" : "not passed\n");
  }
  if (report.passed()) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "RISK_NOT_PASSED", "The data did not pass the risk gate; mend them and assess again.",
              {{"report", report.name()}});
}

absl::Status Create(Context& context, const Given& given) {
  const std::string text = TRY(ReadFile(given.file));
  const auto wanted = TRY(ParseDatasets(text));
  Session session(context.options);
  for (const v1::Dataset& dataset : wanted.datasets()) {
    v1::CreateDatasetRequest request;
    *request.mutable_dataset() = dataset;
    request.mutable_dataset()->clear_candidate();
    request.set_reason(given.reason);
    TRY(Print(context, session.Call(&Stub::CreateDataset, request)));
  }
  return absl::OkStatus();
}

absl::Status Upload(Context& context, const Given& given) {
  const std::string csv = TRY(ReadFile(given.file));
  v1::Distribution like;
  if (!given.columns.empty()) {
    const std::string columns = TRY(ReadFile(given.columns));
    like = TRY(ParseColumns(columns));
  }
  like.set_id(given.id);
  if (!given.title.empty()) like.set_title(given.title);
  Progress progress(context.err, "bytes", static_cast<int64_t>(csv.size()));
  Session session(context.options);
  const auto sent = SendData(session, DatasetArgument(given.name), like, csv, given.date, [&](int64_t bytes) { progress.Set(bytes); });
  progress.Done();
  return Print(context, sent);
}

absl::Status AddAddress(Context& context, const Given& given) {
  v1::AddAddressRequest request;
  request.set_name(DatasetArgument(given.name));
  if (!given.columns.empty()) {
    const std::string columns = TRY(ReadFile(given.columns));
    *request.mutable_distribution() = TRY(ParseColumns(columns));
  }
  request.mutable_distribution()->set_id(given.id);
  request.mutable_distribution()->set_title(given.title);
  request.mutable_distribution()->set_format(given.format);
  request.mutable_distribution()->set_address(given.address);
  return Print(context, Session(context.options).Call(&Stub::AddAddress, request));
}

absl::Status List(Context& context, const Given& given) {
  v1::ListDatasetsRequest request;
  request.set_parent(given.parent == "-" ? "organizations/-" : OrganizationArgument(given.parent));
  Session session(context.options);
  const auto all = TRY(ListAll(session, &Stub::ListDatasets, request, &v1::ListDatasetsResponse::mutable_datasets));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"DATASET", "TITLE", "STATE", "RELEASE", "CANDIDATE", "DATA OF"});
  for (const v1::Dataset& one : all.datasets()) {
    table.Add({Short(one.name()), absl::StrCat(one.title(), one.sample() ? "（样例）" : ""),
               EnumText(v1::DatasetState_descriptor(), one.state()),
               one.has_current() ? absl::StrCat(one.current().number()) : "",
               one.has_candidate() ? EnumText(v1::CandidateState_descriptor(), one.candidate_state()) : "", one.current().data_update_date()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status Count(Context& context, const Given& given) {
  v1::CountDatasetsRequest request;
  request.mutable_read_at()->set_as_of(given.as_of);
  if (given.known_at >= 0) request.mutable_read_at()->set_known_at(static_cast<uint64_t>(given.known_at));
  if (!given.organization.empty()) request.set_organization(OrganizationArgument(given.organization));
  request.set_curve_from(given.curve_from);
  request.set_list(given.list);
  const auto counted = TRY(Session(context.options).Call(&Stub::CountDatasets, request));
  if (context.json()) {
    PrintJson(counted, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("as of", absl::StrCat(counted.as_of(), ", known at entry ", counted.known_at()));
  sheet.Add("counted", absl::StrCat(counted.counted(), " of ", counted.target(), ", ", counted.missing(), " missing"));
  sheet.Add("published", absl::StrCat(counted.published()));
  for (const auto& one : counted.reasons()) sheet.Add("  " + one.reason(), absl::StrCat(one.datasets()));
  context.out << sheet.Render() << "\n";
  Table bodies({"BODY", "COUNTED", "PUBLISHED"});
  for (const auto& one : counted.bodies()) bodies.Add({CodeIn(one.organization()), absl::StrCat(one.counted()), absl::StrCat(one.published())});
  context.out << bodies.Render();
  if (counted.curve_size() > 0) {
    Table curve({"MONTH END", "COUNTED", "PUBLISHED"});
    for (const auto& one : counted.curve()) curve.Add({one.as_of(), absl::StrCat(one.counted()), absl::StrCat(one.published())});
    context.out << "\n" << curve.Render();
  }
  if (!given.list) return absl::OkStatus();
  Table each({"DATASET", "TITLE", "WHY NOT", "ENTRY"});
  for (const auto& one : counted.datasets()) {
    each.Add({Short(one.dataset()), one.title(), one.reason(), absl::StrCat(one.ledger_index())});
  }
  context.out << "\n" << each.Render();
  return absl::OkStatus();
}

template <typename Request>
Request About(const Given& given) {
  Request request;
  request.set_name(DatasetArgument(given.name));
  if constexpr (requires { request.set_reason(given.reason); }) request.set_reason(given.reason);
  return request;
}

template <typename Run>
CLI::App* Add(CLI::App& group, Context& context, const char* name, const char* help, const GivenPtr& given, Run run) {
  auto* command = group.add_subcommand(name, help);
  command->callback([&context, given, run] { context.action = [&context, given, run] { return run(context, *given); }; });
  return command;
}

CLI::App* AddOne(CLI::App& group, Context& context, const char* name, const char* help, const GivenPtr& given,
                 absl::Status (*run)(Context&, const Given&)) {
  auto* command = Add(group, context, name, help, given, run);
  command->add_option("dataset", given->name, "370200-FGW/id, or the full name")->required();
  return command;
}

void AddReading(CLI::App& group, Context& context) {
  AddOne(group, context, "get", "One dataset", std::make_shared<Given>(), [](Context& c, const Given& g) {
    return Print(c, Session(c.options).Call(&Stub::GetDataset, About<v1::GetDatasetRequest>(g)));
  });
  auto listed = std::make_shared<Given>();
  auto* list = Add(group, context, "list", "Datasets one may see", listed, List);
  list->add_option("--org", listed->parent, "Code of a body; all if left out");
  auto counted = std::make_shared<Given>();
  auto* count = Add(group, context, "count", "How many count toward the target, and why others do not", counted, Count);
  count->add_option("--as-of", counted->as_of, "YYYY-MM-DD; today if left out");
  count->add_option("--known-at", counted->known_at, "Ledger index: as it was known then");
  count->add_option("--org", counted->organization, "Code of a body; the city if left out");
  count->add_option("--curve-from", counted->curve_from, "YYYY-MM-DD: the figure at each month's end since");
  count->add_flag("--list", counted->list, "Every dataset with its reason");
}

void AddPreparing(CLI::App& group, Context& context) {
  auto created = std::make_shared<Given>();
  auto* create = Add(group, context, "create", "Describes datasets (JSON file)", created, Create);
  create->add_option("file", created->file, "JSON of one Dataset or of several")->required();
  create->add_option("--reason", created->reason, "Why");
  auto uploaded = std::make_shared<Given>();
  auto* upload = AddOne(group, context, "upload", "Puts a CSV file into the next release", uploaded, Upload);
  upload->add_option("file", uploaded->file, "CSV, UTF-8, at most 32 MiB")->required();
  upload->add_option("--columns", uploaded->columns, "JSON file with its columns; as before if left out");
  upload->add_option("--id", uploaded->id, "Of the distribution; data if left out");
  upload->add_option("--title", uploaded->title, "Of the distribution");
  upload->add_option("--date", uploaded->date, "YYYY-MM-DD the data are of; today if left out");
  auto linked = std::make_shared<Given>();
  auto* link = AddOne(group, context, "link", "Puts an address elsewhere into the next release", linked, AddAddress);
  link->add_option("address", linked->address, "http or https")->required();
  link->add_option("--format", linked->format, "CSV if left out");
  link->add_option("--columns", linked->columns, "JSON file with its columns, to be looked into by the risk gate");
  link->add_option("--id", linked->id, "Of the distribution")->required();
  link->add_option("--title", linked->title, "Of the distribution");
  AddOne(group, context, "assess", "Puts the next release through the risk gate", std::make_shared<Given>(), [](Context& c, const Given& g) {
    return PrintReport(c, Session(c.options).Call(&Stub::AssessDataset, About<v1::AssessDatasetRequest>(g)));
  });
}

void AddMoving(CLI::App& group, Context& context) {
  auto proposed = std::make_shared<Given>();
  auto* propose = AddOne(group, context, "propose", "Proposes to publish the next release", proposed, [](Context& c, const Given& g) {
    return Print(c, Session(c.options).Call(&Stub::ProposeDataset, About<v1::ProposeDatasetRequest>(g)));
  });
  propose->add_option("--reason", proposed->reason, "Why");
  auto decided = std::make_shared<Given>();
  auto* publish = AddOne(group, context, "publish", "Decides as the second person: published, or --reject", decided, [](Context& c, const Given& g) {
    auto request = About<v1::DecideDatasetRequest>(g);
    request.set_approved(!g.reject);
    request.set_comment(g.reason);
    return Print(c, Session(c.options).Call(&Stub::DecideDataset, request));
  });
  publish->add_flag("--reject", decided->reject, "Sends it back; needs --comment");
  publish->add_option("--comment", decided->reason, "Of the decision");
  auto withdrawn = std::make_shared<Given>();
  auto* withdraw = AddOne(group, context, "withdraw", "Takes a dataset off the portal", withdrawn, [](Context& c, const Given& g) {
    return Print(c, Session(c.options).Call(&Stub::WithdrawDataset, About<v1::WithdrawDatasetRequest>(g)));
  });
  withdraw->add_option("--reason", withdrawn->reason, "Shown to the public")->required();
  auto recalled = std::make_shared<Given>();
  auto* recall = AddOne(group, context, "recall", "Takes data back that must not be out", recalled, [](Context& c, const Given& g) {
    return Print(c, Session(c.options).Call(&Stub::RecallDataset, About<v1::RecallDatasetRequest>(g)));
  });
  recall->add_option("--reason", recalled->reason, "Shown to the public")->required();
  AddOne(group, context, "probe", "Fetches a dataset's distributions now", std::make_shared<Given>(), [](Context& c, const Given& g) -> absl::Status {
    const auto probe = TRY(Session(c.options).Call(&Stub::ProbeDataset, About<v1::ProbeDatasetRequest>(g)));
    if (c.json()) {
      PrintJson(probe, c.out);
      return absl::OkStatus();
    }
    Table table({"DATA", "WORKS", "PROBLEM", "STATUS", "BYTES"});
    for (const auto& one : probe.distributions()) {
      table.Add({one.distribution(), one.working() ? "yes" : "no", one.problem(), one.http_status() > 0 ? absl::StrCat(one.http_status()) : "",
                 absl::StrCat(one.bytes())});
    }
    c.out << table.Render();
    return absl::OkStatus();
  });
}

}  // namespace

void AddDatasetCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("dataset", "Open datasets (开放数据集)");
  group->require_subcommand(1);
  AddReading(*group, context);
  AddPreparing(*group, context);
  AddMoving(*group, context);
}

}  // namespace zhanqiao::cli
