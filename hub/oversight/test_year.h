// A small city under a clock that tests move: bodies, systems, facilities and entries over the real document store.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"
#include "hub/oversight/figures.h"
#include "hub/oversight/oversight_service.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::oversight {

inline constexpr char kFgw[] = "organizations/370200-FGW";
inline constexpr char kGaj[] = "organizations/370200-GAJ";
inline constexpr char kShinan[] = "organizations/370202";
inline constexpr char kOa[] = "organizations/370200-FGW/systems/oa";

class TestYear {
 public:
  TestYear() {
    Put(Body(kFgw, "市发展改革委", v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT, "370200"));
    Put(Body(kGaj, "市公安局", v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT, "370200"));
    Put(Body(kShinan, "市南区", v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT, "370202"));
  }

  // It is ten o'clock of that day.
  void Today(absl::CivilDay day) { clock.Set(absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 10, 0, 0), Shanghai())); }
  void Today(int month, int day) { Today(absl::CivilDay(2018, month, day)); }

  // Records the document today and gives its ledger index.
  template <typename Message>
  uint64_t Put(const Message& message) {
    documents::Change change = documents::Put(message.name(), documents::Canonical(message));
    change.type = Message::descriptor()->full_name();
    return hub.documents.Apply(documents::Changing(std::move(change))).value().front().known_at;
  }
  // Changes what is recorded today.
  template <typename Message>
  uint64_t Change(const std::string& name, const std::function<void(Message&)>& change) {
    Message message = hub.documents.Get(name).value().As<Message>().value();
    change(message);
    return Put(message);
  }
  uint64_t Change(const std::string& system, const std::function<void(v1::Inventory&)>& change) {
    return Change<v1::InformationSystem>(system, [&](v1::InformationSystem& s) { change(*s.mutable_inventory()); });
  }

  static v1::Organization Body(const std::string& name, const std::string& display_name, v1::OrganizationKind kind,
                               const std::string& division) {
    v1::Organization body;
    body.set_name(name);
    body.set_display_name(display_name);
    body.set_kind(kind);
    body.set_division_code(division);
    return body;
  }
  // A system fit to migrate, in use.
  static v1::InformationSystem System(const std::string& name, const std::function<void(v1::Inventory&)>& fill = {}) {
    v1::InformationSystem system;
    system.set_name(name);
    system.set_display_name(name.substr(name.rfind('/') + 1));
    system.set_state(v1::REGISTRATION_STATE_ACTIVE);
    system.mutable_inventory()->set_migration_eligible(true);
    system.mutable_inventory()->set_construction_status(v1::CONSTRUCTION_STATUS_IN_USE);
    if (fill) fill(*system.mutable_inventory());
    return system;
  }
  static v1::Facility Facility(const std::string& name, v1::FacilityKind kind) {
    v1::Facility facility;
    facility.set_name(name);
    facility.set_kind(kind);
    facility.set_display_name("设施");
    return facility;
  }

  // "counted/due-excluded" of a measure.
  std::string Count(v1::Measure measure, absl::CivilDay as_of, documents::Knowledge known = {}, std::string organization = "") {
    const auto figure = figures.Count(measure, {as_of, known, std::move(organization)});
    if (!figure.ok()) return ReasonOf(figure.status());
    const v1::FigureCount& total = figure->total();
    return absl::StrCat(total.counted(), "/", total.due(), "-", total.excluded());
  }
  std::string Cloud(absl::CivilDay as_of, documents::Knowledge known = {}, std::string organization = "") {
    return Count(v1::MEASURE_CLOUD_MIGRATION_RATIO, as_of, known, std::move(organization));
  }
  std::vector<v1::FigureItem> Items(v1::Measure measure, absl::CivilDay as_of, documents::Knowledge known = {}) {
    v1::ListFigureItemsRequest request;
    request.set_measure(measure);
    request.set_page_size(1000);
    const v1::ListFigureItemsResponse response = figures.Items(request, {as_of, known, ""}).value();
    return {response.items().begin(), response.items().end()};
  }
  // Everything about one document.
  v1::FigureItem Item(v1::Measure measure, absl::CivilDay as_of, const std::string& document = kOa, documents::Knowledge known = {}) {
    for (const v1::FigureItem& item : Items(measure, as_of, known)) {
      if (item.document() == document) return item;
    }
    return {};
  }

  storage::MemoryStore store;
  SimulatedClock clock{absl::FromCivil(absl::CivilSecond(2018, 1, 2, 10, 0, 0), Shanghai())};
  SeededRandom random{7};
  documents::LowerHub hub{store, clock, random};
  Records records{hub.documents};
  Figures figures{records};
};

inline absl::CivilDay Day(int month, int day) { return absl::CivilDay(2018, month, day); }

}  // namespace zhanqiao::oversight
