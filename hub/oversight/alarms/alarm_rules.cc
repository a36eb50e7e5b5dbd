#include "hub/oversight/alarms/alarm_rules.h"

#include <algorithm>
#include <deque>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::oversight {
namespace {

constexpr int kEntriesMax = 100;

// An alarm in the making.
struct Raised {
  v1::AlarmKind kind;
  std::string consumer;
  std::string resource;
  std::string distinct;  // tells alarms of one kind, system and resource apart; no more than its digest is kept
  int64_t value = 0;
  int64_t threshold = 0;
  std::string_view policy_key;
  std::string description;
  std::vector<uint64_t> entries;
};

v1::Alarm AlarmOf(absl::CivilDay day, Raised raised) {
  v1::Alarm alarm;
  const std::string identity = absl::StrCat(static_cast<int>(raised.kind), "|", raised.consumer, "|", raised.resource, "|", raised.distinct);
  alarm.set_name(absl::StrCat("alarms/", FormatDay(day), "-", ToHex(Bytes(Sha256(identity))).substr(0, 12)));
  alarm.set_kind(raised.kind);
  alarm.set_date(FormatDay(day));
  alarm.set_consumer(raised.consumer);
  alarm.set_resource(raised.resource);
  alarm.set_value(raised.value);
  alarm.set_threshold(raised.threshold);
  alarm.set_policy_key(std::string(raised.policy_key));
  alarm.set_description(std::move(raised.description));
  alarm.set_state(v1::ALARM_STATE_OPEN);
  alarm.set_entries_count(static_cast<int64_t>(raised.entries.size()));
  if (raised.entries.size() > kEntriesMax) raised.entries.resize(kEntriesMax);
  *alarm.mutable_entries() = {raised.entries.begin(), raised.entries.end()};
  return alarm;
}

using BySystem = std::map<std::string, std::vector<const ReleaseSeen*>>;

std::vector<uint64_t> IndexesOf(const std::vector<const ReleaseSeen*>& releases) {
  std::vector<uint64_t> indexes;
  for (const ReleaseSeen* release : releases) indexes.push_back(release->index);
  return indexes;
}

class Rules {
 public:
  Rules(const DaySeen& seen, const Policy& policy) : seen_(seen), policy_(policy) {
    for (const ReleaseSeen& release : seen.releases) systems_[release.consumer].push_back(&release);
  }

  absl::StatusOr<std::vector<v1::Alarm>> Run() {
    TRY(Volume());
    TRY(NightUse());
    TRY(Sequential());
    TRY(EmptyHits());
    TRY(ManyLookers());
    std::sort(alarms_.begin(), alarms_.end(), [](const v1::Alarm& a, const v1::Alarm& b) { return a.name() < b.name(); });
    return std::move(alarms_);
  }

 private:
  absl::StatusOr<int64_t> Row(std::string_view key) const { return policy_.At(key, seen_.day); }
  void Raise(Raised raised) { alarms_.push_back(AlarmOf(seen_.day, std::move(raised))); }

  absl::Status Volume() {
    const int64_t times = TRY(Row("alarm.volume_times_mean"));
    const int64_t least = TRY(Row("alarm.volume_releases_min"));
    for (const auto& [system, releases] : systems_) {
      const auto before = seen_.mean_before.find(system);
      if (before == seen_.mean_before.end()) continue;  // its first days tell nothing
      const int64_t threshold = std::max(least, static_cast<int64_t>(before->second * static_cast<double>(times)));
      const auto count = static_cast<int64_t>(releases.size());
      if (count <= threshold) continue;
      Raise({v1::ALARM_KIND_VOLUME, system, "", "", count, threshold, "alarm.volume_times_mean",
             absl::StrCat("当日调用 ", count, " 次，超过日均的 ", times, " 倍（阈值 ", threshold, " 次）"), IndexesOf(releases)});
    }
    return absl::OkStatus();
  }

  absl::Status NightUse() {
    const int64_t begins = TRY(Row("alarm.night_begins_hour"));
    const int64_t ends = TRY(Row("alarm.night_ends_hour"));
    const int64_t threshold = TRY(Row("alarm.night_releases"));
    for (const auto& [system, releases] : systems_) {
      std::vector<uint64_t> indexes;
      for (const ReleaseSeen* release : releases) {
        const int hour = absl::ToCivilSecond(release->time, Shanghai()).hour();
        if (hour >= begins || hour < ends) indexes.push_back(release->index);
      }
      const auto count = static_cast<int64_t>(indexes.size());
      if (count <= threshold) continue;
      Raise({v1::ALARM_KIND_NIGHT_USE, system, "", "", count, threshold, "alarm.night_releases",
             absl::StrCat("夜间（", begins, " 时至次日 ", ends, " 时）调用 ", count, " 次，超过 ", threshold, " 次"), std::move(indexes)});
    }
    return absl::OkStatus();
  }

