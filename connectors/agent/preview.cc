#include "connectors/agent/preview.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <boost/json.hpp>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "catalog/base/digest.h"
#include "catalog/base/masks.h"
#include "catalog/base/records.h"
#include "connectors/adapters/settings.h"

namespace zhanqiao::connectors {
namespace {

constexpr int kChunkRows = 5'000;
constexpr int kPatienceMs = 60'000;
constexpr char kPseudonymKey[] = "of a preview: only whether pseudonyms are equal counts";

absl::Status Unknown(const std::string& field) {
  return Fail(absl::StatusCode::kInvalidArgument, "FIELD_UNKNOWN", "The entry has, or the grant names, no such field.",
              {{"link", std::string(kLinkConnector)}, {"field", field}});
}

v1::ConnectorQuery QueryOf(const v1::Grant& grant, const v1::Resource& entry, const std::vector<std::string>& fields) {
  v1::ConnectorQuery query;
  query.set_resource(entry.name());
  query.set_timeout_ms(kPatienceMs);
  std::vector<SchemaField> schema;
  for (const std::string& name : fields) {
    query.add_fields(name);
    for (const v1::Field& field : entry.fields()) {
      if (field.field() == name) schema.push_back({name, field.data_type()});
    }
  }
  query.set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
  *query.mutable_conditions() = grant.row_conditions();
  query.set_chunk(true);
  query.set_row_limit(kChunkRows);
  return query;
}

// How often each combination of masked values occurs; kept as the first half of its digest.
using Groups = absl::flat_hash_map<std::string, int64_t>;

void Count(v1::RecordBatch& records, const std::vector<v1::Mask>& masks, Groups& groups) {
  for (v1::Row& row : *records.mutable_rows()) {
    std::string bytes;
    for (int i = 0; i < row.values_size(); ++i) {
      Apply(masks[static_cast<size_t>(i)], *row.mutable_values(i), kPseudonymKey);
      AppendCanonical(row.values(i), bytes);
    }
    ++groups[std::string(Bytes(Sha256(bytes)).substr(0, 16))];
  }
}

}  // namespace

absl::StatusOr<Preview> PreviewRelease(const v1::Grant& grant, const v1::Resource& entry, const Adapter& adapter,
                                       const PreviewOptions& options) {
  Preview preview;
  preview.quasi = options.quasi;
  if (preview.quasi.empty()) {
    for (const auto& field : grant.fields()) preview.quasi.push_back(field.field());
  }
  std::vector<v1::Mask> masks;
  for (const std::string& name : preview.quasi) {
    const auto granted = std::find_if(grant.fields().begin(), grant.fields().end(),
                                      [&](const v1::GrantedField& one) { return one.field() == name; });
    const bool known = std::any_of(entry.fields().begin(), entry.fields().end(),
                                   [&](const v1::Field& one) { return one.field() == name; });
    if (granted == grant.fields().end() || !known) return Unknown(name);
    masks.push_back(granted->mask());
  }
  v1::ConnectorQuery query = QueryOf(grant, entry, preview.quasi);
  Groups groups;
  for (;;) {
    v1::ConnectorReply reply;
    const absl::Status status = adapter.Answer(query, reply);
    if (ReasonOf(status) == "KEY_REQUIRED" && query.chunk()) {  // no order to go on in: once, as much as is wanted
      query.set_chunk(false);
      query.set_row_limit(static_cast<int32_t>(std::min<int64_t>(options.rows_max, INT32_MAX - 1)));
      continue;
    }
    TRY(status);
    Count(*reply.mutable_records(), masks, groups);
    preview.rows += reply.records().rows_size();
    preview.whole = !reply.truncated();
    if (reply.next_cursor().empty() || !query.chunk()) break;
    preview.whole = false;
    if (preview.rows >= options.rows_max) break;
    query.set_cursor(reply.next_cursor());
    preview.whole = true;
  }
  preview.groups = static_cast<int64_t>(groups.size());
  for (const auto& [group, rows] : groups) {
    preview.smallest = preview.smallest == 0 ? rows : std::min(preview.smallest, rows);
    for (Preview::Level& level : preview.levels) {
      if (rows < level.k) level.rows += rows;
    }
  }
  return preview;
}

absl::StatusOr<v1::Grant> GrantFromFile(const std::string& path) {
  const std::string text = TRY(ReadSettingsFile(path));
  v1::Grant grant;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  if (google::protobuf::util::JsonStringToMessage(text, &grant, options).ok() && !grant.resource().empty()) return grant;
  return Fail(absl::StatusCode::kInvalidArgument, "GRANT_INVALID",
              "The file is not a grant in JSON; make it with zq grant get --json.", {{"file", path}});
}

std::string ToText(const Preview& preview) {
  std::string text = absl::StrCat(preview.rows, " rows", preview.whole ? "" : " (not all)", " in ", preview.groups,
                                  " groups by ", absl::StrJoin(preview.quasi, ", "), ": k = ", preview.smallest, "\n");
  for (const Preview::Level& level : preview.levels) {
    absl::StrAppendFormat(&text, "  k < %-2d  %d rows (%.2f %%)\n", level.k, level.rows,
                          preview.rows == 0 ? 0.0 : 100.0 * static_cast<double>(level.rows) / static_cast<double>(preview.rows));
  }
  return text;
}

std::string ToJson(const Preview& preview) {
  boost::json::array levels;
  for (const Preview::Level& level : preview.levels) {
    levels.push_back(boost::json::object{{"k", level.k}, {"rows_below", level.rows}});
  }
  boost::json::array quasi;
  for (const std::string& field : preview.quasi) quasi.push_back(boost::json::string(field));
  return boost::json::serialize(boost::json::object{{"quasi", std::move(quasi)},
                                                    {"rows", preview.rows},
                                                    {"whole", preview.whole},
                                                    {"groups", preview.groups},
                                                    {"k", preview.smallest},
                                                    {"levels", std::move(levels)}});
}

}  // namespace zhanqiao::connectors
