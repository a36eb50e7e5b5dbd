#include "hub/oversight/inventory_service.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "catalog/model/text_rules.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/cleanup.h"
#include "hub/oversight/facility.h"
#include "hub/oversight/inventory_figures.h"
#include "hub/oversight/scope.h"

namespace zhanqiao::oversight {
namespace {

constexpr char kAllBodies[] = "organizations/-";
constexpr size_t kReasonMax = 500;

// Of an item that a list in a fixed order gives, the place after `token`; the page is cut by place.
template <typename Request, typename Item>
absl::Status PageOf(std::vector<Item> all, const Request& request, google::protobuf::RepeatedPtrField<Item>* page,
                    std::string* next) {
  const size_t size = TRY(documents::PageSize(request.page_size()));
  const std::string tag = catalog::ListTag(request);
  const std::string last = TRY(documents::LastOfPage(request.page_token(), tag));
  uint64_t from = 0;
  if (!last.empty() && !absl::SimpleAtoi(last, &from)) from = 0;
  for (size_t i = from; i < all.size(); ++i) {
    if (static_cast<size_t>(page->size()) == size) {
      *next = documents::PageToken(tag, absl::StrCat(i));
      return absl::OkStatus();
    }
    *page->Add() = std::move(all[i]);
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Facility> Filled(const documents::Version& version) { return catalog::DocumentOf<v1::Facility>(version); }

absl::Status CheckFacility(const v1::Facility& facility, std::string_view reason) {
  std::vector<Violation> violations = catalog::Below("facility", Check(facility));
  catalog::CheckReason(reason, false, violations);
  return BadFields(violations);
}

}  // namespace

absl::StatusOr<v1::Facility> InventoryService::GetFacility(const Caller& caller, const v1::GetFacilityRequest& request) const {
  if (!catalog::IsMemberName(request.name(), kFacilities)) {
    return BadField("FACILITY_NAME", "name", "Give organizations/{code}/facilities/{id}.");
  }
  TRY(BodyAskedFor(caller, catalog::OrganizationOf(request.name())));
  return catalog::Fetch<v1::Facility>(store_, request.name(), request.read_at());
}

absl::StatusOr<v1::ListFacilitiesResponse> InventoryService::ListFacilities(const Caller& caller,
                                                                            const v1::ListFacilitiesRequest& request) const {
  const std::string asked = request.parent() == kAllBodies ? "" : request.parent();
  const std::string body = TRY(BodyAskedFor(caller, asked));
  if (!v1::FacilityKind_IsValid(request.kind())) return BadField("ENUM_VALUE", "kind", "Give a FacilityKind, or nothing.");
  const auto keep = [&](const documents::Version& version) {
    if (version.type != v1::Facility::descriptor()->full_name()) return false;
    const auto facility = version.As<v1::Facility>();
    return facility.ok() && (request.kind() == v1::FACILITY_KIND_UNSPECIFIED || request.kind() == facility->kind());
  };
  const std::string tag = catalog::ListTag(request);
  const std::string inner = TRY(documents::LastOfPage(request.page_token(), tag));
  const documents::ReadAt read_at = TRY(catalog::ReadAtOf(request.read_at()));
  const std::string prefix = body.empty() ? "organizations/" : absl::StrCat(body, "/facilities/");
  const auto page = TRY(store_.List(prefix, request.page_size(), inner, read_at, keep));
  v1::ListFacilitiesResponse response;
  for (const documents::Version& version : page.versions) {
    *response.add_facilities() = TRY(Filled(version));
  }
  if (!page.next_page_token.empty()) response.set_next_page_token(documents::PageToken(tag, page.next_page_token));
  return response;
}

absl::StatusOr<v1::Facility> InventoryService::CreateFacility(const Caller& caller, const v1::CreateFacilityRequest& request) {
  const v1::Facility& facility = request.facility();
  const std::string_view body = catalog::OrganizationOf(facility.name());
  TRY(catalog::RequireRole(caller, body, {"org_clerk"}));
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("facility", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return Filled(*made);
  TRY(CheckFacility(facility, request.reason()));
  if (catalog_.FindOrganization(body) == nullptr) return catalog::NotFound(body);
  return catalog::Create(store_, caller, facility, key, request.reason());
}

absl::StatusOr<v1::Facility> InventoryService::UpdateFacility(const Caller& caller, const v1::UpdateFacilityRequest& request) {
  const v1::Facility& facility = request.facility();
  TRY(catalog::RequireRole(caller, catalog::OrganizationOf(facility.name()), {"org_clerk"}));
  const uint64_t revision = TRY(catalog::RevisionInUpdate(facility.etag(), "facility.etag"));
  TRY(CheckFacility(facility, request.reason()));
  const documents::Version stored = TRY(store_.Get(facility.name()));
  const v1::Facility before = TRY(stored.As<v1::Facility>());
  if (before.kind() != facility.kind()) return BadField("KIND_FIXED", "facility.kind", "The kind never changes; create another facility.");
  return catalog::Put(store_, caller, facility, revision, request.reason());
}

absl::StatusOr<std::vector<v1::CleanupProposal>> InventoryService::Proposals() const {
  std::vector<v1::CleanupProposal> proposals;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    proposals = ProposalsAmong(view, CivilDayOf(clock_.Now()));
    return absl::OkStatus();
  });
  TRY(read);
  return proposals;
}

absl::StatusOr<v1::ListCleanupProposalsResponse> InventoryService::ListCleanupProposals(
    const Caller& caller, const v1::ListCleanupProposalsRequest& request) const {
  const std::string body = TRY(BodyAskedFor(caller, request.organization()));
  std::vector<v1::CleanupProposal> proposals = TRY(Proposals());
  std::erase_if(proposals, [&](const v1::CleanupProposal& proposal) {
    return (!body.empty() && catalog::OrganizationOf(proposal.system()) != body) ||
           (request.rule() != v1::CLEANUP_RULE_UNSPECIFIED && request.rule() != proposal.rule());
  });
  v1::ListCleanupProposalsResponse response;
  TRY(PageOf(std::move(proposals), request, response.mutable_proposals(), response.mutable_next_page_token()));
  return response;
}

// The class and the judgement are one commit; the next revision of the system is known because the present one is checked.
absl::StatusOr<v1::CleanupJudgement> InventoryService::JudgeCleanupProposal(const Caller& caller,
                                                                            const v1::JudgeCleanupProposalRequest& request) {
  const std::string_view body = catalog::OrganizationOf(request.system());
  if (!access::HoldsAny(caller, {"office"}) && !access::HoldsAnyAt(caller, body, {"org_approver"})) {
    return access::RoleRequired("office, org_approver");
  }
  TRY(access::CheckText("reason", request.reason(), kReasonMax, !request.confirmed()));
  const uint64_t revision = TRY(catalog::RevisionInUpdate(request.etag(), "etag"));
  std::optional<v1::CleanupProposal> proposal;
  for (v1::CleanupProposal& one : TRY(Proposals())) {
    if (one.system() == request.system() && one.rule() == request.rule()) proposal = std::move(one);
  }
  if (!proposal) {
    return Fail(absl::StatusCode::kFailedPrecondition, "PROPOSAL_GONE",
                "No rule proposes this any more; list the proposals anew.", {{"system", request.system()}});
  }
  const uint64_t proposed = TRY(documents::RevisionOf(proposal->etag()));
  TRY(catalog::RequireEtag(request.etag(), request.system(), proposed));
  v1::CleanupJudgement judgement;
  judgement.set_name(JudgementName(request.system(), request.rule()));
  judgement.set_system(request.system());
  judgement.set_rule(request.rule());
  judgement.set_confirmed(request.confirmed());
  judgement.set_other(request.other().empty() ? proposal->other() : request.other());
  judgement.set_judge(caller.subject);
  judgement.set_reason(request.reason());
  judgement.set_system_revision(request.confirmed() ? revision + 1 : revision);
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = request.reason();
  if (request.confirmed()) {
    if (catalog_.FindSystem(judgement.other()) == nullptr) {
      return BadField("SYSTEM_UNKNOWN", "other", "No such information system is stored; name another.");
    }
    const documents::Version stored = TRY(store_.Get(request.system()));
    v1::InformationSystem system = TRY(stored.As<v1::InformationSystem>());
    const bool zombie = request.rule() == v1::CLEANUP_RULE_ZOMBIE;
    v1::Inventory& inventory = *system.mutable_inventory();
    inventory.set_cleanup_class(zombie ? v1::CLEANUP_CLASS_ZOMBIE : v1::CLEANUP_CLASS_SHADOW);
    zombie ? inventory.set_substitute_system(judgement.other()) : inventory.set_merged_into(judgement.other());
    transaction.changes.push_back(catalog::ChangeTo(std::move(system), revision));
  } else {
    transaction.preconditions.push_back(documents::DocumentStore::StillAt(request.system(), revision));
  }
  documents::Change judged;
  judged.name = judgement.name();
  judged.type = v1::CleanupJudgement::descriptor()->full_name();
  judged.document = documents::Canonical(judgement);
  transaction.changes.push_back(std::move(judged));
  const std::vector<documents::Version> versions = TRY(store_.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::CleanupJudgement>(versions.back());
}

absl::StatusOr<v1::ListMergeTreesResponse> InventoryService::ListMergeTrees(const Caller& caller,
                                                                            const v1::ListMergeTreesRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  std::vector<v1::MergeNode> nodes;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    nodes = MergeTrees(view, scope);
    return absl::OkStatus();
  });
  TRY(read);
  v1::ListMergeTreesResponse response;
  TRY(PageOf(std::move(nodes), request, response.mutable_nodes(), response.mutable_next_page_token()));
  return response;
}

absl::StatusOr<v1::Completeness> InventoryService::GetCompleteness(const Caller& caller,
                                                                   const v1::GetCompletenessRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  v1::Completeness completeness;
  completeness.set_as_of(FormatDay(scope.as_of));
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    completeness.set_known_at(changes.PositionAt(scope.known));
    for (v1::BodyCompleteness& body : CompletenessOf(view, scope)) *completeness.add_bodies() = std::move(body);
    return absl::OkStatus();
  });
  TRY(read);
  return completeness;
}

absl::StatusOr<v1::ListCloudComparisonsResponse> InventoryService::ListCloudComparisons(
    const Caller& caller, const v1::ListCloudComparisonsRequest& request) const {
  const FigureScope scope = TRY(ScopeOf(caller, request.time(), request.organization(), clock_));
  std::vector<v1::CloudComparison> comparisons;
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
    comparisons = CloudComparisons(view, scope);
    return absl::OkStatus();
  });
  TRY(read);
  v1::ListCloudComparisonsResponse response;
  TRY(PageOf(std::move(comparisons), request, response.mutable_comparisons(), response.mutable_next_page_token()));
  return response;
}

}  // namespace zhanqiao::oversight
