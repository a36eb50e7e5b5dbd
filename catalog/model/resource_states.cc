// The states of an entry: DRAFT → SUBMITTED → PUBLISHED → WITHDRAWN, and the dates its data were updated.
#include <google/protobuf/wrappers.pb.h>

#include "catalog/base/identifiers.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/names.h"
#include "catalog/model/resource_entry.h"
#include "catalog/model/resource_requests.h"
#include "catalog/model/service_support.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

constexpr int kReportAttemptsMax = 100;

// Refuses at once who could move no entry at all, so that names cannot be tried out.
absl::Status RequireApproverSomewhere(const Caller& caller) {
  return RequireRole(caller, caller.organization, {"org_approver"});
}

// Everything an entry must fulfil to move on, and the reason of the move.
absl::Status CheckMove(const v1::Resource& resource, const Catalog& catalog, absl::CivilDay today,
                       std::string_view reason) {
  std::vector<Violation> violations = CheckEntry(resource, catalog, today);
  CheckReason(reason, false, violations);
  return BadFields(violations);
}

// Stands beside a withdrawn entry: releases under its grants have its absence for a precondition.
documents::Change MarkWithdrawn(std::string_view resource) {
  google::protobuf::StringValue name;
  name.set_value(std::string(resource));
  documents::Change change;
  change.name = WithdrawnName(resource);
  change.type = name.GetDescriptor()->full_name();
  change.document = documents::Canonical(name);
  change.expected_revision = 0;
  return change;
}

// A person of the provider who keeps entries, the office, or a machine of the provider that serves or feeds this one.
absl::Status RequireReporter(const Caller& caller, const v1::Resource& resource) {
  const bool own = caller.organization == resource.provider();
  if (caller.kind == SubjectKind::kSystem && own) return absl::OkStatus();
  if (caller.kind == SubjectKind::kConnector && own) {
    for (const std::string& connector : resource.connectors()) {
      if (connector == caller.subject) return absl::OkStatus();
    }
  }
  return RequireRole(caller, resource.provider(), {"org_clerk", "org_approver"});
}

}  // namespace

absl::StatusOr<v1::Resource> CatalogService::SubmitResource(const Caller& caller,
                                                            const v1::SubmitResourceRequest& request) {
  TRY(RequireApproverSomewhere(caller));
  TRY(CheckResourceName(request.name()));
  const auto stored = catalog_.FindResource(request.name());
  if (stored == nullptr) return NotFound(request.name());
  TRY(RequireRole(caller, stored->provider(), {"org_approver"}));
  TRY(RequireEtag(request.etag(), request.name(), stored->revision()));
  if (stored->state() != v1::RESOURCE_STATE_DRAFT) {
    return WrongState(*stored, "RESOURCE_NOT_DRAFT", "Only a draft can be submitted; look at the entry's state.");
  }
  v1::Resource resource = *stored;
  resource.set_state(v1::RESOURCE_STATE_SUBMITTED);
  Derive(catalog_, resource);
  TRY(CheckMove(resource, catalog_, Today(), request.reason()));
  return Replace(caller, resource, *stored, request.reason());
}

absl::StatusOr<v1::Resource> CatalogService::ReviewResource(const Caller& caller,
                                                            const v1::ReviewResourceRequest& request) {
  TRY(RequireRole(caller, "", {}));
  TRY(CheckResourceName(request.name()));
  Violations found;
  found.Text("comment", request.comment(),
             request.approved() ? Violations::Presence::kOptional : Violations::Presence::kRequired, 500, /*lines=*/true);
  TRY(BadFields(found.Take()));
  const auto stored = catalog_.FindResource(request.name());
  if (stored == nullptr) return NotFound(request.name());
  TRY(RequireEtag(request.etag(), request.name(), stored->revision()));
  if (stored->state() != v1::RESOURCE_STATE_SUBMITTED) {
    return WrongState(*stored, "RESOURCE_NOT_SUBMITTED",
                      "Only an entry its provider has submitted is reviewed; look at the entry's state.");
  }
  v1::Resource resource = *stored;
  v1::ResourceReview& review = *resource.mutable_review();
  review.set_approved(request.approved());
  review.set_comment(request.comment());
  review.set_reviewer(caller.subject);
  *review.mutable_review_time() = ToTimestamp(clock_.Now());
  if (!request.approved()) {
    resource.set_state(v1::RESOURCE_STATE_DRAFT);
    const NewNotice notice{kNoticeSentBack,
                           resource.name(),
                           {{"display_name", resource.display_name()}, {"comment", request.comment()}}};
    return Replace(caller, resource, *stored, request.comment(),
                   {NoticeTo(resource.provider(), notice, clock_.Now(), random_)});
  }
  resource.set_state(v1::RESOURCE_STATE_PUBLISHED);
  if (resource.release_date().empty()) resource.set_release_date(FormatDay(Today()));
  Derive(catalog_, resource);
  TRY(CheckMove(resource, catalog_, Today(), ""));
  return Replace(caller, resource, *stored, request.comment());
}

