#include "hub/access/access_rules.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao::access {
namespace {

template <typename Allowed>
bool Consists(std::string_view text, size_t max, Allowed allowed) {
  if (text.empty() || text.size() > max) return false;
  for (const char c : text) {
    if (!allowed(c)) return false;
  }
  return true;
}

}  // namespace

bool IsOrganizationCode(std::string_view code) {
  return Consists(code, 32, [](char c) { return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || c == '-'; });
}

bool IsSubjectId(std::string_view id) {
  return Consists(id, 63, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || c == '-'; });
}

bool IsSubjectName(std::string_view name, std::string_view collection) {
  const std::vector<std::string> parts = absl::StrSplit(Absl(name), '/');
  return parts.size() == 4 && parts[0] == "organizations" && IsOrganizationCode(parts[1]) && parts[2] == collection &&
         IsSubjectId(parts[3]);
}

std::string OrganizationOf(std::string_view name) {
  constexpr std::string_view kPrefix = "organizations/";
  if (name.substr(0, kPrefix.size()) != kPrefix) return "";
  return std::string(name.substr(0, name.find('/', kPrefix.size())));
}

std::string_view RoleName(v1::Role role) {
  switch (role) {
    case v1::ROLE_SYSTEM_ADMIN: return "system_admin";
    case v1::ROLE_SECURITY_ADMIN: return "security_admin";
    case v1::ROLE_AUDITOR: return "auditor";
    case v1::ROLE_OFFICE: return "office";
    case v1::ROLE_ORG_APPROVER: return "org_approver";
    case v1::ROLE_ORG_CLERK: return "org_clerk";
    default: return "";
  }
}

bool IsExclusive(std::string_view role) { return role == "system_admin" || role == "security_admin" || role == "auditor"; }

bool HoldToo(std::string_view role, std::vector<std::string>& roles) {
  for (const std::string& held : roles) {
    if (held == role) return true;
  }
  for (const std::string& held : roles) {
    if (IsExclusive(role) && IsExclusive(held)) return false;
  }
  roles.emplace_back(role);
  return true;
}

bool HoldsAny(const Caller& caller, std::initializer_list<std::string_view> roles) {
  if (caller.kind != SubjectKind::kPerson) return false;
  for (const std::string_view role : roles) {
    if (caller.HasRole(role)) return true;
  }
  return false;
}

bool HoldsAnyAt(const Caller& caller, std::string_view organization, std::initializer_list<std::string_view> roles) {
  return !organization.empty() && caller.organization == organization && HoldsAny(caller, roles);
}

absl::Status RoleRequired(std::string_view roles) {
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
              "The caller lacks the role this needs; act as one who holds it.",
              {{"link", std::string(kLinkCaller)}, {"roles", std::string(roles)}});
}

absl::StatusOr<int> PageSize(int requested) {
  if (requested < 0) return BadField("PAGE_SIZE", "page_size", "A page size is 0 (meaning 50) to 1000.");
  return requested == 0 ? 50 : std::min(requested, 1000);
}

absl::Status CheckText(std::string_view field, std::string_view text, size_t max, bool required) {
  if (text.empty()) {
    return required ? BadField("TEXT_REQUIRED", field, "The text is empty; write it.") : absl::OkStatus();
  }
  if (IsCleanText(text) && CodePoints(text) <= max) return absl::OkStatus();
  return BadField("TEXT_INVALID", field,
                  absl::StrCat("Give UTF-8 text without control characters, at most ", max, " code points."));
}

}  // namespace zhanqiao::access
