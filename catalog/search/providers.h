// The organisations' names, in memory: what a word of a query says about the provider. Names stay out of the
// index, so that an organisation that is renamed needs none of its entries indexed again.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::search {

// Thread-safe.
class Providers {
 public:
  Providers();
  ~Providers();  // what the store still holds of it stays valid

  // Loads what `store` holds and follows its changes. Once, before traffic starts.
  absl::Status Follow(documents::DocumentStore& store);
  void Take(const documents::Version& version);

  // Codes of the organisations whose name or short name holds `word` (folded; two characters or more), whose
  // initials begin with it (two letters or more; with or without those of the city's name), or whose code
  // begins with it, whole or without the division before its "-". In order of the codes.
  std::vector<std::string> Matching(std::u32string_view word) const;

  // Chinese name by code, short if there is a short one; the code itself when unknown.
  std::string NameOf(std::string_view code) const;

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the store's observers, which may outlive this
};

}  // namespace zhanqiao::search
