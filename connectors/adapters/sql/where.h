// Conditions in SQL: every value a parameter, compared by the field's type whatever the column keeps.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "connectors/adapters/mapping.h"
#include "connectors/adapters/sql/plan.h"

namespace zhanqiao::connectors {

// Gathers the terms of one WHERE, joined by AND, into a statement's parameters. Not thread-safe.
class WhereClause {
 public:
  WhereClause(const Dialect& dialect, Statement& statement) : dialect_(dialect), statement_(statement) {}

  // One condition on `field`, read from `column` by `how`. INVALID_ARGUMENT / CONDITION_NOT_SERVED.
  absl::Status Add(const v1::Condition& condition, const v1::Field& field, const FieldMapping& how,
                   const Column& column);

  // Rows after `key` in the order of `columns`.
  void AddAfter(const std::vector<const Column*>& columns, const std::vector<std::string>& key);

  // " WHERE …", or nothing.
  std::string Sql() const;

 private:
  std::string Parameter(std::string text, ColumnKind kind);
  std::string Equal(const std::string& column, const Column& of, const std::string& text);
  void AddTerm(std::string term) { terms_.push_back(std::move(term)); }
  void AddOrder(const std::string& column, v1::Comparison comparison, const std::string& parameter);
  void AddText(const std::string& column, bool exact, const v1::Condition& condition);
  void AddInteger(const std::string& column, const Column& of, v1::Comparison comparison,
                  const v1::Value& value);
  void AddDay(const std::string& column, ColumnKind kind, const v1::Condition& condition,
              const std::string& zone);
  void AddMapped(const std::string& column, const Column& of, const v1::Condition& condition,
                 const v1::Field& field, const FieldMapping& how);
  void AddBytes(const std::string& column, v1::Comparison comparison, const std::string& text);
  void Never() { statement_.empty = true; }

  const Dialect& dialect_;
  Statement& statement_;
  std::vector<std::string> terms_;
};

}  // namespace zhanqiao::connectors
