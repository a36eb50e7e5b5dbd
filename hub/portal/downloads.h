// Whole files: the CSV as it was published, and the same rows as JSON and XLSX.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "hub/portal/shelf.h"
#include "hub/portal/tables.h"
#include "hub/portal/web.h"

namespace zhanqiao::portal {

// Thread-safe.
class Downloads {
 public:
  // Both outlive it.
  Downloads(const datasets::OpenData& data, Tables& tables) : data_(data), tables_(tables) {}

  // /download/{package}/{distribution}.{csv|json|xlsx}. 403 for data given on request, 410 for data that were recalled or
  // withdrawn, 404 for what never was, 503 for data that are damaged.
  Page File(std::string_view rest, const Shelf& shelf);
  // /dictionary/{package}/{distribution}.json: the item dictionary (数据项说明).
  Page Dictionary(std::string_view rest, const Shelf& shelf) const;

 private:
  absl::StatusOr<std::string> Made(const v1::Dataset& dataset, const v1::Distribution& distribution, std::string_view extension);

  const datasets::OpenData& data_;
  Tables& tables_;
};

// Rows as a JSON list of objects under the columns' names.
std::string TableJson(const datasets::Table& table);
// A workbook: the rows under their headings, and the dictionary on a second sheet. Text is never a formula.
absl::StatusOr<std::string> TableXlsx(const datasets::Table& table, const v1::Dataset& dataset);
// The dictionary of one distribution.
boost::json::array DictionaryJson(const v1::Distribution& distribution);

}  // namespace zhanqiao::portal
