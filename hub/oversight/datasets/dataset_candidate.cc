// The next release in preparation: its data and what the risk gate says of them.
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/datasets/dataset.h"
#include "hub/oversight/datasets/dataset_service.h"
#include "hub/oversight/datasets/risk_gate.h"

namespace zhanqiao::datasets {
namespace {

using Columns = google::protobuf::RepeatedPtrField<v1::DatasetColumn>;

constexpr size_t kPartBytesMax = 2 << 20;

const v1::Distribution* Find(const v1::DatasetRelease& release, std::string_view id) {
  for (const v1::Distribution& one : release.distributions()) {
    if (one.id() == id) return &one;
  }
  return nullptr;
}

absl::StatusOr<v1::Distribution*> PlaceFor(v1::DatasetRelease& release, const std::string& id) {
  for (v1::Distribution& one : *release.mutable_distributions()) {
    if (one.id() == id) return &one;
  }
  if (release.distributions_size() == kDistributionsMax) {
    return BadField("LIST_TOO_LONG", "distribution", "A dataset has at most 20 distributions; remove one first.");
  }
  v1::Distribution& fresh = *release.add_distributions();
  fresh.set_id(id);
  return &fresh;
}

absl::Status CheckPart(const v1::UploadDataRequest& request, absl::CivilDay today) {
  if (!catalog::IsMemberId(request.distribution())) {
    return BadField("DISTRIBUTION_ID", "distribution", "Give 1 to 63 of a-z, 0-9 and inner hyphens, for example data.");
  }
  if (request.part().size() > kPartBytesMax) return BadField("PART_TOO_LARGE", "part", "Send at most 2 MiB at once.");
  if (request.offset() < 0) return BadField("OFFSET_INVALID", "offset", "Give the bytes sent before, 0 or more.");
  if (!request.last()) return absl::OkStatus();
  if (request.sha256().size() != 32) return BadField("SHA256_REQUIRED", "sha256", "Give the 32 bytes of the whole file's SHA-256.");
  if (request.data_update_date().empty()) return absl::OkStatus();
  const auto day = ParseDay(request.data_update_date());
  if (day.ok() && *day <= today) return absl::OkStatus();
  return BadField("DATE_INVALID", "data_update_date", "Give an existing date up to today as YYYY-MM-DD, or nothing.");
}

absl::Status Recalled(const v1::Dataset& dataset, std::string_view sha256) {
  for (const std::string& one : dataset.recalled_sha256()) {
    if (one != sha256) continue;
    return Fail(absl::StatusCode::kFailedPrecondition, "DATA_RECALLED", "These very data were recalled; correct them first.",
                {{"document", dataset.name()}});
  }
  return absl::OkStatus();
}

bool IsCsv(const v1::Distribution& distribution) { return absl::EqualsIgnoreCase(distribution.format(), "csv"); }

}  // namespace

absl::StatusOr<v1::UploadDataResponse> DatasetService::UploadData(const Caller& caller, const v1::UploadDataRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), "", {"org_clerk", "org_approver"}, false));
  TRY(CheckPart(request, Today()));
  TRY(CheckCandidate(held.dataset, {v1::CANDIDATE_STATE_UNSPECIFIED, v1::CANDIDATE_STATE_PREPARING, v1::CANDIDATE_STATE_ASSESSED}));
  const std::string key = absl::StrCat(request.name(), "|", request.distribution(), "|", caller.subject);
  v1::UploadDataResponse response;
  response.set_received(TRY(uploads_.Add(key, request.offset(), request.part())));
  if (!request.last()) return response;
  const std::string bytes = uploads_.Take(key);
  const Digest digest = Sha256(bytes);
  if (Bytes(digest) != request.sha256()) {
    return BadField("SHA256_DIFFERS", "sha256", "The bytes that came are not those of this digest; send the file again.");
  }
  TRY(Recalled(held.dataset, request.sha256()));
  v1::Dataset dataset = held.dataset;
  v1::DatasetRelease& candidate = Prepared(dataset);
  v1::Distribution& distribution = *TRY(PlaceFor(candidate, request.distribution()));
  const Columns columns = request.columns().empty() ? distribution.columns() : request.columns();
  const catalog::ResourcePtr entry = TRY(OpenEntry(dataset.resource(), catalog::OrganizationOf(dataset.name())));
  TRY(BadFields(CheckColumns(columns, *entry)));
  const Table table = TRY(ReadTable(bytes, columns));
  distribution.set_title(request.title());
  distribution.set_format("CSV");
  distribution.clear_address();
  distribution.set_sha256(TRY(parts_.data.Put(bytes)));
  distribution.set_bytes(static_cast<int64_t>(bytes.size()));
  distribution.set_rows(static_cast<int64_t>(table.rows.size()));
  *distribution.mutable_upload_time() = catalog::ToTimestamp(parts_.clock.Now());
  *distribution.mutable_columns() = columns;
  candidate.set_data_update_date(request.data_update_date().empty() ? FormatDay(Today()) : request.data_update_date());
  *response.mutable_dataset() = TRY(Store(caller, std::move(dataset), held.revision, absl::StrCat("data ", request.distribution())));
  return response;
}

