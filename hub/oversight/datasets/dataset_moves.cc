// How a dataset goes out and comes back: proposed, decided by a second person, withdrawn, recalled.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/datasets/dataset.h"
#include "hub/oversight/datasets/dataset_service.h"
#include "hub/oversight/datasets/datasets.h"

namespace zhanqiao::datasets {
namespace {

constexpr size_t kReasonMax = 500;

absl::Status CheckAssessed(const v1::Dataset& dataset) {
  if (dataset.candidate_state() == v1::CANDIDATE_STATE_PREPARING) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RISK_NOT_ASSESSED", "The data have changed since, or were never assessed; assess them first.",
                {{"document", dataset.name()}});
  }
  TRY(CheckCandidate(dataset, {v1::CANDIDATE_STATE_ASSESSED}));
  if (dataset.candidate().risk_passed()) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "RISK_NOT_PASSED", "The data did not pass the risk gate; see the report, mend them and assess again.",
              {{"document", dataset.name()}, {"report", dataset.candidate().risk_report()}});
}

}  // namespace

absl::StatusOr<v1::Dataset> DatasetService::ProposeDataset(const Caller& caller, const v1::ProposeDatasetRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_clerk", "org_approver"}, false));
  TRY(access::CheckText("reason", request.reason(), kReasonMax, false));
  TRY(CheckAssessed(held.dataset));
  TRY(OpenEntry(held.dataset.resource(), catalog::OrganizationOf(held.dataset.name())));
  held.dataset.set_candidate_state(v1::CANDIDATE_STATE_PROPOSED);
  held.dataset.mutable_candidate()->set_proposer(caller.subject);
  *held.dataset.mutable_candidate()->mutable_propose_time() = catalog::ToTimestamp(parts_.clock.Now());
  std::vector<documents::Change> notices;
  notices.push_back(Tell("DATASET_PROPOSED", held.dataset, request.reason()));
  return Store(caller, std::move(held.dataset), held.revision, absl::StrCat("proposed ", request.reason()), std::move(notices));
}

absl::StatusOr<v1::Dataset> DatasetService::DecideDataset(const Caller& caller, const v1::DecideDatasetRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_approver"}, false));
  TRY(access::CheckText("comment", request.comment(), kReasonMax, !request.approved()));
  v1::Dataset& dataset = held.dataset;
  TRY(CheckCandidate(dataset, {v1::CANDIDATE_STATE_PROPOSED}));
  TRY(CheckFourEyes(dataset, caller.subject));
  std::vector<documents::Change> notices;
  if (!request.approved()) {
    dataset.set_candidate_state(v1::CANDIDATE_STATE_ASSESSED);
    dataset.mutable_candidate()->set_comment(request.comment());
    dataset.mutable_candidate()->clear_proposer();
    dataset.mutable_candidate()->clear_propose_time();
    notices.push_back(Tell("DATASET_SENT_BACK", dataset, request.comment()));
    return Store(caller, std::move(dataset), held.revision, absl::StrCat("sent back ", request.comment()), std::move(notices));
  }
  const catalog::ResourcePtr entry = TRY(OpenEntry(dataset.resource(), catalog::OrganizationOf(dataset.name())));
  TRY(BadFields(catalog::Below("dataset", Check(dataset, *entry))));
  const absl::Time now = parts_.clock.Now();
  *dataset.mutable_current() = dataset.candidate();
  dataset.clear_candidate();
  dataset.clear_candidate_state();
  dataset.mutable_current()->set_decider(caller.subject);
  *dataset.mutable_current()->mutable_decide_time() = catalog::ToTimestamp(now);
  dataset.mutable_current()->set_comment(request.comment());
  dataset.set_state(v1::DATASET_STATE_PUBLISHED);
  dataset.clear_end_reason();
  if (dataset.issue_date().empty()) dataset.set_issue_date(FormatDay(Today()));
  *dataset.mutable_update_time() = catalog::ToTimestamp(now);
  notices.push_back(Tell("DATASET_PUBLISHED", dataset, request.comment()));
  v1::Dataset published = TRY(Store(caller, std::move(dataset), held.revision, absl::StrCat("published ", request.comment()), std::move(notices)));
  const auto probed = parts_.prober.Probe(published, "hub");
  if (!probed.ok()) LogStatus(LogLevel::kError, "dataset_not_probed", probed.status());
  return published;
}

absl::StatusOr<v1::Dataset> DatasetService::End(const Caller& caller, Held held, v1::DatasetState state, const std::string& reason,
                                                std::string_view notice) {
  held.dataset.set_state(state);
  held.dataset.set_end_reason(reason);
  *held.dataset.mutable_update_time() = catalog::ToTimestamp(parts_.clock.Now());
  std::vector<documents::Change> notices;
  notices.push_back(Tell(notice, held.dataset, reason));
  return Store(caller, std::move(held.dataset), held.revision, reason, std::move(notices));
}

absl::StatusOr<v1::Dataset> DatasetService::WithdrawDataset(const Caller& caller, const v1::WithdrawDatasetRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_approver"}, true));
  TRY(access::CheckText("reason", request.reason(), kReasonMax, true));
  TRY(CheckState(held.dataset, {v1::DATASET_STATE_PUBLISHED}));
  return End(caller, std::move(held), v1::DATASET_STATE_WITHDRAWN, request.reason(), "DATASET_WITHDRAWN");
}

absl::StatusOr<v1::Dataset> DatasetService::RecallDataset(const Caller& caller, const v1::RecallDatasetRequest& request) {
  Held held = TRY(ForWriting(caller, request.name(), request.etag(), {"org_approver"}, true));
  TRY(access::CheckText("reason", request.reason(), kReasonMax, true));
  TRY(CheckState(held.dataset, {v1::DATASET_STATE_PUBLISHED, v1::DATASET_STATE_WITHDRAWN}));
  std::vector<std::string> digests;
  for (const v1::Distribution& one : held.dataset.current().distributions()) {
    if (!one.sha256().empty()) digests.push_back(one.sha256());
  }
  for (const std::string& digest : digests) held.dataset.add_recalled_sha256(digest);
  // A candidate may hold the same data.
  held.dataset.clear_candidate();
  held.dataset.clear_candidate_state();
  v1::Dataset recalled = TRY(End(caller, std::move(held), v1::DATASET_STATE_RECALLED, request.reason(), "DATASET_RECALLED"));
  // The document says so first: from then on nothing gives them out, whatever becomes of the files.
  // What another dataset gives out as well is that one's to recall.
  const auto used = TRY(DataInUse(parts_.store, recalled.name()));
  for (const std::string& digest : digests) {
    if (!used.contains(digest)) TRY(parts_.data.Delete(digest));
  }
  return recalled;
}

absl::StatusOr<v1::DatasetProbe> DatasetService::ProbeDataset(const Caller& caller, const v1::ProbeDatasetRequest& request) {
  const Held held = TRY(ForWriting(caller, request.name(), "", {"org_clerk", "org_approver"}, true));
  TRY(CheckState(held.dataset, {v1::DATASET_STATE_PUBLISHED}));
  return parts_.prober.Probe(held.dataset, caller.subject);
}

}  // namespace zhanqiao::datasets
