// CKAN's datastore_search over the CSV data at the hub.
#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/search/text.h"
#include "hub/portal/ckan.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

constexpr int64_t kRowsMax = 32'000;
constexpr int kIdColumn = -1;

// A column by name or heading: its place, kIdColumn for "_id", nothing if there is none.
std::optional<int> PlaceOf(const datasets::Table& table, std::string_view name) {
  if (name == "_id") return kIdColumn;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].field() == name || table.columns[i].display_name() == name) return static_cast<int>(i);
  }
  return std::nullopt;
}

bool IsNumber(v1::DataType type) {
  const std::string_view name = DatastoreType(type);
  return name == "numeric" || name == "int" || name == "float8";
}

// Rows of a table by position, narrowed and ordered as a question says.
class Rows {
 public:
  explicit Rows(const datasets::Table& table) : table_(table), at_(table.rows.size()) {
    for (size_t i = 0; i < at_.size(); ++i) at_[i] = i;
  }

  std::optional<CkanError> Filter(const CkanParams& params) {
    const json::value* value = params.Value("filters");
    json::value parsed;
    if (value != nullptr && value->is_string()) {
      json::error_code failed;
      parsed = json::parse(value->as_string(), failed);
      if (failed) return CkanInvalid("filters", "Cannot parse JSON");
      value = &parsed;
    }
    if (value == nullptr || value->is_null()) return std::nullopt;
    if (!value->is_object()) return CkanInvalid("filters", "Not a dictionary");
    for (const auto& member : value->as_object()) {
      const std::string name(member.key());
      const auto place = PlaceOf(table_, name);
      if (!place) return CkanInvalid("filters", absl::StrCat("field \"", name, "\" not in table"));
      std::set<std::string> wanted;
      const auto add = [&](const json::value& one) {
        wanted.insert(one.is_string() ? std::string(one.as_string()) : one.is_null() ? "" : json::serialize(one));
      };
      if (member.value().is_array()) {
        for (const json::value& one : member.value().as_array()) add(one);
      } else {
        add(member.value());
      }
      Keep([&](size_t row) { return wanted.count(Cell(row, *place)) > 0 || wanted.count(json::serialize(Json(row, *place))) > 0; });
    }
    return std::nullopt;
  }

  std::optional<CkanError> Search(const CkanParams& params) {
    const json::value* value = params.Value("q");
    json::value parsed;
    const std::string text = params.Text("q");
    if (value != nullptr && value->is_string() && absl::StartsWith(text, "{")) {
      json::error_code failed;
      parsed = json::parse(text, failed);
      if (!failed) value = &parsed;
    }
    if (value == nullptr || value->is_null() || text.empty()) return std::nullopt;
    if (!value->is_object()) {
      KeepWith(text, std::nullopt);
      return std::nullopt;
    }
    for (const auto& member : value->as_object()) {
      const auto place = PlaceOf(table_, std::string(member.key()));
      if (!place || !member.value().is_string()) return CkanInvalid("q", absl::StrCat("field \"", std::string(member.key()), "\" not in table"));
      KeepWith(std::string(member.value().as_string()), place);
    }
    return std::nullopt;
  }

  std::optional<CkanError> Sort(const std::string& sort) {
    std::vector<std::pair<int, bool>> keys;
    for (const absl::string_view part : absl::StrSplit(sort, ',', absl::SkipWhitespace())) {
      std::string name(absl::StripAsciiWhitespace(part));
      bool descending = false;
      const std::string lower = absl::AsciiStrToLower(name);
      for (const absl::string_view word : {" asc", " desc"}) {
        if (!absl::EndsWith(lower, word)) continue;
        descending = word == " desc";
        name.erase(name.size() - word.size());
        break;
      }
      absl::StripAsciiWhitespace(&name);
      if (name.size() > 1 && name.front() == '"' && name.back() == '"') name = name.substr(1, name.size() - 2);
      const auto place = PlaceOf(table_, name);
      if (!place) return CkanInvalid("sort", absl::StrCat("field \"", name, "\" not in table"));
      keys.emplace_back(*place, descending);
    }
    std::stable_sort(at_.begin(), at_.end(), [&](size_t a, size_t b) {
      for (const auto& [place, descending] : keys) {
        const int compared = Compare(a, b, place);
        if (compared != 0) return descending ? compared > 0 : compared < 0;
      }
      return a < b;
    });
    return std::nullopt;
  }

