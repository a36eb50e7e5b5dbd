#include "hub/oversight/measures.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "catalog/base/clock.h"
#include "catalog/model/names.h"

namespace zhanqiao::oversight {
namespace {

using documents::Dated;
using documents::History;
using documents::Knowledge;
using SystemAt = Dated<v1::InformationSystem>;
using FacilityAt = Dated<v1::Facility>;

std::optional<absl::CivilDay> DayIn(const std::string& text) {
  const auto day = ParseDay(text);
  return day.ok() ? std::optional(*day) : std::nullopt;
}

// 20180630 of "2018-06-30", the only form the catalogue lets in; 0 of nothing. Asked a hundred thousand times a figure.
int64_t NumberOf(std::string_view date) {
  if (date.size() != 10) return 0;
  int64_t number = 0;
  for (const char c : date) {
    if (c != '-') number = number * 10 + (c - '0');
  }
  return number;
}

bool IsUntil(const std::string& date, absl::CivilDay day) {
  return !date.empty() && NumberOf(date) <= day.year() * 10'000 + day.month() * 100 + day.day();
}

std::string_view OwnerOf(std::string_view name) {
  return name.substr(0, name.find('/', name.find('/') + 1));
}

template <typename Fact>
void SetCause(const Dated<Fact>& cause, Judged& judged) {
  judged.known_at = cause.known_at;
  judged.change_time = cause.change_time;
}

// What every judgement of a system begins with.
Judged About(std::string_view name, const SystemAt& standing) {
  Judged judged;
  judged.document = name;
  judged.display_name = standing.fact.display_name();
  judged.owner = OwnerOf(name);
  judged.count = std::max(1, standing.fact.inventory().system_count());
  return judged;
}

// Leaves the system out; it stands so since `holds` does.
template <typename Holds>
void Exclude(const History<v1::InformationSystem>& history, const SystemAt& standing, std::string_view reason,
             const Holds& holds, Judged& judged) {
  judged.state = v1::FIGURE_ITEM_STATE_EXCLUDED;
  judged.reason = reason;
  SetCause(history.Since(standing, [&](const SystemAt& at) { return holds(at.fact.inventory()); }), judged);
}

// A date of its own in the newest known record: done if it is there and not after the day.
template <typename DateOf>
bool DoneByDate(const History<v1::InformationSystem>& history, absl::CivilDay day, const Knowledge& known,
                std::string_view reason, const DateOf& date_of, Judged& judged) {
  const SystemAt* newest = history.Newest(known);
  if (newest == nullptr || !IsUntil(date_of(newest->fact.inventory()), day)) return false;
  judged.state = v1::FIGURE_ITEM_STATE_COUNTED;
  judged.reason = reason;
  judged.fact_date = DayIn(date_of(newest->fact.inventory()));
  SetCause(history.Since(*newest, [&](const SystemAt& at) { return IsUntil(date_of(at.fact.inventory()), day); }), judged);
  return true;
}

template <typename Holds>
void IsDue(const History<v1::InformationSystem>& history, const SystemAt& standing, std::string_view reason,
           const Holds& holds, Judged& judged) {
  judged.state = v1::FIGURE_ITEM_STATE_DUE;
  judged.reason = reason;
  SetCause(history.Since(standing, [&](const SystemAt& at) { return holds(at.fact.inventory()); }), judged);
}

// 上云 counts from its date, or without one from the day on which it was recorded.
bool OnCloud(const History<v1::InformationSystem>& history, absl::CivilDay day, const Knowledge& known, Judged& judged) {
  const SystemAt* newest = history.Newest(known);
  if (newest == nullptr || !newest->fact.inventory().on_cloud()) return false;
  const auto undated = [](const SystemAt& at) {
    return at.fact.inventory().on_cloud() && at.fact.inventory().cloud_date().empty();
  };
  const auto dated = [&](const SystemAt& at) { return IsUntil(at.fact.inventory().cloud_date(), day); };
  const bool has_date = !newest->fact.inventory().cloud_date().empty();
  const SystemAt& cause = has_date ? history.Since(*newest, dated) : history.Since(*newest, undated);
  const auto since = has_date ? DayIn(newest->fact.inventory().cloud_date()) : std::optional(cause.effective);
  if (!since || *since > day) return false;
  judged.state = v1::FIGURE_ITEM_STATE_COUNTED;
  judged.reason = "ON_CLOUD";
  judged.fact_date = since;
  SetCause(cause, judged);
  return true;
}

Judged JudgeCloud(std::string_view name, const History<v1::InformationSystem>& history, const SystemAt& standing,
                  absl::CivilDay day, const Knowledge& known) {
  Judged judged = About(name, standing);
  const v1::Inventory& inventory = standing.fact.inventory();
  if (inventory.is_classified()) {
    Exclude(history, standing, "CLASSIFIED", [](const v1::Inventory& i) { return i.is_classified(); }, judged);
  } else if (!inventory.migration_eligible()) {
    const bool exempt = !inventory.cloud_exemption().empty();
    judged.note = inventory.cloud_exemption();
    Exclude(history, standing, exempt ? "EXEMPT" : "NOT_ELIGIBLE",
            [&](const v1::Inventory& i) {
              return !i.is_classified() && !i.migration_eligible() && i.cloud_exemption().empty() != exempt;
            },
            judged);
  } else if (!OnCloud(history, day, known, judged)) {
    const SystemAt* newest = history.Newest(known);
    judged.planned_date = newest == nullptr ? "" : std::string_view(newest->fact.inventory().planned_cloud_date());
    IsDue(history, standing, "NOT_ON_CLOUD",
          [](const v1::Inventory& i) { return !i.is_classified() && i.migration_eligible() && !i.on_cloud(); }, judged);
  }
  return judged;
}

std::optional<Judged> JudgeIntegration(std::string_view name, const History<v1::InformationSystem>& history,
                                       const SystemAt& standing, absl::CivilDay day, const Knowledge& known) {
  const auto to_merge = [](const v1::Inventory& i) { return !i.merged_into().empty() || i.is_section_level(); };
  Judged judged = About(name, standing);
  if (DoneByDate(history, day, known, "MERGED", [](const v1::Inventory& i) -> const std::string& { return i.merged_date(); },
                 judged)) {
    judged.note = history.Newest(known)->fact.inventory().merged_into();
    return judged;
  }
  if (!to_merge(standing.fact.inventory())) return std::nullopt;
  judged.note = standing.fact.inventory().merged_into();
  IsDue(history, standing, "NOT_MERGED", to_merge, judged);
  return judged;
}

std::optional<Judged> JudgeClearing(std::string_view name, const History<v1::InformationSystem>& history,
                                    const SystemAt& standing, absl::CivilDay day, const Knowledge& known) {
  const auto to_clear = [](const v1::Inventory& i) {
    return i.cleanup_class() == v1::CLEANUP_CLASS_IDLE || i.cleanup_class() == v1::CLEANUP_CLASS_STALE ||
           i.cleanup_class() == v1::CLEANUP_CLASS_ZOMBIE;
  };
  Judged judged = About(name, standing);
  const SystemAt* newest = history.Newest(known);
  // A record that came with its class later than the day, but tells that it was cleared before, counts all the same.
  const bool cleared = newest != nullptr && to_clear(newest->fact.inventory()) &&
                       DoneByDate(history, day, known, "CLEARED",
                                  [](const v1::Inventory& i) -> const std::string& { return i.cleared_date(); }, judged);
  if (cleared) return judged;
  if (!to_clear(standing.fact.inventory())) return std::nullopt;
  IsDue(history, standing, "NOT_CLEARED", to_clear, judged);
  return judged;
}

// The first published entry, by name, that comes from each system on the day.
using Coverage = absl::flat_hash_map<std::string_view, const Dated<v1::Resource>*>;

Coverage CoverageOn(const RecordsView& view, absl::CivilDay day, const Knowledge& known) {
  Coverage coverage;
  for (const auto& [name, history] : view.resources.all()) {
    const auto* standing = history.Standing(day, known);
    if (standing == nullptr || standing->fact.state() != v1::RESOURCE_STATE_PUBLISHED) continue;
    if (standing->fact.source_system().empty()) continue;
    const std::string& source = standing->fact.source_system();
    const auto& cause = history.Since(*standing, [&](const Dated<v1::Resource>& at) {
      return at.fact.state() == v1::RESOURCE_STATE_PUBLISHED && at.fact.source_system() == source;
    });
    coverage.try_emplace(standing->fact.source_system(), &cause);
  }
  return coverage;
}

bool IsOutOfUse(const v1::Inventory& i) {
  return i.construction_status() == v1::CONSTRUCTION_STATUS_APPROVED ||
         i.construction_status() == v1::CONSTRUCTION_STATUS_BUILDING ||
         i.construction_status() == v1::CONSTRUCTION_STATUS_OUT_OF_USE;
}

Judged JudgeCoverage(std::string_view name, const History<v1::InformationSystem>& history, const SystemAt& standing,
                     absl::CivilDay day, const Knowledge& known, const Coverage& coverage) {
  Judged judged = About(name, standing);
  const v1::Inventory& newest = history.Newest(known) == nullptr ? standing.fact.inventory()
                                                                 : history.Newest(known)->fact.inventory();
  const auto always = [](const v1::Inventory&) { return true; };
  if (standing.fact.inventory().is_classified()) {
    Exclude(history, standing, "CLASSIFIED", [](const v1::Inventory& i) { return i.is_classified(); }, judged);
  } else if (IsOutOfUse(standing.fact.inventory())) {
    Exclude(history, standing, "NOT_IN_USE", IsOutOfUse, judged);
  } else if (IsUntil(newest.cleared_date(), day)) {
    DoneByDate(history, day, known, "NOT_IN_USE", [](const v1::Inventory& i) -> const std::string& { return i.cleared_date(); },
               judged);
    judged.state = v1::FIGURE_ITEM_STATE_EXCLUDED;
  } else if (IsUntil(newest.merged_date(), day)) {
    DoneByDate(history, day, known, "NOT_IN_USE", [](const v1::Inventory& i) -> const std::string& { return i.merged_date(); },
               judged);
    judged.state = v1::FIGURE_ITEM_STATE_EXCLUDED;
  } else if (const auto found = coverage.find(name); found != coverage.end()) {
    judged.state = v1::FIGURE_ITEM_STATE_COUNTED;
    judged.reason = "COVERED";
    judged.note = found->second->fact.name();
    judged.fact_date = found->second->effective;
    SetCause(*found->second, judged);
  } else {
    IsDue(history, standing, "NOT_COVERED", always, judged);
  }
  return judged;
}

std::optional<Judged> JudgeFacility(v1::FacilityKind kind, std::string_view name, const History<v1::Facility>& history,
                                    absl::CivilDay day, const Knowledge& known) {
  const FacilityAt* newest = history.Newest(known);
  if (newest == nullptr || newest->fact.kind() != kind) return std::nullopt;
  const FacilityAt* standing = history.Standing(day, known);
  const bool done = IsUntil(newest->fact.done_date(), day);
  if (standing == nullptr && done) standing = history.First(known);
  if (standing == nullptr) return std::nullopt;
  Judged judged;
  judged.document = name;
  judged.display_name = standing->fact.display_name();
  judged.owner = OwnerOf(name);
  const bool network = kind == v1::FACILITY_KIND_BUSINESS_NETWORK;
  if (done) {
    judged.state = v1::FIGURE_ITEM_STATE_COUNTED;
    judged.reason = network ? "MIGRATED" : "MERGED";
    judged.fact_date = DayIn(newest->fact.done_date());
    SetCause(history.Since(*newest, [&](const FacilityAt& at) { return IsUntil(at.fact.done_date(), day); }), judged);
  } else if (!standing->fact.exemption_approval().empty()) {
    judged.state = v1::FIGURE_ITEM_STATE_EXCLUDED;
    judged.reason = "EXEMPTION_APPROVED";
    judged.note = standing->fact.exemption_approval();
    SetCause(history.Since(*standing, [](const FacilityAt& at) { return !at.fact.exemption_approval().empty(); }), judged);
  } else {
    judged.state = v1::FIGURE_ITEM_STATE_DUE;
    judged.reason = network ? "NOT_MIGRATED" : "NOT_MERGED";
    judged.planned_date = newest->fact.planned_date();
    SetCause(history.Since(*standing, [](const FacilityAt& at) { return at.fact.exemption_approval().empty(); }), judged);
  }
  return judged;
}

void JudgeFacilities(v1::FacilityKind kind, const RecordsView& view, absl::CivilDay day, const Knowledge& known,
                     absl::FunctionRef<void(const Judged&)> each) {
  for (const auto& [name, history] : view.facilities.all()) {
    if (const auto judged = JudgeFacility(kind, name, history, day, known)) each(*judged);
  }
}

// Calls `judge` with every system that is there on the day.
template <typename JudgeOne>
void JudgeSystems(const RecordsView& view, absl::CivilDay day, const Knowledge& known,
                  absl::FunctionRef<void(const Judged&)> each, const JudgeOne& judge) {
  for (const auto& [name, history] : view.systems.all()) {
    const SystemAt* standing = SystemOn(history, day, known);
    if (standing == nullptr) continue;
    const std::optional<Judged> judged = judge(name, history, *standing, day, known);
    if (judged) each(*judged);
  }
}

}  // namespace

const SystemAt* SystemOn(const History<v1::InformationSystem>& history, absl::CivilDay day, const Knowledge& known) {
  if (const SystemAt* standing = history.Standing(day, known)) return standing;
  const SystemAt* newest = history.Newest(known);
  const SystemAt* first = history.First(known);
  if (newest == nullptr || first == nullptr || first->effective <= day) return nullptr;
  const v1::Inventory& inventory = newest->fact.inventory();
  const bool was_there = IsUntil(inventory.approval_date(), day) || IsUntil(inventory.cloud_date(), day) ||
                         IsUntil(inventory.merged_date(), day) || IsUntil(inventory.cleared_date(), day);
  return was_there ? first : nullptr;
}

void Judge(v1::Measure measure, const RecordsView& view, absl::CivilDay day, const Knowledge& known,
           absl::FunctionRef<void(const Judged&)> each) {
  switch (measure) {
    case v1::MEASURE_CLOUD_MIGRATION_RATIO:
      return JudgeSystems(view, day, known, each, JudgeCloud);
    case v1::MEASURE_SYSTEMS_INTEGRATED:
      return JudgeSystems(view, day, known, each, JudgeIntegration);
    case v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED:
      return JudgeSystems(view, day, known, each, JudgeClearing);
    case v1::MEASURE_PRIVATE_NETWORKS_MIGRATED:
      return JudgeFacilities(v1::FACILITY_KIND_BUSINESS_NETWORK, view, day, known, each);
    case v1::MEASURE_INTERNET_EXITS_MERGED:
      return JudgeFacilities(v1::FACILITY_KIND_INTERNET_EXIT, view, day, known, each);
    case v1::MEASURE_PORTALS_MERGED:
      return JudgeFacilities(v1::FACILITY_KIND_PORTAL, view, day, known, each);
    case v1::MEASURE_CATALOGUE_COVERAGE: {
      const Coverage coverage = CoverageOn(view, day, known);
      return JudgeSystems(view, day, known, each, [&](std::string_view name, const auto& history, const auto& standing, absl::CivilDay on, const Knowledge& knowing) {
        return JudgeCoverage(name, history, standing, on, knowing, coverage);
      });
    }
    default:
      return;
  }
}

}  // namespace zhanqiao::oversight
