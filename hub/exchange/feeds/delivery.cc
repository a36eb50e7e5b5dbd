#include "hub/exchange/feeds/delivery.h"

#include <algorithm>

#include "catalog/base/records.h"

namespace zhanqiao::exchange {
namespace {

int ColumnOf(const v1::RecordBatch& batch, std::string_view field) {
  const auto found = std::find(batch.fields().begin(), batch.fields().end(), field);
  return found == batch.fields().end() ? -1 : static_cast<int>(found - batch.fields().begin());
}

const v1::Value& ValueAt(const v1::Row& row, int column) {
  return column < 0 || column >= row.values_size() ? v1::Value::default_instance() : row.values(column);
}

// One condition of the grant on the records of a batch.
struct Check {
  int column;
  v1::DataType type;
  const v1::Condition* condition;
};

std::vector<Check> ChecksOf(const ReleasePlan& plan, const v1::RecordBatch& batch) {
  std::vector<Check> checks;
  for (const v1::Condition& condition : plan.grant->row_conditions) {
    v1::DataType type = v1::DATA_TYPE_UNSPECIFIED;  // of a field the entry no longer has: nothing meets it
    for (const v1::Field& field : plan.resource->fields()) {
      if (field.field() == condition.field()) type = field.data_type();
    }
    checks.push_back({ColumnOf(batch, condition.field()), type, &condition});
  }
  return checks;
}

bool MeetsAll(const std::vector<Check>& checks, const v1::Row& row) {
  return std::all_of(checks.begin(), checks.end(), [&](const Check& check) {
    return Meets(ValueAt(row, check.column), check.condition->comparison(), check.condition->value(), check.type);
  });
}

}  // namespace

void Gather(const ReleasePlan& plan, const Segment& segment, uint64_t from, int rows_max, v1::RecordBatch& batch,
            Gathered& gathered) {
  if (gathered.records.fields().empty()) {
    gathered.records.set_schema_fingerprint(plan.fingerprint);
    for (const auto& column : plan.columns) gathered.records.add_fields(column.field);
  }
  std::vector<int> columns;
  for (const auto& column : plan.columns) columns.push_back(ColumnOf(batch, column.field));
  const std::vector<Check> checks = ChecksOf(plan, batch);
  for (uint64_t offset = std::max(from, segment.first); offset <= segment.last(); ++offset) {
    if (static_cast<int>(gathered.offsets.size()) >= rows_max || gathered.bytes >= kDeliveryBytesMax) return;
    gathered.through = offset;
    gathered.published = segment.time();
    gathered.publisher = segment.stored.publisher();
    v1::Row& row = *batch.mutable_rows(static_cast<int>(offset - segment.first));
    if (!MeetsAll(checks, row)) continue;
    bool fits = true;
    for (size_t i = 0; i < columns.size() && fits; ++i) {
      fits = FitsType(ValueAt(row, columns[i]), plan.columns[i].type, plan.columns[i].length);
    }
    if (!fits) {
      ++gathered.withheld;
      continue;
    }
    v1::Row& taken = *gathered.records.add_rows();
    for (const int column : columns) {
      v1::Value& value = *taken.add_values();
      if (column >= 0 && column < row.values_size()) value.Swap(row.mutable_values(column));
    }
    gathered.offsets.push_back(offset);
    gathered.bytes += taken.ByteSizeLong();
  }
}

}  // namespace zhanqiao::exchange