  // Leaves out rows whose shown columns stood before.
  void Distinct(const std::vector<int>& shown) {
    std::set<std::vector<std::string>> seen;
    Keep([&](size_t row) {
      std::vector<std::string> cells;
      for (const int place : shown) cells.push_back(Cell(row, place));
      return seen.insert(std::move(cells)).second;
    });
  }

  const std::vector<size_t>& at() const { return at_; }
  std::string Cell(size_t row, int place) const {
    return place == kIdColumn ? absl::StrCat(row + 1) : table_.rows[row][static_cast<size_t>(place)];
  }
  json::value Json(size_t row, int place) const {
    if (place == kIdColumn) return static_cast<int64_t>(row + 1);
    return CellJson(table_.rows[row][static_cast<size_t>(place)], table_.columns[static_cast<size_t>(place)].data_type());
  }

 private:
  template <typename Test>
  void Keep(const Test& test) {
    at_.erase(std::remove_if(at_.begin(), at_.end(), [&](size_t row) { return !test(row); }), at_.end());
  }
  // Rows that hold every word of `text`, in one column or in any.
  void KeepWith(const std::string& text, std::optional<int> place) {
    const auto words = search::QueryWords(text);
    Keep([&](size_t row) {
      return std::all_of(words.begin(), words.end(), [&](const std::u32string& word) {
        if (place) return search::Fold(Cell(row, *place)).points.find(word) != std::u32string::npos;
        return std::any_of(table_.rows[row].begin(), table_.rows[row].end(),
                           [&](const std::string& cell) { return search::Fold(cell).points.find(word) != std::u32string::npos; });
      });
    });
  }
  int Compare(size_t a, size_t b, int place) const {
    if (place == kIdColumn) return a < b ? -1 : a > b ? 1 : 0;
    const std::string& one = table_.rows[a][static_cast<size_t>(place)];
    const std::string& other = table_.rows[b][static_cast<size_t>(place)];
    if (IsNumber(table_.columns[static_cast<size_t>(place)].data_type())) {
      double x = 0, y = 0;
      const bool known = absl::SimpleAtod(one, &x), also = absl::SimpleAtod(other, &y);
      if (known && also) return x < y ? -1 : x > y ? 1 : 0;
      if (known != also) return known ? -1 : 1;  // what is no number comes last
    }
    return one < other ? -1 : one > other ? 1 : 0;
  }

  const datasets::Table& table_;
  std::vector<size_t> at_;
};

json::array FieldsOf(const datasets::Table& table, const std::vector<int>& shown) {
  json::array fields;
  for (const int place : shown) {
    if (place == kIdColumn) {
      fields.push_back({{"id", "_id"}, {"type", "int"}});
      continue;
    }
    const v1::DatasetColumn& column = table.columns[static_cast<size_t>(place)];
    fields.push_back({{"id", column.field()},
                      {"type", json::string(DatastoreType(column.data_type()))},
                      {"info", {{"label", column.display_name()}, {"notes", column.note()}, {"type_override", ""}}}});
  }
  return fields;
}

std::string NameOf(const datasets::Table& table, int place) {
  return place == kIdColumn ? "_id" : table.columns[static_cast<size_t>(place)].field();
}

json::value RecordsOf(const datasets::Table& table, const Rows& rows, const std::vector<int>& shown, size_t from, size_t to,
                      const std::string& format) {
  json::array records;
  std::string text;
  for (size_t i = from; i < to; ++i) {
    const size_t row = rows.at()[i];
    if (format == "objects") {
      json::object record;
      for (const int place : shown) record[NameOf(table, place)] = rows.Json(row, place);
      records.push_back(std::move(record));
    } else if (format == "lists") {
      json::array record;
      for (const int place : shown) record.push_back(rows.Json(row, place));
      records.push_back(std::move(record));
    } else {
      for (size_t k = 0; k < shown.size(); ++k) {
        std::string cell = rows.Cell(row, shown[k]);
        if (format == "tsv") {
          std::replace_if(cell.begin(), cell.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
        } else {
          cell = CsvCell(cell);
        }
        absl::StrAppend(&text, k == 0 ? "" : format == "tsv" ? "\t" : ",", cell);
      }
      text += "\n";
    }
  }
  if (format == "objects" || format == "lists") return records;
  return json::string(text);
}

}  // namespace

