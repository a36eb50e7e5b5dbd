#include "catalog/model/resource_index.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/base_database.h"
#include "catalog/model/resource.h"

namespace zhanqiao::catalog {
namespace {

template <typename Index>
void Drop(Index& index, const std::string& key, const typename Index::mapped_type::value_type& value) {
  const auto found = index.find(key);
  if (found == index.end()) return;
  found->second.erase(value);
  if (found->second.empty()) index.erase(found);
}

std::string ItemKey(std::string_view scope, std::string_view item) {
  return absl::StrCat(Absl(scope), "\n", NameSkeleton(item));
}

// Keys tell records apart and stand in every entry about the same things: they are no items of their own.
template <typename Visit>
void EachItem(const v1::Resource& resource, const Visit& visit) {
  const std::string_view scope = ScopeOf(resource);
  if (scope.empty()) return;
  for (const auto& field : resource.fields()) {
    if (!field.key() && !field.person_key()) visit(ItemKey(scope, field.display_name()));
  }
}

}  // namespace

void ResourceIndex::Link(const v1::Resource& resource) {
  const std::string& name = resource.name();
  by_provider_[resource.provider()].insert(name);
  if (!resource.legacy_code().empty()) by_legacy_code_[NormalizeCode(resource.legacy_code())].insert(name);
  if (resource.state() == v1::RESOURCE_STATE_WITHDRAWN) return;
  by_skeleton_[NameSkeleton(resource.display_name())].insert(name);
  EachItem(resource, [&](const std::string& key) { by_item_[key].emplace(resource.provider(), name); });
}

void ResourceIndex::Unlink(const v1::Resource& resource) {
  const std::string& name = resource.name();
  Drop(by_provider_, resource.provider(), name);
  Drop(by_legacy_code_, NormalizeCode(resource.legacy_code()), name);
  Drop(by_skeleton_, NameSkeleton(resource.display_name()), name);
  EachItem(resource, [&](const std::string& key) { Drop(by_item_, key, {resource.provider(), name}); });
}

void ResourceIndex::Put(ResourcePtr resource) {
  const std::string& name = resource->name();
  if (const auto old = by_name_.find(name); old != by_name_.end()) Unlink(*old->second);
  Link(*resource);
  const std::string_view code = resource->resource_code();
  uint64_t sequence = 0;
  if (const size_t slash = code.find('/'); slash != std::string_view::npos &&
                                           absl::SimpleAtoi(Absl(code.substr(slash + 1)), &sequence)) {
    uint64_t& last = last_sequence_[Absl(code.substr(0, slash))];
    last = std::max(last, sequence);
  }
  in_order_.insert_or_assign(name, resource);
  by_name_.insert_or_assign(name, std::move(resource));
}

void ResourceIndex::Remove(std::string_view name) {
  const auto found = by_name_.find(Absl(name));
  if (found == by_name_.end()) return;
  Unlink(*found->second);
  in_order_.erase(found->first);
  by_name_.erase(found);
}

ResourcePtr ResourceIndex::Find(std::string_view name) const {
  const auto found = by_name_.find(Absl(name));
  return found == by_name_.end() ? nullptr : found->second;
}

std::vector<ResourcePtr> ResourceIndex::After(std::string_view provider, std::string_view after, size_t most) const {
  std::vector<ResourcePtr> page;
  if (provider.empty()) {
    for (auto at = in_order_.upper_bound(Absl(after)); at != in_order_.end() && page.size() < most; ++at) {
      page.push_back(at->second);
    }
    return page;
  }
  const auto names = by_provider_.find(Absl(provider));
  if (names == by_provider_.end()) return page;
  for (auto at = names->second.upper_bound(Absl(after)); at != names->second.end() && page.size() < most; ++at) {
    page.push_back(by_name_.at(*at));
  }
  return page;
}

std::vector<std::string> ResourceIndex::NamesOf(std::string_view provider) const {
  const auto names = by_provider_.find(Absl(provider));
  if (names == by_provider_.end()) return {};
  return {names->second.begin(), names->second.end()};
}

std::vector<std::string> ResourceIndex::WithLegacyCode(std::string_view code) const {
  const auto names = by_legacy_code_.find(NormalizeCode(code));
  if (names == by_legacy_code_.end()) return {};
  return {names->second.begin(), names->second.end()};
}

std::optional<std::string> ResourceIndex::NamedLike(std::string_view display_name, std::string_view except) const {
  const auto names = by_skeleton_.find(NameSkeleton(display_name));
  if (names == by_skeleton_.end()) return std::nullopt;
  for (const std::string& name : names->second) {
    if (name != except) return name;
  }
  return std::nullopt;
}

std::optional<OtherProvider> ResourceIndex::OtherProviderOf(std::string_view scope, std::string_view item,
                                                            std::string_view provider) const {
  const auto found = by_item_.find(ItemKey(scope, item));
  if (found == by_item_.end()) return std::nullopt;
  auto other = found->second.begin();
  // Pairs of one provider lie together: at most one step over its own.
  if (other->first == provider) other = found->second.lower_bound({std::string(provider) + '\0', ""});
  if (other == found->second.end()) return std::nullopt;
  return OtherProvider{other->first, other->second};
}

uint64_t ResourceIndex::LastSequence(std::string_view classification) const {
  const auto found = last_sequence_.find(Absl(classification));
  return found == last_sequence_.end() ? 0 : found->second;
}

}  // namespace zhanqiao::catalog
