// What is on the portal at one moment: every published dataset, found by words, fields, bodies and themes. Immutable.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "hub/portal/package.h"

namespace zhanqiao::portal {

using PackagePtr = std::shared_ptr<const Package>;

// Something that was on the portal and is no longer.
struct Gone {
  std::string name;
  std::string title;
  bool recalled = false;
  std::string reason;
  absl::Time time;
};

// Const use is thread-safe.
class Shelf {
 public:
  // `packages` in any order.
  Shelf(uint64_t revision, std::vector<PackagePtr> packages, std::map<std::string, Gone> gone);

  uint64_t revision() const { return revision_; }                         // grows with every change
  const std::vector<PackagePtr>& packages() const { return packages_; }  // in order of id
  // By UUID or name; null if there is none.
  PackagePtr Find(std::string_view id_or_name) const;
  // The package and file with this id; null.
  std::pair<PackagePtr, const File*> FindFile(std::string_view id) const;
  // What became of a name that is not there; null if it never was.
  const Gone* FindGone(std::string_view name) const;
  const std::map<std::string, Gone>& gone() const { return gone_; }

  struct Counted {
    Party party;
    size_t packages = 0;
    absl::Time created;  // of its first package
  };
  // In order of name; only those with a package.
  const std::vector<Counted>& bodies() const { return bodies_; }
  const std::vector<Counted>& themes() const { return themes_; }
  const std::map<std::string, size_t>& tags() const { return tags_; }

  // Positions in packages() of those whose texts hold every gram of `word` (folded, as search::QueryWords gives it), with
  // the weight of the best place: 4 name and title, 2 tags and themes, 1 anywhere else.
  absl::flat_hash_map<uint32_t, int> WithWord(std::u32string_view word) const;
  // The same in one place only: "title", "notes", "tags", "text" (anywhere).
  bool HasWord(size_t position, std::string_view place, std::u32string_view word) const;

 private:
  struct Posting {
    uint32_t position;
    uint8_t weight;
  };
  void Index(uint32_t position);

  const uint64_t revision_;
  std::vector<PackagePtr> packages_;
  std::map<std::string, Gone> gone_;
  absl::flat_hash_map<std::string, uint32_t> by_name_;  // UUID and name
  absl::flat_hash_map<std::string, std::pair<uint32_t, uint32_t>> files_;
  std::vector<Counted> bodies_;
  std::vector<Counted> themes_;
  std::map<std::string, size_t> tags_;
  absl::flat_hash_map<std::string, std::vector<Posting>> grams_;
};

}  // namespace zhanqiao::portal
