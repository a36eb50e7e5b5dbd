// What becomes of a decided grant: suspended, resumed, revoked.
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/access_service.h"
#include "hub/access/grant_clock.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kReasonMax = 500;

}  // namespace

absl::StatusOr<v1::Grant> AccessService::SuspendGrant(const Caller& caller, const v1::SuspendGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kSuspend, request));
  if (held.repeated) return held.grant;
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  held.grant.set_state(v1::GRANT_STATE_SUSPENDED);
  held.grant.set_state_reason(request.reason());
  return Store(caller, std::move(held), {"suspended"}, request.reason());
}

absl::StatusOr<v1::Grant> AccessService::ResumeGrant(const Caller& caller, const v1::ResumeGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kResume, request));
  if (held.repeated) return held.grant;
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  held.grant.set_state(StateByTerm(held.grant, Today()));
  if (held.grant.state() == v1::GRANT_STATE_EXPIRED) {
    return Fail(absl::StatusCode::kFailedPrecondition, "GRANT_TERM_OVER", "The term is over; renew the grant instead.");
  }
  held.grant.clear_state_reason();
  return Store(caller, std::move(held), {"resumed"}, request.reason());
}

absl::StatusOr<v1::Grant> AccessService::RevokeGrant(const Caller& caller, const v1::RevokeGrantRequest& request) {
  Held held = TRY(Move(caller, GrantVerb::kRevoke, request));
  if (held.repeated) return held.grant;
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  held.grant.set_state(v1::GRANT_STATE_REVOKED);
  held.grant.set_state_reason(request.reason());
  return Store(caller, std::move(held), {"revoked"}, request.reason());
}

}  // namespace zhanqiao::access
