// Every figure equals an independent recount: plain loops over the exported versions of all documents, for fifty random
// dates, positions and bodies of a city whose records change at random for a year.
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>
#include <set>

#include "hub/oversight/test_year.h"

namespace zhanqiao::oversight {
namespace {

using documents::Version;

// What one document was, version by version, oldest first.
using Exported = std::map<std::string, std::vector<Version>>;

template <typename Message>
Message Read(const Version& version) {
  return version.As<Message>().value();
}

class Recount {
 public:
  Recount(const Exported& exported, absl::CivilDay day, absl::Time known_before, std::string body)
      : exported_(exported), day_(day), known_before_(known_before), body_(std::move(body)) {}

  std::string Of(v1::Measure measure) {
    counted_ = due_ = excluded_ = 0;
    for (const auto& [name, versions] : exported_) {
      const std::vector<Version> known = Known(versions);
      if (known.empty()) continue;
      if (known.back().type == "zhanqiao.v1.InformationSystem" && IsOurs(name)) CountSystem(measure, name, known);
      if (known.back().type == "zhanqiao.v1.Facility" && IsOurs(name)) CountFacility(measure, known);
    }
    return absl::StrCat(counted_, "/", due_, "-", excluded_);
  }

 private:
  std::vector<Version> Known(const std::vector<Version>& versions) const {
    std::vector<Version> known;
    for (const Version& version : versions) {
      if (version.change_time < known_before_) known.push_back(version);
    }
    return known;
  }
  // Dates in this form compare as texts.
  bool Reached(const std::string& date) const { return !date.empty() && date <= FormatDay(day_); }

  bool IsOurs(const std::string& name) const {
    if (body_.empty()) return true;
    std::string holder = name.substr(0, name.find('/', 14));
    while (true) {
      const auto found = exported_.find(holder);
      if (found == exported_.end()) break;
      const std::vector<Version> known = Known(found->second);
      if (known.empty()) break;
      const auto organization = Read<v1::Organization>(known.back());
      if (organization.successor().empty() || !Reached(organization.succession_date())) break;
      holder = organization.successor();
    }
    return holder == body_;
  }

  // The version standing on the day; nothing if none does.
  std::optional<Version> Standing(const std::vector<Version>& known) const {
    std::optional<Version> best;
    for (const Version& version : known) {
      if (version.effective <= day_ && (!best || version.effective >= best->effective)) best = version;
    }
    return best;
  }

  void CountSystem(v1::Measure measure, const std::string& name, const std::vector<Version>& known) {
    const v1::Inventory now = Read<v1::InformationSystem>(known.back()).inventory();
    std::optional<Version> standing = Standing(known);
    const bool dated = Reached(now.approval_date()) || Reached(now.cloud_date()) || Reached(now.merged_date()) || Reached(now.cleared_date());
    if (!standing && dated) standing = known.front();
    if (!standing) return;
    const v1::Inventory then = Read<v1::InformationSystem>(*standing).inventory();
    const int systems = then.system_count() == 0 ? 1 : then.system_count();
    if (measure == v1::MEASURE_CLOUD_MIGRATION_RATIO) {
      bool on_cloud = now.on_cloud() && Reached(now.cloud_date());
      if (now.on_cloud() && now.cloud_date().empty()) {
        // Without date: from the first of the last versions that all say so without date.
        auto since = known.end();
        while (since != known.begin()) {
          const v1::Inventory before = Read<v1::InformationSystem>(*std::prev(since)).inventory();
          if (!before.on_cloud() || !before.cloud_date().empty()) break;
          --since;
        }
        on_cloud = since->effective <= day_;
      }
      Add(then.is_classified() || !then.migration_eligible(), on_cloud, systems);
    }
    if (measure == v1::MEASURE_SYSTEMS_INTEGRATED) {
      const bool to_merge = !then.merged_into().empty() || then.is_section_level() || Reached(now.merged_date());
      if (to_merge) Add(false, Reached(now.merged_date()), systems);
    }
    if (measure == v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED) {
      const std::set<int> classes = {v1::CLEANUP_CLASS_IDLE, v1::CLEANUP_CLASS_STALE, v1::CLEANUP_CLASS_ZOMBIE};
      const bool cleared = classes.contains(now.cleanup_class()) && Reached(now.cleared_date());
      if (cleared || classes.contains(then.cleanup_class())) Add(false, cleared, systems);
    }
    if (measure == v1::MEASURE_CATALOGUE_COVERAGE) {
      const std::set<int> unused = {v1::CONSTRUCTION_STATUS_APPROVED, v1::CONSTRUCTION_STATUS_BUILDING, v1::CONSTRUCTION_STATUS_OUT_OF_USE};
      const bool out = then.is_classified() || unused.contains(then.construction_status()) || Reached(now.cleared_date()) || Reached(now.merged_date());
      Add(out, IsCovered(name), systems);
    }
  }

