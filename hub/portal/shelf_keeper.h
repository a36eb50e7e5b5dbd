// Follows the documents and keeps the newest Shelf: made anew by the first who asks after a change.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/portal/shelf.h"

namespace zhanqiao::portal {

// Thread-safe.
class ShelfKeeper {
 public:
  // Both outlive it.
  ShelfKeeper(documents::DocumentStore& store, const catalog::Catalog& catalog);
  ~ShelfKeeper();

  // Once, before traffic starts.
  absl::Status Follow();
  std::shared_ptr<const Shelf> Newest() const;
  // Grows with every change the public may see; cheap.
  uint64_t revision() const;

 private:
  struct State;
  documents::DocumentStore& store_;
  const catalog::Catalog& catalog_;
  const std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this
};

}  // namespace zhanqiao::portal
