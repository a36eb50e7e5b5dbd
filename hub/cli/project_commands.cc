// zq project: filings of projects (备案) and the gate before their money.
#include <CLI/CLI.hpp>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/project.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::ProjectService::Stub;

std::string MoneyText(int64_t fen) { return absl::StrFormat("%d.%02d", fen / 100, fen % 100); }

absl::Status Print(Context& context, const absl::StatusOr<v1::Project>& answered) {
  const v1::Project project = TRY(answered);
  if (context.json()) {
    PrintJson(project, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("项目 project", absl::StrCat(project.name(), "  ", project.display_name()));
  sheet.Add("单位 body", CodeIn(project.organization()));
  sheet.Add("state", EnumText(v1::ProjectState_descriptor(), project.state()));
  sheet.Add("kind", EnumText(v1::ProjectKind_descriptor(), project.kind()));
  sheet.Add("投资额 investment", MoneyText(project.investment_fen()));
  sheet.Add("年运维费 operation", MoneyText(project.operation_fen()));
  sheet.Add("经费渠道 channel", project.funding_channel());
  for (const std::string& resource : project.resources()) sheet.Add("数据 entry", resource);
  for (const std::string& system : project.systems()) sheet.Add("系统 system", system);
  sheet.Add("应用 applications", project.applications());
  sheet.Add("等级保护 MLPS", project.mlps_filing());
  sheet.Add("分级保护 classified", project.classified_protection_filing());
  sheet.Add("compliant", project.sharing_compliant() ? "yes" : "NO");
  for (const auto& finding : project.findings()) sheet.Add(finding.reason(), finding.description());
  for (const auto& asked : project.funding_requests()) {
    std::string reasons;
    for (const std::string& reason : asked.reasons()) absl::StrAppend(&reasons, " ", reason);
    sheet.Add(absl::StrCat("money ", asked.id()),
              absl::StrCat(MoneyText(asked.amount_fen()), " ", asked.operation() ? "运维" : "建设", " ", asked.request_date(), " ",
                           EnumText(v1::FundingState_descriptor(), asked.state()), reasons));
  }
  if (project.has_audit_opinion()) {
    sheet.Add("审计 audit", absl::StrCat(EnumText(v1::AuditVerdict_descriptor(), project.audit_opinion().verdict()), " ",
                                       project.audit_opinion().reference(), " ", project.audit_opinion().text()));
  }
  sheet.Add("etag", project.etag());
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status List(Context& context, const v1::ListProjectsRequest& request) {
  Session session(context.options);
  const auto all = TRY(ListAll(session, &Stub::ListProjects, request, &v1::ListProjectsResponse::mutable_projects));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"PROJECT", "NAME", "BODY", "STATE", "COMPLIANT", "WHY NOT"});
  for (const v1::Project& project : all.projects()) {
    table.Add({CodeIn(project.name()), project.display_name(), CodeIn(project.organization()),
               EnumText(v1::ProjectState_descriptor(), project.state()), project.sharing_compliant() ? "yes" : "NO",
               project.findings().empty() ? "" : project.findings(0).reason()});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

// A Project in JSON, as `zq project show --json` prints it.
absl::StatusOr<v1::Project> ReadProject(const std::string& file) {
  v1::Project project;
  const std::string json = TRY(ReadFile(file));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &project);
  if (parsed.ok()) return project;
  return Fail(absl::StatusCode::kInvalidArgument, "PROJECT_MALFORMED", "The file is no Project in JSON.",
              {{"file", file}, {"problem", std::string(parsed.message())}});
}

// A command that moves one project.
template <typename Request>
CLI::App* AddMove(CLI::App& group, Context& context, const char* name, const char* help,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Project*), std::shared_ptr<Request> request) {
  auto* command = Add(group, context, name, help, [request, method](Context& c) {
    request->set_name(MatterArgument("projects", request->name()));
    return Print(c, Session(c.options).Call(method, *request));
  });
  command->add_option("project", *request->mutable_name(), "Name or id")->required();
  command->add_option("--etag", *request->mutable_etag(), "Of the version read; any if left out");
  return command;
}

void AddKeeping(CLI::App& group, Context& context) {
  auto get = std::make_shared<v1::GetProjectRequest>();
  auto* show = Add(group, context, "show", "One project and what the gate finds", [get](Context& c) {
    get->set_name(MatterArgument("projects", get->name()));
    return Print(c, Session(c.options).Call(&Stub::GetProject, *get));
  });
  show->add_option("project", *get->mutable_name(), "Name or id")->required();

  auto list = std::make_shared<v1::ListProjectsRequest>();
  auto* lists = Add(group, context, "list", "Projects one may see", [list](Context& c) {
    if (!list->organization().empty()) list->set_organization(OrganizationArgument(list->organization()));
    return List(c, *list);
  });
  lists->add_option("--org", *list->mutable_organization(), "Code of a body");
  lists->add_flag_callback("--not-compliant", [list] { list->set_not_compliant(true); }, "Only what the gate holds up");

  auto file = std::make_shared<std::string>();
  auto* create = Add(group, context, "create", "Begin a filing from JSON", [file](Context& c) -> absl::Status {
    v1::CreateProjectRequest request;
    *request.mutable_project() = TRY(ReadProject(*file));
    return Print(c, Session(c.options).Call(&Stub::CreateProject, request));
  });
  create->add_option("file", *file, "JSON of a Project")->required();
  auto changed = std::make_shared<std::string>();
  auto* update = Add(group, context, "update", "Change a filing: JSON with its name and etag", [changed](Context& c) -> absl::Status {
    v1::UpdateProjectRequest request;
    *request.mutable_project() = TRY(ReadProject(*changed));
    return Print(c, Session(c.options).Call(&Stub::UpdateProject, request));
  });
  update->add_option("file", *changed, "JSON of a Project")->required();
}

}  // namespace

void AddProjectCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("project", "Filings of projects (备案) and the gate before their money");
  group->require_subcommand(1);
  AddKeeping(*group, context);
  AddMove(*group, context, "file", "File a project (备案): the nine items must be there", &Stub::FileProject, std::make_shared<v1::FileProjectRequest>());
  auto ask = std::make_shared<v1::RequestFundingRequest>();
  auto* asks = AddMove(*group, context, "fund", "Ask for money; blocked with the reason where nothing is shared", &Stub::RequestFunding, ask);
  asks->add_option_function<int64_t>("--amount-fen", [ask](const int64_t& value) { ask->set_amount_fen(value); }, "In 0.01 yuan")->required();
  asks->add_flag_callback("--operation", [ask] { ask->set_operation(true); }, "For running, not for building");
  auto decide = std::make_shared<v1::DecideFundingRequest>();
  auto* decides = AddMove(*group, context, "decide", "Decide on a request for money", &Stub::DecideFunding, decide);
  decides->add_option_function<int32_t>("--request", [decide](const int32_t& value) { decide->set_funding_request(value); }, "Its id")->required();
  decides->add_flag_callback("--approve", [decide] { decide->set_approved(true); }, "Grant it; refused if left out");
  decides->add_option("--reason", *decide->mutable_reason(), "Why; required for a refusal");
  AddMove(*group, context, "accept", "Accept a finished project (验收)", &Stub::AcceptProject, std::make_shared<v1::AcceptProjectRequest>());
  auto audit = std::make_shared<v1::RecordAuditOpinionRequest>();
  auto* audits = AddMove(*group, context, "audit", "Record the audit bureau's opinion (一建设一审计)", &Stub::RecordAuditOpinion, audit);
  audits->add_option_function<std::string>(
            "--verdict",
            [audit](const std::string& text) {
              const auto verdict = EnumArgument(v1::AuditVerdict_descriptor(), "AUDIT_VERDICT_", "--verdict", text);
              if (!verdict.ok()) throw CLI::ValidationError("--verdict", "clean, rectify or rectified");
              audit->set_verdict(static_cast<v1::AuditVerdict>(*verdict));
            },
            "clean, rectify or rectified")
      ->required();
  audits->add_option("--reference", *audit->mutable_reference(), "Number of the audit's paper")->required();
  audits->add_option("--text", *audit->mutable_text(), "The opinion");
}

}  // namespace zhanqiao::cli
