// Resource names of the catalogue (AIP-122) and the parts in them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace zhanqiao::catalog {

// Collections an organisation owns.
inline constexpr std::string_view kSystems = "systems";
inline constexpr std::string_view kConnectors = "connectors";
inline constexpr std::string_view kPersons = "persons";
inline constexpr std::string_view kNotices = "notices";

// Digits, upper-case letters and inner "-", 1 to 32.
bool IsOrganizationCode(std::string_view code);
// [a-z0-9-], 1 to 63, neither first nor last a "-".
bool IsMemberId(std::string_view id);

// organizations/{code}
std::string OrganizationName(std::string_view code);
bool IsOrganizationName(std::string_view name);

// organizations/{code}/{collection}/{id}
bool IsMemberName(std::string_view name, std::string_view collection);
// "organizations/{code}" of a member's or organisation's name; empty for other names.
std::string_view OrganizationOf(std::string_view name);

// resources/{code with "/" written "~"}
std::string ResourceName(std::string_view code);
// The 信息资源代码 in a resource's name; nothing if it is not one.
std::optional<std::string> ResourceCodeOf(std::string_view name);

// withdrawnResources/{…}: there exactly if the entry called `resource` was withdrawn.
std::string WithdrawnName(std::string_view resource);

}  // namespace zhanqiao::catalog
