#include "hub/oversight/facility.h"

#include "catalog/base/clock.h"
#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::oversight {

std::vector<Violation> Check(const v1::Facility& facility) {
  using Presence = catalog::Violations::Presence;
  catalog::Violations found;
  found.Require(catalog::IsMemberName(facility.name(), kFacilities), "name", "FACILITY_NAME",
                "Give organizations/{code}/facilities/{id}; the id is 1 to 63 of a-z, 0-9 and inner hyphens.");
  found.Require(facility.kind() != v1::FACILITY_KIND_UNSPECIFIED && v1::FacilityKind_IsValid(facility.kind()), "kind",
                "ENUM_VALUE", catalog::OneOf(v1::FacilityKind_descriptor()));
  found.Text("display_name", facility.display_name(), Presence::kRequired, 100);
  found.Text("exemption_approval", facility.exemption_approval(), Presence::kOptional, 100);
  found.Text("note", facility.note(), Presence::kOptional, 500, /*lines=*/true);
  const auto check_date = [&](const std::string& date, std::string_view field) {
    found.Require(date.empty() || ParseDay(date).ok(), field, "DATE_INVALID", "Give an existing date as YYYY-MM-DD, or nothing.");
  };
  check_date(facility.planned_date(), "planned_date");
  check_date(facility.done_date(), "done_date");
  const bool network = facility.kind() == v1::FACILITY_KIND_BUSINESS_NETWORK;
  const bool there = facility.target_network() == v1::SYSTEM_NETWORK_INTRANET ||
                     facility.target_network() == v1::SYSTEM_NETWORK_EXTRANET;
  found.Require(facility.target_network() == v1::SYSTEM_NETWORK_UNSPECIFIED || (network && there), "target_network",
                "TARGET_NETWORK", "Private networks move to 内网 (INTRANET) or 外网 (EXTRANET); other facilities have no target.");
  found.Require(!network || facility.done_date().empty() || there, "target_network", "TARGET_NETWORK_MISSING",
                "Say where the network was moved to: INTRANET or EXTRANET.");
  found.Require(!facility.is_vertical() || network, "is_vertical", "VERTICAL_OF_NETWORK", "Only private networks are 部委垂直部署.");
  found.Require(v1::PlatformLevel_IsValid(facility.platform_level()) &&
                    (facility.platform_level() == v1::PLATFORM_LEVEL_UNSPECIFIED || facility.kind() == v1::FACILITY_KIND_INTERNET_EXIT),
                "platform_level", "PLATFORM_LEVEL", "Only internet exits have a level: CITY or DISTRICT.");
  return found.Take();
}

}  // namespace zhanqiao::oversight