  bool IsCovered(const std::string& system) const {
    for (const auto& [name, versions] : exported_) {
      const std::vector<Version> known = Known(versions);
      if (known.empty() || known.back().type != "zhanqiao.v1.Resource") continue;
      const std::optional<Version> standing = Standing(known);
      if (!standing) continue;
      const auto entry = Read<v1::Resource>(*standing);
      if (entry.state() == v1::RESOURCE_STATE_PUBLISHED && entry.source_system() == system) return true;
    }
    return false;
  }

  void CountFacility(v1::Measure measure, const std::vector<Version>& known) {
    const std::map<v1::Measure, v1::FacilityKind> kinds = {{v1::MEASURE_PRIVATE_NETWORKS_MIGRATED, v1::FACILITY_KIND_BUSINESS_NETWORK},
                                                           {v1::MEASURE_INTERNET_EXITS_MERGED, v1::FACILITY_KIND_INTERNET_EXIT},
                                                           {v1::MEASURE_PORTALS_MERGED, v1::FACILITY_KIND_PORTAL}};
    const auto now = Read<v1::Facility>(known.back());
    const auto kind = kinds.find(measure);
    if (kind == kinds.end() || kind->second != now.kind()) return;
    std::optional<Version> standing = Standing(known);
    if (!standing && Reached(now.done_date())) standing = known.front();
    if (!standing) return;
    const bool done = Reached(now.done_date());
    Add(!done && !Read<v1::Facility>(*standing).exemption_approval().empty(), done, 1);
  }

  void Add(bool excluded, bool counted, int systems) {
    if (excluded) {
      excluded_ += systems;
      return;
    }
    due_ += systems;
    if (counted) counted_ += systems;
  }

  const Exported& exported_;
  const absl::CivilDay day_;
  const absl::Time known_before_;
  const std::string body_;
  int counted_ = 0;
  int due_ = 0;
  int excluded_ = 0;
};

class RecountTest : public ::testing::Test, protected TestYear {
 protected:
  RecountTest() {
    if (const char* seed = std::getenv("ZHANQIAO_SEED")) seed_ = std::strtoul(seed, nullptr, 10);
    random_.seed(seed_);
  }
  int Below(int n) { return static_cast<int>(random_() % static_cast<unsigned>(n)); }
  // Around the day it is, past the leap day of 2020 at times.
  std::string Date() { return FormatDay(CivilDayOf(clock.Now()) + Below(120) - 80); }
  std::string MaybeDate() { return Below(3) == 0 ? "" : Date(); }
  std::string SystemName(int i) { return absl::StrCat(Owners()[static_cast<size_t>(i % 4)], "/systems/s", i); }
  static std::vector<std::string> Owners() { return {kFgw, kGaj, kShinan, "organizations/370200-OLD"}; }

  void Scramble(v1::Inventory& i) {
    switch (Below(8)) {
      case 0:
        i.set_on_cloud(Below(4) != 0);
        i.set_cloud_date(i.on_cloud() ? MaybeDate() : "");
        return;
      case 1:
        i.set_migration_eligible(Below(2) == 0);
        return i.set_cloud_exemption(!i.migration_eligible() && Below(2) == 0 ? "理由" : "");
      case 2:
        return i.set_is_classified(Below(5) == 0);
      case 3:
        i.set_merged_into(Below(2) == 0 ? kOa : "");
        return i.set_merged_date(i.merged_into().empty() ? "" : MaybeDate());
      case 4:
        i.set_cleanup_class(static_cast<v1::CleanupClass>(Below(6)));
        return i.set_cleared_date(i.cleanup_class() > v1::CLEANUP_CLASS_NORMAL ? MaybeDate() : "");
      case 5:
        return i.set_construction_status(static_cast<v1::ConstructionStatus>(Below(7)));
      case 6:
        i.set_system_count(Below(4));
        return i.set_approval_date(MaybeDate());
      default:
        return i.set_is_section_level(Below(2) == 0);
    }
  }

