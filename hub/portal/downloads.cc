#include "hub/portal/downloads.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/sheets/xlsx_writer.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

// The parts of "{package}/{distribution}.{extension}".
struct Wanted {
  std::string package;
  std::string distribution;
  std::string extension;
};

std::optional<Wanted> WantedIn(std::string_view rest) {
  const size_t slash = rest.find('/');
  const size_t dot = rest.rfind('.');
  if (slash == std::string_view::npos || dot == std::string_view::npos || dot < slash) return std::nullopt;
  return Wanted{std::string(rest.substr(0, slash)), std::string(rest.substr(slash + 1, dot - slash - 1)), std::string(rest.substr(dot + 1))};
}

Page GonePage(const Gone& gone) {
  Page page = Refused(Fail(absl::StatusCode::kNotFound, gone.recalled ? "DATASET_RECALLED" : "DATASET_WITHDRAWN",
                           gone.recalled ? "These data were recalled; delete copies you have." : "These data are no longer offered."));
  page.status = 410;
  return page;
}

const v1::Distribution* DistributionOf(const Package& package, std::string_view id) {
  for (const v1::Distribution& one : package.dataset.current().distributions()) {
    if (one.id() == id && one.address().empty()) return &one;
  }
  return nullptr;
}

std::string_view MediaOf(std::string_view extension) {
  if (extension == "csv") return "text/csv; charset=utf-8";
  if (extension == "json") return "application/json; charset=utf-8";
  return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
}

std::string_view TypeWord(v1::DataType type) {
  switch (type) {
    case v1::DATA_TYPE_NUMERIC:
      return "数值型";
    case v1::DATA_TYPE_CURRENCY:
      return "货币型";
    case v1::DATA_TYPE_DATE:
      return "日期型";
    case v1::DATA_TYPE_DATETIME:
      return "日期时间型";
    case v1::DATA_TYPE_LOGICAL:
      return "逻辑型";
    case v1::DATA_TYPE_MEMO:
      return "备注型";
    case v1::DATA_TYPE_DOUBLE:
      return "双精度型";
    case v1::DATA_TYPE_INTEGER:
      return "整型";
    case v1::DATA_TYPE_FLOAT:
      return "浮点型";
    default:
      return "字符型";
  }
}

}  // namespace

json::array DictionaryJson(const v1::Distribution& distribution) {
  json::array columns;
  for (const v1::DatasetColumn& column : distribution.columns()) {
    columns.push_back({{"field", column.field()},
                       {"display_name", column.display_name()},
                       {"data_type", json::string(TypeWord(column.data_type()))},
                       {"type", json::string(DatastoreType(column.data_type()))},
                       {"note", column.note()}});
  }
  return columns;
}

std::string TableJson(const datasets::Table& table) {
  std::string out = "[";
  for (size_t i = 0; i < table.rows.size(); ++i) {
    json::object row;
    for (size_t k = 0; k < table.columns.size(); ++k) row[table.columns[k].field()] = CellJson(table.rows[i][k], table.columns[k].data_type());
    absl::StrAppend(&out, i > 0 ? ",\n" : "\n", json::serialize(row));
  }
  return out + "\n]\n";
}

