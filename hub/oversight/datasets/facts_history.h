// Every version of documents in a compact form, so that figures of any {as_of, known_at} are counted without reading the
// store again and again.
#pragma once

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/btree_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/text.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::datasets {

// `Facts` is what figures need of one version. Older versions of a document are read the first time somebody looks at the
// past of it, so that a start costs nothing. Thread-safe.
template <typename Facts>
class FactsHistory {
 public:
  using FactsOf = std::function<Facts(const documents::Version&)>;
  explicit FactsHistory(FactsOf facts_of) : facts_of_(std::move(facts_of)) {}

  struct Known {
    uint64_t revision = 0;
    uint64_t known_at = 0;
    absl::CivilDay effective;
    bool deleted = false;
    Facts facts;
  };

  // Takes one version in; versions that are known already change nothing.
  void Take(const documents::Version& version) {
    Known known = KnownOf(version);
    absl::MutexLock lock(&mu_);
    Add(documents_[version.name], std::move(known));
  }

  // True if documents called `name` were ever told or read.
  bool Has(std::string_view name) const {
    absl::MutexLock lock(&mu_);
    return documents_.contains(Absl(name));
  }

  // Reads all versions of `name`, whatever was told. A name that was never written is no error: it then has no versions.
  absl::Status Load(const documents::DocumentStore& store, std::string_view name) {
    {
      absl::MutexLock lock(&mu_);
      const auto found = documents_.find(Absl(name));
      if (found != documents_.end() && found->second.whole) return absl::OkStatus();
    }
    std::vector<Known> read;
    std::string token;
    do {
      auto page = store.History(name, 1000, token);
      if (page.status().code() == absl::StatusCode::kNotFound) break;
      if (!page.ok()) return page.status();
      for (const documents::Version& version : page->versions) read.push_back(KnownOf(version));
      token = page->next_page_token;
    } while (!token.empty());
    absl::MutexLock lock(&mu_);
    Document& document = documents_[std::string(name)];
    for (Known& known : read) Add(document, std::move(known));
    document.whole = true;
    return absl::OkStatus();
  }

  // Names that were told or read, in order.
  std::vector<std::string> Names() const {
    absl::MutexLock lock(&mu_);
    std::vector<std::string> names;
    for (const auto& [name, document] : documents_) names.push_back(name);
    return names;
  }

  // What held at `at`, as DocumentStore reads it: among the versions known then, the one with the latest effective date not
  // after as_of. Nothing if there was none or it was deleted. Load first to look at the past.
  std::optional<Known> At(std::string_view name, const documents::ReadAt& at) const {
    absl::MutexLock lock(&mu_);
    const auto found = documents_.find(Absl(name));
    if (found == documents_.end()) return std::nullopt;
    const Known* best = nullptr;
    for (const Known& known : found->second.versions) {
      if (at.known_at && known.known_at > *at.known_at) continue;
      if (at.as_of && known.effective > *at.as_of) continue;
      if (best == nullptr || !at.as_of || known.effective >= best->effective) best = &known;
    }
    if (best == nullptr || best->deleted) return std::nullopt;
    return *best;
  }

 private:
  struct Document {
    std::vector<Known> versions;  // by revision
    bool whole = false;           // none before the first is missing
  };

  Known KnownOf(const documents::Version& version) const {
    return {version.revision, version.known_at, version.effective, version.deleted, version.deleted ? Facts() : facts_of_(version)};
  }
  static void Add(Document& document, Known known) {
    auto& versions = document.versions;
    const auto at = std::lower_bound(versions.begin(), versions.end(), known.revision,
                                     [](const Known& one, uint64_t revision) { return one.revision < revision; });
    if (at != versions.end() && at->revision == known.revision) return;
    if (known.revision == 1 && versions.empty()) document.whole = true;
    versions.insert(at, std::move(known));
  }

  const FactsOf facts_of_;
  mutable absl::Mutex mu_;  // makes one look or change one step
  absl::btree_map<std::string, Document> documents_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::datasets
