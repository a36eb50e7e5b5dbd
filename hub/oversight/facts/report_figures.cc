#include "hub/oversight/facts/report_figures.h"

#include <algorithm>
#include <set>

#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/model/update_cycle.h"
#include "hub/oversight/bodies.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/measures.h"

namespace zhanqiao::oversight {
namespace {

using Key = ReportFigureKey;

constexpr auto kCatalogue = v1::REPORT_SECTION_CATALOGUE;
constexpr auto kIntegration = v1::REPORT_SECTION_INTEGRATION;
constexpr auto kSharing = v1::REPORT_SECTION_SHARING;

constexpr ReportFigureDefinition kDefinitions[] = {
    {"catalogue.entries", kCatalogue, "目录条目总数", "条", "Catalogue entries", true},
    {"catalogue.published", kCatalogue, "已发布条目", "条", "Published entries", true},
    {"catalogue.newly_published", kCatalogue, "本期新发布条目", "条", "Entries newly published", true},
    {"catalogue.withdrawn", kCatalogue, "本期撤销条目", "条", "Entries withdrawn", true},
    {"catalogue.updated", kCatalogue, "本期更新数据的条目", "条", "Entries whose data were updated", true},
    {"catalogue.overdue_updates", kCatalogue, "超过更新周期的条目", "条", "Entries past their update cycle", true},
    {"catalogue.shareable", kCatalogue, "可共享条目占比", "", "Share of entries that can be shared", true},
    {"catalogue.coverage", kCatalogue, "编目覆盖率（在用系统）", "", "Systems in use covered by the catalogue", true},
    {"systems.total", kIntegration, "政务信息系统", "个", "Information systems", true},
    {"systems.on_cloud", kIntegration, "上云比例", "", "Systems on the government cloud", true},
    {"systems.newly_on_cloud", kIntegration, "本期新上云系统", "个", "Systems newly on the cloud", true},
    {"systems.integrated", kIntegration, "整合归并比例", "", "Systems integrated", true},
    {"systems.cleared", kIntegration, "闲置、停更停维、僵尸系统清理比例", "", "Idle, stale and zombie systems cleared", true},
    {"networks.migrated", kIntegration, "业务专网迁移比例", "", "Private networks migrated", false},
    {"exits.merged", kIntegration, "互联网出口归并比例", "", "Internet exits merged", false},
    {"portals.merged", kIntegration, "开放网站归并比例", "", "Open-data portals merged", true},
    {"systems.unified_id", kIntegration, "面向公众系统接入统一用户体系比例", "", "Public systems with the unified user system", true},
    {"sharing.provided", kSharing, "提供数据次数", "次", "Releases of data provided", true},
    {"sharing.provided_rows", kSharing, "提供数据行数", "行", "Rows provided", true},
    {"sharing.used", kSharing, "使用数据次数", "次", "Releases of data used", true},
    {"sharing.used_rows", kSharing, "使用数据行数", "行", "Rows used", true},
    {"sharing.refused", kSharing, "使用请求被拒次数", "次", "Refused requests", false},
    {"sharing.grants_given", kSharing, "有效授权（作为提供方）", "件", "Grants in force, as provider", true},
    {"sharing.grants_held", kSharing, "有效授权（作为使用方）", "件", "Grants in force, as consumer", true},
    {"sharing.applications", kSharing, "本期收到共享申请", "件", "Applications received", false},
    {"sharing.overdue_answers", kSharing, "逾期未答复的共享申请", "件", "Applications past their due date", false},
    {"sharing.open_demands", kSharing, "待答复的数据需求", "件", "Demands to answer", false},
    {"sharing.open_objections", kSharing, "核处中的疑义", "件", "Objections being checked", false},
};
static_assert(std::size(kDefinitions) == kReportFigures);

class Derivation {
 public:
  Derivation(const RecordsView& view, const Period& period)
      : view_(view), period_(period), bodies_(view_, period_.to, known_) {}

  absl::StatusOr<ReportTable> Run(const Exchanges& exchanges) {
    for (const auto& [name, history] : view_.resources.all()) CountEntry(history);
    for (const auto& [name, history] : view_.systems.all()) CountSystem(name, history);
    CountMeasures();
    Each(view_.grants, [this](const v1::Grant& grant) { CountGrant(grant); });
    Each(view_.demands, [this](const v1::Demand& demand) { CountDemand(demand); });
    Each(view_.objections, [this](const v1::Objection& objection) {
      if (objection.state() == v1::OBJECTION_STATE_OPEN) Count(objection.provider(), Key::kOpenObjections);
    });
    for (const auto& [name, history] : view_.samples.all()) {
      if (const auto* newest = history.Newest(known_)) CountSample(newest->fact);
    }
    TRY(exchanges.Each(period_, [this](const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
      CountExchange(cell, sums);
    }));
    return std::move(table_);
  }

