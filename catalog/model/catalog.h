// What the hub knows of the catalogue right now, in memory: organisations, information systems, resources, code tables.
//
// Fed by DocumentStore::Observe, so a change is visible here before its caller is answered. Reads take a shared
// lock for one hash look-up and give a snapshot of one document that no later change touches. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/code_table.h"
#include "catalog/model/resource_index.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

class Catalog {
 public:
  Catalog();
  ~Catalog();  // what the store still holds of this view stays valid

  // Loads what `store` holds and follows its changes. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);

  // Takes one version in, as Follow does for every change; versions of other types are ignored.
  void Take(const documents::Version& version);

  // The newest version by resource name, null if there is none. `etag` is set, so documents::RevisionOf(etag) is the
  // revision for DocumentStore::StillAt; resources carry `revision` besides. Any state: look at it.
  ResourcePtr FindResource(std::string_view name) const;
  std::shared_ptr<const v1::Organization> FindOrganization(std::string_view name) const;
  std::shared_ptr<const v1::InformationSystem> FindSystem(std::string_view name) const;

  // Calls `visit` with entries in name order, of `provider` or (empty) of all, from after the name `after` until it
  // returns false. Takes the lock for some hundred entries at a time: an entry that is there throughout comes exactly
  // once, one that changes meanwhile as it was or as it is.
  void VisitResources(std::string_view provider, std::string_view after,
                      const std::function<bool(const ResourcePtr&)>& visit) const;
  // The same for organisations and information systems; systems of `organization` or (empty) of all.
  void VisitOrganizations(std::string_view after,
                          const std::function<bool(const std::shared_ptr<const v1::Organization>&)>& visit) const;
  void VisitSystems(std::string_view organization, std::string_view after,
                    const std::function<bool(const std::shared_ptr<const v1::InformationSystem>&)>& visit) const;

  // See resource_index.h.
  std::vector<std::string> ResourcesOf(std::string_view organization) const;
  std::vector<std::string> ResourcesWithLegacyCode(std::string_view code) const;
  std::optional<std::string> ResourceNamedLike(std::string_view display_name, std::string_view except) const;
  std::optional<OtherProvider> OtherProviderOf(std::string_view scope, std::string_view item,
                                               std::string_view provider) const;
  uint64_t LastSequence(std::string_view classification) const;

  // The table called `name` (code_table.h); one that is not loaded knows everything. Never null.
  std::shared_ptr<const CodeTable> FindCodeTable(std::string_view name) const;

  // A system of exactly this display name, or null.
  std::shared_ptr<const v1::InformationSystem> FindSystemNamed(std::string_view display_name) const;

  // All that the visits give.
  std::vector<std::shared_ptr<const v1::Organization>> Organizations() const;
  std::vector<std::shared_ptr<const v1::InformationSystem>> Systems(std::string_view organization = {}) const;
  std::vector<ResourcePtr> Resources(std::string_view provider = {}) const;

  struct Counts {
    size_t organizations = 0;
    size_t systems = 0;
    size_t resources = 0;
  };
  Counts counts() const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this view
};

}  // namespace zhanqiao::catalog
