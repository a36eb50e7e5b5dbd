// Who is meant by a name people write: organisations by code, name, short name or credit code, systems by name.
#pragma once

#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "catalog/model/catalog.h"

namespace zhanqiao::sheets {

// A copy of the names the catalogue holds at one moment, with those of a file added. Not thread-safe.
class NameBook {
 public:
  explicit NameBook(const catalog::Catalog& catalog);

  void Add(const v1::Organization& organization);
  void Add(const v1::InformationSystem& system);

  // The resource name, or empty when none or several are meant (`several` then says which).
  std::string FindOrganization(std::string_view text, bool& several) const;
  // A system of `organization` comes before those of others.
  std::string FindSystem(std::string_view text, std::string_view organization, bool& several) const;

  // What is written for a resource name: its display name where that alone finds it again, else the code or the
  // resource name.
  std::string OrganizationText(std::string_view name) const;
  std::string SystemText(std::string_view name, std::string_view organization) const;

 private:
  // Resource names by what people write; an empty name stands for several.
  absl::flat_hash_map<std::string, std::string> organizations_;
  absl::flat_hash_map<std::string, std::string> systems_;         // "name", and "organization\nname"
  absl::flat_hash_map<std::string, std::string> display_names_;  // by resource name
};

}  // namespace zhanqiao::sheets
