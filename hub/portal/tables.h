// The rows of CSV data at the hub, parsed once and kept while they are asked for.
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "boost/json.hpp"
#include "hub/oversight/datasets/open_data.h"
#include "hub/oversight/datasets/table.h"

namespace zhanqiao::portal {

using TablePtr = std::shared_ptr<const datasets::Table>;

// Thread-safe.
class Tables {
 public:
  // `data` outlives it. `cells_max`: cells kept in memory, of all tables together.
  explicit Tables(const datasets::OpenData& data, size_t cells_max = 4'000'000) : data_(data), cells_max_(cells_max) {}

  // As OpenData::Get and datasets::ReadTable fail.
  absl::StatusOr<TablePtr> Of(const v1::Distribution& distribution);

 private:
  struct Kept {
    std::string sha256;
    TablePtr table;
    size_t cells = 0;
  };
  const datasets::OpenData& data_;
  const size_t cells_max_;
  absl::Mutex mu_;  // makes one look or change one step
  std::list<Kept> kept_ ABSL_GUARDED_BY(mu_);  // newest use first
  size_t cells_ ABSL_GUARDED_BY(mu_) = 0;
};

// A cell as JSON: numbers and truth values where the column has them, null for an empty cell, text otherwise ("*" stays).
boost::json::value CellJson(const std::string& cell, v1::DataType type);

}  // namespace zhanqiao::portal
