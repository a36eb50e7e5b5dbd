#include "hub/oversight/datasets/dataset_service.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/error.h"
#include "catalog/documents/request_id.h"
#include "catalog/model/names.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"
#include "catalog/model/update_mask.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/datasets/dataset.h"

namespace zhanqiao::datasets {
namespace {

constexpr std::string_view kEverything = "organizations/";

absl::Status CheckName(std::string_view name, std::string_view field = "name") {
  if (IsDatasetName(name)) return absl::OkStatus();
  return BadField("DATASET_NAME", field, "Give organizations/{code}/datasets/{id}.");
}

absl::Status NotReader() { return access::RoleRequired("person of the provider, office, auditor"); }

bool IsInside(const Caller& caller, std::string_view organization) {
  return access::HoldsAny(caller, {"office", "auditor"}) ||
         (caller.kind == SubjectKind::kPerson && caller.organization == organization);
}

// Puts back what only the hub decides.
void KeepOutputs(const v1::Dataset& stored, v1::Dataset& asked) {
  asked.set_name(stored.name());
  asked.set_resource(stored.resource());
  asked.set_state(stored.state());
  *asked.mutable_current() = stored.current();
  if (!stored.has_current()) asked.clear_current();
  *asked.mutable_candidate() = stored.candidate();
  if (!stored.has_candidate()) asked.clear_candidate();
  asked.set_candidate_state(stored.candidate_state());
  asked.set_issue_date(stored.issue_date());
  *asked.mutable_create_time() = stored.create_time();
  *asked.mutable_update_time() = stored.update_time();
  asked.set_end_reason(stored.end_reason());
  *asked.mutable_recalled_sha256() = stored.recalled_sha256();
}

}  // namespace

absl::StatusOr<DatasetService::Held> DatasetService::ForWriting(const Caller& caller, std::string_view name, std::string_view etag,
                                                                std::initializer_list<std::string_view> roles, bool office) const {
  TRY(CheckName(name));
  const bool may = access::HoldsAnyAt(caller, catalog::OrganizationOf(name), roles) || (office && access::HoldsAny(caller, {"office"}));
  if (!may) return access::RoleRequired(absl::StrCat(absl::StrJoin(roles, ", ", [](std::string* out, std::string_view role) { out->append(role); }),
                                                     " of the provider", office ? ", office" : ""));
  const documents::Version version = TRY(parts_.store.Get(name));
  TRY(catalog::RequireEtag(etag, name, version.revision));
  Held held;
  held.dataset = TRY(version.As<v1::Dataset>());
  held.revision = version.revision;
  return held;
}

absl::StatusOr<catalog::ResourcePtr> DatasetService::OpenEntry(std::string_view resource, std::string_view organization) const {
  catalog::ResourcePtr entry = parts_.catalog.FindResource(resource);
  if (entry == nullptr || entry->provider() != organization) {
    return BadField("ENTRY_UNKNOWN", "dataset.resource", "Name a catalogue entry of the body as resources/{code}.");
  }
  if (IsOpen(*entry)) return entry;
  return Fail(absl::StatusCode::kFailedPrecondition, "ENTRY_NOT_OPEN",
              "The entry is not published or not open to the public; a dataset derives from one that is.",
              {{"resource", std::string(resource)}, {"state", v1::ResourceState_Name(entry->state())}});
}

v1::DatasetRelease& DatasetService::Prepared(v1::Dataset& dataset) {
  if (!dataset.has_candidate()) {
    dataset.mutable_candidate()->set_number(dataset.current().number() + 1);
    *dataset.mutable_candidate()->mutable_distributions() = dataset.current().distributions();
    dataset.mutable_candidate()->set_data_update_date(dataset.current().data_update_date());
  }
  v1::DatasetRelease& candidate = *dataset.mutable_candidate();
  candidate.clear_risk_report();
  candidate.clear_risk_report_sha256();
  candidate.clear_risk_passed();
  candidate.clear_proposer();
  candidate.clear_propose_time();
  dataset.set_candidate_state(v1::CANDIDATE_STATE_PREPARING);
  return candidate;
}

absl::StatusOr<v1::Dataset> DatasetService::Store(const Caller& caller, v1::Dataset dataset, uint64_t revision, const std::string& reason,
                                                  std::vector<documents::Change> further) {
  documents::Transaction transaction;
  transaction.changes.push_back(catalog::ChangeTo(std::move(dataset), revision));
  for (documents::Change& change : further) transaction.changes.push_back(std::move(change));
  transaction.actor = caller.subject;
  transaction.reason = reason;
  const auto versions = TRY(parts_.store.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::Dataset>(versions.at(0));
}

documents::Change DatasetService::Tell(std::string_view kind, const v1::Dataset& dataset, std::string_view reason) const {
  catalog::NewNotice notice{.kind = kind, .subject = dataset.name(), .facts = {{"title", dataset.title()}}};
  if (!reason.empty()) notice.facts.emplace_back("reason", std::string(reason));
  return catalog::NoticeTo(catalog::OrganizationOf(dataset.name()), notice, parts_.clock.Now(), parts_.random);
}

absl::StatusOr<v1::Dataset> DatasetService::CreateDataset(const Caller& caller, const v1::CreateDatasetRequest& request) {
  TRY(CheckName(request.dataset().name(), "dataset.name"));
  const std::string organization(catalog::OrganizationOf(request.dataset().name()));
  if (!access::HoldsAnyAt(caller, organization, {"org_clerk", "org_approver"})) {
    return access::RoleRequired("org_clerk, org_approver of the provider");
  }
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("dataset", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(parts_.store, key))) return catalog::DocumentOf<v1::Dataset>(*made);
  const catalog::ResourcePtr entry = TRY(OpenEntry(request.dataset().resource(), organization));
  v1::Dataset dataset = request.dataset();
  v1::Dataset fresh;
  fresh.set_name(dataset.name());
  fresh.set_resource(dataset.resource());
  fresh.set_state(v1::DATASET_STATE_DRAFT);
  *fresh.mutable_create_time() = catalog::ToTimestamp(parts_.clock.Now());
  KeepOutputs(fresh, dataset);
  Normalize(dataset);
  std::vector<Violation> violations = catalog::Below("dataset", Check(dataset, *entry));
  catalog::CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  return catalog::Create(parts_.store, caller, dataset, key, request.reason());
}

absl::StatusOr<v1::Dataset> DatasetService::GetDataset(const Caller& caller, const v1::GetDatasetRequest& request) {
  TRY(CheckName(request.name()));
  auto dataset = catalog::Fetch<v1::Dataset>(parts_.store, request.name(), request.read_at());
  const bool inside = IsInside(caller, catalog::OrganizationOf(request.name()));
  if (!dataset.ok()) return inside || dataset.status().code() != absl::StatusCode::kNotFound ? dataset.status() : NotReader();
  if (!MaySee(caller, *dataset)) return NotReader();
  if (!inside) dataset->clear_candidate();
  return dataset;
}

absl::StatusOr<v1::ListDatasetsResponse> DatasetService::ListDatasets(const Caller& caller, const v1::ListDatasetsRequest& request) {
  const std::string& parent = request.parent();
  if (parent != "organizations/-" && !catalog::IsOrganizationName(parent)) {
    return BadField("PARENT_INVALID", "parent", "Give organizations/{code}, or organizations/- for all.");
  }
  const std::string prefix = parent == "organizations/-" ? std::string(kEverything) : absl::StrCat(parent, "/datasets/");
  const std::string tag = catalog::ListTag(request);
  const std::string inner = TRY(documents::LastOfPage(request.page_token(), tag));
  const documents::ReadAt at = TRY(catalog::ReadAtOf(request.read_at()));
  const auto keep = [&](const documents::Version& version) {
    if (!IsDatasetName(version.name)) return false;
    const auto dataset = version.As<v1::Dataset>();
    return dataset.ok() && MaySee(caller, *dataset) &&
           (request.state() == v1::DATASET_STATE_UNSPECIFIED || dataset->state() == request.state()) &&
           (request.candidate_state() == v1::CANDIDATE_STATE_UNSPECIFIED || dataset->candidate_state() == request.candidate_state()) &&
           (request.resource().empty() || dataset->resource() == request.resource());
  };
  const auto page = TRY(parts_.store.List(prefix, request.page_size(), inner, at, keep));
  v1::ListDatasetsResponse response;
  for (const documents::Version& version : page.versions) {
    v1::Dataset dataset = TRY(catalog::DocumentOf<v1::Dataset>(version));
    if (!IsInside(caller, catalog::OrganizationOf(version.name))) dataset.clear_candidate();
    *response.add_datasets() = std::move(dataset);
  }
  if (!page.next_page_token.empty()) response.set_next_page_token(documents::PageToken(tag, page.next_page_token));
  return response;
}

absl::StatusOr<v1::Dataset> DatasetService::UpdateDataset(const Caller& caller, const v1::UpdateDatasetRequest& request) {
  const v1::Dataset& asked = request.dataset();
  Held held = TRY(ForWriting(caller, asked.name(), "", {"org_clerk", "org_approver"}, false));
  const uint64_t revision = TRY(catalog::RevisionInUpdate(asked.etag(), "dataset.etag"));
  const v1::Dataset& stored = held.dataset;
  const bool published = stored.state() == v1::DATASET_STATE_PUBLISHED;
  if (published && !access::HoldsAnyAt(caller, catalog::OrganizationOf(stored.name()), {"org_approver"})) {
    return access::RoleRequired("org_approver of the provider");
  }
  v1::Dataset dataset = stored;
  TRY(catalog::ApplyUpdate(request.update_mask(), asked, dataset));
  KeepOutputs(stored, dataset);
  Normalize(dataset);
  const bool widened = dataset.access() == v1::DATASET_ACCESS_PUBLIC && stored.access() != v1::DATASET_ACCESS_PUBLIC;
  if (widened && published) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ACCESS_WIDENED",
                "A published dataset was assessed for fewer readers; withdraw it and publish a new release for everyone.",
                {{"document", stored.name()}});
  }
  if (widened && dataset.has_candidate()) Prepared(dataset);
  const catalog::ResourcePtr entry = parts_.catalog.FindResource(dataset.resource());
  std::vector<Violation> violations = catalog::Below("dataset", Check(dataset, entry == nullptr ? v1::Resource() : *entry));
  catalog::CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  if (published) *dataset.mutable_update_time() = catalog::ToTimestamp(parts_.clock.Now());
  return Store(caller, std::move(dataset), revision, request.reason());
}

absl::StatusOr<v1::RiskReport> DatasetService::GetRiskReport(const Caller& caller, const v1::GetRiskReportRequest& request) {
  const std::string dataset = DatasetOf(request.name());
  if (dataset.empty()) return BadField("REPORT_NAME", "name", "Give organizations/{code}/datasets/{id}/riskReports/{number}.");
  if (!IsInside(caller, catalog::OrganizationOf(dataset))) return NotReader();
  return catalog::Fetch<v1::RiskReport>(parts_.store, request.name(), request.read_at());
}

absl::StatusOr<v1::DatasetProbe> DatasetService::GetDatasetProbe(const Caller&, const v1::GetDatasetProbeRequest& request) {
  const std::string dataset = DatasetOf(request.name());
  if (dataset.empty()) return BadField("PROBE_NAME", "name", "Give organizations/{code}/datasets/{id}/probes/latest.");
  return catalog::Fetch<v1::DatasetProbe>(parts_.store, request.name(), request.read_at());
}

absl::StatusOr<v1::CountDatasetsResponse> DatasetService::CountDatasets(const Caller&, const v1::CountDatasetsRequest& request) {
  return parts_.count.Count(request);
}

}  // namespace zhanqiao::datasets
