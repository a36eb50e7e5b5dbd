// How sharing is served: applications, demands and objections by the working days they took; freshness of entries.
#include <algorithm>
#include <map>

#include "catalog/base/clock.h"
#include "catalog/model/update_cycle.h"
#include "hub/access/grant_clock.h"
#include "hub/oversight/bodies.h"
#include "hub/oversight/sharing.h"

namespace zhanqiao::oversight {
namespace {

using documents::Timeline;

constexpr absl::CivilDay kNever = absl::CivilDay::max();

// Asked on one day, to be answered by another, and answered or not.
struct Asked {
  absl::CivilDay since;
  absl::CivilDay due = kNever;
  absl::CivilDay answered = kNever;
};

absl::CivilDay DayIn(const std::string& text) { return ParseDay(text).value_or(kNever); }

class Counting {
 public:
  Counting(const WorkCalendar& calendar, absl::CivilDay day, v1::DayCounts& counts)
      : calendar_(calendar), day_(day), counts_(counts) {}
  ~Counting() {
    if (counts_.answered() > 0) counts_.set_days_mean(static_cast<double>(days_) / counts_.answered());
  }

  // True if it was answered until the day.
  bool Add(const Asked& asked) {
    const bool answered = asked.answered <= day_;
    const absl::CivilDay until = answered ? asked.answered : day_;
    if (until > asked.due) counts_.set_overdue(counts_.overdue() + 1);
    if (!answered) {
      counts_.set_open(counts_.open() + 1);
      return false;
    }
    const int days = calendar_.WorkdaysBetween(asked.since, until);
    days_ += days;
    counts_.set_days_max(std::max(counts_.days_max(), days));
    counts_.set_answered(counts_.answered() + 1);
    return true;
  }

 private:
  const WorkCalendar& calendar_;
  const absl::CivilDay day_;
  v1::DayCounts& counts_;
  int64_t days_ = 0;
};

class Serving {
 public:
  Serving(const RecordsView& view, const FigureScope& scope, std::optional<absl::CivilDay> from, const WorkCalendar& calendar,
          v1::SharingQuality& quality)
      : view_(view), scope_(scope), from_(from), calendar_(calendar), quality_(quality),
        bodies_(view, scope.as_of, scope.known) {}

  void Count() {
    CountApplications();
    CountDemands();
    CountObjections();
    CountFreshness();
  }

 private:
  bool IsOurs(const std::string& provider) {
    return scope_.organization.empty() || bodies_.HolderOf(provider) == scope_.organization;
  }
  bool InSpan(absl::CivilDay day) const { return day <= scope_.as_of && (!from_ || day >= *from_); }

  // The newest version of each document known, if it is not deleted.
  template <typename Message, typename Use>
  void Each(const Timeline<Message>& timeline, const Use& use) {
    for (const auto& [name, history] : timeline.all()) {
      if (const auto* newest = history.Newest(scope_.known)) use(newest->fact);
    }
  }

  void CountApplications() {
    Counting counting(calendar_, scope_.as_of, *quality_.mutable_applications());
    std::map<std::string, int> rejections;
    Each(view_.grants, [&](const v1::Grant& grant) {
      const auto* resource = view_.resources.Find(grant.resource());
      const std::string provider = resource == nullptr ? "" : resource->versions().back().fact.provider();
      if (!grant.has_submit_time() || !IsOurs(provider)) return;
      const absl::CivilDay submitted = access::DayOf(grant.submit_time());
      // What is active at once was never waited for.
      if (!InSpan(submitted) || (!grant.has_decision() && !access::AwaitsDecision(grant.state()))) return;
      Asked asked{.since = submitted, .due = DayIn(grant.due_date()), .answered = kNever};
      if (grant.decision().has_decide_time()) asked.answered = access::DayOf(grant.decision().decide_time());
      if (!counting.Add(asked)) return;
      if (grant.decision().approve()) return quality_.set_applications_approved(quality_.applications_approved() + 1);
      quality_.set_applications_rejected(quality_.applications_rejected() + 1);
      ++rejections[grant.decision().reason()];
    });
    std::vector<std::pair<std::string, int>> by_count(rejections.begin(), rejections.end());
    std::stable_sort(by_count.begin(), by_count.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    for (const auto& [reason, count] : by_count) {
      v1::ReasonCount& row = *quality_.add_rejections();
      row.set_reason(reason);
      row.set_count(count);
    }
  }

  // Of each body a demand is matched to, its own answer.
  void CountDemands() {
    Counting counting(calendar_, scope_.as_of, *quality_.mutable_demands());
    Each(view_.demands, [&](const v1::Demand& demand) {
      if (!demand.has_match_time() || !InSpan(access::DayOf(demand.match_time()))) return;
      bool satisfied = false;
      bool ours = false;
      for (const std::string& provider : demand.providers()) {
        if (!IsOurs(provider)) continue;
        ours = true;
        Asked asked{.since = access::DayOf(demand.match_time()), .due = DayIn(demand.due_date()), .answered = kNever};
        for (const v1::DemandAnswer& answer : demand.answers()) {
          if (answer.provider() != provider) continue;
          asked.answered = access::DayOf(answer.answer_time());
          satisfied = satisfied || (asked.answered <= scope_.as_of && answer.kind() != v1::DEMAND_ANSWER_KIND_NOT_HELD);
        }
        counting.Add(asked);
      }
      if (ours && satisfied) quality_.set_demands_satisfied(quality_.demands_satisfied() + 1);
    });
  }

  void CountObjections() {
    Counting counting(calendar_, scope_.as_of, *quality_.mutable_objections());
    Each(view_.objections, [&](const v1::Objection& objection) {
      const absl::CivilDay filed = access::DayOf(objection.file_time());
      if (!IsOurs(objection.provider()) || !InSpan(filed) || objection.state() == v1::OBJECTION_STATE_WITHDRAWN) return;
      Asked asked{.since = filed, .due = DayIn(objection.due_date()), .answered = kNever};
      if (objection.has_answer_time()) asked.answered = access::DayOf(objection.answer_time());
      counting.Add(asked);
    });
  }

  void CountFreshness() {
    for (const auto& [name, history] : view_.resources.all()) {
      const auto* standing = history.Standing(scope_.as_of, scope_.known);
      if (standing == nullptr || !IsOurs(standing->fact.provider()) || !catalog::UpdateDue(standing->fact)) continue;
      quality_.set_entries_published(quality_.entries_published() + 1);
      if (!catalog::IsOverdue(standing->fact, scope_.as_of)) quality_.set_entries_fresh(quality_.entries_fresh() + 1);
    }
  }

  const RecordsView& view_;
  const FigureScope& scope_;
  const std::optional<absl::CivilDay> from_;
  const WorkCalendar& calendar_;
  v1::SharingQuality& quality_;
  Bodies bodies_;
};

}  // namespace

absl::StatusOr<v1::SharingQuality> SharingFigures::Quality(const FigureScope& scope, std::optional<absl::CivilDay> from) const {
  v1::SharingQuality quality;
  quality.set_as_of(FormatDay(scope.as_of));
  const absl::Status read = records_.Read([&](const RecordsView& view, const documents::ChangeReader& changes) -> absl::Status {
    quality.set_known_at(changes.PositionAt(scope.known));
    Serving(view, scope, from, rules_.calendar, quality).Count();
    return absl::OkStatus();
  });
  TRY(read);
  return quality;
}

}  // namespace zhanqiao::oversight
