// Open datasets from files: what zq dataset and the demonstration share.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "hub/cli/session.h"
#include "zhanqiao/v1/dataset.grpc.pb.h"

namespace zhanqiao::cli {

// Datasets of a JSON text: an array of datasets, one dataset, or {"datasets": […]}, protobuf JSON. `candidate.distributions`
// may name data: id, title, columns, and as `address` the CSV file. INVALID_ARGUMENT / DATASETS_UNREADABLE (fact: problem).
absl::StatusOr<v1::ListDatasetsResponse> ParseDatasets(std::string_view json);

// A distribution with its columns, from the JSON of a v1.Distribution. INVALID_ARGUMENT / COLUMNS_UNREADABLE.
absl::StatusOr<v1::Distribution> ParseColumns(std::string_view json);

// Sends `csv` in parts as the distribution `like.id()` of the dataset's candidate, with `like`'s title and columns (none: as
// before). `progress` is told the bytes sent; may be null.
absl::StatusOr<v1::Dataset> SendData(Session& session, const std::string& dataset, const v1::Distribution& like, std::string_view csv,
                                     const std::string& update_date, const std::function<void(int64_t)>& progress);

// "organizations/370200-FGW/datasets/tasks" for "370200-FGW/tasks"; full names stay.
std::string DatasetArgument(std::string_view text);

}  // namespace zhanqiao::cli
