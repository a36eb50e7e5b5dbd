// What the hub knows of the catalogue right now, in memory: organisations, information systems and resources.
//
// Fed by DocumentStore::Observe, so a change is visible here before its caller is answered. Reads take a shared
// lock for one hash look-up and give a snapshot of one document that no later change touches. Thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/documents/document_store.h"
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
  std::shared_ptr<const v1::Resource> FindResource(std::string_view name) const;
  std::shared_ptr<const v1::Organization> FindOrganization(std::string_view name) const;
  std::shared_ptr<const v1::InformationSystem> FindSystem(std::string_view name) const;

  // Entries other than `except`, not withdrawn, whose names differ from `display_name` only by blanks, punctuation
  // or case; resource names in order.
  std::vector<std::string> ResourcesNamedLike(std::string_view display_name, std::string_view except) const;
  // Names of the resources `organization` provides, in any state. Looks at every resource.
  std::vector<std::string> ResourcesOf(std::string_view organization) const;
  // A system of exactly this display name, or null.
  std::shared_ptr<const v1::InformationSystem> FindSystemNamed(std::string_view display_name) const;

  // Every newest version in name order, as the documents stand at this moment; those of resources in any state.
  std::vector<std::shared_ptr<const v1::Organization>> Organizations() const;
  std::vector<std::shared_ptr<const v1::InformationSystem>> Systems() const;
  std::vector<std::shared_ptr<const v1::Resource>> Resources() const;

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