absl::StatusOr<v1::Dataset> DatasetService::AddAddress(const Caller& caller, const v1::AddAddressRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_clerk", "org_approver"}, false));
  TRY(CheckCandidate(held.dataset, {v1::CANDIDATE_STATE_UNSPECIFIED, v1::CANDIDATE_STATE_PREPARING, v1::CANDIDATE_STATE_ASSESSED}));
  const v1::Distribution& asked = request.distribution();
  TRY(BadFields(CheckAddress(asked)));
  if (!asked.columns().empty()) {
    const catalog::ResourcePtr entry = TRY(OpenEntry(held.dataset.resource(), catalog::OrganizationOf(held.dataset.name())));
    TRY(BadFields(catalog::Below("distribution", CheckColumns(asked.columns(), *entry))));
  }
  v1::DatasetRelease& candidate = Prepared(held.dataset);
  v1::Distribution& distribution = *TRY(PlaceFor(candidate, asked.id()));
  v1::Distribution fresh;
  fresh.set_id(asked.id());
  fresh.set_title(asked.title());
  fresh.set_format(asked.format());
  fresh.set_address(asked.address());
  *fresh.mutable_columns() = asked.columns();
  *fresh.mutable_upload_time() = catalog::ToTimestamp(parts_.clock.Now());
  distribution = std::move(fresh);
  if (candidate.data_update_date().empty()) candidate.set_data_update_date(FormatDay(Today()));
  return Store(caller, std::move(held.dataset), held.revision, absl::StrCat("address ", asked.id()));
}

absl::StatusOr<v1::Dataset> DatasetService::RemoveDistribution(const Caller& caller, const v1::RemoveDistributionRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_clerk", "org_approver"}, false));
  TRY(CheckCandidate(held.dataset, {v1::CANDIDATE_STATE_UNSPECIFIED, v1::CANDIDATE_STATE_PREPARING, v1::CANDIDATE_STATE_ASSESSED}));
  v1::DatasetRelease& candidate = Prepared(held.dataset);
  auto& all = *candidate.mutable_distributions();
  for (int i = 0; i < all.size(); ++i) {
    if (all[i].id() != request.distribution()) continue;
    all.DeleteSubrange(i, 1);
    return Store(caller, std::move(held.dataset), held.revision, absl::StrCat("without ", request.distribution()));
  }
  return BadField("DISTRIBUTION_UNKNOWN", "distribution", "The candidate has no distribution of this id; read the dataset again.");
}

absl::StatusOr<std::optional<Table>> DatasetService::TableOf(const v1::DatasetRelease& release, std::string_view id) const {
  const v1::Distribution* const distribution = Find(release, id);
  if (distribution == nullptr || !IsCsv(*distribution) || distribution->columns().empty() || !distribution->address().empty()) {
    return std::optional<Table>();
  }
  const auto content = TRY(parts_.data.Get(distribution->sha256()));
  return std::optional<Table>(TRY(ReadTable(*content, distribution->columns())));
}

