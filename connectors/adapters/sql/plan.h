// One resource of a database: the statements that answer its requests, and its rows as values.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/base/error.h"
#include "connectors/adapters/cursor.h"
#include "connectors/adapters/mapping.h"
#include "connectors/adapters/rows.h"
#include "connectors/adapters/schema.h"
#include "connectors/adapters/sql/dialect.h"

namespace zhanqiao::connectors {

// A statement: text made of the operator's names alone, each quoted, and the caller's values as parameters.
struct Statement {
  struct Parameter {
    std::string text;  // binary: the bytes
    ColumnKind kind;
  };
  std::string sql;
  std::vector<Parameter> parameters;
  bool empty = false;                      // no row can meet the conditions: nothing to ask
  std::vector<std::pair<int, int>> cells;  // of each projected field: its field and its place in a row, or -1
  std::vector<const Column*> columns;      // what is selected, in order
  std::vector<int> key_cells;              // of a chunk: the key's places in a row
  int rows_max = 0;                        // it asks for
  std::shared_ptr<const Projection> projection;
};

// A cell of a row, as text (binary: the bytes).
struct Cell {
  std::string_view text;
  bool null = false;
};

// Immutable and thread-safe.
class SqlPlan {
 public:
  // `columns`: what the source says of the mapping's table or query. Fails with the mismatches that keep it
  // from being served: those of CheckMapping, COLUMN_MISSING, TYPE_MISMATCH, KEY_MISSING; link connector.
  static absl::StatusOr<std::shared_ptr<const SqlPlan>> Make(const Dialect& dialect, Mapping mapping,
                                                             const v1::Resource& entry,
                                                             std::vector<Column> columns);

  // Every mismatch, also such as only rows will tell of: LENGTH_SMALL, a 信息项 shorter than its column.
  static std::vector<Violation> Mismatches(const Mapping& mapping, const v1::Resource& entry,
                                           const std::vector<Column>& columns);

  // The statement that tells of the columns without any row: SELECT * FROM … WHERE 1 = 0.
  static std::string DescribeSql(const Dialect& dialect, const Mapping& mapping);

  // The statement for `query`; it asks for one row more than the limit. Fails as Adapter::Answer, and with
  // INVALID_ARGUMENT / CONDITION_NOT_SERVED if the source keeps the field in a form that does not compare by
  // its type.
  absl::StatusOr<Statement> Select(const v1::ConnectorQuery& query) const;

  // Adds one row to the answer; false: it was not taken, the answer is full (then `reply` is marked). Fails
  // with FAILED_PRECONDITION / SOURCE_VALUE.
  absl::StatusOr<bool> Take(const Statement& statement, absl::Span<const Cell> row,
                            const v1::ConnectorQuery& query, Rows& rows, std::vector<std::string>& last_key,
                            v1::ConnectorReply& reply) const;

  const Schema& schema() const { return schema_; }

 private:
  SqlPlan(const Dialect& dialect, Mapping mapping, const v1::Resource& entry, std::vector<Column> columns);

  const Dialect& dialect_;
  const Mapping mapping_;
  const Schema schema_;
  const std::vector<Column> columns_;
  const CursorForm cursors_;
  std::vector<FieldMapping> how_;         // by field, in the entry's order; set by the constructor only
  std::vector<const Column*> column_of_;  // the same; null for constants
  std::vector<v1::Value> constants_;      // the same
  std::vector<const Column*> key_;
  std::string from_;
};

}  // namespace zhanqiao::connectors
