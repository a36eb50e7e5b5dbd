#include "hub/oversight/facts/report_figures.h"

#include <algorithm>
#include <set>

#include "absl/time/time.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/model/update_cycle.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/demand.pb.h"
#include "zhanqiao/v1/objection.pb.h"

namespace zhanqiao::oversight {
namespace {

using Key = ReportFigureKey;

constexpr auto kCatalogue = v1::REPORT_SECTION_CATALOGUE;
constexpr auto kIntegration = v1::REPORT_SECTION_INTEGRATION;
constexpr auto kSharing = v1::REPORT_SECTION_SHARING;

constexpr FigureDefinition kDefinitions[] = {
    {"catalogue.entries", kCatalogue, "目录条目总数", "条"},
    {"catalogue.published", kCatalogue, "已发布条目", "条"},
    {"catalogue.newly_published", kCatalogue, "本期新发布条目", "条"},
    {"catalogue.withdrawn", kCatalogue, "本期撤销条目", "条"},
    {"catalogue.updated", kCatalogue, "本期更新数据的条目", "条"},
    {"catalogue.overdue_updates", kCatalogue, "超过更新周期的条目", "条"},
    {"catalogue.shareable", kCatalogue, "可共享条目占比", ""},
    {"systems.total", kIntegration, "政务信息系统", "个"},
    {"systems.on_cloud", kIntegration, "上云比例", ""},
    {"systems.newly_on_cloud", kIntegration, "本期新上云系统", "个"},
    {"systems.cleared", kIntegration, "闲置、停更停维、僵尸系统清理比例", ""},
    {"systems.section_merged", kIntegration, "处室系统归并比例", ""},
    {"systems.unified_id", kIntegration, "面向公众系统接入统一用户体系比例", ""},
    {"systems.target_networks", kIntegration, "内网、外网系统占比", ""},
    {"sharing.provided", kSharing, "提供数据次数", "次"},
    {"sharing.provided_rows", kSharing, "提供数据行数", "行"},
    {"sharing.used", kSharing, "使用数据次数", "次"},
    {"sharing.used_rows", kSharing, "使用数据行数", "行"},
    {"sharing.refused", kSharing, "使用请求被拒次数", "次"},
    {"sharing.grants_given", kSharing, "有效授权（作为提供方）", "件"},
    {"sharing.grants_held", kSharing, "有效授权（作为使用方）", "件"},
    {"sharing.applications", kSharing, "本期收到共享申请", "件"},
    {"sharing.overdue_answers", kSharing, "逾期未答复的共享申请", "件"},
    {"sharing.open_demands", kSharing, "待答复的数据需求", "件"},
    {"sharing.open_objections", kSharing, "核处中的疑义", "件"},
};
static_assert(std::size(kDefinitions) == kReportFigures);

class Derivation {
 public:
  Derivation(const FactSource& facts, const Period& period) : facts_(facts), period_(period) {}

  absl::StatusOr<FigureTable> Run() {
    bodies_ = TRY(BodyRegister::Read(facts_, AtEnd()));
    TRY(ReadBefore());
    TRY(Each<v1::Resource>("resources/", [this](const v1::Resource& entry) { CountEntry(entry); }));
    TRY(Each<v1::InformationSystem>("organizations/", [this](const v1::InformationSystem& system) { CountSystem(system); }));
    TRY(Each<v1::Grant>("grants/", [this](const v1::Grant& grant) { CountGrant(grant); }));
    TRY(Each<v1::Demand>("demands/", [this](const v1::Demand& demand) { CountDemand(demand); }));
    TRY(Each<v1::Objection>("objections/", [this](const v1::Objection& objection) {
      if (objection.state() == v1::OBJECTION_STATE_OPEN) Count(objection.provider(), Key::kOpenObjections);
    }));
    TRY(facts_.EachExchange(period_, [this](const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
      CountExchange(cell, sums);
    }));
    return std::move(table_);
  }

