// A small city with a body that opens data, for tests of this room and of the portal.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "catalog/base/digest.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/access/test_city.h"
#include "hub/oversight/datasets/dataset.h"
#include "hub/oversight/datasets/datasets.h"

namespace zhanqiao::datasets {

inline constexpr char kBody[] = "organizations/370200-GAJ";
inline constexpr char kOpenEntry[] = "resources/307001~000009";         // open without condition
inline constexpr char kConditionalEntry[] = "resources/307001~000010";  // open under a condition

// Columns of a table on persons, and of one without.
inline v1::DatasetColumn Column(const std::string& field, const std::string& heading, v1::ColumnRole role = v1::COLUMN_ROLE_ORDINARY,
                                v1::DataType type = v1::DATA_TYPE_CHARACTER) {
  v1::DatasetColumn column;
  column.set_field(field);
  column.set_display_name(heading);
  column.set_role(role);
  column.set_data_type(type);
  return column;
}

class TestDatasets : public access::TestCity {
 public:
  explicit TestDatasets(absl::CivilSecond start = absl::CivilSecond(2018, 5, 7, 9, 0, 0)) : TestCity(start) {
    PutEntry(kOpenEntry, v1::OPEN_TYPE_UNCONDITIONAL);
    PutEntry(kConditionalEntry, v1::OPEN_TYPE_CONDITIONAL);
    if (!room->DeleteUnused().ok()) std::abort();
  }

  v1::Resource PutEntry(const std::string& name, v1::OpenType open, v1::ResourceState state = v1::RESOURCE_STATE_PUBLISHED) {
    v1::Resource entry = Entry(name, v1::SHARE_TYPE_UNCONDITIONAL);
    entry.clear_fields();
    entry.set_open_type(open);
    entry.set_state(state);
    Put(name, entry);
    return entry;
  }

  // A dataset of the body that breaks no rule.
  static v1::Dataset Wanted(const std::string& id = "parking", const std::string& entry = kOpenEntry) {
    v1::Dataset dataset;
    dataset.set_name(std::string(kBody) + "/datasets/" + id);
    dataset.set_resource(entry);
    dataset.set_title("停车场名录");
    dataset.set_title_en("Car parks");
    dataset.set_description("全市公共停车场的位置与泊位数。");
    dataset.add_themes("公共服务");
    dataset.add_tags("停车场");
    dataset.set_update_cycle(v1::UPDATE_CYCLE_MONTHLY);
    dataset.set_access(entry == kOpenEntry ? v1::DATASET_ACCESS_PUBLIC : v1::DATASET_ACCESS_CONTROLLED);
    dataset.mutable_contact()->set_unit("数据开放处");
    return dataset;
  }
  v1::Dataset Created(const std::string& id = "parking", const std::string& entry = kOpenEntry) {
    v1::CreateDatasetRequest request;
    *request.mutable_dataset() = Wanted(id, entry);
    return room->service().CreateDataset(clerk(), request).value();
  }

  static std::vector<v1::DatasetColumn> ParkColumns() {
    return {Column("park", "名称"), Column("district", "区市"), Column("spaces", "泊位数", v1::COLUMN_ROLE_ORDINARY, v1::DATA_TYPE_INTEGER)};
  }
  static std::string Parks(int rows = 3) {
    std::string csv = "名称,区市,泊位数\n";
    for (int i = 0; i < rows; ++i) csv += "停车场" + std::to_string(i) + (i % 2 ? ",市南区," : ",市北区,") + std::to_string(100 + i) + "\n";
    return csv;
  }
  absl::StatusOr<v1::UploadDataResponse> TryUpload(const std::string& name, const std::string& csv,
                                                   const std::vector<v1::DatasetColumn>& columns, const std::string& id = "data") {
    v1::UploadDataRequest request;
    request.set_name(name);
    request.set_distribution(id);
    request.set_part(csv);
    request.set_last(true);
    request.set_sha256(std::string(Bytes(Sha256(csv))));
    for (const auto& column : columns) *request.add_columns() = column;
    return room->service().UploadData(clerk(), request);
  }
  v1::Dataset Uploaded(const std::string& name, const std::string& csv, const std::vector<v1::DatasetColumn>& columns) {
    return TryUpload(name, csv, columns).value().dataset();
  }
  absl::StatusOr<v1::RiskReport> Assess(const std::string& name) {
    v1::AssessDatasetRequest request;
    request.set_name(name);
    return room->service().AssessDataset(clerk(), request);
  }
  absl::StatusOr<v1::Dataset> Propose(const std::string& name) {
    v1::ProposeDatasetRequest request;
    request.set_name(name);
    return room->service().ProposeDataset(clerk(), request);
  }
  absl::StatusOr<v1::Dataset> Decide(const std::string& name, const Caller& decider, bool approved = true) {
    v1::DecideDatasetRequest request;
    request.set_name(name);
    request.set_approved(approved);
    if (!approved) request.set_comment("请补充说明");
    return room->service().DecideDataset(decider, request);
  }
  // From its candidate's data to the public.
  v1::Dataset Released(const std::string& name) {
    Assess(name).value();
    Propose(name).value();
    return Decide(name, approver()).value();
  }
  v1::Dataset Published(const std::string& id = "parking", const std::string& csv = Parks()) {
    const std::string name = Created(id).name();
    Uploaded(name, csv, ParkColumns());
    return Released(name);
  }
  v1::Dataset Recall(const std::string& name) {
    v1::RecallDatasetRequest request;
    request.set_name(name);
    request.set_reason("含个人信息");
    return room->service().RecallDataset(approver(), request).value();
  }

  // What addresses elsewhere answer; others cannot be reached.
  std::map<std::string, http::Response> network;
  storage::TemporaryDirectory directory;
  Policy policy;
  std::unique_ptr<Datasets> room = Datasets::Open({.store = documents, .catalog = catalog, .policy = policy, .clock = clock,
                                                   .random = random, .directory = directory.path() / "open_data",
                                                   .fetch = [this](const std::string& address) -> absl::StatusOr<http::Response> {
                                                     const auto found = network.find(address);
                                                     if (found != network.end()) return found->second;
                                                     return Fail(absl::StatusCode::kUnavailable, "HTTP_UNREACHABLE", "No such server.");
                                                   }})
                                       .value();
};

}  // namespace zhanqiao::datasets