  // One record of the day.
  void RecordSomething() {
    const int number = Below(40);
    if (Below(6) == 0) {
      v1::Facility facility = Facility(absl::StrCat(Owners()[static_cast<size_t>(number % 4)], "/facilities/f", number % 12), static_cast<v1::FacilityKind>(1 + number % 3));
      if (Below(3) == 0) facility.set_exemption_approval("批");
      if (Below(2) == 0) facility.set_done_date(Date());
      Put(facility);
    } else if (Below(5) == 0) {
      v1::Resource entry;
      entry.set_name(absl::StrCat("resources/307001~", number));
      entry.set_source_system(SystemName(Below(40)));
      entry.set_state(static_cast<v1::ResourceState>(1 + Below(4)));
      Put(entry);
    } else if (hub.documents.Get(SystemName(number)).ok()) {
      Change(SystemName(number), [this](v1::Inventory& i) { Scramble(i); });
    } else {
      Put(System(SystemName(number), [this](v1::Inventory& i) { Scramble(i); }));
    }
  }

  Exported Export() {
    Exported exported;
    for (const std::string& prefix : {std::string("organizations/"), std::string("resources/")}) {
      const auto page = hub.documents.List(prefix, 1000, "").value();
      for (const Version& version : page.versions) {
        std::vector<Version> history = hub.documents.History(version.name, 1000, "").value().versions;
        exported[version.name] = {history.rbegin(), history.rend()};
      }
    }
    return exported;
  }

  unsigned long seed_ = 20180630;
  std::mt19937_64 random_;
};

TEST_F(RecountTest, EveryFigureOfFiftyDatesAndBodiesEqualsPlainLoopsOverTheVersions) {
  SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", seed_));
  Put(Body("organizations/370200-OLD", "旧局", v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT, "370200"));
  absl::CivilDay today(2019, 7, 1);
  for (; today < absl::CivilDay(2020, 7, 1); today += 1 + Below(3)) {
    Today(today);
    for (int i = Below(6); i > 0; --i) RecordSomething();
    if (today >= absl::CivilDay(2020, 3, 10) && today < absl::CivilDay(2020, 3, 13)) {
      Change<v1::Organization>("organizations/370200-OLD", [](v1::Organization& body) {
        body.set_successor(kGaj);
        body.set_succession_date("2020-02-29");
      });
    }
  }
  const Exported exported = Export();
  std::vector<std::string> bodies = Owners();
  bodies.emplace_back("");
  for (int i = 0; i < 50; ++i) {
    const absl::CivilDay day = i == 0 ? absl::CivilDay(2020, 2, 29) : absl::CivilDay(2019, 6, 1) + Below(420);
    const absl::CivilDay known_on = i % 3 == 0 ? absl::CivilDay(2021, 1, 1) : absl::CivilDay(2019, 6, 1) + Below(420);
    const std::string& body = bodies[static_cast<size_t>(i % 5)];
    Recount recount(exported, day, absl::FromCivil(known_on + 1, Shanghai()), body);
    for (int measure = 1; measure <= v1::Measure_MAX; ++measure) {
      const auto one = static_cast<v1::Measure>(measure);
      const std::string told = Count(one, day, KnownOn(known_on), body);
      if (told == "DOCUMENT_NOT_FOUND") continue;  // nobody knew the body then
      EXPECT_EQ(told, recount.Of(one)) << v1::Measure_Name(one) << " of " << body << " on " << FormatDay(day) << " as known on " << FormatDay(known_on);
    }
  }
}

}  // namespace
}  // namespace zhanqiao::oversight
