// The room of open datasets as one object: what a hub wires once.
#pragma once

#include <filesystem>
#include <memory>
#include <string_view>

#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "catalog/base/ids.h"
#include "catalog/model/catalog.h"
#include "hub/oversight/datasets/dataset_count.h"
#include "hub/oversight/datasets/dataset_service.h"
#include "hub/oversight/datasets/open_data.h"
#include "hub/oversight/datasets/prober.h"

namespace zhanqiao::datasets {

// Thread-safe.
class Datasets {
 public:
  // Everything it needs; all of it outlives the room.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Policy& policy;
    const Clock& clock;
    Random& random;
    std::filesystem::path directory;  // of the open data, made if missing
    Fetch fetch = FetchByNetwork();
  };
  // As OpenData::Open fails.
  static absl::StatusOr<std::unique_ptr<Datasets>> Open(Parts parts);

  // Deletes data no dataset names. Once, before traffic starts.
  absl::Status DeleteUnused();

  DatasetService& service() { return service_; }
  const DatasetCount& count() const { return count_; }
  const OpenData& data() const { return *data_; }
  // A duty of the daily sweep.
  absl::Status Run(absl::CivilDay today) { return prober_.Run(today); }
  // Before the threads its sweep runs on are joined.
  void Stop() { prober_.Stop(); }

 private:
  Datasets(Parts parts, std::unique_ptr<OpenData> data);

  documents::DocumentStore& store_;
  const std::unique_ptr<OpenData> data_;
  DatasetCount count_;
  Prober prober_;
  DatasetService service_;
};

// SHA-256 of all data that some dataset has in force or in preparation, except the dataset called `except`.
absl::StatusOr<absl::flat_hash_set<std::string>> DataInUse(const documents::DocumentStore& store, std::string_view except = {});

}  // namespace zhanqiao::datasets
