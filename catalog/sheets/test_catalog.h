// A small catalogue in memory, and sheets of texts, for tests.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/error.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/sheets/csv_sheet.h"
#include "catalog/sheets/headings.h"
#include "catalog/sheets/plan.h"

namespace zhanqiao::sheets {

inline constexpr char kFgw[] = "organizations/370200-FGW";
inline constexpr char kGaj[] = "organizations/370200-GAJ";

template <typename Message>
void Know(catalog::Catalog& catalog, Message message, uint64_t revision = 1) {
  message.clear_etag();
  documents::Version version;
  version.name = message.name();
  version.revision = revision;
  version.type = Message::descriptor()->full_name();
  version.document = documents::Canonical(message);
  catalog.Take(version);
}

inline v1::Organization Body(const std::string& name, const std::string& display_name, const std::string& short_name) {
  v1::Organization body;
  body.set_name(name);
  body.set_display_name(display_name);
  body.set_short_name(short_name);
  body.set_kind(v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT);
  body.set_division_code("370200");
  return body;
}

inline v1::InformationSystem System(const std::string& name, const std::string& display_name) {
  v1::InformationSystem system;
  system.set_name(name);
  system.set_display_name(display_name);
  system.set_state(v1::REGISTRATION_STATE_ACTIVE);
  return system;
}

// Two bodies with a system each.
inline void FillCity(catalog::Catalog& catalog) {
  Know(catalog, Body(kFgw, "青岛市发展和改革委员会", "市发展改革委"));
  Know(catalog, Body(kGaj, "青岛市公安局", "市公安局"));
  Know(catalog, System("organizations/370200-FGW/systems/approval", "投资项目在线审批监管平台"));
  Know(catalog, System("organizations/370200-GAJ/systems/residents", "居住证管理系统"));
}

inline Caller Person(const std::string& organization, const std::string& role) {
  Caller caller;
  caller.kind = SubjectKind::kPerson;
  caller.organization = organization;
  caller.subject = organization + "/persons/p";
  caller.roles = {role};
  return caller;
}
inline Caller Office() { return Person("organizations/370200-DZZWXZB", "office"); }

inline constexpr absl::CivilDay kToday(2018, 3, 1);

// A sheet from the text of a CSV file; cells are taken as they are, apostrophes included.
inline Sheet SheetOf(std::string_view csv) {
  auto sheet = ReadCsvSheet(csv, v1::SHEET_ENCODING_UTF8, SheetLimits());
  assert(sheet.ok());
  return *std::move(sheet);
}

// Plans a sheet; problems as "B3 REASON", those of a whole row as "3 REASON".
struct Planned {
  absl::Status status;
  SheetPlan plan;
  std::vector<std::string> problems;

  v1::Resource resource(size_t at) const {
    v1::Resource resource;
    resource.ParseFromString(plan.changes.at(at).document);
    return resource;
  }
  v1::InformationSystem system(size_t at) const {
    v1::InformationSystem system;
    system.ParseFromString(plan.changes.at(at).document);
    return system;
  }
  v1::Organization organization(size_t at) const {
    v1::Organization organization;
    organization.ParseFromString(plan.changes.at(at).document);
    return organization;
  }
};

inline Planned PlanOf(const Sheet& sheet, v1::SheetKind kind, const catalog::Catalog& catalog, const Caller& caller) {
  Planned planned;
  const SheetTable& table = TableOf(kind);
  const auto layout = FindHeading(sheet, table);
  planned.status = layout.status();
  if (!layout.ok()) return planned;
  auto plan = PlanSheet(sheet, *layout, table, catalog, caller, kToday, nullptr, [](int64_t) { return absl::OkStatus(); });
  planned.status = plan.status();
  if (!plan.ok()) return planned;
  planned.plan = *std::move(plan);
  for (const Problem& problem : planned.plan.problems) {
    const std::string place = problem.column < 0 ? "" : ColumnLetters(problem.column);
    planned.problems.push_back(place + std::to_string(problem.row) + " " + problem.sentence.reason);
  }
  return planned;
}

}  // namespace zhanqiao::sheets
