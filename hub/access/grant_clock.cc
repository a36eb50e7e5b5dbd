#include "hub/access/grant_clock.h"

#include "catalog/base/clock.h"
#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

// Dates are compared as text: YYYY-MM-DD sorts by time.
bool Missed(const std::string& limit, absl::CivilDay day) { return !limit.empty() && limit < FormatDay(day); }

}  // namespace

absl::Status SetAnswerLimits(const Rules& rules, const v1::Resource& resource, absl::CivilDay day, v1::Grant& grant) {
  const auto accept = static_cast<int>(TRY(rules.policy.At("grant.accept_working_days", day)));
  // A resource no connector serves yet has to be brought onto the platform first.
  const bool connected = !resource.connectors().empty();
  const auto answer = static_cast<int>(TRY(rules.policy.At(
      connected ? "grant.answer_working_days" : "grant.answer_unconnected_working_days", day)));
  grant.clear_accept_due_date();
  if (accept > 0) grant.set_accept_due_date(FormatDay(rules.calendar.AddWorkdays(day, accept)));
  grant.set_due_date(FormatDay(rules.calendar.AddWorkdays(day, accept + answer)));
  return absl::OkStatus();
}

google::protobuf::Timestamp TimestampOf(absl::Time time) {
  google::protobuf::Timestamp stamp;
  stamp.set_seconds(absl::ToUnixSeconds(time));
  stamp.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(time - absl::FromUnixSeconds(stamp.seconds()))));
  return stamp;
}

absl::CivilDay DayOf(const google::protobuf::Timestamp& time) {
  return CivilDayOf(absl::FromUnixSeconds(time.seconds()));
}

bool AwaitsDecision(v1::GrantState state) {
  return state == v1::GRANT_STATE_SUBMITTED || state == v1::GRANT_STATE_ACCEPTED || state == v1::GRANT_STATE_ESCALATED;
}

std::optional<absl::CivilDay> MissedLimit(const v1::Grant& grant, absl::CivilDay day) {
  if (!AwaitsDecision(grant.state())) return std::nullopt;
  const bool escalated = grant.state() == v1::GRANT_STATE_ESCALATED;
  const bool answered = escalated && grant.escalation().cause() == v1::ESCALATION_CAUSE_DISAGREEMENT;
  std::string first;
  const auto consider = [&](const std::string& limit) {
    if (Missed(limit, day) && (first.empty() || limit < first)) first = limit;
  };
  if (grant.state() == v1::GRANT_STATE_SUBMITTED) consider(grant.accept_due_date());
  if (!answered) consider(grant.due_date());
  if (escalated) consider(grant.escalation().due_date());
  const auto limit = ParseDay(first);
  return limit.ok() ? std::optional(*limit) : std::nullopt;
}

int OverdueWorkdays(const Rules& rules, const v1::Grant& grant, absl::CivilDay day) {
  const auto limit = MissedLimit(grant, day);
  return limit ? rules.calendar.WorkdaysBetween(*limit, day) : 0;
}

int WorkdaysSinceSubmission(const Rules& rules, const v1::Grant& grant, absl::CivilDay day) {
  return grant.has_submit_time() ? rules.calendar.WorkdaysBetween(DayOf(grant.submit_time()), day) : 0;
}

v1::GrantState StateByTerm(const v1::Grant& grant, absl::CivilDay day) {
  const std::string today = FormatDay(day);
  if (!grant.end_date().empty() && grant.end_date() < today) return v1::GRANT_STATE_EXPIRED;
  return grant.start_date() > today ? v1::GRANT_STATE_APPROVED : v1::GRANT_STATE_ACTIVE;
}

}  // namespace zhanqiao::access
