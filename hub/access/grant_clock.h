// The days of an application and of a term: by when it is to be taken up, answered and decided, what is late, and where
// a grant stands on a day. Pure: the day is given.
#pragma once

#include <optional>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "hub/access/rules.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::access {

// Sets accept_due_date and due_date of an application submitted on `day` for `resource`: counting starts on the day
// after. FAILED_PRECONDITION / POLICY_MISSING.
absl::Status SetAnswerLimits(const Rules& rules, const v1::Resource& resource, absl::CivilDay day, v1::Grant& grant);

google::protobuf::Timestamp TimestampOf(absl::Time time);

// The day of a time on which something happened (Asia/Shanghai).
absl::CivilDay DayOf(const google::protobuf::Timestamp& time);

// Submitted, taken up or escalated: someone has yet to decide.
bool AwaitsDecision(v1::GrantState state);

// The limit that was missed by the end of the day before `day`, the first of them; nothing when none was: taken up late
// (SUBMITTED), answered late (SUBMITTED, ACCEPTED, and ESCALATED for being late), decided late by the office (ESCALATED).
std::optional<absl::CivilDay> MissedLimit(const v1::Grant& grant, absl::CivilDay day);

// Working days from the missed limit to `day`; 0 when none was missed.
int OverdueWorkdays(const Rules& rules, const v1::Grant& grant, absl::CivilDay day);

// Working days from submission to `day`; 0 before submission.
int WorkdaysSinceSubmission(const Rules& rules, const v1::Grant& grant, absl::CivilDay day);

// What a decided grant is on `day` by its term: APPROVED before it, ACTIVE within it, EXPIRED after it.
v1::GrantState StateByTerm(const v1::Grant& grant, absl::CivilDay day);

}  // namespace zhanqiao::access
