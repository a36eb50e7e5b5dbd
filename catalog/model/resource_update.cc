#include "catalog/model/resource_update.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/model/resource_requests.h"
#include "catalog/model/schema_change.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::catalog {
namespace {

bool SameSharing(const v1::Resource& a, const v1::Resource& b) {
  return a.share_type() == b.share_type() && a.share_condition() == b.share_condition() &&
         a.share_mode_category() == b.share_mode_category() && a.share_mode_type() == b.share_mode_type() &&
         a.open_type() == b.open_type() && a.open_condition() == b.open_condition();
}

NewNotice NoticeOf(const v1::Resource& resource, const SchemaChange& change) {
  std::string verdict = v1::SchemaCompatibility_Name(change.verdict);
  return {kNoticeSchemaChanged,
          resource.name(),
          {{"display_name", resource.display_name()},
           {"schema_version", absl::StrCat(resource.schema_version())},
           {"compatibility", verdict.substr(std::string_view("SCHEMA_COMPATIBILITY_").size())},
           {"added", absl::StrJoin(change.added, ", ")},
           {"removed", absl::StrJoin(change.removed, ", ")},
           {"changed", absl::StrJoin(change.changed, ", ")}}};
}

}  // namespace

void KeepOutputs(const v1::Resource& stored, v1::Resource& resource) {
  resource.set_name(stored.name());
  resource.set_state(stored.state());
  resource.set_schema_version(stored.schema_version());
  resource.set_schema_compatibility(stored.schema_compatibility());
  resource.set_open_objections(stored.open_objections());
  resource.clear_review();
  if (stored.has_review()) *resource.mutable_review() = stored.review();
  const bool published = stored.state() == v1::RESOURCE_STATE_PUBLISHED;
  if (published && resource.release_date().empty()) resource.set_release_date(stored.release_date());
  if (resource.data_update_date().empty()) resource.set_data_update_date(stored.data_update_date());
}

void ClearOutputs(v1::Resource& resource) {
  resource.set_state(v1::RESOURCE_STATE_DRAFT);
  resource.set_schema_version(1);
  resource.clear_schema_compatibility();
  resource.clear_review();
  resource.clear_open_objections();
}

absl::Status RequireWriter(const Caller& caller, const v1::Resource& stored) {
  switch (stored.state()) {
    case v1::RESOURCE_STATE_WITHDRAWN:
      return WrongState(stored, "RESOURCE_WITHDRAWN",
                        "The entry is withdrawn and cannot change; create one with a new code.");
    case v1::RESOURCE_STATE_SUBMITTED:
      return WrongState(stored, "RESOURCE_SUBMITTED",
                        "The entry lies with the office for review; change it after the review.");
    // A published entry is in force: who may not publish may not change it either.
    case v1::RESOURCE_STATE_PUBLISHED: return RequireRole(caller, stored.provider(), {"org_approver"});
    default: return RequireRole(caller, stored.provider(), {"org_clerk", "org_approver"});
  }
}

absl::StatusOr<std::optional<NewNotice>> Advance(const Caller& caller, const v1::Resource& stored, v1::Resource& resource) {
  if (stored.state() != v1::RESOURCE_STATE_PUBLISHED) return std::optional<NewNotice>();
  if (!SameSharing(resource, stored) && !caller.HasRole("office")) {
    return WrongState(stored, "RESOURCE_REVIEW_REQUIRED",
                      "How a published entry is shared and opened was reviewed; ask the office to change it.");
  }
  const SchemaChange change = CompareSchemas(stored, resource);
  if (change.verdict == v1::SCHEMA_COMPATIBILITY_IDENTICAL) return std::optional<NewNotice>();
  resource.set_schema_version(std::max(1, stored.schema_version()) + 1);
  resource.set_schema_compatibility(change.verdict);
  return std::optional<NewNotice>(NoticeOf(resource, change));
}

}  // namespace zhanqiao::catalog
