#include "catalog/model/service_support.h"

#include <google/protobuf/util/time_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/clock.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {

absl::Status RequireRole(const Caller& caller, std::string_view organization,
                         std::initializer_list<std::string_view> roles) {
  if (caller.HasRole("office")) return absl::OkStatus();
  std::string needed = "office";
  for (const std::string_view role : roles) {
    if (role == "office") continue;
    if (!organization.empty() && caller.organization == organization && caller.HasRole(role)) return absl::OkStatus();
    absl::StrAppend(&needed, ", ", Absl(role), " of ", organization.empty() ? "the body" : Absl(organization));
  }
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
              "The caller holds none of the roles this call needs; ask the office for one.",
              {{"link", std::string(kLinkCaller)}, {"roles", needed}});
}

absl::StatusOr<documents::ReadAt> ReadAtOf(const v1::ReadAt& at) {
  documents::ReadAt read_at;
  if (!at.as_of().empty()) {
    const auto day = ParseDay(at.as_of());
    if (!day.ok()) return BadField("DATE_INVALID", "read_at.as_of", "Give an existing date as YYYY-MM-DD, or nothing.");
    read_at.as_of = *day;
  }
  if (at.has_known_at()) read_at.known_at = at.known_at();
  return read_at;
}

void CheckReason(std::string_view reason, bool required, std::vector<Violation>& violations) {
  Violations found;
  found.Text("reason", reason, required ? Violations::Presence::kRequired : Violations::Presence::kOptional, 500,
             /*lines=*/true);
  for (Violation& violation : found.Take()) violations.push_back(std::move(violation));
}

std::vector<Violation> Below(std::string_view path, std::vector<Violation> violations) {
  for (Violation& violation : violations) violation.field = absl::StrCat(Absl(path), ".", violation.field);
  return violations;
}

absl::Status NotFound(std::string_view name) {
  return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND", "No such document; check the name with the List call.",
              {{"document", std::string(name)}});
}

absl::StatusOr<uint64_t> RevisionInUpdate(std::string_view etag, std::string_view field) {
  if (etag.empty()) {
    return BadField("ETAG_REQUIRED", field, "Is empty; send the etag of the version that was read and is replaced.");
  }
  return documents::RevisionOf(etag);
}

google::protobuf::Timestamp ToTimestamp(absl::Time time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(time));
}

absl::Status RequireEtag(std::string_view etag, std::string_view name, uint64_t stored) {
  if (etag.empty()) return absl::OkStatus();
  const uint64_t expected = TRY(documents::RevisionOf(etag));
  if (expected == stored) return absl::OkStatus();
  return Fail(absl::StatusCode::kAborted, "ETAG_MISMATCH",
              "The document has changed since it was read; read it again and repeat the change.",
              {{"document", std::string(name)}, {"expected", std::string(etag)}});
}

}  // namespace zhanqiao::catalog
