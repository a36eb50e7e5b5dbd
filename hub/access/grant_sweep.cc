#include "hub/access/grant_sweep.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/documents/request_id.h"
#include "hub/access/access_rules.h"
#include "hub/access/grant_clock.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kGrants = "grants/";
constexpr int kPage = 1000;
const Mover kHub = {"hub", ""};

bool Decided(v1::GrantState state) {
  return state == v1::GRANT_STATE_APPROVED || state == v1::GRANT_STATE_ACTIVE || state == v1::GRANT_STATE_SUSPENDED;
}

// Someone else was quicker: the grant is not what it was when it was read.
bool MovedMeanwhile(const absl::Status& status) {
  return status.code() == absl::StatusCode::kAborted || status.code() == absl::StatusCode::kAlreadyExists;
}

}  // namespace

std::string GrantSweep::ProviderOf(const v1::Grant& grant) const {
  const auto resource = catalog_.FindResource(grant.resource());
  return resource == nullptr ? "" : resource->provider();
}

absl::Status GrantSweep::Run(absl::CivilDay today) {
  std::string token;
  do {
    const auto page = TRY(store_.List(kGrants, kPage, token));
    for (const auto& version : page.versions) {
      const absl::Status visited = Visit(TRY(GrantOf(version)), today);
      if (!visited.ok() && !MovedMeanwhile(visited)) return WithFact(visited, "grant", version.name);
    }
    token = page.next_page_token;
  } while (!token.empty());
  return absl::OkStatus();
}

absl::Status GrantSweep::Visit(v1::Grant grant, absl::CivilDay today) {
  const uint64_t revision = grant.revision();
  if (AwaitsDecision(grant.state())) return Escalate(std::move(grant), today);
  if (!Decided(grant.state())) return absl::OkStatus();
  const v1::GrantState by_term = StateByTerm(grant, today);
  if (by_term == v1::GRANT_STATE_EXPIRED) {
    const std::string provider = ProviderOf(grant);
    grant.set_state(v1::GRANT_STATE_EXPIRED);
    return writer_.Write(kHub, std::move(grant), revision, {.verbs = {"expired"}, .reason = "", .provider = provider, .more = {}}).status();
  }
  if (grant.state() == v1::GRANT_STATE_APPROVED && by_term == v1::GRANT_STATE_ACTIVE) {
    grant.set_state(v1::GRANT_STATE_ACTIVE);
    grant = TRY(writer_.Write(kHub, std::move(grant), revision, {.verbs = {"activated"}, .reason = "", .provider = "", .more = {}}));
  }
  TRY(WarnUndelivered(grant, today));
  return Warn(grant, today);
}

absl::Status GrantSweep::Escalate(v1::Grant grant, absl::CivilDay today) {
  if (grant.state() == v1::GRANT_STATE_ESCALATED) return absl::OkStatus();
  const auto due = ParseDay(grant.due_date());
  if (!due.ok()) return absl::OkStatus();
  const int64_t patience = TRY(rules_.policy.At("grant.escalate_after_working_days", today));
  if (rules_.calendar.WorkdaysBetween(*due, today) <= patience) return absl::OkStatus();
  const auto days = static_cast<int>(TRY(rules_.policy.At("grant.authority_working_days", today)));
  const uint64_t revision = grant.revision();
  const std::string provider = ProviderOf(grant);
  auto& escalation = *grant.mutable_escalation();
  escalation.set_cause(v1::ESCALATION_CAUSE_OVERDUE);
  escalation.set_escalated_by(kHub.actor);
  *escalation.mutable_escalate_time() = TimestampOf(clock_.Now());
  escalation.set_working_days(WorkdaysSinceSubmission(rules_, grant, today));
  escalation.set_due_date(FormatDay(rules_.calendar.AddWorkdays(today, days)));
  grant.clear_decision();  // proposed at best; the office decides anew
  grant.set_state(v1::GRANT_STATE_ESCALATED);
  return writer_.Write(kHub, std::move(grant), revision, {.verbs = {"escalated"}, .reason = "overdue", .provider = provider, .more = {}})
      .status();
}

absl::Status GrantSweep::Warn(const v1::Grant& grant, absl::CivilDay today) {
  const auto end = ParseDay(grant.end_date());
  if (!end.ok()) return absl::OkStatus();
  const int64_t left = *end - today;
  const int64_t first = TRY(rules_.policy.At("grant.expiry_warning_days", today));
  const int64_t last = TRY(rules_.policy.At("grant.expiry_last_warning_days", today));
  if (left > std::max(first, last)) return absl::OkStatus();
  const std::string key = absl::StrCat("grantWarnings/", grant.name().substr(kGrants.size()), "/", left <= last ? "last" : "first");
  const auto warned = TRY(documents::MadeBefore(store_, key));
  if (warned) return absl::OkStatus();
  return writer_.Note(kHub, grant,
                      {.verbs = {"expiring"},
                       .reason = absl::StrCat("days left: ", left),
                       .provider = ProviderOf(grant),
                       .more = {documents::Remember(key, grant.name())}});
}

// The limit counts from the consent, or from the first day of a term that begins later.
absl::Status GrantSweep::WarnUndelivered(const v1::Grant& grant, absl::CivilDay today) {
  if (grant.state() != v1::GRANT_STATE_ACTIVE || !grant.decision().has_decide_time()) return absl::OkStatus();
  absl::CivilDay since = DayOf(grant.decision().decide_time());
  const auto start = ParseDay(grant.start_date());
  if (start.ok()) since = std::max(since, *start);
  const int64_t days = TRY(rules_.policy.At("grant.deliver_working_days", since));
  if (days == 0 || rules_.calendar.WorkdaysBetween(since, today) <= days) return absl::OkStatus();
  const std::string key = absl::StrCat("grantWarnings/", grant.name().substr(kGrants.size()), "/undelivered");
  if (TRY(documents::MadeBefore(store_, key))) return absl::OkStatus();
  if (TRY(released_under_(grant.name()))) return absl::OkStatus();
  return writer_.Note(kHub, grant,
                      {.verbs = {"undelivered"},
                       .reason = absl::StrCat("nothing released within ", days, " working days"),
                       .provider = ProviderOf(grant),
                       .more = {documents::Remember(key, grant.name())}});
}

}  // namespace zhanqiao::access
