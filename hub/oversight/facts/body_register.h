// The bodies of the city as they are on a date: who exists, who took over from whom, and the groups the plan gives duties
// to (domain/plan.md, reading rules: ALL_DEPTS, ALL_DISTRICTS).
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "hub/oversight/facts/fact_source.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::oversight {

inline constexpr std::string_view kAllDepartments = "ALL_DEPTS";
inline constexpr std::string_view kAllDistricts = "ALL_DISTRICTS";

// A value; const use is thread-safe.
class BodyRegister {
 public:
  static absl::StatusOr<BodyRegister> Read(const FactSource& facts, const documents::ReadAt& at);
  void Add(v1::Organization organization);

  // "organizations/{code}" of the body that holds on `day` what `organization` held: itself, or whoever succeeded it.
  // Unknown bodies are their own.
  std::string OwnerOn(const std::string& organization, absl::CivilDay day) const;
  // Whether the body exists and has not been succeeded on `day`.
  bool IsActive(const std::string& organization, absl::CivilDay day) const;
  // The active bodies a duty names: a group, or organizations/{code} (its owner on that day). In the order of names.
  std::vector<std::string> MembersOf(std::string_view lead, absl::CivilDay day) const;
  // Those that owe the monthly report (T3-03-03): departments and districts.
  std::vector<std::string> ReportingBodies(absl::CivilDay day) const;
  // Chinese name; the code for unknown ones.
  std::string DisplayName(const std::string& organization) const;

  const std::map<std::string, v1::Organization>& all() const { return bodies_; }

 private:
  std::map<std::string, v1::Organization> bodies_;  // by name
};

// "370200-GAJ" of "organizations/370200-GAJ".
std::string CodeOf(std::string_view organization);
// "organizations/{code}" of a name below it, or of the body itself; empty for other names.
std::string BodyOf(std::string_view name);

}  // namespace zhanqiao::oversight