absl::StatusOr<std::string> TableXlsx(const datasets::Table& table, const v1::Dataset& dataset) {
  const auto writer = TRY(sheets::XlsxWriter::Begin(table.rows.size() > 10'000));
  writer->AddSheet("数据");
  writer->Freeze(1, 0);
  const int width = static_cast<int>(table.columns.size());
  for (int k = 0; k < width; ++k) writer->SetWidth(k, 18);
  for (int k = 0; k < width; ++k) writer->WriteText(0, k, table.columns[static_cast<size_t>(k)].display_name(), sheets::Look::kHeading);
  for (size_t i = 0; i < table.rows.size(); ++i) {
    for (int k = 0; k < width; ++k) {
      writer->WriteText(static_cast<int>(i) + 1, k, table.rows[i][static_cast<size_t>(k)], sheets::Look::kText);
    }
  }
  writer->AddSheet("数据项说明");
  writer->SetWidth(0, 24);
  writer->SetWidth(1, 24);
  writer->SetWidth(3, 60);
  const char* const headings[] = {"数据项", "字段名", "数据类型", "说明"};
  for (int k = 0; k < 4; ++k) writer->WriteText(0, k, headings[k], sheets::Look::kHeading);
  int row = 1;
  for (const v1::DatasetColumn& column : table.columns) {
    writer->WriteText(row, 0, column.display_name(), sheets::Look::kText);
    writer->WriteText(row, 1, column.field(), sheets::Look::kText);
    writer->WriteText(row, 2, TypeWord(column.data_type()), sheets::Look::kText);
    writer->WriteText(row++, 3, column.note(), sheets::Look::kText);
  }
  writer->WriteText(row + 1, 0, dataset.title(), sheets::Look::kPlain);
  writer->WriteText(row + 2, 0, absl::StrCat("数据截至 data as of ", dataset.current().data_update_date()), sheets::Look::kPlain);
  if (dataset.sample()) writer->WriteText(row + 3, 0, "样例数据 sample data", sheets::Look::kStrong);
  return writer->Finish();
}

absl::StatusOr<std::string> Downloads::Made(const v1::Dataset& dataset, const v1::Distribution& distribution, std::string_view extension) {
  if (extension == "csv") return *TRY(data_.Get(distribution.sha256()));
  const TablePtr table = TRY(tables_.Of(distribution));
  if (extension == "json") return TableJson(*table);
  return TableXlsx(*table, dataset);
}

Page Downloads::File(std::string_view rest, const Shelf& shelf) {
  const auto wanted = WantedIn(rest);
  if (!wanted) return NotFound();
  const PackagePtr package = shelf.Find(wanted->package);
  const Gone* const gone = package == nullptr ? shelf.FindGone(wanted->package) : nullptr;
  if (gone != nullptr) return GonePage(*gone);
  if (package == nullptr) return NotFound();
  const std::string& extension = wanted->extension;
  const v1::Distribution* const distribution = DistributionOf(*package, wanted->distribution);
  if (distribution == nullptr || (extension != "csv" && extension != "json" && extension != "xlsx")) return NotFound();
  if (package->dataset.access() != v1::DATASET_ACCESS_PUBLIC) {
    return Refused(Fail(absl::StatusCode::kPermissionDenied, "DATA_ON_REQUEST", "These data are given on request by the provider; see the dataset's page."));
  }
  auto made = Made(package->dataset, *distribution, extension);
  if (!made.ok()) {
    Page page = Refused(made.status());
    page.status = 503;
    return page;
  }
  Page page;
  page.type = std::string(MediaOf(extension));
  page.body = *std::move(made);
  page.max_age_s = 0;  // recalled data must not be given on by others
  page.verbatim = true;
  page.headers = {{"content-disposition",
                   Disposition(package->dataset.sample() ? absl::StrCat(package->dataset.title(), "（样例）") : package->dataset.title(),
                               absl::StrCat(package->name, "-", distribution->id()), extension)}};
  page.use = Use::kDownload;
  page.used = package->dataset.name();
  return page;
}

Page Downloads::Dictionary(std::string_view rest, const Shelf& shelf) const {
  const auto wanted = WantedIn(rest);
  const PackagePtr package = wanted ? shelf.Find(wanted->package) : nullptr;
  const v1::Distribution* const distribution = package == nullptr ? nullptr : DistributionOf(*package, wanted->distribution);
  if (distribution == nullptr || wanted->extension != "json") return NotFound();
  Page page;
  page.body = json::serialize(json::object{{"dataset", package->name},
                                           {"title", package->dataset.title()},
                                           {"distribution", distribution->id()},
                                           {"columns", DictionaryJson(*distribution)}});
  return page;
}

}  // namespace zhanqiao::portal
