// DatasetService (proto/zhanqiao/v1/dataset.proto). Methods block until durable: call from a worker thread. Thread-safe.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/base/policy.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/oversight/datasets/dataset_count.h"
#include "hub/oversight/datasets/open_data.h"
#include "hub/oversight/datasets/prober.h"
#include "hub/oversight/datasets/table.h"
#include "hub/oversight/datasets/uploads.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::datasets {

class DatasetService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Policy& policy;
    const Clock& clock;
    Random& random;
    OpenData& data;
    Prober& prober;
    const DatasetCount& count;
    Fetch fetch;
  };
  explicit DatasetService(Parts parts) : parts_(std::move(parts)), uploads_(parts_.clock) {}

  // dataset_service.cc
  absl::StatusOr<v1::Dataset> CreateDataset(const Caller&, const v1::CreateDatasetRequest&);
  absl::StatusOr<v1::Dataset> GetDataset(const Caller&, const v1::GetDatasetRequest&);
  absl::StatusOr<v1::ListDatasetsResponse> ListDatasets(const Caller&, const v1::ListDatasetsRequest&);
  absl::StatusOr<v1::Dataset> UpdateDataset(const Caller&, const v1::UpdateDatasetRequest&);
  absl::StatusOr<v1::RiskReport> GetRiskReport(const Caller&, const v1::GetRiskReportRequest&);
  absl::StatusOr<v1::DatasetProbe> GetDatasetProbe(const Caller&, const v1::GetDatasetProbeRequest&);
  absl::StatusOr<v1::CountDatasetsResponse> CountDatasets(const Caller&, const v1::CountDatasetsRequest&);
  // dataset_candidate.cc
  absl::StatusOr<v1::UploadDataResponse> UploadData(const Caller&, const v1::UploadDataRequest&);
  absl::StatusOr<v1::Dataset> AddAddress(const Caller&, const v1::AddAddressRequest&);
  absl::StatusOr<v1::Dataset> RemoveDistribution(const Caller&, const v1::RemoveDistributionRequest&);
  absl::StatusOr<v1::RiskReport> AssessDataset(const Caller&, const v1::AssessDatasetRequest&);
  // dataset_moves.cc
  absl::StatusOr<v1::Dataset> ProposeDataset(const Caller&, const v1::ProposeDatasetRequest&);
  absl::StatusOr<v1::Dataset> DecideDataset(const Caller&, const v1::DecideDatasetRequest&);
  absl::StatusOr<v1::Dataset> WithdrawDataset(const Caller&, const v1::WithdrawDatasetRequest&);
  absl::StatusOr<v1::Dataset> RecallDataset(const Caller&, const v1::RecallDatasetRequest&);
  absl::StatusOr<v1::DatasetProbe> ProbeDataset(const Caller&, const v1::ProbeDatasetRequest&);

 private:
  struct Held {
    v1::Dataset dataset;
    uint64_t revision = 0;
  };
  // The newest version for a writer: the name is one (DATASET_NAME), the caller is a person of the provider with one of
  // `roles` or, where `office`, of the office; then whether it exists and, unless empty, has `etag`.
  absl::StatusOr<Held> ForWriting(const Caller& caller, std::string_view name, std::string_view etag,
                                  std::initializer_list<std::string_view> roles, bool office) const;
  absl::StatusOr<catalog::ResourcePtr> OpenEntry(std::string_view resource, std::string_view organization) const;
  // The candidate, begun from the release in force if there is none; its assessment, if any, is void.
  static v1::DatasetRelease& Prepared(v1::Dataset& dataset);
  absl::StatusOr<v1::Dataset> Store(const Caller& caller, v1::Dataset dataset, uint64_t revision, const std::string& reason,
                                    std::vector<documents::Change> further = {});
  documents::Change Tell(std::string_view kind, const v1::Dataset& dataset, std::string_view reason) const;
  absl::CivilDay Today() const { return CivilDayOf(parts_.clock.Now()); }
  // The rows of a distribution of `release`; nothing if there is none of this id or it is no CSV.
  absl::StatusOr<std::optional<Table>> TableOf(const v1::DatasetRelease& release, std::string_view id) const;
  absl::StatusOr<v1::RiskReport> Assess(v1::Dataset& dataset) const;
  absl::StatusOr<v1::Dataset> End(const Caller& caller, Held held, v1::DatasetState state, const std::string& reason,
                                  std::string_view notice);

  const Parts parts_;
  Uploads uploads_;
};

}  // namespace zhanqiao::datasets