 private:
  template <typename Fact, typename Use>
  void Each(const documents::Timeline<Fact>& timeline, const Use& use) {
    for (const auto& [name, history] : timeline.all()) {
      if (const auto* standing = history.Standing(period_.to, known_)) use(standing->fact);
    }
  }

  ReportValue& At(std::string_view organization, Key key) {
    return table_.bodies[bodies_.HolderOf(organization)][static_cast<size_t>(key)];
  }
  void Count(std::string_view organization, Key key, int64_t count = 1) {
    if (!organization.empty()) At(organization, key).value += count;
  }
  void CountPart(std::string_view organization, Key key, bool part, int64_t count = 1) {
    At(organization, key).Add({part ? count : 0, count});
  }
  bool InPeriod(absl::CivilDay day) const { return day >= period_.from && day <= period_.to; }
  bool InPeriod(std::string_view date) const {
    const auto day = ParseDay(date);
    return day.ok() && InPeriod(*day);
  }

  void CountEntry(const documents::History<v1::Resource>& history) {
    const auto* standing = history.Standing(period_.to, known_);
    if (standing == nullptr) return;
    const v1::Resource& entry = standing->fact;
    const std::string& body = entry.provider();
    const auto* before = history.Standing(period_.from - 1, known_);
    const bool was_published = before != nullptr && before->fact.state() == v1::RESOURCE_STATE_PUBLISHED;
    if (entry.state() == v1::RESOURCE_STATE_WITHDRAWN) {
      if (was_published) Count(body, Key::kWithdrawn);
      return;
    }
    Count(body, Key::kEntries);
    if (entry.state() != v1::RESOURCE_STATE_PUBLISHED) return;
    Count(body, Key::kPublished);
    if (!was_published) Count(body, Key::kNewlyPublished);
    if (InPeriod(entry.data_update_date())) Count(body, Key::kUpdated);
    if (catalog::IsOverdue(entry, period_.to)) Count(body, Key::kOverdueUpdates);
    CountPart(body, Key::kShareable, entry.share_type() != v1::SHARE_TYPE_NOT_SHARED);
  }

  void CountSystem(const std::string& name, const documents::History<v1::InformationSystem>& history) {
    const auto* standing = SystemOn(history, period_.to, known_);
    if (standing == nullptr) return;
    const v1::Inventory& inventory = standing->fact.inventory();
    const int64_t count = std::max(1, inventory.system_count());
    Count(BodyOf(name), Key::kSystems, count);
    if (inventory.is_public_facing()) CountPart(BodyOf(name), Key::kUnifiedId, inventory.uses_unified_id(), count);
  }

  void CountMeasures() {
    constexpr std::pair<v1::Measure, Key> kMeasures[] = {
        {v1::MEASURE_CATALOGUE_COVERAGE, Key::kCoverage},
        {v1::MEASURE_CLOUD_MIGRATION_RATIO, Key::kOnCloud},
        {v1::MEASURE_SYSTEMS_INTEGRATED, Key::kIntegrated},
        {v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED, Key::kCleared},
        {v1::MEASURE_PRIVATE_NETWORKS_MIGRATED, Key::kPrivateNetworks},
        {v1::MEASURE_INTERNET_EXITS_MERGED, Key::kInternetExits},
        {v1::MEASURE_PORTALS_MERGED, Key::kPortals},
    };
    for (const auto& [measure, key] : kMeasures) {
      Judge(measure, view_, period_.to, known_, [&, key = key](const Judged& judged) {
        if (judged.state == v1::FIGURE_ITEM_STATE_EXCLUDED) return;
        const bool counted = judged.state == v1::FIGURE_ITEM_STATE_COUNTED;
        CountPart(judged.owner, key, counted, judged.count);
        if (key == Key::kOnCloud && counted && judged.fact_date && InPeriod(*judged.fact_date)) {
          Count(judged.owner, Key::kNewlyOnCloud, judged.count);
        }
      });
    }
  }

  std::string ProviderOf(std::string_view resource) const {
    const auto* history = view_.resources.Find(resource);
    const auto* entry = history == nullptr ? nullptr : history->Standing(period_.to, known_);
    return entry == nullptr ? std::string() : entry->fact.provider();
  }

  void CountGrant(const v1::Grant& grant) {
    const std::string provider = ProviderOf(grant.resource());
    if (grant.state() == v1::GRANT_STATE_ACTIVE) {
      Count(provider, Key::kGrantsGiven);
      Count(BodyOf(grant.consumer()), Key::kGrantsHeld);
    }
    if (grant.has_submit_time() && InPeriod(CivilDayOf(absl::FromUnixSeconds(grant.submit_time().seconds())))) {
      Count(provider, Key::kApplications);
    }
    const bool undecided = grant.state() == v1::GRANT_STATE_SUBMITTED || grant.state() == v1::GRANT_STATE_ACCEPTED ||
                           grant.state() == v1::GRANT_STATE_ESCALATED;
    if (undecided && !grant.due_date().empty() && grant.due_date() < FormatDay(period_.to)) {
      Count(provider, Key::kOverdueAnswers);
    }
  }

