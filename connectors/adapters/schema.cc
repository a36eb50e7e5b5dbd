#include "connectors/adapters/schema.h"

#include <algorithm>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {
namespace {

constexpr size_t kProjectionsMax = 256;

absl::Status Refuse(std::string_view reason, std::string_view field, std::string_view description) {
  return BadField(reason, field, description, {{"link", std::string(kLinkConnector)}});
}

bool SameFields(const Projection& projection, const v1::ConnectorQuery& query) {
  return std::equal(projection.fields.begin(), projection.fields.end(), query.fields().begin(),
                    query.fields().end());
}

}  // namespace

Schema::Schema(const v1::Resource& entry) : fields_(entry.fields().begin(), entry.fields().end()) {
  for (size_t i = 0; i < fields_.size(); ++i) columns_.emplace(fields_[i].field(), static_cast<int>(i));
}

int Schema::Column(std::string_view name) const {
  const auto found = columns_.find(Absl(name));
  return found == columns_.end() ? -1 : found->second;
}

absl::StatusOr<std::shared_ptr<const Projection>> Schema::Check(const v1::ConnectorQuery& query) const {
  if (query.row_limit() < 1) return Refuse("ROW_LIMIT", "row_limit", "The row limit is missing; give 1 or more.");
  if (!query.cursor().empty() && !query.chunk()) {
    return Refuse("CURSOR_INVALID", "cursor", "Only chunks go on from a cursor; ask for a chunk.");
  }
  TRY(CheckConditions(query));
  {
    absl::ReaderMutexLock lock(&mu_);
    const auto found = known_.find(query.schema_fingerprint());
    if (found != known_.end() && SameFields(*found->second, query)) return found->second;
  }
  return Resolve(query);
}

absl::Status Schema::CheckConditions(const v1::ConnectorQuery& query) const {
  for (int i = 0; i < query.conditions_size(); ++i) {
    const v1::Condition& condition = query.conditions(i);
    const int column = Column(condition.field());
    if (column < 0) {
      return Refuse("FIELD_UNKNOWN", absl::StrCat("conditions[", i, "].field"),
                    "The entry has no such field; name one of its fields.");
    }
    const v1::Field& field = fields_[static_cast<size_t>(column)];
    const absl::Status fits =
        CheckCondition(condition, field.data_type(), field.length(), absl::StrCat("conditions[", i, "]"));
    if (!fits.ok()) return WithFact(fits, "link", kLinkConnector);
  }
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const Projection>> Schema::Resolve(const v1::ConnectorQuery& query) const {
  if (query.fields().empty()) return Refuse("FIELDS_REQUIRED", "fields", "No field is asked for; name one or more.");
  auto projection = std::make_shared<Projection>();
  std::vector<SchemaField> schema;
  absl::flat_hash_set<int> seen;
  for (int i = 0; i < query.fields_size(); ++i) {
    const int column = Column(query.fields(i));
    if (column < 0 || !seen.insert(column).second) {
      return Refuse("FIELD_UNKNOWN", absl::StrCat("fields[", i, "]"),
                    "The entry has no such field, or it is named twice; name each of its fields once.");
    }
    projection->fields.push_back(query.fields(i));
    projection->columns.push_back(column);
    schema.push_back({query.fields(i), fields_[static_cast<size_t>(column)].data_type()});
  }
  projection->fingerprint = std::string(Bytes(SchemaFingerprint(schema)));
  if (projection->fingerprint != query.schema_fingerprint()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SCHEMA_CHANGED",
                "The connector serves another version of this entry's schema; it has to reconnect to learn the new one.",
                {{"link", std::string(kLinkConnector)}, {"resource", query.resource()}});
  }
  absl::MutexLock lock(&mu_);
  if (known_.size() >= kProjectionsMax) known_.clear();
  known_[projection->fingerprint] = projection;
  return projection;
}

}  // namespace zhanqiao::connectors