  // Questions about one person each, every time another, close together: whoever counts up numbers asks like this. The
  // numbers themselves are not known here.
  absl::Status Sequential() {
    const int64_t persons = TRY(Row("alarm.sequential_persons"));
    const absl::Duration window = absl::Seconds(TRY(Row("alarm.sequential_seconds")));
    std::map<std::pair<std::string, std::string>, std::vector<const ReleaseSeen*>> questions;
    for (const ReleaseSeen& release : seen_.releases) {
      if (!release.bulk && release.persons.size() == 1) questions[{release.consumer, release.resource}].push_back(&release);
    }
    for (const auto& [key, releases] : questions) {
      std::deque<const ReleaseSeen*> open;  // within the window, all about different persons
      std::set<std::string> asked;
      std::vector<const ReleaseSeen*> longest;
      for (const ReleaseSeen* release : releases) {
        const auto drop = [&] {
          asked.erase(open.front()->persons.front());
          open.pop_front();
        };
        while (!open.empty() && release->time - open.front()->time > window) drop();
        while (asked.contains(release->persons.front())) drop();
        open.push_back(release);
        asked.insert(release->persons.front());
        if (open.size() > longest.size()) longest.assign(open.begin(), open.end());
      }
      const auto count = static_cast<int64_t>(longest.size());
      if (count <= persons) continue;
      Raise({v1::ALARM_KIND_SEQUENTIAL, key.first, key.second, "", count, persons, "alarm.sequential_persons",
             absl::StrCat(absl::ToInt64Seconds(window), " 秒内逐个查询 ", count, " 个不同的人，超过 ", persons, " 个，疑似按号段遍历"), IndexesOf(longest)});
    }
    return absl::OkStatus();
  }

  absl::Status EmptyHits() {
    const int64_t permille = TRY(Row("alarm.empty_permille"));
    const int64_t least = TRY(Row("alarm.empty_questions_min"));
    std::map<std::pair<std::string, std::string>, std::pair<int64_t, std::vector<uint64_t>>> asked;  // all, and the empty ones
    for (const ReleaseSeen& release : seen_.releases) {
      if (release.bulk) continue;
      auto& [count, empty] = asked[{release.consumer, release.resource}];
      ++count;
      if (release.rows == 0) empty.push_back(release.index);
    }
    for (auto& [key, counts] : asked) {
      auto& [count, empty] = counts;
      const int64_t share = static_cast<int64_t>(empty.size()) * 1000 / count;
      if (count < least || share <= permille) continue;
      Raise({v1::ALARM_KIND_EMPTY_HITS, key.first, key.second, "", share, permille, "alarm.empty_permille",
             absl::StrCat("查询 ", count, " 次，其中 ", empty.size(), " 次无结果，超过千分之 ", permille), std::move(empty)});
    }
    return absl::OkStatus();
  }

  absl::Status ManyLookers() {
    const int64_t threshold = TRY(Row("alarm.lookers"));
    std::map<std::string, std::map<std::string, std::vector<uint64_t>>> lookers;  // by person and system
    for (const ReleaseSeen& release : seen_.releases) {
      if (release.bulk) continue;  // a whole table concerns everybody
      for (const std::string& person : release.persons) lookers[person][release.consumer].push_back(release.index);
    }
    for (const auto& [person, systems] : lookers) {
      const auto count = static_cast<int64_t>(systems.size());
      if (count <= threshold) continue;
      std::vector<uint64_t> indexes;
      for (const auto& [system, some] : systems) indexes.insert(indexes.end(), some.begin(), some.end());
      std::sort(indexes.begin(), indexes.end());
      Raise({v1::ALARM_KIND_MANY_LOOKERS, "", "", person, count, threshold, "alarm.lookers",
             absl::StrCat("同一人当日被 ", count, " 个系统查询，超过 ", threshold, " 个"), std::move(indexes)});
    }
    return absl::OkStatus();
  }

  const DaySeen& seen_;
  const Policy& policy_;
  BySystem systems_;
  std::vector<v1::Alarm> alarms_;
};

}  // namespace

absl::StatusOr<std::vector<v1::Alarm>> AlarmsOf(const DaySeen& seen, const Policy& policy) { return Rules(seen, policy).Run(); }

}  // namespace zhanqiao::oversight
