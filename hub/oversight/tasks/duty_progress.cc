#include "hub/oversight/tasks/duty_progress.h"

#include <algorithm>

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "hub/oversight/bodies.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/measures.h"
#include "hub/oversight/reports/punctuality.h"

namespace zhanqiao::oversight {
namespace {

constexpr int kEvidenceMax = 50;
constexpr std::string_view kOpenDatasets = "open_datasets";
constexpr std::string_view kMonthlyReport = "monthly_report";
constexpr std::string_view kUnifiedId = "id_system";

constexpr std::pair<std::string_view, v1::Measure> kMeasures[] = {
    {"cloud_migration_ratio", v1::MEASURE_CLOUD_MIGRATION_RATIO},
    {"systems_integrated", v1::MEASURE_SYSTEMS_INTEGRATED},
    {"zombie_systems_cleared", v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED},
    {"private_networks_migrated", v1::MEASURE_PRIVATE_NETWORKS_MIGRATED},
    {"internet_exits_merged", v1::MEASURE_INTERNET_EXITS_MERGED},
    {"portals_merged", v1::MEASURE_PORTALS_MERGED},
    {"catalogue_coverage", v1::MEASURE_CATALOGUE_COVERAGE},
};

std::optional<v1::Measure> MeasureOf(std::string_view word) {
  for (const auto& [name, measure] : kMeasures) {
    if (name == word) return measure;
  }
  return std::nullopt;
}

// The newest attestation of a body that holds on the day.
const v1::Attestation* AttestationOf(const v1::Task& task, const std::string& organization, absl::CivilDay day) {
  const v1::Attestation* newest = nullptr;
  for (const v1::Attestation& one : task.attestations()) {
    if (one.organization() == organization && one.date() <= FormatDay(day)) newest = &one;
  }
  return newest;
}

}  // namespace

bool IsDerived(const v1::Task& task) {
  if (task.measure() == kOpenDatasets || task.measure() == kMonthlyReport) return true;
  // One portal, one identity system: whether that stands is no count of what the hub keeps.
  if (task.unit() == "个") return false;
  return task.measure() == kUnifiedId || MeasureOf(task.measure()).has_value();
}

std::vector<std::string> DutyBook::LeadsOf(const v1::Task& task) const {
  std::set<std::string> leads;
  for (const std::string& lead : task.leads()) {
    for (std::string& body : DutyBodies(view_, lead, as_of_, known_)) leads.insert(std::move(body));
  }
  return {leads.begin(), leads.end()};
}

bool DutyBook::Concerns(const v1::Task& task, const std::string& organization, v1::TaskRole role) const {
  const auto names = [&](const google::protobuf::RepeatedPtrField<std::string>& leads) {
    return std::any_of(leads.begin(), leads.end(), [&](const std::string& lead) {
      const std::vector<std::string> bodies = DutyBodies(view_, lead, as_of_, known_);
      return std::find(bodies.begin(), bodies.end(), organization) != bodies.end();
    });
  };
  return (role != v1::TASK_ROLE_SUPPORT && names(task.leads())) || (role != v1::TASK_ROLE_LEAD && names(task.supports()));
}

std::set<std::string> DutyBook::ScopeOf(const v1::Task& task) const {
  std::set<std::string> bodies;
  const auto add = [&](const google::protobuf::RepeatedPtrField<std::string>& leads) {
    for (const std::string& lead : leads) {
      if (!IsDutyGroup(lead)) continue;
      for (std::string& body : DutyBodies(view_, lead, as_of_, known_)) bodies.insert(std::move(body));
    }
  };
  add(task.leads());
  if (bodies.empty()) add(task.supports());
  return bodies;
}

const DutyBook::Counted& DutyBook::Count(std::string_view measure) {
  const auto known = counted_.find(measure);
  if (known != counted_.end()) return known->second;
  Counted& counted = counted_[std::string(measure)];
  if (measure == kUnifiedId) {
    CountUnifiedId(counted);
  } else if (measure == kMonthlyReport) {
    CountReporting(counted);
  } else if (const auto one = MeasureOf(measure)) {
    Bodies bodies(view_, as_of_, known_);
    Judge(*one, view_, as_of_, known_, [&](const Judged& judged) {
      if (judged.state == v1::FIGURE_ITEM_STATE_EXCLUDED) return;
      const std::string& holder = bodies.HolderOf(judged.owner);
      Share& share = counted.bodies[holder];
      share.due += judged.count;
      if (judged.state != v1::FIGURE_ITEM_STATE_COUNTED) return;
      share.counted += judged.count;
      counted.evidence.emplace_back(judged.known_at, holder);
      auto& last = counted.last[holder];
      if (judged.fact_date && (!last || *last < *judged.fact_date)) last = judged.fact_date;
    });
  }
  std::sort(counted.evidence.begin(), counted.evidence.end());
  return counted;
}

// Systems that face the public and use the unified user system (plan 二（五）).
void DutyBook::CountUnifiedId(Counted& counted) const {
  Bodies bodies(view_, as_of_, known_);
  for (const auto& [name, history] : view_.systems.all()) {
    const auto* standing = SystemOn(history, as_of_, known_);
    if (standing == nullptr || !standing->fact.inventory().is_public_facing()) continue;
    const v1::Inventory& inventory = standing->fact.inventory();
    const std::string& holder = bodies.HolderOf(BodyOf(name));
    Share& share = counted.bodies[holder];
    const int count = std::max(1, inventory.system_count());
    share.due += count;
    if (!inventory.uses_unified_id()) continue;
    share.counted += count;
    const auto& cause = history.Since(*standing, [](const auto& at) { return at.fact.inventory().uses_unified_id(); });
    counted.evidence.emplace_back(cause.known_at, holder);
  }
}

// Monthly reports that were handed in, over those that were due.
void DutyBook::CountReporting(Counted& counted) const {
  for (absl::CivilMonth month = kFirstReportMonth; absl::CivilDay(month + 1) - 1 <= as_of_; ++month) {
    for (const v1::DueReport& line : DueReports(view_, month, as_of_, known_)) {
      Share& share = counted.bodies[line.organization()];
      ++share.due;
      if (line.submit_date().empty()) continue;
      ++share.counted;
      counted.evidence.emplace_back(line.submit_index(), line.organization());
    }
  }
}

std::optional<double> DutyBook::ValueOf(const v1::Task& task, const std::string& organization) {
  const Counted& counted = Count(task.measure());
  const auto found = counted.bodies.find(organization);
  if (found == counted.bodies.end() || found->second.due == 0) return std::nullopt;
  return static_cast<double>(found->second.counted) / static_cast<double>(found->second.due);
}

absl::Status DutyBook::Derive(const v1::Task& task, v1::DutyProgress& progress) {
  progress.set_source(v1::PROGRESS_SOURCE_DERIVED);
  if (task.measure() == kOpenDatasets) {
    progress.set_value(static_cast<double>(outside_.open_datasets.value_or(0)));
    progress.set_target(task.target());
    progress.set_done(progress.value() >= task.target());
    return absl::OkStatus();
  }
  const int64_t percent = TRY(policy_.At("task.basically_percent", as_of_));
  const bool states_number = task.has_target() && task.target() <= 1.0;
  progress.set_target(states_number ? task.target() : static_cast<double>(percent) / 100.0);
  const Counted& counted = Count(task.measure());
  const std::set<std::string> scope = ScopeOf(task);
  const auto in_scope = [&](const std::string& body) { return scope.empty() || scope.contains(body); };
  Share sum;
  std::optional<absl::CivilDay> last;
  for (const auto& [body, share] : counted.bodies) {
    if (!in_scope(body)) continue;
    sum.counted += share.counted;
    sum.due += share.due;
    const auto done_on = counted.last.find(body);
    if (done_on != counted.last.end() && done_on->second && (!last || *last < *done_on->second)) last = done_on->second;
    if (static_cast<double>(share.counted) < progress.target() * static_cast<double>(share.due)) progress.add_behind(body);
  }
  for (const auto& [index, body] : counted.evidence) {
    if (!in_scope(body)) continue;
    if (progress.evidence_size() < kEvidenceMax) progress.add_evidence(index);
    progress.set_evidence_count(progress.evidence_count() + 1);
  }
  progress.set_value(sum.due == 0 ? 0 : static_cast<double>(sum.counted) / static_cast<double>(sum.due));
  progress.set_done(sum.due > 0 && progress.value() >= progress.target());
  if (progress.done() && last) progress.set_done_date(FormatDay(*last));
  return absl::OkStatus();
}

void DutyBook::Attested(const v1::Task& task, v1::DutyProgress& progress) const {
  const std::vector<std::string> leads = LeadsOf(task);
  int64_t sum = 0;
  std::string last;
  for (const std::string& body : leads) {
    const v1::Attestation* attestation = AttestationOf(task, body, as_of_);
    if (attestation == nullptr || attestation->percent() < 100) progress.add_behind(body);
    if (attestation == nullptr) continue;
    progress.set_source(v1::PROGRESS_SOURCE_ATTESTED);
    sum += attestation->percent();
    last = std::max(last, attestation->date());
    for (const uint64_t index : attestation->evidence()) {
      if (progress.evidence_size() < kEvidenceMax) progress.add_evidence(index);
      progress.set_evidence_count(progress.evidence_count() + 1);
    }
  }
  progress.set_target(100);
  progress.set_value(leads.empty() ? 0 : static_cast<double>(sum) / static_cast<double>(leads.size()));
  progress.set_done(!leads.empty() && progress.behind().empty());
  if (progress.done()) progress.set_done_date(last);
}

absl::Status DutyBook::SetLight(const v1::Task& task, v1::DutyProgress& progress) const {
  if (progress.done()) {
    progress.set_light(v1::TASK_LIGHT_GREEN);
  } else if (task.deadline().empty()) {
    progress.set_light(v1::TASK_LIGHT_GREY);
  }
  if (task.deadline().empty()) return absl::OkStatus();
  const absl::CivilDay deadline = TRY(ParseDay(task.deadline()));
  const int64_t left = deadline - as_of_;
  progress.set_days_to_deadline(static_cast<int32_t>(left));
  if (progress.done()) return absl::OkStatus();
  const int64_t warning = TRY(policy_.At("task.warning_days", as_of_));
  progress.set_overdue(left < 0);
  progress.set_light(left < 0 ? v1::TASK_LIGHT_RED : left <= warning ? v1::TASK_LIGHT_YELLOW : v1::TASK_LIGHT_GREEN);
  return absl::OkStatus();
}

absl::StatusOr<v1::DutyProgress> DutyBook::ProgressOf(const v1::Task& task) {
  v1::DutyProgress progress;
  if (IsDerived(task)) {
    TRY(Derive(task, progress));
  } else {
    Attested(task, progress);
  }
  TRY(SetLight(task, progress));
  return progress;
}

}  // namespace zhanqiao::oversight