  void CountDemand(const v1::Demand& demand) {
    if (demand.state() != v1::DEMAND_STATE_MATCHED) return;
    std::set<std::string> waiting(demand.providers().begin(), demand.providers().end());
    for (const v1::DemandAnswer& answer : demand.answers()) waiting.erase(answer.provider());
    for (const std::string& provider : waiting) Count(provider, Key::kOpenDemands);
  }

  void CountExchange(const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
    Bodies& holders = HoldersOn(cell.day);
    const auto add = [&](std::string_view body, Key key, uint64_t number) {
      if (body.empty()) return;
      table_.bodies[holders.HolderOf(body)][static_cast<size_t>(key)].value += static_cast<int64_t>(number);
    };
    const std::string consumer = BodyOf(cell.consumer);
    if (!cell.reason.empty()) return add(consumer, Key::kRefused, sums.count);
    add(cell.provider, Key::kProvided, sums.count);
    add(cell.provider, Key::kProvidedRows, sums.rows);
    add(consumer, Key::kUsed, sums.count);
    add(consumer, Key::kUsedRows, sums.rows);
  }

  // Exchanges of a generated sample, where the hub holds one (oversight.proto). Each cell has a day of its own.
  void CountSample(const v1::SharingSample& sample) {
    const auto month = ParseMonth(std::string_view(sample.name()).substr(sample.name().rfind('/') + 1));
    if (!month.ok() || absl::CivilDay(*month) > period_.to || LastDayOf(*month) < period_.from) return;
    const auto text = [&](int position) {
      return position >= 0 && position < sample.texts_size() ? sample.texts(position) : std::string();
    };
    for (const v1::SharingSampleCell& cell : sample.cells()) {
      const absl::CivilDay day = absl::CivilDay(*month) + (cell.day() - 1);
      if (!InPeriod(day)) continue;
      CountExchange({NumberOfDay(day), text(cell.consumer()), text(cell.provider()), text(cell.resource()), "", text(cell.reason())},
                    {cell.count(), cell.rows(), cell.bytes()});
    }
  }

  Bodies& HoldersOn(int32_t day) {
    const auto found = holders_.find(day);
    if (found != holders_.end()) return found->second;
    return holders_.emplace(day, Bodies(view_, DayOfNumber(day), known_)).first->second;
  }

  const RecordsView& view_;
  const Period period_;
  const documents::Knowledge known_{.known_at = period_.known_at, .before = std::nullopt};
  Bodies bodies_;
  std::map<int32_t, Bodies> holders_;  // by day
  ReportTable table_;
};

}  // namespace

absl::Span<const ReportFigureDefinition> ReportFigureDefinitions() { return kDefinitions; }

std::optional<size_t> ReportFigureNumber(std::string_view key) {
  for (size_t i = 0; i < kReportFigures; ++i) {
    if (kDefinitions[i].key == key) return i;
  }
  return std::nullopt;
}

ReportRow ReportTable::Of(const std::string& organization) const {
  const auto found = bodies.find(organization);
  return found == bodies.end() ? ReportRow() : found->second;
}

ReportRow ReportTable::City() const {
  ReportRow sum;
  for (const auto& [name, row] : bodies) {
    for (size_t i = 0; i < kReportFigures; ++i) sum[i].Add(row[i]);
  }
  return sum;
}

absl::StatusOr<ReportTable> DeriveFigures(const RecordsView& view, const Exchanges& exchanges, const Period& period) {
  return Derivation(view, period).Run(exchanges);
}

v1::ReportFigures ToMessage(const ReportRow& row, const Period& period) {
  v1::ReportFigures message;
  message.set_from_date(FormatDay(period.from));
  message.set_as_of(FormatDay(period.to));
  message.set_known_at(period.known_at);
  for (size_t i = 0; i < kReportFigures; ++i) {
    v1::ReportFigure& figure = *message.add_figures();
    figure.set_key(std::string(kDefinitions[i].key));
    figure.set_section(kDefinitions[i].section);
    figure.set_display_name(std::string(kDefinitions[i].display_name));
    figure.set_unit(std::string(kDefinitions[i].unit));
    figure.set_value(row[i].value);
    if (kDefinitions[i].unit.empty()) figure.set_denominator(row[i].denominator);
  }
  return message;
}

absl::StatusOr<Period> PeriodOf(const v1::ReportFigures& figures) {
  Period period;
  period.from = TRY(ParseDay(figures.from_date()));
  period.to = TRY(ParseDay(figures.as_of()));
  period.known_at = figures.known_at();
  return period;
}

}  // namespace zhanqiao::oversight
