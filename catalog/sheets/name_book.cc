#include "catalog/sheets/name_book.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"

namespace zhanqiao::sheets {
namespace {

void Note(absl::flat_hash_map<std::string, std::string>& names, std::string_view text, const std::string& name) {
  if (text.empty()) return;
  const auto [entry, fresh] = names.try_emplace(NormalizeCode(text), name);
  if (!fresh && entry->second != name) entry->second.clear();
}

std::string Meant(const absl::flat_hash_map<std::string, std::string>& names, std::string_view text, bool& several) {
  const auto found = names.find(text.size() > 512 ? std::string() : NormalizeCode(text));
  if (found == names.end()) return {};
  several = found->second.empty();
  return found->second;
}

std::string Within(std::string_view organization, std::string_view text) {
  return absl::StrCat(Absl(organization), "\n", Absl(text));
}

}  // namespace

NameBook::NameBook(const catalog::Catalog& catalog) {
  for (const auto& organization : catalog.Organizations()) Add(*organization);
  for (const auto& system : catalog.Systems()) Add(*system);
}

void NameBook::Add(const v1::Organization& organization) {
  const std::string& name = organization.name();
  // A code is nobody else's name.
  organizations_.insert_or_assign(NormalizeCode(name), name);
  organizations_.insert_or_assign(std::string(Std(name).substr(name.find('/') + 1)), name);
  Note(organizations_, organization.unified_credit_code(), name);
  Note(organizations_, organization.display_name(), name);
  if (organization.short_name() != organization.display_name()) Note(organizations_, organization.short_name(), name);
  display_names_.insert_or_assign(name, organization.display_name());
}

void NameBook::Add(const v1::InformationSystem& system) {
  const std::string& name = system.name();
  systems_.insert_or_assign(NormalizeCode(name), name);
  Note(systems_, system.display_name(), name);
  Note(systems_, Within(catalog::OrganizationOf(name), system.display_name()), name);
  display_names_.insert_or_assign(name, system.display_name());
}

std::string NameBook::FindOrganization(std::string_view text, bool& several) const {
  return Meant(organizations_, text, several);
}

std::string NameBook::FindSystem(std::string_view text, std::string_view organization, bool& several) const {
  std::string own = Meant(systems_, Within(organization, text), several);
  if (!own.empty() || several) return own;
  return Meant(systems_, text, several);
}

std::string NameBook::OrganizationText(std::string_view name) const {
  const std::string_view code = name.substr(name.find('/') + 1);
  const auto known = display_names_.find(Absl(name));
  bool several = false;
  if (known == display_names_.end() || FindOrganization(known->second, several) != name) return std::string(code);
  return known->second;
}

std::string NameBook::SystemText(std::string_view name, std::string_view organization) const {
  const auto known = display_names_.find(Absl(name));
  bool several = false;
  if (known == display_names_.end() || FindSystem(known->second, organization, several) != name) return std::string(name);
  return known->second;
}

}  // namespace zhanqiao::sheets
