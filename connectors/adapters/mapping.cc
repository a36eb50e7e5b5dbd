#include "connectors/adapters/mapping.h"

#include "absl/strings/str_cat.h"
#include "connectors/adapters/reading.h"
#include "connectors/adapters/settings.h"

namespace zhanqiao::connectors {
namespace {

absl::Status ReadField(const toml::node& node, std::string_view key, FieldMapping& field) {
  if (node.is_string()) return Text(field.column)(node, key);
  const Reader constant = [&field](const toml::node& child, std::string_view name) -> absl::Status {
    if (!child.is_string()) return BadSetting(child, name, "a text in quotes");
    field.constant = child.as_string()->get();
    return absl::OkStatus();
  };
  TRY(ReadTable(node, key,
                {{"column", Text(field.column)},
                 {"constant", constant},
                 {"values", TextMap(field.values)},
                 {"format", Text(field.format)},
                 {"zone", Text(field.zone)}}));
  if (field.column.empty() != field.constant.has_value())
    return BadSetting(node, key, "either a column or a constant");
  if (!IsZone(field.zone))
    return BadSetting(node, absl::StrCat(std::string(key), ".zone"), "an offset such as \"+08:00\"");
  return absl::OkStatus();
}

absl::Status ReadHttp(const toml::node& node, std::string_view key, HttpMapping& http) {
  TRY(ReadTable(node, key,
                {{"path", Text(http.path)},
                 {"rows", Text(http.rows)},
                 {"paging", Choice(http.paging, {"none", "page", "offset", "cursor"})},
                 {"page_parameter", Text(http.page_parameter)},
                 {"size_parameter", Text(http.size_parameter)},
                 {"next", Text(http.next)},
                 {"first", Number(http.first, 0, 1)},
                 {"page_rows", Number(http.page_rows, 1, 10'000)},
                 {"parameters", TextMap(http.parameters)}}));
  if (http.path.empty() || http.path[0] != '/')
    return BadSetting(node, "http.path", "a path that begins with /");
  if (!http.rows.empty() && http.rows[0] != '/')
    return BadSetting(node, "http.rows", "a JSON pointer such as \"/data/items\"");
  if (http.paging != "none" && http.page_parameter.empty()) {
    return BadSetting(node, "http.page_parameter",
                      "the query parameter that names the page, offset or cursor");
  }
  if (http.paging == "cursor" && (http.next.empty() || http.next[0] != '/')) {
    return BadSetting(node, "http.next", "a JSON pointer to the next page's cursor");
  }
  return absl::OkStatus();
}

absl::Status ReadMapping(const toml::table& root, Mapping& mapping) {
  const Reader fields = [&mapping](const toml::node& node, std::string_view key) -> absl::Status {
    if (!node.is_table()) return BadSetting(node, key, "a table of 信息项");
    for (const auto& [name, child] : *node.as_table()) {
      TRY(ReadField(child, absl::StrCat(std::string(key), ".", std::string(name.str())),
                    mapping.fields[std::string(name.str())]));
    }
    return absl::OkStatus();
  };
  const Reader http = [&mapping](const toml::node& node, std::string_view key) {
    return ReadHttp(node, key, mapping.http.emplace());
  };
  TRY(ReadTable(root, "",
                {{"table", Texts(mapping.table)},
                 {"query", Text(mapping.query)},
                 {"key", Texts(mapping.key)},
                 {"fields", fields},
                 {"http", http}}));
  if (!mapping.table.empty() && !mapping.query.empty())
    return BadSetting(root, "query", "either a table or a query");
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Mapping> ParseMapping(std::string_view toml) {
  Mapping mapping;
  TRY(ReadToml(toml, [&mapping](const toml::table& root) { return ReadMapping(root, mapping); }));
  return mapping;
}

absl::StatusOr<Mapping> LoadMapping(const std::string& path) {
  const std::string text = TRY(ReadSettingsFile(path));
  auto mapping = ParseMapping(text);
  if (!mapping.ok()) return WithFact(mapping.status(), "file", path);
  return mapping;
}

std::vector<Violation> CheckMapping(const Mapping& mapping, const v1::Resource& entry) {
  std::vector<Violation> mismatches;
  for (const auto& [name, how] : mapping.fields) {
    const auto field = std::find_if(entry.fields().begin(), entry.fields().end(),
                                    [&name = name](const v1::Field& one) { return one.field() == name; });
    if (field == entry.fields().end()) {
      mismatches.push_back(
          {name, "FIELD_UNKNOWN", "The entry has no such 信息项; remove it from the mapping."});
      continue;
    }
    if (!how.format.empty() && !IsFormat(how.format)) {
      mismatches.push_back(
          {name, "FORMAT_INVALID", "The format is none; use YYYY MM DD hh mm ss in this order, once each."});
      continue;
    }
    FieldMapping plain = how;
    plain.values.clear();
    plain.format.clear();
    v1::Value value;
    const auto fits = [&](const std::string& text) { return ReadText(text, *field, plain, value); };
    if (how.constant && !fits(*how.constant)) {
      mismatches.push_back(
          {name, "VALUE_TYPE", absl::StrCat("The constant does not fit; give ", Expected(*field), ".")});
    }
    for (const auto& [source, target] : how.values) {
      if (fits(target)) continue;
      mismatches.push_back(
          {name, "VALUE_TYPE", absl::StrCat("A mapped value does not fit; give ", Expected(*field), ".")});
      break;
    }
  }
  for (const v1::Field& field : entry.fields()) {
    if (mapping.fields.contains(field.field())) continue;
    mismatches.push_back(
        {field.field(), "FIELD_UNMAPPED", "The 信息项 has no column; map it to one or to a constant."});
  }
  return mismatches;
}

absl::Status MappingFits(const std::vector<Violation>& mismatches) {
  const absl::Status status = BadFields(mismatches);
  return status.ok() ? status : WithFact(status, "link", kLinkConnector);
}

}  // namespace zhanqiao::connectors