// Looks at every distribution that is CSV with columns, here or elsewhere; what an address gave is pinned by its digest.
absl::StatusOr<v1::RiskReport> DatasetService::Assess(v1::Dataset& dataset) const {
  v1::DatasetRelease& candidate = *dataset.mutable_candidate();
  const GateRules rules = TRY(GateRulesOf(parts_.policy, dataset.access(), Today()));
  v1::RiskReport report;
  report.set_passed(true);
  for (v1::Distribution& distribution : *candidate.mutable_distributions()) {
    if (!IsCsv(distribution) || distribution.columns().empty()) {
      report.add_not_assessed(distribution.id());
      continue;
    }
    std::optional<Table> table;
    if (distribution.address().empty()) {
      table = TRY(TableOf(candidate, distribution.id()));
    } else {
      const http::Response answer = TRY(parts_.fetch(distribution.address()));
      const Digest digest = Sha256(answer.body);
      TRY(Recalled(dataset, Bytes(digest)));
      table = TRY(ReadTable(answer.body, distribution.columns()));
      distribution.set_sha256(std::string(Bytes(digest)));
      distribution.set_bytes(static_cast<int64_t>(answer.body.size()));
      distribution.set_rows(static_cast<int64_t>(table->rows.size()));
    }
    const bool before = dataset.state() == v1::DATASET_STATE_PUBLISHED || dataset.state() == v1::DATASET_STATE_WITHDRAWN;
    const std::optional<Table> previous = before ? TRY(TableOf(dataset.current(), distribution.id())) : std::optional<Table>();
    if (previous) report.set_previous_release(dataset.current().number());
    for (v1::RiskCheck& check : CheckTable(distribution.id(), *table, previous ? &*previous : nullptr, rules)) {
      report.set_passed(report.passed() && check.passed());
      *report.add_checks() = std::move(check);
    }
    report.add_data_sha256(distribution.sha256());
  }
  if (report.data_sha256().empty()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "NOTHING_TO_ASSESS",
                "The candidate has no CSV data with declared columns; upload the data as CSV.", {{"document", dataset.name()}});
  }
  return report;
}

absl::StatusOr<v1::RiskReport> DatasetService::AssessDataset(const Caller& caller, const v1::AssessDatasetRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_clerk", "org_approver"}, false));
  v1::Dataset& dataset = held.dataset;
  TRY(CheckCandidate(dataset, {v1::CANDIDATE_STATE_PREPARING, v1::CANDIDATE_STATE_ASSESSED}));
  v1::RiskReport report = TRY(Assess(dataset));
  report.set_name(RiskReportName(dataset.name(), dataset.candidate().number()));
  report.set_dataset(dataset.name());
  report.set_release(dataset.candidate().number());
  report.set_access(dataset.access());
  report.set_assessor(caller.subject);
  *report.mutable_assess_time() = catalog::ToTimestamp(parts_.clock.Now());
  const Digest digest = Sha256(documents::Canonical(report));
  dataset.mutable_candidate()->set_risk_report(report.name());
  dataset.mutable_candidate()->set_risk_report_sha256(std::string(Bytes(digest)));
  dataset.mutable_candidate()->set_risk_passed(report.passed());
  dataset.set_candidate_state(v1::CANDIDATE_STATE_ASSESSED);
  documents::Transaction transaction;
  transaction.changes.push_back(catalog::ChangeTo(dataset, held.revision));
  documents::Change stored = catalog::ChangeTo(report, 0);
  stored.expected_revision.reset();  // assessed before: a further version
  transaction.changes.push_back(std::move(stored));
  transaction.actor = caller.subject;
  // The ledger holds the report's digest in clear: it tells nothing of the data, and anyone may hold the report to it.
  transaction.reason = absl::StrCat("risk report sha256:", ToHex(Bytes(digest)), report.passed() ? " passed" : " not passed");
  const auto versions = TRY(parts_.store.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::RiskReport>(versions.at(1));
}

}  // namespace zhanqiao::datasets
