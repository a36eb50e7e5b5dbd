// The entries in memory under every name they are asked for by. Part of catalog.h's view, which guards it.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/btree_map.h"
#include "absl/container/btree_set.h"
#include "absl/container/flat_hash_map.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

using ResourcePtr = std::shared_ptr<const v1::Resource>;

// Another entry that provides an item.
struct OtherProvider {
  std::string provider;
  std::string resource;
};

// Not thread-safe. Entries are as they were put; withdrawn ones are found by name, provider, legacy code and in the
// sequence of codes, but neither as names alike nor as providers of items.
class ResourceIndex {
 public:
  // Takes `resource` in, in place of the entry of its name, if any.
  void Put(ResourcePtr resource);
  void Remove(std::string_view name);

  // The entry called `name`, or null: one hash look-up.
  ResourcePtr Find(std::string_view name) const;
  size_t size() const { return by_name_.size(); }

  // At most `most` entries in name order after `after`, of `provider` or (empty) of all.
  std::vector<ResourcePtr> After(std::string_view provider, std::string_view after, size_t most) const;
  std::vector<std::string> NamesOf(std::string_view provider) const;
  std::vector<std::string> WithLegacyCode(std::string_view code) const;

  // The first entry in name order other than `except` whose name differs from `display_name` only by blanks,
  // punctuation or case.
  std::optional<std::string> NamedLike(std::string_view display_name, std::string_view except) const;
  // The first body other than `provider` with an entry in `scope` (base_database.h) that has a 信息项 of this name.
  std::optional<OtherProvider> OtherProviderOf(std::string_view scope, std::string_view item,
                                               std::string_view provider) const;
  // The greatest 顺序码 ever used under `classification`, 0 if none was.
  uint64_t LastSequence(std::string_view classification) const;

 private:
  void Unlink(const v1::Resource& resource);
  void Link(const v1::Resource& resource);

  absl::flat_hash_map<std::string, ResourcePtr> by_name_;
  absl::btree_map<std::string, ResourcePtr> in_order_;
  absl::flat_hash_map<std::string, absl::btree_set<std::string>> by_provider_;
  absl::flat_hash_map<std::string, absl::btree_set<std::string>> by_legacy_code_;  // in its normal form
  absl::flat_hash_map<std::string, absl::btree_set<std::string>> by_skeleton_;
  // Scope and skeleton of an item's name: who provides it, in which entry.
  absl::flat_hash_map<std::string, absl::btree_set<std::pair<std::string, std::string>>> by_item_;
  absl::flat_hash_map<std::string, uint64_t> last_sequence_;
};

}  // namespace zhanqiao::catalog
