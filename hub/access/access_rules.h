// Small rules shared by the room: names, roles, and who may do what.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

// Digits, upper-case letters and "-", 1 to 32.
bool IsOrganizationCode(std::string_view code);
// [a-z0-9-], 1 to 63.
bool IsSubjectId(std::string_view id);
// True for organizations/{code}/{collection}/{id} with well-formed code and id.
bool IsSubjectName(std::string_view name, std::string_view collection);
// "organizations/{code}" of a name below it; empty for other names.
std::string OrganizationOf(std::string_view name);

// "org_clerk" for ROLE_ORG_CLERK, the form of Caller::roles; empty for unspecified.
std::string_view RoleName(v1::Role role);

// True of system_admin, security_admin and auditor, of which no one holds two (三权分立).
bool IsExclusive(std::string_view role);
// Adds `role` to `roles` unless it is there or would be a second exclusive one; true if they hold it afterwards.
bool HoldToo(std::string_view role, std::vector<std::string>& roles);

// The caller is a person with one of `roles`.
bool HoldsAny(const Caller& caller, std::initializer_list<std::string_view> roles);
// The same, of `organization`.
bool HoldsAnyAt(const Caller& caller, std::string_view organization, std::initializer_list<std::string_view> roles);

// PERMISSION_DENIED / ROLE_REQUIRED with the fact `roles` (comma-joined).
absl::Status RoleRequired(std::string_view roles);

// 0 means 50, more than 1000 means 1000; INVALID_ARGUMENT / PAGE_SIZE below 0.
absl::StatusOr<int> PageSize(int requested);

// INVALID_ARGUMENT / TEXT_INVALID unless `text` is clean text of at most `max` code points, and TEXT_REQUIRED
// when `required` and empty.
absl::Status CheckText(std::string_view field, std::string_view text, size_t max, bool required);

}  // namespace zhanqiao::access
