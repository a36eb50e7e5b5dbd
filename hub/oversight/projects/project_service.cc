#include "hub/oversight/projects/project_service.h"

#include <algorithm>
#include <initializer_list>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/error.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "catalog/model/text_rules.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"
#include "hub/oversight/projects/project_gate.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kProjects = "projects/";
constexpr std::string_view kAuditBureau = "organizations/370200-SJJ";
// The bodies that decide on money (plan 三（五）, 三（六）): development and reform, finance.
constexpr std::string_view kMoneyBodies[] = {"organizations/370200-FGW", "organizations/370200-CZJ"};
constexpr size_t kReasonMax = 500;

bool MaySee(const Caller& caller, const v1::Project& project) {
  if (access::HoldsAny(caller, {"office", "auditor"})) return true;
  if (caller.kind != SubjectKind::kPerson) return false;
  return caller.organization == project.organization() || caller.organization == kAuditBureau ||
         std::find(std::begin(kMoneyBodies), std::end(kMoneyBodies), caller.organization) != std::end(kMoneyBodies);
}

absl::Status CheckState(const v1::Project& project, std::initializer_list<v1::ProjectState> states) {
  if (std::find(states.begin(), states.end(), project.state()) != states.end()) return absl::OkStatus();
  const std::string expected = absl::StrJoin(states, ", ", [](std::string* out, v1::ProjectState state) {
    absl::StrAppend(out, v1::ProjectState_Name(state));
  });
  return Fail(absl::StatusCode::kFailedPrecondition, "PROJECT_STATE",
              "The project is in another state than this move begins from; read it again.",
              {{"document", project.name()}, {"state", v1::ProjectState_Name(project.state())}, {"expected", expected}});
}

// What a body writes of its project, over what is there.
void Take(const v1::Project& said, v1::Project& project) {
  project.set_kind(said.kind());
  project.set_display_name(said.display_name());
  project.set_investment_fen(said.investment_fen());
  project.set_operation_fen(said.operation_fen());
  project.set_funding_channel(said.funding_channel());
  *project.mutable_resources() = said.resources();
  project.set_applications(said.applications());
  project.set_mlps_filing(said.mlps_filing());
  project.set_classified_protection_filing(said.classified_protection_filing());
  project.set_is_classified(said.is_classified());
  project.set_mlps_level(said.mlps_level());
  *project.mutable_systems() = said.systems();
  project.set_no_sharing_basis(said.no_sharing_basis());
}

absl::Status RequireOwn(const Caller& caller, const v1::Project& project, std::initializer_list<std::string_view> roles,
                        std::string_view words) {
  return access::HoldsAnyAt(caller, project.organization(), roles) ? absl::OkStatus() : access::RoleRequired(words);
}

}  // namespace

absl::StatusOr<ProjectService::Held> ProjectService::Find(const Caller& caller, std::string_view name, std::string_view etag) const {
  TRY(access::CheckMatterName(name, kProjects));
  const auto version = parts_.store.Get(name);
  if (!version.ok() && ReasonOf(version.status()) != "DOCUMENT_NOT_FOUND") return version.status();
  if (!version.ok()) return access::HoldsAny(caller, {"office", "auditor"}) ? catalog::NotFound(name) : access::RoleRequired("a person of its body, office, auditor");
  v1::Project project = TRY(version->As<v1::Project>());
  if (!MaySee(caller, project)) return access::RoleRequired("a person of its body, office, auditor");
  TRY(access::RequireCurrent(etag, *version));
  return Held{std::move(project), version->revision};
}

absl::StatusOr<v1::Project> ProjectService::Store(const Caller& caller, v1::Project project, uint64_t revision,
                                                  std::string_view reason, std::string_view notice) {
  project.clear_sharing_compliant();
  project.clear_findings();
  documents::Transaction transaction;
  const std::string organization = project.organization();
  const std::string name = project.name();  // the notice looks at it after the project has gone into the transaction
  const catalog::NewNotice news{.kind = notice, .subject = name,
                                .facts = {{"display_name", project.display_name()}, {"state", v1::ProjectState_Name(project.state())}}};
  transaction.changes.push_back(catalog::ChangeTo(std::move(project), revision));
  if (!notice.empty()) {
    transaction.changes.push_back(catalog::NoticeTo(organization, news, parts_.clock.Now(), parts_.random));
  }
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  const std::vector<documents::Version> versions = TRY(parts_.store.Apply(std::move(transaction)));
  return Judged(TRY(catalog::DocumentOf<v1::Project>(versions.front())), parts_.catalog);
}

