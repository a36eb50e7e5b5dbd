#include "hub/portal/shelf.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/search/text.h"

namespace zhanqiao::portal {
namespace {

constexpr int kTitleWeight = 4;
constexpr int kTagWeight = 2;
constexpr int kTextWeight = 1;

std::string TitleText(const Package& package) {
  return absl::StrCat(package.dataset.title(), "\n", package.dataset.title_en(), "\n", package.name);
}

std::string TagText(const Package& package) {
  std::string text;
  for (const std::string& tag : package.dataset.tags()) absl::StrAppend(&text, tag, "\n");
  for (const Party& theme : package.themes) absl::StrAppend(&text, theme.title, "\n", theme.name, "\n");
  return text;
}

std::string OtherText(const Package& package) {
  std::string text = absl::StrCat(package.dataset.description(), "\n", package.body.title, "\n", package.dataset.contact().unit(), "\n",
                                  catalog::ResourceCodeOf(package.dataset.resource()).value_or(""), "\n");
  for (const v1::Distribution& one : package.dataset.current().distributions()) {
    absl::StrAppend(&text, one.title(), "\n");
    for (const v1::DatasetColumn& column : one.columns()) absl::StrAppend(&text, column.display_name(), "\n", column.field(), "\n");
  }
  return text;
}

template <typename Counts>
std::vector<Shelf::Counted> Sorted(Counts counts) {
  std::vector<Shelf::Counted> sorted;
  for (auto& [name, one] : counts) sorted.push_back(std::move(one));
  return sorted;
}

}  // namespace

Shelf::Shelf(uint64_t revision, std::vector<PackagePtr> packages, std::map<std::string, Gone> gone)
    : revision_(revision), packages_(std::move(packages)), gone_(std::move(gone)) {
  std::sort(packages_.begin(), packages_.end(), [](const PackagePtr& a, const PackagePtr& b) { return a->id < b->id; });
  std::map<std::string, Counted> bodies;
  std::map<std::string, Counted> themes;
  const auto count = [](std::map<std::string, Counted>& counts, const Party& party, absl::Time created) {
    const auto [at, fresh] = counts.try_emplace(party.name, Counted{party, 0, created});
    at->second.created = std::min(at->second.created, created);
    ++at->second.packages;
  };
  for (uint32_t i = 0; i < packages_.size(); ++i) {
    const Package& package = *packages_[i];
    by_name_[package.id] = i;
    by_name_[package.name] = i;
    for (uint32_t j = 0; j < package.files.size(); ++j) files_[package.files[j].id] = {i, j};
    count(bodies, package.body, package.created);
    for (const Party& theme : package.themes) count(themes, theme, package.created);
    for (const std::string& tag : package.dataset.tags()) ++tags_[tag];
    Index(i);
  }
  bodies_ = Sorted(std::move(bodies));
  themes_ = Sorted(std::move(themes));
}

void Shelf::Index(uint32_t position) {
  const Package& package = *packages_[position];
  const auto add = [&](std::string_view text, int weight) {
    for (const std::string& gram : search::IndexGrams(text)) {
      auto& postings = grams_[gram];
      if (postings.empty() || postings.back().position != position) {
        postings.push_back({position, 0});
      }
      postings.back().weight = static_cast<uint8_t>(postings.back().weight | weight);
    }
  };
  add(TitleText(package), kTitleWeight);
  add(TagText(package), kTagWeight);
  add(OtherText(package), kTextWeight);
}

PackagePtr Shelf::Find(std::string_view id_or_name) const {
  const auto found = by_name_.find(Absl(id_or_name));
  return found == by_name_.end() ? nullptr : packages_[found->second];
}

std::pair<PackagePtr, const File*> Shelf::FindFile(std::string_view id) const {
  const auto found = files_.find(Absl(id));
  if (found == files_.end()) return {nullptr, nullptr};
  const PackagePtr& package = packages_[found->second.first];
  return {package, &package->files[found->second.second]};
}

const Gone* Shelf::FindGone(std::string_view name) const {
  const auto found = gone_.find(std::string(name));
  return found == gone_.end() ? nullptr : &found->second;
}

absl::flat_hash_map<uint32_t, int> Shelf::WithWord(std::u32string_view word) const {
  // Every gram must stand in the package, and in one place for its weight.
  absl::flat_hash_map<uint32_t, int> places;
  bool first = true;
  for (const std::string& gram : search::QueryGrams(word)) {
    const auto found = grams_.find(gram);
    if (found == grams_.end()) return {};
    absl::flat_hash_map<uint32_t, int> both;
    for (const Posting& posting : found->second) {
      if (first) {
        both[posting.position] = posting.weight;
        continue;
      }
      const auto before = places.find(posting.position);
      if (before != places.end() && (before->second & posting.weight) != 0) both[posting.position] = before->second & posting.weight;
    }
    places = std::move(both);
    first = false;
  }
  for (auto& [position, weight] : places) {
    weight = weight & kTitleWeight ? kTitleWeight : weight & kTagWeight ? kTagWeight : kTextWeight;
  }
  return places;
}

bool Shelf::HasWord(size_t position, std::string_view place, std::u32string_view word) const {
  const int wanted = place == "title" || place == "name" ? kTitleWeight
                     : place == "tags"                   ? kTagWeight
                     : place == "notes"                  ? kTextWeight
                                                         : kTitleWeight | kTagWeight | kTextWeight;
  int weight = wanted;
  for (const std::string& gram : search::QueryGrams(word)) {
    const auto found = grams_.find(gram);
    if (found == grams_.end()) return false;
    const auto& postings = found->second;
    const auto at = std::lower_bound(postings.begin(), postings.end(), position,
                                     [](const Posting& posting, size_t wanted_position) { return posting.position < wanted_position; });
    if (at == postings.end() || at->position != position) return false;
    weight &= at->weight;
  }
  return weight != 0;
}

}  // namespace zhanqiao::portal