absl::StatusOr<v1::Resource> CatalogService::PublishResource(const Caller& caller,
                                                             const v1::PublishResourceRequest& request) {
  v1::ReviewResourceRequest review;
  review.set_name(request.name());
  review.set_etag(request.etag());
  review.set_approved(true);
  review.set_comment(request.reason());
  return ReviewResource(caller, review);
}

absl::StatusOr<v1::Resource> CatalogService::WithdrawResource(const Caller& caller,
                                                              const v1::WithdrawResourceRequest& request) {
  TRY(RequireApproverSomewhere(caller));
  TRY(CheckResourceName(request.name()));
  std::vector<Violation> violations;
  CheckReason(request.reason(), /*required=*/true, violations);
  TRY(BadFields(violations));
  const auto stored = catalog_.FindResource(request.name());
  if (stored == nullptr) return NotFound(request.name());
  TRY(RequireRole(caller, stored->provider(), {"org_approver"}));
  TRY(RequireEtag(request.etag(), request.name(), stored->revision()));
  if (stored->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return WrongState(*stored, "RESOURCE_NOT_PUBLISHED",
                      "Only a published entry can be withdrawn; look at the entry's state.");
  }
  v1::Resource resource = *stored;
  resource.set_state(v1::RESOURCE_STATE_WITHDRAWN);
  std::vector<documents::Change> more = NoticesToGrantees(
      {kNoticeWithdrawn, resource.name(), {{"display_name", resource.display_name()}, {"reason", request.reason()}}});
  more.push_back(MarkWithdrawn(resource.name()));
  return Replace(caller, resource, *stored, request.reason(), std::move(more));
}

absl::StatusOr<v1::Resource> CatalogService::ReportDataUpdate(const Caller& caller,
                                                              const v1::ReportDataUpdateRequest& request) {
  TRY(CheckResourceName(request.name()));
  const std::string date = request.data_update_date().empty() ? FormatDay(Today()) : request.data_update_date();
  const auto day = ParseDay(date);
  if (!day.ok()) return BadField("DATE_INVALID", "data_update_date", "Give an existing date as YYYY-MM-DD, or nothing.");
  if (*day > Today()) return BadField("DATE_IN_FUTURE", "data_update_date", "Lies after today; give the day of the update.");
  // Reports come from machines and mean the newest version, whichever it is by now.
  for (int attempts = 0; attempts < kReportAttemptsMax; ++attempts) {
    const auto stored = catalog_.FindResource(request.name());
    if (stored == nullptr) return NotFound(request.name());
    TRY(RequireReporter(caller, *stored));
    if (stored->state() != v1::RESOURCE_STATE_PUBLISHED) {
      return WrongState(*stored, "RESOURCE_NOT_PUBLISHED", "Updates are reported of published entries only.");
    }
    if (stored->data_update_date() == date) return ShownNow(*stored);
    v1::Resource resource = *stored;
    resource.set_data_update_date(date);
    auto reported = Replace(caller, resource, *stored, "data updated");
    if (reported.ok() || ReasonOf(reported.status()) != "ETAG_MISMATCH") return reported;
  }
  return WithRetryAfter(Fail(absl::StatusCode::kAborted, "DOCUMENT_CONTENDED",
                             "Others keep changing the entry; try again a little later."),
                        100);
}

}  // namespace zhanqiao::catalog
