// The duties as a table (shared form: plan_tasks.csv): CSV to documents. Pure.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "zhanqiao/v1/task.pb.h"

namespace zhanqiao::oversight {

inline constexpr std::string_view kTasks = "tasks/";

// The duties of a CSV with the heading of ImportTasksRequest, without attestations. INVALID_ARGUMENT / TASK_INVALID (facts:
// row = line of the file, column, expected).
absl::StatusOr<std::vector<v1::Task>> ReadTasks(std::string_view csv);

}  // namespace zhanqiao::oversight