absl::StatusOr<v1::Project> ProjectService::CreateProject(const Caller& caller, const v1::CreateProjectRequest& request) {
  if (!access::HoldsAnyAt(caller, caller.organization, {"org_clerk", "org_approver"})) {
    return access::RoleRequired("org_clerk, org_approver");
  }
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("project", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(parts_.store, key))) {
    return Judged(TRY(catalog::DocumentOf<v1::Project>(*made)), parts_.catalog);
  }
  v1::Project project;
  Take(request.project(), project);
  project.set_organization(caller.organization);
  TRY(CheckProject(project, parts_.catalog));
  project.set_name(absl::StrCat(Absl(kProjects), NewId(parts_.clock.Now(), parts_.random)));
  project.set_state(v1::PROJECT_STATE_DRAFT);
  project.set_creator(caller.subject);
  *project.mutable_create_time() = catalog::ToTimestamp(parts_.clock.Now());
  return Judged(TRY(catalog::Create(parts_.store, caller, project, key, "created")), parts_.catalog);
}

absl::StatusOr<v1::Project> ProjectService::GetProject(const Caller& caller, const v1::GetProjectRequest& request) {
  Held held = TRY(Find(caller, request.name(), ""));
  documents::Version version;
  version.revision = held.revision;
  held.project.set_etag(version.etag());
  return Judged(std::move(held.project), parts_.catalog);
}