CkanResult Ckan::DatastoreSearch(const CkanParams& params, const Shelf& shelf) {
  const std::string id = params.Text("resource_id").empty() ? params.Text("id") : params.Text("resource_id");
  if (id.empty()) return CkanInvalid("resource_id", "Missing value");
  const auto [package, file] = shelf.FindFile(id);
  if (package == nullptr || file->converted || !file->distribution->address().empty() || file->distribution->columns().empty()) {
    return CkanNotFound(absl::StrCat("Resource \"", id, "\" was not found."));
  }
  if (package->dataset.access() != v1::DATASET_ACCESS_PUBLIC) {
    return CkanError{403, "Authorization Error", {{"message", "Access denied: these data are given on request"}}, ""};
  }
  int64_t numbers[2] = {100, 0};
  const std::string_view names[2] = {"limit", "offset"};
  for (int i = 0; i < 2; ++i) {
    auto number = params.Whole(names[i], numbers[i]);
    if (auto* error = std::get_if<CkanError>(&number)) return std::move(*error);
    numbers[i] = std::get<int64_t>(number);
    if (numbers[i] < 0) return CkanInvalid(names[i], "Must be a natural number");
  }
  const int64_t limit = std::min(numbers[0], kRowsMax);
  const std::string format = params.Text("records_format").empty() ? "objects" : params.Text("records_format");
  static const auto* const formats = new std::set<std::string>{"objects", "lists", "csv", "tsv"};
  if (formats->count(format) == 0) return CkanInvalid("records_format", "Value must be one of ['objects', 'lists', 'csv', 'tsv']");
  const auto table = tables_.Of(*file->distribution);
  if (!table.ok()) return CkanNotFound(absl::StrCat("Resource \"", id, "\" was not found."));
  std::vector<int> shown;
  for (const std::string& list : params.List("fields")) {
    for (const absl::string_view part : absl::StrSplit(list, ',', absl::SkipWhitespace())) {
      const std::string name(absl::StripAsciiWhitespace(part));
      const auto place = PlaceOf(**table, name);
      if (!place) return CkanInvalid("fields", absl::StrCat("field \"", name, "\" not in table"));
      shown.push_back(*place);
    }
  }
  const bool distinct = params.Flag("distinct", false);
  if (shown.empty()) {
    if (!distinct) shown.push_back(kIdColumn);
    for (size_t i = 0; i < (*table)->columns.size(); ++i) shown.push_back(static_cast<int>(i));
  }
  Rows rows(**table);
  if (auto error = rows.Filter(params)) return *std::move(error);
  if (auto error = rows.Search(params)) return *std::move(error);
  if (auto error = rows.Sort(params.Text("sort"))) return *std::move(error);
  if (distinct) rows.Distinct(shown);
  const size_t from = std::min(rows.at().size(), static_cast<size_t>(numbers[1]));
  const size_t to = from + std::min(rows.at().size() - from, static_cast<size_t>(limit));
  const auto link = [&, key = id](int64_t offset) {
    return absl::StrCat("/api/3/action/datastore_search?resource_id=", key, "&limit=", limit, "&offset=", offset);
  };
  json::object result = {{"include_total", params.Flag("include_total", true)},
                         {"limit", limit},
                         {"offset", numbers[1]},
                         {"records_format", format},
                         {"resource_id", id},
                         {"total_estimation_threshold", nullptr},
                         {"records", RecordsOf(**table, rows, shown, from, to, format)},
                         {"fields", FieldsOf(**table, shown)},
                         {"_links", {{"start", link(0)}, {"next", link(numbers[1] + limit)}}},
                         {"next_page", to < rows.at().size() ? json::value(link(numbers[1] + limit)) : json::value(nullptr)}};
  if (const json::value* filters = params.Value("filters")) result["filters"] = *filters;
  if (const json::value* q = params.Value("q")) result["q"] = *q;
  if (!params.Text("sort").empty()) result["sort"] = params.Text("sort");
  if (params.Flag("include_total", true)) {
    result["total"] = rows.at().size();
    result["total_was_estimated"] = false;
  }
  return CkanResult(json::value(std::move(result))).As(Use::kQuery, package->dataset.name());
}

}  // namespace zhanqiao::portal
