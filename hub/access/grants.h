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

// kSubmit stands for all an applicant does with its draft: write, change, delete, submit.
enum class GrantVerb { kSubmit, kAccept, kAssess, kPropose, kDecide, kEscalate, kSuspend, kResume, kRevoke, kRenew };

// FAILED_PRECONDITION / GRANT_STATE (facts: state, expected) unless the verb may be said in this state.
absl::Status CheckState(GrantVerb verb, v1::GrantState state);

// PERMISSION_DENIED / ROLE_REQUIRED unless the caller may say the verb about a grant of this consumer system
// to a resource of this provider. In state ESCALATED the office assesses, proposes and decides.
absl::Status CheckSpeaker(GrantVerb verb, const Caller& caller, std::string_view consumer, std::string_view provider,
                          v1::GrantState state = v1::GRANT_STATE_UNSPECIFIED);

// PERMISSION_DENIED / FOUR_EYES unless `decider`, and the approver in whose place it decides (if any), are others than
// the proposer and the applicant.
absl::Status CheckFourEyes(const v1::Grant& grant, std::string_view decider, std::string_view on_behalf_of = "");

// A party to it, the office or an auditor: may see the grant.
bool MaySee(const Caller& caller, std::string_view consumer, std::string_view provider);

// The provider decides before the grant is in force: conditional resources, and electronic certificates from level 2.
bool NeedsDecision(const v1::Resource& resource);

// It needs a sharing risk assessment that passes before approval can be proposed: what the provider decides and grants
// personal or sensitive items or identity numbers, and electronic certificates of level 4.
bool NeedsAssessment(const v1::Grant& grant, const v1::Resource& resource);

// INVALID_ARGUMENT naming a wrong field of an application (paths begin with `prefix`) for `resource`.
absl::Status CheckApplication(const v1::Grant& grant, const v1::Resource& resource, std::string_view prefix = "grant.");

// The application as it is stored: what an applicant may give and nothing else, and each field that names no mask given
// the mask its 信息项 asks for, so that the grant says exactly what is released.
v1::Grant Application(const v1::Grant& grant, const v1::Resource& resource);

// "ACTIVE" for GRANT_STATE_ACTIVE.
std::string StateName(v1::GrantState state);

}  // namespace zhanqiao::access
