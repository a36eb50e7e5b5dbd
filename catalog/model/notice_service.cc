#include "catalog/model/notice_service.h"

#include "absl/strings/str_cat.h"
#include "catalog/model/names.h"
#include "catalog/model/notices.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::catalog {
namespace {

constexpr std::string_view kOfAll = "organizations/-";

// Of the organisation, whoever it is: a system may act on what its body is told.
absl::Status RequireReader(const Caller& caller, std::string_view organization) {
  if (caller.kind != SubjectKind::kNone && !organization.empty() && caller.organization == organization) {
    return absl::OkStatus();
  }
  return RequireRole(caller, "", {});
}

}  // namespace

absl::StatusOr<v1::ListNoticesResponse> NoticeService::ListNotices(const Caller& caller,
                                                                   const v1::ListNoticesRequest& request) {
  const bool all = request.parent() == kOfAll;
  if (!all && !IsOrganizationName(request.parent())) {
    return BadField("ORGANIZATION_NAME", "parent", "Give organizations/{code}, or organizations/- for all.");
  }
  TRY(RequireReader(caller, all ? std::string_view() : std::string_view(request.parent())));
  const std::string& type = v1::Notice::descriptor()->full_name();
  const auto keep = [&](const documents::Version& version) {
    if (version.type != type) return false;
    if (!request.unread_only() && request.kind().empty()) return true;
    const auto notice = version.As<v1::Notice>();
    return notice.ok() && !(request.unread_only() && notice->has_read_time()) &&
           (request.kind().empty() || notice->kind() == request.kind());
  };
  const std::string tag = ListTag(request);
  const std::string inner = TRY(documents::LastOfPage(request.page_token(), tag));
  const std::string prefix = all ? "organizations/" : absl::StrCat(request.parent(), "/", Absl(kNotices), "/");
  const auto page = TRY(store_.List(prefix, request.page_size(), inner, {}, keep));
  v1::ListNoticesResponse response;
  for (const documents::Version& version : page.versions) {
    *response.add_notices() = TRY(DocumentOf<v1::Notice>(version));
  }
  if (!page.next_page_token.empty()) response.set_next_page_token(documents::PageToken(tag, page.next_page_token));
  return response;
}

absl::StatusOr<v1::Notice> NoticeService::MarkNoticeRead(const Caller& caller,
                                                         const v1::MarkNoticeReadRequest& request) {
  if (!IsNoticeName(request.name())) {
    return BadField("NOTICE_NAME", "name", "Give organizations/{code}/notices/{id}, as ListNotices shows it.");
  }
  TRY(RequireReader(caller, OrganizationOf(request.name())));
  const documents::Version version = TRY(store_.Get(request.name()));
  v1::Notice notice = TRY(DocumentOf<v1::Notice>(version));
  if (notice.has_read_time()) return notice;
  *notice.mutable_read_time() = ToTimestamp(clock_.Now());
  notice.set_reader(caller.subject);
  auto read = Put(store_, caller, notice, version.revision, "read");
  // Another read it in between: what was first stands.
  if (!read.ok() && ReasonOf(read.status()) == "ETAG_MISMATCH") return MarkNoticeRead(caller, request);
  return read;
}

}  // namespace zhanqiao::catalog