 private:
  documents::ReadAt AtEnd() const { return {.as_of = period_.to, .known_at = period_.known_at}; }

  template <typename Message, typename Visit>
  absl::Status Each(std::string_view prefix, Visit visit) {
    absl::Status broken;
    TRY(facts_.EachDocument(prefix, AtEnd(), [&](const documents::Version& version) {
      if (version.type != Message::descriptor()->full_name()) return;
      const auto message = version.As<Message>();
      if (message.ok()) {
        visit(*message);
      } else {
        broken = message.status();
      }
    }));
    return broken;
  }

  // What was published on the day before the period, and where it belongs.
  absl::Status ReadBefore() {
    const documents::ReadAt before{.as_of = period_.from - 1, .known_at = period_.known_at};
    return facts_.EachDocument("resources/", before, [this](const documents::Version& version) {
      const auto entry = version.As<v1::Resource>();
      if (entry.ok()) {
        providers_[entry->name()] = entry->provider();
        if (entry->state() == v1::RESOURCE_STATE_PUBLISHED) published_before_.insert(entry->name());
      }
    });
  }

  FigureValue& At(const std::string& organization, Key key) {
    return table_.bodies[bodies_.OwnerOn(organization, period_.to)][static_cast<size_t>(key)];
  }
  void Count(const std::string& organization, Key key, int64_t count = 1) {
    if (!organization.empty()) At(organization, key).value += count;
  }
  void CountPart(const std::string& organization, Key key, bool part, int64_t count = 1) {
    At(organization, key).Add({part ? count : 0, count});
  }
  bool InPeriod(std::string_view date) const {
    return date >= FormatDay(period_.from) && date <= FormatDay(period_.to);
  }
  bool Until(std::string_view date) const { return !date.empty() && date <= FormatDay(period_.to); }

  void CountEntry(const v1::Resource& entry) {
    providers_[entry.name()] = entry.provider();
    const std::string& body = entry.provider();
    const bool before = published_before_.contains(entry.name());
    if (entry.state() == v1::RESOURCE_STATE_WITHDRAWN) {
      if (before) Count(body, Key::kWithdrawn);
      return;
    }
    Count(body, Key::kEntries);
    if (entry.state() != v1::RESOURCE_STATE_PUBLISHED) return;
    Count(body, Key::kPublished);
    if (!before) Count(body, Key::kNewlyPublished);
    if (InPeriod(entry.data_update_date())) Count(body, Key::kUpdated);
    if (catalog::IsOverdue(entry, period_.to)) Count(body, Key::kOverdueUpdates);
    CountPart(body, Key::kShareable, entry.share_type() != v1::SHARE_TYPE_NOT_SHARED);
  }

  void CountSystem(const v1::InformationSystem& system) {
    const std::string body = BodyOf(system.name());
    const v1::Inventory& inventory = system.inventory();
    const int64_t count = std::max(1, inventory.system_count());
    Count(body, Key::kSystems, count);
    if (inventory.migration_eligible() && !inventory.is_classified()) {
      const bool on_cloud = inventory.on_cloud() && (inventory.cloud_date().empty() || Until(inventory.cloud_date()));
      CountPart(body, Key::kOnCloud, on_cloud, count);
      if (on_cloud && InPeriod(inventory.cloud_date())) Count(body, Key::kNewlyOnCloud, count);
    }
    const v1::CleanupClass cleanup = inventory.cleanup_class();
    if (cleanup == v1::CLEANUP_CLASS_IDLE || cleanup == v1::CLEANUP_CLASS_STALE || cleanup == v1::CLEANUP_CLASS_ZOMBIE) {
      CountPart(body, Key::kCleared, Until(inventory.cleared_date()), count);
    }
    if (inventory.is_section_level()) CountPart(body, Key::kSectionMerged, !inventory.merged_into().empty(), count);
    if (inventory.is_public_facing()) CountPart(body, Key::kUnifiedId, inventory.uses_unified_id(), count);
    if (inventory.network() == v1::SYSTEM_NETWORK_UNSPECIFIED) return;
    const bool target = inventory.network() == v1::SYSTEM_NETWORK_INTRANET || inventory.network() == v1::SYSTEM_NETWORK_EXTRANET;
    CountPart(body, Key::kTargetNetworks, target, count);
  }

