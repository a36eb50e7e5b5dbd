#include "hub/portal/shelf_keeper.h"

#include <atomic>
#include <utility>

#include "hub/oversight/datasets/dataset.h"

namespace zhanqiao::portal {
namespace {

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

bool IsGone(v1::DatasetState state) { return state == v1::DATASET_STATE_WITHDRAWN || state == v1::DATASET_STATE_RECALLED; }

}  // namespace

struct ShelfKeeper::State {
  mutable absl::Mutex mu;  // makes a change, or making a shelf, one step
  std::map<std::string, PackagePtr> packages ABSL_GUARDED_BY(mu);  // by name of the dataset
  std::map<std::string, v1::Dataset> fresh ABSL_GUARDED_BY(mu);    // published, their packages not yet made
  std::map<std::string, Gone> gone ABSL_GUARDED_BY(mu);            // by CKAN's name
  std::shared_ptr<const Shelf> shelf ABSL_GUARDED_BY(mu);          // null after a change
  std::atomic<uint64_t> revision{1};

  void Take(const documents::Version& version) {
    const bool body = version.type == v1::Organization::descriptor()->full_name();
    if (body) return Renamed(version.name);
    if (!datasets::IsDatasetName(version.name)) return;
    auto dataset = version.As<v1::Dataset>();
    if (!dataset.ok()) return;
    const std::string name = PackageName(version.name);
    absl::MutexLock lock(&mu);
    const bool shown = packages.erase(version.name) > 0 || fresh.erase(version.name) > 0;
    if (dataset->state() == v1::DATASET_STATE_PUBLISHED) {
      gone.erase(name);
      fresh[version.name] = *std::move(dataset);
    } else if (IsGone(dataset->state())) {
      gone[name] = {name, dataset->title(), dataset->state() == v1::DATASET_STATE_RECALLED, dataset->end_reason(),
                    TimeOf(dataset->update_time())};
    } else if (!shown) {
      return;
    }
    shelf = nullptr;
    revision.fetch_add(1);
  }

  // Packages carry their body's name.
  void Renamed(const std::string& organization) {
    absl::MutexLock lock(&mu);
    const std::string prefix = organization + "/";
    for (auto at = packages.lower_bound(prefix); at != packages.end() && at->first.rfind(prefix, 0) == 0;) {
      fresh[at->first] = at->second->dataset;
      at = packages.erase(at);
    }
    shelf = nullptr;
    revision.fetch_add(1);
  }
};

ShelfKeeper::ShelfKeeper(documents::DocumentStore& store, const catalog::Catalog& catalog)
    : store_(store), catalog_(catalog), state_(std::make_shared<State>()) {}
ShelfKeeper::~ShelfKeeper() = default;

absl::Status ShelfKeeper::Follow() {
  return store_.Observe("organizations/", [state = state_](const documents::Version& version) { state->Take(version); });
}

std::shared_ptr<const Shelf> ShelfKeeper::Newest() const {
  State& state = *state_;
  absl::MutexLock lock(&state.mu);
  if (state.shelf != nullptr) return state.shelf;
  for (auto& [name, dataset] : state.fresh) {
    const auto body = catalog_.FindOrganization(name.substr(0, name.find("/datasets/")));
    state.packages[name] = MakePackage(std::move(dataset), body.get());
  }
  state.fresh.clear();
  std::vector<PackagePtr> packages;
  for (const auto& [name, package] : state.packages) packages.push_back(package);
  state.shelf = std::make_shared<const Shelf>(state.revision.load(), std::move(packages), state.gone);
  return state.shelf;
}

uint64_t ShelfKeeper::revision() const { return state_->revision.load(); }

}  // namespace zhanqiao::portal
