// The life of a grant as pure rules: which verb leads from where to where, who may say it, and what a
// well-formed application is. Knows no store and no clock.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/workdays.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::access {

enum class GrantVerb { kSubmit, kAccept, kPropose, kDecide, kSuspend, kResume, kRevoke };

// FAILED_PRECONDITION / GRANT_STATE (facts: state, expected) unless the verb may be said in this state.
absl::Status CheckState(GrantVerb verb, v1::GrantState state);

// PERMISSION_DENIED / ROLE_REQUIRED unless the caller may say the verb about a grant of this consumer system
// to a resource of this provider.
absl::Status CheckSpeaker(GrantVerb verb, const Caller& caller, std::string_view consumer, std::string_view provider);

// PERMISSION_DENIED / FOUR_EYES unless `decider` is another than the proposer and the applicant.
absl::Status CheckFourEyes(const v1::Grant& grant, std::string_view decider);

// A party to it, the office or an auditor: may see the grant.
bool MaySee(const Caller& caller, std::string_view consumer, std::string_view provider);

// INVALID_ARGUMENT naming every wrong field of an application (paths begin with "grant.") for `resource`.
absl::Status CheckApplication(const v1::Grant& grant, const v1::Resource& resource);

// The application as it is stored: output fields cleared, and each field that names no mask given the mask its
// 信息项 asks for, so that the grant says exactly what is released.
v1::Grant Application(const v1::Grant& grant, const v1::Resource& resource);

// "ACTIVE" for GRANT_STATE_ACTIVE.
std::string StateName(v1::GrantState state);

}  // namespace zhanqiao::access