  void CountGrant(const v1::Grant& grant) {
    const auto provider = providers_.find(grant.resource());
    const std::string& body = provider == providers_.end() ? none_ : provider->second;
    if (grant.state() == v1::GRANT_STATE_ACTIVE) {
      Count(body, Key::kGrantsGiven);
      Count(BodyOf(grant.consumer()), Key::kGrantsHeld);
    }
    if (grant.has_submit_time()) {
      const absl::Time submitted = absl::FromUnixSeconds(grant.submit_time().seconds());
      if (InPeriod(FormatDay(CivilDayOf(submitted)))) Count(body, Key::kApplications);
    }
    const bool undecided = grant.state() == v1::GRANT_STATE_SUBMITTED || grant.state() == v1::GRANT_STATE_ACCEPTED ||
                           grant.state() == v1::GRANT_STATE_ESCALATED;
    if (undecided && !grant.due_date().empty() && grant.due_date() < FormatDay(period_.to)) {
      Count(body, Key::kOverdueAnswers);
    }
  }

  void CountDemand(const v1::Demand& demand) {
    if (demand.state() != v1::DEMAND_STATE_MATCHED) return;
    std::set<std::string> waiting(demand.providers().begin(), demand.providers().end());
    for (const v1::DemandAnswer& answer : demand.answers()) waiting.erase(answer.provider());
    for (const std::string& provider : waiting) Count(provider, Key::kOpenDemands);
  }

  // An exchange counts for who held system and resource on its own day.
  void CountExchange(const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
    const absl::CivilDay day = absl::CivilDay(1970, 1, 1) + cell.day;
    const auto add = [&](const std::string& body, Key key, uint64_t number) {
      if (body.empty()) return;
      table_.bodies[bodies_.OwnerOn(body, day)][static_cast<size_t>(key)].value += static_cast<int64_t>(number);
    };
    const std::string consumer = BodyOf(cell.consumer);
    if (!cell.reason.empty()) return add(consumer, Key::kRefused, sums.count);
    add(cell.provider, Key::kProvided, sums.count);
    add(cell.provider, Key::kProvidedRows, sums.rows);
    add(consumer, Key::kUsed, sums.count);
    add(consumer, Key::kUsedRows, sums.rows);
  }

  const FactSource& facts_;
  const Period period_;
  const std::string none_;
  BodyRegister bodies_;
  std::set<std::string> published_before_;
  std::map<std::string, std::string> providers_;  // of entries, by name
  FigureTable table_;
};

}  // namespace

absl::Span<const FigureDefinition> FigureDefinitions() { return kDefinitions; }

std::optional<size_t> FigureNumber(std::string_view key) {
  for (size_t i = 0; i < kReportFigures; ++i) {
    if (kDefinitions[i].key == key) return i;
  }
  return std::nullopt;
}

FigureRow FigureTable::Of(const std::string& organization) const {
  const auto found = bodies.find(organization);
  return found == bodies.end() ? FigureRow() : found->second;
}

FigureRow FigureTable::City() const {
  FigureRow sum;
  for (const auto& [name, row] : bodies) {
    for (size_t i = 0; i < kReportFigures; ++i) sum[i].Add(row[i]);
  }
  return sum;
}

absl::StatusOr<FigureTable> DeriveFigures(const FactSource& facts, const Period& period) {
  return Derivation(facts, period).Run();
}

v1::ReportFigures ToMessage(const FigureRow& row, const Period& period) {
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