absl::StatusOr<v1::ListProjectsResponse> ProjectService::ListProjects(const Caller& caller, const v1::ListProjectsRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return access::RoleRequired("a person of a body, office, auditor");
  const auto keep = [&](const documents::Version& version) {
    const auto project = version.As<v1::Project>();
    if (!project.ok() || !MaySee(caller, *project)) return false;
    if (!request.organization().empty() && project->organization() != request.organization()) return false;
    if (request.state() != v1::PROJECT_STATE_UNSPECIFIED && project->state() != request.state()) return false;
    return !request.not_compliant() || !FindingsOf(*project, parts_.catalog).empty();
  };
  const auto page = TRY(parts_.store.List(kProjects, request.page_size(), request.page_token(), {}, keep));
  v1::ListProjectsResponse response;
  for (const documents::Version& version : page.versions) {
    *response.add_projects() = Judged(TRY(catalog::DocumentOf<v1::Project>(version)), parts_.catalog);
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Project> ProjectService::UpdateProject(const Caller& caller, const v1::UpdateProjectRequest& request) {
  Held held = TRY(Find(caller, request.project().name(), request.project().etag()));
  TRY(RequireOwn(caller, held.project, {"org_clerk", "org_approver"}, "org_clerk, org_approver"));
  TRY(CheckState(held.project, {v1::PROJECT_STATE_DRAFT, v1::PROJECT_STATE_FILED}));
  TRY(catalog::RevisionInUpdate(request.project().etag(), "project.etag"));
  Take(request.project(), held.project);
  TRY(CheckProject(held.project, parts_.catalog));
  // What was filed stays filed, and whole.
  if (held.project.state() == v1::PROJECT_STATE_FILED) TRY(CheckNineItems(held.project));
  return Store(caller, std::move(held.project), held.revision, "updated", "");
}

absl::StatusOr<v1::Project> ProjectService::FileProject(const Caller& caller, const v1::FileProjectRequest& request) {
  Held held = TRY(Find(caller, request.name(), request.etag()));
  TRY(RequireOwn(caller, held.project, {"org_approver"}, "org_approver"));
  TRY(CheckState(held.project, {v1::PROJECT_STATE_DRAFT}));
  TRY(CheckNineItems(held.project));
  held.project.set_state(v1::PROJECT_STATE_FILED);
  held.project.set_file_date(Today());
  const bool compliant = FindingsOf(held.project, parts_.catalog).empty();
  return Store(caller, std::move(held.project), held.revision, compliant ? "filed" : "filed, not compliant",
               compliant ? "" : "PROJECT_NOT_COMPLIANT");
}

absl::StatusOr<v1::Project> ProjectService::RequestFunding(const Caller& caller, const v1::RequestFundingRequest& request) {
  Held held = TRY(Find(caller, request.name(), request.etag()));
  TRY(RequireOwn(caller, held.project, {"org_approver"}, "org_approver"));
  TRY(CheckState(held.project, {v1::PROJECT_STATE_FILED, v1::PROJECT_STATE_FUNDED, v1::PROJECT_STATE_ACCEPTED}));
  if (request.amount_fen() <= 0) return BadField("AMOUNT_INVALID", "amount_fen", "Give an amount in 0.01 yuan, above 0.");
  v1::FundingRequest& asked = *held.project.add_funding_requests();
  asked.set_id(held.project.funding_requests_size());
  asked.set_operation(request.operation());
  asked.set_amount_fen(request.amount_fen());
  asked.set_requester(caller.subject);
  asked.set_request_date(Today());
  const std::vector<v1::ProjectFinding> findings = FindingsOf(held.project, parts_.catalog);
  asked.set_state(findings.empty() ? v1::FUNDING_STATE_ASKED : v1::FUNDING_STATE_BLOCKED);
  for (const v1::ProjectFinding& finding : findings) asked.add_reasons(finding.reason());
  // A request that is blocked is kept all the same: the ledger shows who asked without sharing.
  return Store(caller, std::move(held.project), held.revision, findings.empty() ? "money asked" : "money blocked",
               findings.empty() ? "" : "PROJECT_FUNDING_BLOCKED");
}

absl::StatusOr<v1::Project> ProjectService::DecideFunding(const Caller& caller, const v1::DecideFundingRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  Held held = TRY(Find(caller, request.name(), request.etag()));
  if (request.funding_request() < 1 || request.funding_request() > held.project.funding_requests_size()) {
    return BadField("FUNDING_REQUEST_UNKNOWN", "funding_request", "Give the id of a request of this project.");
  }
  TRY(access::CheckText("reason", request.reason(), kReasonMax, !request.approved()));
  v1::FundingRequest& asked = *held.project.mutable_funding_requests(request.funding_request() - 1);
  if (asked.state() != v1::FUNDING_STATE_ASKED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "PROJECT_STATE", "Only a request that is open is decided; one that was blocked is asked anew.",
                {{"document", held.project.name()}, {"state", v1::FundingState_Name(asked.state())}});
  }
  if (request.approved()) TRY(Blocked(FindingsOf(held.project, parts_.catalog)));
  asked.set_state(request.approved() ? v1::FUNDING_STATE_APPROVED : v1::FUNDING_STATE_REFUSED);
  asked.set_decider(caller.subject);
  if (!request.reason().empty()) asked.add_reasons(request.reason());
  if (request.approved() && held.project.state() == v1::PROJECT_STATE_FILED) held.project.set_state(v1::PROJECT_STATE_FUNDED);
  return Store(caller, std::move(held.project), held.revision, request.approved() ? "money approved" : request.reason(),
               "PROJECT_FUNDING_DECIDED");
}

absl::StatusOr<v1::Project> ProjectService::AcceptProject(const Caller& caller, const v1::AcceptProjectRequest& request) {
  if (!access::HoldsAny(caller, {"office"})) return access::RoleRequired("office");
  Held held = TRY(Find(caller, request.name(), request.etag()));
  TRY(CheckState(held.project, {v1::PROJECT_STATE_FUNDED}));
  TRY(Blocked(AcceptanceFindings(held.project, parts_.catalog)));
  held.project.set_state(v1::PROJECT_STATE_ACCEPTED);
  held.project.set_accept_date(Today());
  held.project.set_accepter(caller.subject);
  return Store(caller, std::move(held.project), held.revision, "accepted", "PROJECT_ACCEPTED");
}

absl::StatusOr<v1::Project> ProjectService::RecordAuditOpinion(const Caller& caller, const v1::RecordAuditOpinionRequest& request) {
  if (!access::HoldsAnyAt(caller, kAuditBureau, {"org_approver"})) return access::RoleRequired("org_approver of 370200-SJJ");
  Held held = TRY(Find(caller, request.name(), request.etag()));
  TRY(CheckState(held.project, {v1::PROJECT_STATE_FILED, v1::PROJECT_STATE_FUNDED, v1::PROJECT_STATE_ACCEPTED}));
  if (request.verdict() == v1::AUDIT_VERDICT_UNSPECIFIED || !v1::AuditVerdict_IsValid(request.verdict())) {
    return BadField("ENUM_VALUE", "verdict", catalog::OneOf(v1::AuditVerdict_descriptor()));
  }
  TRY(access::CheckText("reference", request.reference(), 100, true));
  TRY(access::CheckText("text", request.text(), 2000, false));
  v1::AuditOpinion& opinion = *held.project.mutable_audit_opinion();
  opinion.set_verdict(request.verdict());
  opinion.set_reference(request.reference());
  opinion.set_text(request.text());
  opinion.set_auditor(caller.subject);
  opinion.set_date(Today());
  return Store(caller, std::move(held.project), held.revision, request.reference(), "PROJECT_AUDITED");
}

}  // namespace zhanqiao::oversight
