#include "catalog/model/names.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"

namespace zhanqiao::catalog {
namespace {

constexpr std::string_view kOrganizations = "organizations/";
constexpr std::string_view kResources = "resources/";

// True if all of `text` is letters of one case, digits and inner "-".
template <typename Letter>
bool IsWord(std::string_view text, size_t length_max, Letter is_letter) {
  if (text.empty() || text.size() > length_max || text.front() == '-' || text.back() == '-') return false;
  for (const char c : text) {
    if (!is_letter(c) && !(c >= '0' && c <= '9') && c != '-') return false;
  }
  return true;
}

}  // namespace

bool IsOrganizationCode(std::string_view code) {
  return IsWord(code, 32, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool IsMemberId(std::string_view id) {
  return IsWord(id, 63, [](char c) { return c >= 'a' && c <= 'z'; });
}

std::string OrganizationName(std::string_view code) { return absl::StrCat(Absl(kOrganizations), Absl(code)); }

bool IsOrganizationName(std::string_view name) {
  return name.starts_with(kOrganizations) && IsOrganizationCode(name.substr(kOrganizations.size()));
}

bool IsMemberName(std::string_view name, std::string_view collection) {
  const std::string_view organization = OrganizationOf(name);
  if (organization.empty() || organization.size() == name.size()) return false;
  const std::string_view rest = name.substr(organization.size() + 1);
  return rest.size() > collection.size() && rest.starts_with(collection) && rest[collection.size()] == '/' &&
         IsMemberId(rest.substr(collection.size() + 1));
}

std::string_view OrganizationOf(std::string_view name) {
  if (!name.starts_with(kOrganizations)) return {};
  const std::string_view organization = name.substr(0, name.find('/', kOrganizations.size()));
  return IsOrganizationName(organization) ? organization : std::string_view();
}

std::string ResourceName(std::string_view code) {
  std::string name = absl::StrCat(Absl(kResources), Absl(code));
  const size_t slash = name.find('/', kResources.size());
  if (slash != std::string::npos) name[slash] = '~';
  return name;
}

std::optional<std::string> ResourceCodeOf(std::string_view name) {
  if (!name.starts_with(kResources)) return std::nullopt;
  std::string code(name.substr(kResources.size()));
  const size_t tilde = code.find('~');
  if (tilde == std::string::npos) return std::nullopt;
  code[tilde] = '/';
  if (!IsResourceCode(code)) return std::nullopt;
  return code;
}

std::string WithdrawnName(std::string_view resource) {
  return absl::StrCat("withdrawnResources/", Absl(resource.substr(resource.find('/') + 1)));
}

}  // namespace zhanqiao::catalog
