#include "connectors/adapters/sql/plan.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/records.h"
#include "connectors/adapters/reading.h"
#include "connectors/adapters/sql/where.h"

namespace zhanqiao::connectors {
namespace {

// Whether values of `type` can be read from a column of `kind` at all.
bool Fits(v1::DataType type, const Column& column, const FieldMapping& how) {
  const ColumnKind kind = column.kind;
  if (!how.values.empty()) return kind != ColumnKind::kBinary;
  const bool number =
      kind == ColumnKind::kInteger || kind == ColumnKind::kDecimal || kind == ColumnKind::kReal;
  const bool time =
      kind == ColumnKind::kDate || kind == ColumnKind::kTimestamp || kind == ColumnKind::kZonedTimestamp;
  switch (type) {
    case v1::DATA_TYPE_CHARACTER:
    case v1::DATA_TYPE_MEMO:
      return kind != ColumnKind::kBinary;
    case v1::DATA_TYPE_NUMERIC:
    case v1::DATA_TYPE_CURRENCY:
    case v1::DATA_TYPE_INTEGER:
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return number || kind == ColumnKind::kText;
    case v1::DATA_TYPE_DATE:
    case v1::DATA_TYPE_DATETIME:
      return time || kind == ColumnKind::kText;
    case v1::DATA_TYPE_LOGICAL:
      return kind == ColumnKind::kBoolean || kind == ColumnKind::kInteger || kind == ColumnKind::kText;
    case v1::DATA_TYPE_GENERAL:
      return kind == ColumnKind::kBinary;
    default:
      return false;
  }
}

const Column* Find(const std::vector<Column>& columns, const std::string& name) {
  const auto found =
      std::find_if(columns.begin(), columns.end(), [&](const Column& one) { return one.name == name; });
  return found == columns.end() ? nullptr : &*found;
}

std::string FromOf(const Dialect& dialect, const Mapping& mapping) {
  if (!mapping.query.empty())
    return absl::StrCat("(", mapping.query, ") ", Quoted(dialect, "zhanqiao_source"));
  std::vector<std::string> parts;
  for (const std::string& part : mapping.table) parts.push_back(Quoted(dialect, part));
  return absl::StrJoin(parts, ".");
}

absl::Status BadValue(const v1::Field& field) {
  return Fail(absl::StatusCode::kFailedPrecondition, "SOURCE_VALUE",
              "A value in the department's source does not fit the entry; the provider has to correct it or "
              "its mapping.",
              {{"link", std::string(kLinkSource)}, {"field", field.field()}, {"expected", Expected(field)}});
}

}  // namespace

std::vector<Violation> SqlPlan::Mismatches(const Mapping& mapping, const v1::Resource& entry,
                                           const std::vector<Column>& columns) {
  std::vector<Violation> mismatches = CheckMapping(mapping, entry);
  if (mapping.table.empty() && mapping.query.empty()) {
    mismatches.push_back(
        {"table", "TABLE_MISSING", "The mapping names neither a table nor a query; name one."});
  }
  for (const std::string& key : mapping.key) {
    if (Find(columns, key) != nullptr) continue;
    mismatches.push_back({absl::StrCat("key ", key), "COLUMN_MISSING",
                          "The source has no such column; correct the mapping's key."});
  }
  for (const v1::Field& field : entry.fields()) {
    const auto how = mapping.fields.find(field.field());
    if (how == mapping.fields.end() || how->second.constant) continue;
    const Column* column = Find(columns, how->second.column);
    if (column == nullptr) {
      mismatches.push_back({field.field(), "COLUMN_MISSING",
                            "The source has no column of the mapped name; correct the mapping."});
    } else if (!Fits(field.data_type(), *column, how->second)) {
      mismatches.push_back({field.field(), "TYPE_MISMATCH",
                            absl::StrCat("The column's type does not become ", Expected(field),
                                         "; map another or a query that casts it.")});
    } else if (field.data_type() == v1::DATA_TYPE_CHARACTER && how->second.values.empty() &&
               field.length() > 0 && column->kind == ColumnKind::kText &&
               column->length_max > field.length()) {
      mismatches.push_back(
          {field.field(), "LENGTH_SMALL",
           absl::StrCat("The column holds up to ", column->length_max, " characters, the 信息项 ",
                        field.length(), "; longer values will be refused.")});
    }
  }
  return mismatches;
}

absl::StatusOr<std::shared_ptr<const SqlPlan>> SqlPlan::Make(const Dialect& dialect, Mapping mapping,
                                                             const v1::Resource& entry,
                                                             std::vector<Column> columns) {
  std::vector<Violation> mismatches = Mismatches(mapping, entry, columns);
  std::erase_if(mismatches, [](const Violation& one) { return one.reason == "LENGTH_SMALL"; });
  TRY(MappingFits(mismatches));
  return std::shared_ptr<const SqlPlan>(new SqlPlan(dialect, std::move(mapping), entry, std::move(columns)));
}

SqlPlan::SqlPlan(const Dialect& dialect, Mapping mapping, const v1::Resource& entry,
                 std::vector<Column> columns)
    : dialect_(dialect),
      mapping_(std::move(mapping)),
      schema_(entry),
      columns_(std::move(columns)),
      cursors_(mapping_.key),
      from_(FromOf(dialect, mapping_)) {
  for (const v1::Field& field : schema_.fields()) {
    const FieldMapping& how = how_.emplace_back(mapping_.fields.at(field.field()));
    column_of_.push_back(how.constant ? nullptr : Find(columns_, how.column));
    v1::Value& constant = constants_.emplace_back();
    if (how.constant) ReadText(*how.constant, field, FieldMapping{.zone = how.zone}, constant);
  }
  for (const std::string& key : mapping_.key) key_.push_back(Find(columns_, key));
}

std::string SqlPlan::DescribeSql(const Dialect& dialect, const Mapping& mapping) {
  return absl::StrCat("SELECT * FROM ", FromOf(dialect, mapping), " WHERE 1 = 0");
}

absl::StatusOr<Statement> SqlPlan::Select(const v1::ConnectorQuery& query) const {
  Statement statement;
  statement.projection = TRY(schema_.Check(query));
  WhereClause where(dialect_, statement);
  for (const v1::Condition& condition : query.conditions()) {
    const auto field = static_cast<size_t>(schema_.Column(condition.field()));
    if (column_of_[field] != nullptr) {
      TRY(where.Add(condition, schema_.fields()[field], how_[field], *column_of_[field]));
    } else if (!Meets(constants_[field], condition.comparison(), condition.value(),
                      schema_.fields()[field].data_type())) {
      statement.empty = true;
    }
  }
  std::vector<std::string> names;
  for (const int field : statement.projection->columns) {
    const Column* column = column_of_[static_cast<size_t>(field)];
    statement.cells.emplace_back(field, column == nullptr ? -1 : static_cast<int>(names.size()));
    if (column == nullptr) continue;
    names.push_back(Quoted(dialect_, column->name));
    statement.columns.push_back(column);
  }
  std::string order;
  if (query.chunk()) {
    if (key_.empty()) return KeyRequired();
    if (!query.cursor().empty()) {
      const std::vector<std::string> key = TRY(cursors_.Decode(query.cursor()));
      where.AddAfter(key_, key);
    }
    for (const Column* column : key_) {
      const std::string name = Quoted(dialect_, column->name);
      absl::StrAppend(&order, order.empty() ? " ORDER BY " : ", ", name);
      const auto asked = std::find(statement.columns.begin(), statement.columns.end(), column);
      statement.key_cells.push_back(static_cast<int>(asked - statement.columns.begin()));
      if (asked != statement.columns.end()) continue;
      names.push_back(name);
      statement.columns.push_back(column);
    }
  }
  if (names.empty()) {  // constants alone: any column tells how many rows there are
    names.push_back(Quoted(dialect_, columns_.front().name));
    statement.columns.push_back(&columns_.front());
  }
  statement.rows_max = query.row_limit() + 1;
  const std::string limit = absl::StrCat(statement.rows_max);
  const bool top = dialect_.limit == Dialect::Limit::kTop;
  statement.sql = absl::StrCat("SELECT ", top ? absl::StrCat("TOP ", limit, " ") : "",
                               absl::StrJoin(names, ", "), " FROM ", from_, where.Sql(), order);
  if (dialect_.limit == Dialect::Limit::kLimit) absl::StrAppend(&statement.sql, " LIMIT ", limit);
  if (dialect_.limit == Dialect::Limit::kFetchFirst)
    absl::StrAppend(&statement.sql, " FETCH FIRST ", limit, " ROWS ONLY");
  return statement;
}

absl::StatusOr<bool> SqlPlan::Take(const Statement& statement, absl::Span<const Cell> row,
                                   const v1::ConnectorQuery& query, Rows& rows,
                                   std::vector<std::string>& last_key, v1::ConnectorReply& reply) const {
  if (rows.full()) {
    if (!query.chunk()) {
      reply.set_truncated(true);
    } else {
      if (last_key.empty()) return KeyRequired();
      reply.set_next_cursor(TRY(cursors_.Encode(last_key)));
    }
    return false;
  }
  v1::Row& out = rows.Add();
  for (const auto& [field, place] : statement.cells) {
    v1::Value& value = *out.add_values();
    const auto at = static_cast<size_t>(field);
    if (place < 0) {
      value = constants_[at];
      continue;
    }
    const Cell& cell = row[static_cast<size_t>(place)];
    if (cell.null) continue;
    const v1::Field& of = schema_.fields()[at];
    if (of.data_type() == v1::DATA_TYPE_GENERAL) {
      value.set_binary(cell.text.data(), cell.text.size());
    } else if (!ReadText(cell.text, of, how_[at], value)) {
      return BadValue(of);
    }
  }
  rows.Added(out);
  if (!query.chunk()) return true;
  last_key.resize(statement.key_cells.size());
  for (size_t i = 0; i < last_key.size(); ++i) {
    const Cell& cell = row[static_cast<size_t>(statement.key_cells[i])];
    if (cell.null) {
      last_key.clear();
      break;
    }
    last_key[i].assign(cell.text);
  }
  return true;
}

}  // namespace zhanqiao::connectors
