#include "connectors/adapters/http/http.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "connectors/adapters/cursor.h"
#include "connectors/adapters/http/source.h"
#include "connectors/adapters/reading.h"
#include "connectors/adapters/rows.h"
#include "connectors/adapters/sql/sql_adapter.h"

namespace zhanqiao::connectors {
namespace {

namespace json = boost::json;

// The member a column names: by JSON pointer, or by its name.
const json::value* Find(const json::value& row, const std::string& column) {
  boost::system::error_code error;
  if (!column.starts_with('/')) return row.is_object() ? row.as_object().if_contains(column) : nullptr;
  return row.find_pointer(column, error);
}

// A JSON value as text; false for null.
bool TextOf(const json::value* value, std::string& text) {
  if (value == nullptr || value->is_null()) return false;
  switch (value->kind()) {
    case json::kind::string:
      text.assign(value->get_string().data(), value->get_string().size());
      return true;
    case json::kind::int64:
      text = absl::StrCat(value->get_int64());
      return true;
    case json::kind::uint64:
      text = absl::StrCat(value->get_uint64());
      return true;
    case json::kind::bool_:
      text = value->get_bool() ? "true" : "false";
      return true;
    case json::kind::double_: {
      char digits[32];
      text.assign(digits, std::to_chars(digits, digits + sizeof digits, value->get_double()).ptr);
      return true;
    }
    default:
      text = json::serialize(*value);
      return true;
  }
}

// Where a request stands in the pages of the service.
struct Place {
  std::string page;
  int64_t row = 0;
};

class HttpAdapter final : public Adapter {
 public:
  HttpAdapter(std::shared_ptr<HttpSource> source, Mapping mapping, const v1::Resource& entry)
      : source_(std::move(source)),
        mapping_(std::move(mapping)),
        http_(*mapping_.http),
        schema_(entry),
        cursors_({"page", "row"}) {}

  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;
  int waiting_max() const override { return source_->connections(); }

 private:
  const FieldMapping& HowOf(int column) const {
    return mapping_.fields.at(schema_.fields()[static_cast<size_t>(column)].field());
  }
  absl::StatusOr<Place> Start(const v1::ConnectorQuery& query) const;
  std::string Target(const v1::ConnectorQuery& query, const std::string& page) const;
  // The parameter that asks for an equality, or nothing if it cannot be written.
  std::string Asked(const v1::Condition& condition) const;
  absl::Status Read(const json::value& row, int column, v1::Value& value) const;
  absl::StatusOr<bool> Meets(const json::value& row, const v1::ConnectorQuery& query) const;
  // The place of the page after `page`, of which `rows` rows came; false if there is none.
  bool Next(const json::value& answer, size_t rows, std::string& page) const;
  absl::Status Full(const v1::ConnectorQuery& query, const Place& place, v1::ConnectorReply& reply) const;

