// AccountService: the sessions of persons after they began.
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/account_service.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kSessionsMax = 1000;

absl::Status NoSession() {
  return Fail(absl::StatusCode::kFailedPrecondition, "SESSION_ABSENT",
              "The call comes with a certificate, not with a session; there is nothing to show or end.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status NotFound() {
  return Fail(absl::StatusCode::kNotFound, "SESSION_NOT_FOUND", "No such session; it may be over already.");
}

}  // namespace

absl::StatusOr<v1::SignOutResponse> AccountService::SignOut(const Caller& caller, const v1::SignOutRequest&) {
  if (caller.session.empty()) return NoSession();
  storage::Commit commit;
  if (!parts_.sessions.End(caller.session, commit)) return v1::SignOutResponse();  // ended since by someone else
  commit.records.push_back(EventOf(caller, caller.subject, "signed-out", "", caller.session));
  TRY(parts_.pipeline.Run(std::move(commit)));
  return v1::SignOutResponse();
}

absl::StatusOr<v1::Session> AccountService::GetSession(const Caller& caller, const v1::GetSessionRequest&) {
  if (caller.session.empty()) return NoSession();
  const auto row = parts_.sessions.Find(caller.session);
  if (!row) return NotFound();
  return parts_.sessions.ToSession(*row);
}

absl::StatusOr<v1::ListSessionsResponse> AccountService::ListSessions(const Caller& caller,
                                                                      const v1::ListSessionsRequest& request) {
  const std::string person = request.person().empty() ? caller.subject : request.person();
  if (!HoldsAny(caller, {"security_admin", "auditor"}) && (person != caller.subject || caller.kind != SubjectKind::kPerson)) {
    return RoleRequired("security_admin, auditor, or the person");
  }
  v1::ListSessionsResponse response;
  for (const v1::SessionRow& row : parts_.sessions.Of(person == "-" ? "" : person)) {
    if (static_cast<size_t>(response.sessions_size()) == kSessionsMax) break;
    *response.add_sessions() = parts_.sessions.ToSession(row);
  }
  return response;
}

absl::StatusOr<v1::Session> AccountService::RevokeSession(const Caller& caller, const v1::RevokeSessionRequest& request) {
  const auto row = parts_.sessions.Find(request.id());
  const bool own = row && caller.kind == SubjectKind::kPerson && row->person() == caller.subject;
  if (!own && !HoldsAny(caller, {"security_admin"})) return RoleRequired("security_admin, or the person");
  TRY(CheckText("reason", request.reason(), 500, false));
  storage::Commit commit;
  if (!row || !parts_.sessions.End(row->id(), commit)) return NotFound();
  commit.records.push_back(EventOf(caller, row->person(), "session-revoked", request.reason(), row->id()));
  TRY(parts_.pipeline.Run(std::move(commit)));
  return parts_.sessions.ToSession(*row);
}

}  // namespace zhanqiao::access
