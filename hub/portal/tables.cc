#include "hub/portal/tables.h"

#include <cmath>

#include "absl/strings/numbers.h"
#include "catalog/base/error.h"

namespace zhanqiao::portal {

absl::StatusOr<TablePtr> Tables::Of(const v1::Distribution& distribution) {
  {
    absl::MutexLock lock(&mu_);
    for (auto at = kept_.begin(); at != kept_.end(); ++at) {
      if (at->sha256 != distribution.sha256()) continue;
      kept_.splice(kept_.begin(), kept_, at);
      return kept_.front().table;
    }
  }
  const auto content = TRY(data_.Get(distribution.sha256()));
  auto table = std::make_shared<const datasets::Table>(TRY(datasets::ReadTable(*content, distribution.columns())));
  absl::MutexLock lock(&mu_);
  kept_.push_front({distribution.sha256(), table, table->rows.size() * table->columns.size()});
  cells_ += kept_.front().cells;
  while (cells_ > cells_max_ && kept_.size() > 1) {
    cells_ -= kept_.back().cells;
    kept_.pop_back();
  }
  return table;
}

boost::json::value CellJson(const std::string& cell, v1::DataType type) {
  if (cell.empty()) return nullptr;
  int64_t whole = 0;
  double real = 0;
  switch (type) {
    case v1::DATA_TYPE_INTEGER:
      if (absl::SimpleAtoi(cell, &whole)) return whole;
      break;
    case v1::DATA_TYPE_NUMERIC:
    case v1::DATA_TYPE_CURRENCY:
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      // Whole numbers stay whole; a number too long for a double stays text.
      if (absl::SimpleAtoi(cell, &whole)) return whole;
      if (cell.size() <= 15 && absl::SimpleAtod(cell, &real) && std::isfinite(real)) return real;
      break;
    case v1::DATA_TYPE_LOGICAL:
      if (cell == "true" || cell == "1" || cell == "是") return true;
      if (cell == "false" || cell == "0" || cell == "否") return false;
      break;
    default:
      break;
  }
  return boost::json::string(cell);
}

}  // namespace zhanqiao::portal