  const std::shared_ptr<HttpSource> source_;  // shared by the resources of one service
  const Mapping mapping_;
  const HttpMapping& http_;
  const Schema schema_;
  const CursorForm cursors_;
};

absl::StatusOr<Place> HttpAdapter::Start(const v1::ConnectorQuery& query) const {
  Place place;
  if (http_.paging == "page" || http_.paging == "offset")
    place.page = absl::StrCat(http_.paging == "page" ? http_.first : 0);
  if (!query.chunk() || query.cursor().empty()) return place;
  const std::vector<std::string> parts = TRY(cursors_.Decode(query.cursor()));
  place.page = parts[0];
  if (absl::SimpleAtoi(parts[1], &place.row) && place.row >= 0) return place;
  return BadField("CURSOR_INVALID", "cursor",
                  "The cursor is not one this resource gave; start the fetch anew.",
                  {{"link", std::string(kLinkConnector)}});
}

std::string HttpAdapter::Asked(const v1::Condition& condition) const {
  const auto parameter = http_.parameters.find(condition.field());
  if (parameter == http_.parameters.end() || condition.comparison() != v1::COMPARISON_EQUALS) return "";
  const int column = schema_.Column(condition.field());
  const v1::Field& field = schema_.fields()[static_cast<size_t>(column)];
  const FieldMapping& how = HowOf(column);
  const v1::Value& value = condition.value();
  std::string text = value.has_text() ? value.text() : absl::StrCat(value.integer());
  if (value.has_logical()) text = value.logical() ? "true" : "false";
  if (value.has_real() || value.has_binary()) return "";
  if (!how.values.empty()) {
    const auto source = std::find_if(how.values.begin(), how.values.end(),
                                     [&](const auto& one) { return one.second == text; });
    const auto equal = std::count_if(how.values.begin(), how.values.end(),
                                     [&](const auto& one) { return one.second == text; });
    if (equal != 1) return "";
    text = source->first;
  } else if (field.data_type() == v1::DATA_TYPE_DATETIME && how.format.empty()) {
    return "";  // one moment has many texts
  } else if (!how.format.empty()) {
    text = WriteFormat(
        field.data_type() == v1::DATA_TYPE_DATE ? text + "T00:00:00" : LocalTime(text, how.zone), how.format);
  }
  return absl::StrCat(UrlEncoded(parameter->second), "=", UrlEncoded(text));
}

std::string HttpAdapter::Target(const v1::ConnectorQuery& query, const std::string& page) const {
  std::string target = http_.path;
  const auto add = [&target](const std::string& part) {
    if (!part.empty()) absl::StrAppend(&target, target.find('?') == std::string::npos ? "?" : "&", part);
  };
  for (const v1::Condition& condition : query.conditions()) add(Asked(condition));
  if (!http_.size_parameter.empty())
    add(absl::StrCat(UrlEncoded(http_.size_parameter), "=", http_.page_rows));
  if (http_.paging != "none" && !page.empty())
    add(absl::StrCat(UrlEncoded(http_.page_parameter), "=", UrlEncoded(page)));
  return target;
}

absl::Status HttpAdapter::Read(const json::value& row, int column, v1::Value& value) const {
  const v1::Field& field = schema_.fields()[static_cast<size_t>(column)];
  const FieldMapping& how = HowOf(column);
  std::string text;
  if (how.constant) {
    text = *how.constant;
  } else if (!TextOf(Find(row, how.column), text)) {
    return absl::OkStatus();
  }
  if (ReadText(text, field, how, value)) return absl::OkStatus();
  return Fail(absl::StatusCode::kFailedPrecondition, "SOURCE_VALUE",
              "A value in the department's source does not fit the entry; the provider has to correct it or "
              "its mapping.",
              {{"link", std::string(kLinkSource)}, {"field", field.field()}, {"expected", Expected(field)}});
}

absl::StatusOr<bool> HttpAdapter::Meets(const json::value& row, const v1::ConnectorQuery& query) const {
  for (const v1::Condition& condition : query.conditions()) {
    const int column = schema_.Column(condition.field());
    v1::Value value;
    TRY(Read(row, column, value));
    const v1::DataType type = schema_.fields()[static_cast<size_t>(column)].data_type();
    if (!zhanqiao::Meets(value, condition.comparison(), condition.value(), type)) return false;
  }
  return true;
}

bool HttpAdapter::Next(const json::value& answer, size_t rows, std::string& page) const {
  int64_t number = 0;
  if (http_.paging == "cursor") {
    boost::system::error_code error;
    return TextOf(answer.find_pointer(http_.next, error), page) && !page.empty();
  }
  if (http_.paging == "none" || rows < static_cast<size_t>(http_.page_rows) ||
      !absl::SimpleAtoi(page, &number))
    return false;
  page = absl::StrCat(number + (http_.paging == "page" ? 1 : static_cast<int64_t>(rows)));
  return true;
}

absl::Status HttpAdapter::Full(const v1::ConnectorQuery& query, const Place& place,
                               v1::ConnectorReply& reply) const {
  if (!query.chunk()) {
    reply.set_truncated(true);
    return absl::OkStatus();
  }
  const std::vector<std::string> parts = {place.page, absl::StrCat(place.row)};
  reply.set_next_cursor(TRY(cursors_.Encode(parts)));
  return absl::OkStatus();
}

absl::Status HttpAdapter::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  const std::shared_ptr<const Projection> projection = TRY(schema_.Check(query));
  if (query.chunk() && mapping_.key.empty()) return KeyRequired();
  const absl::Time deadline = DeadlineOf(query);
  Place place = TRY(Start(query));
  Rows rows(query, *projection, reply);
  for (;;) {
    const std::string body = TRY(source_->Get(Target(query, place.page), deadline));
    boost::system::error_code error;
    const json::value answer = json::parse(body, error);
    if (error) return SourceRefused("not JSON");
    const json::value* list = http_.rows.empty() ? &answer : answer.find_pointer(http_.rows, error);
    if (list == nullptr || !list->is_array()) return SourceRefused("no list of rows");
    for (const size_t count = list->as_array().size(); static_cast<size_t>(place.row) < count; ++place.row) {
      const json::value& row = list->as_array()[static_cast<size_t>(place.row)];
      const bool meets = TRY(Meets(row, query));
      if (!meets) continue;
      if (rows.full()) return Full(query, place, reply);
      v1::Row& out = rows.Add();
      for (const int column : projection->columns) TRY(Read(row, column, *out.add_values()));
      rows.Added(out);
    }
    if (!Next(answer, list->as_array().size(), place.page)) return absl::OkStatus();
    place.row = 0;
  }
}

}  // namespace

std::unique_ptr<Adapter> MakeHttpAdapter(std::shared_ptr<HttpSource> source, Mapping mapping,
                                         const v1::Resource& entry) {
  return std::make_unique<HttpAdapter>(std::move(source), std::move(mapping), entry);
}

AdapterFactory HttpResource(std::shared_ptr<HttpSource> source, std::string mapping_file) {
  return [source = std::move(source), file = std::move(mapping_file)](
             const v1::Resource& entry) -> absl::StatusOr<std::unique_ptr<Adapter>> {
    Mapping mapping = TRY(LoadMapping(file));
    std::vector<Violation> mismatches = CheckMapping(mapping, entry);
    if (!mapping.http)
      mismatches.push_back({"http", "HTTP_MAPPING", "The mapping has no [http]; give the service's path."});
    TRY(MappingFits(mismatches));
    return MakeHttpAdapter(source, std::move(mapping), entry);
  };
}

}  // namespace zhanqiao::connectors
