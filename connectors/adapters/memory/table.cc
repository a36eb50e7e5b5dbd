#include "connectors/adapters/memory/table.h"

#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/records.h"

namespace zhanqiao::connectors {
namespace {

// A condition with its field looked up.
struct Wanted {
  int column;
  const v1::Value* value;
};

bool Meets(const v1::Row& row, absl::Span<const Wanted> conditions) {
  for (const Wanted& wanted : conditions) {
    if (!SameValue(row.values(wanted.column), *wanted.value)) return false;
  }
  return true;
}

}  // namespace

Table::Table(const v1::Resource& entry, std::vector<v1::Row> rows) : schema_(entry), rows_(std::move(rows)) {
  for (size_t column = 0; column < schema_.fields().size(); ++column) {
    if (!schema_.fields()[column].key()) continue;
    Index& index = indexes_[static_cast<int>(column)];
    std::string key;
    for (size_t row = 0; row < rows_.size(); ++row) {
      const v1::Value& value = rows_[row].values(static_cast<int>(column));
      if (value.kind_case() == v1::Value::KIND_NOT_SET) continue;
      key.clear();
      AppendCanonical(value, key);
      index[key].push_back(static_cast<uint32_t>(row));
    }
  }
}

bool Table::Narrow(const v1::ConnectorQuery& query, const Positions*& positions) const {
  bool narrowed = false;
  std::string key;
  for (const v1::Condition& condition : query.conditions()) {
    const auto index = indexes_.find(schema_.Column(condition.field()));
    if (index == indexes_.end()) continue;
    key.clear();
    AppendCanonical(condition.value(), key);
    const auto found = index->second.find(key);
    if (found == index->second.end()) {
      positions = nullptr;
      return true;
    }
    if (!narrowed || found->second.size() < positions->size()) positions = &found->second;
    narrowed = true;
  }
  return narrowed;
}

absl::Status Table::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  const std::shared_ptr<const Projection> projection = TRY(schema_.Check(query));
  std::vector<Wanted> conditions;
  for (const auto& condition : query.conditions()) {
    conditions.push_back({schema_.Column(condition.field()), &condition.value()});
  }
  v1::RecordBatch& records = *reply.mutable_records();
  records.set_schema_fingerprint(projection->fingerprint);
  for (const auto& field : projection->fields) records.add_fields(field);

  const Positions* positions = nullptr;
  const bool narrowed = Narrow(query, positions);
  const size_t candidates = !narrowed ? rows_.size() : positions == nullptr ? 0 : positions->size();
  for (size_t i = 0; i < candidates; ++i) {
    const v1::Row& row = rows_[narrowed ? (*positions)[i] : i];
    if (!Meets(row, conditions)) continue;
    if (records.rows_size() == query.row_limit()) {
      reply.set_truncated(true);
      break;
    }
    v1::Row& out = *records.add_rows();
    out.mutable_values()->Reserve(static_cast<int>(projection->columns.size()));
    for (const int column : projection->columns) *out.add_values() = row.values(column);
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::connectors
