#include "hub/oversight/datasets/datasets.h"

#include <utility>

#include "catalog/base/text.h"
#include "hub/oversight/datasets/dataset.h"

namespace zhanqiao::datasets {

Datasets::Datasets(Parts parts, std::unique_ptr<OpenData> data)
    : store_(parts.store), data_(std::move(data)), count_(parts.store, parts.policy, parts.clock),
      prober_(parts.store, *data_, parts.policy, parts.clock, parts.fetch),
      service_({.store = parts.store, .catalog = parts.catalog, .policy = parts.policy, .clock = parts.clock, .random = parts.random,
                .data = *data_, .prober = prober_, .count = count_, .fetch = parts.fetch}) {}

absl::StatusOr<std::unique_ptr<Datasets>> Datasets::Open(Parts parts) {
  auto data = TRY(OpenData::Open({.directory = parts.directory}));
  return std::unique_ptr<Datasets>(new Datasets(std::move(parts), std::move(data)));
}

absl::Status Datasets::DeleteUnused() {
  const auto used = TRY(DataInUse(store_));
  data_->Sweep([&](std::string_view sha256) { return used.contains(Absl(sha256)); });
  return absl::OkStatus();
}

absl::StatusOr<absl::flat_hash_set<std::string>> DataInUse(const documents::DocumentStore& store, std::string_view except) {
  absl::flat_hash_set<std::string> used;
  std::string token;
  do {
    const auto keep = [](const documents::Version& version) { return IsDatasetName(version.name); };
    const auto page = TRY(store.List("organizations/", 1000, token, {}, keep));
    for (const documents::Version& version : page.versions) {
      if (version.name == except) continue;
      const auto dataset = TRY(version.As<v1::Dataset>());
      for (const v1::DatasetRelease* release : {&dataset.current(), &dataset.candidate()}) {
        if (release == &dataset.current() && dataset.state() == v1::DATASET_STATE_RECALLED) continue;
        for (const v1::Distribution& one : release->distributions()) {
          if (one.address().empty()) used.insert(one.sha256());
        }
      }
    }
    token = page.next_page_token;
  } while (!token.empty());
  return used;
}

}  // namespace zhanqiao::datasets
