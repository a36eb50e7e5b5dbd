#include "connectors/adapters/sql/sql_contract.h"

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"

namespace zhanqiao::connectors {

std::string QuotedText(const std::string& text) {
  return absl::StrCat("'", absl::StrReplaceAll(text, {{"'", "''"}}), "'");
}

std::string SqlContractSource::TableName() const {
  return "we\"ird`]'; DROP TABLE victim; -- 表";
}

std::string SqlContractSource::ColumnName(const std::string& field) const {
  return "c\"o'l`]; /* 列 " + field;
}

std::unique_ptr<Adapter> SqlContractSource::Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                                  const std::vector<std::string>& key) {
  const std::string table = Quoted(dialect(), TableName());
  if (!victim_) {
    Execute("DROP TABLE IF EXISTS victim");
    Execute("CREATE TABLE victim (id INTEGER)");
    Execute("INSERT INTO victim VALUES (1)");
    victim_ = true;
  }
  Execute(absl::StrCat("DROP TABLE IF EXISTS ", table));
  mapping_ = Mapping();
  mapping_.table = {TableName()};
  std::vector<std::string> columns;
  for (const v1::Field& field : entry.fields()) {
    const std::string column = ColumnName(field.field());
    mapping_.fields[field.field()].column = column;
    columns.push_back(absl::StrCat(Quoted(dialect(), column), " ", TypeName(field)));
  }
  std::string unique;
  for (const std::string& field : key) {
    mapping_.key.push_back(ColumnName(field));
    absl::StrAppend(&unique, unique.empty() ? ", PRIMARY KEY (" : ", ", Quoted(dialect(), ColumnName(field)));
  }
  if (!unique.empty()) unique += ")";
  Execute(absl::StrCat("CREATE TABLE ", table, " (", absl::StrJoin(columns, ", "), unique, ")"));
  for (const v1::Row& row : rows) {
    std::vector<std::string> literals;
    for (int i = 0; i < row.values_size(); ++i) {
      const bool absent = row.values(i).kind_case() == v1::Value::KIND_NOT_SET;
      literals.push_back(absent ? "NULL" : Literal(row.values(i), entry.fields(i).data_type()));
    }
    Execute(absl::StrCat("INSERT INTO ", table, " VALUES (", absl::StrJoin(literals, ", "), ")"));
  }
  entry_ = entry;
  rows_ = rows.size();
  return Again();
}

std::unique_ptr<Adapter> SqlContractSource::Again() {
  auto adapter = std::make_unique<SqlAdapter>(Database(), mapping_, entry_);
  const auto mismatches = adapter->Mismatches();
  EXPECT_TRUE(mismatches.ok()) << mismatches.status();
  if (mismatches.ok()) {
    for (const Violation& one : *mismatches) ADD_FAILURE() << one.field << " " << one.reason;
  }
  return adapter;
}

bool SqlContractSource::Intact() {
  return Count("SELECT COUNT(*) FROM victim") == 1 &&
         Count(absl::StrCat("SELECT COUNT(*) FROM ", Quoted(dialect(), TableName()))) ==
             static_cast<int64_t>(rows_);
}

}  // namespace zhanqiao::connectors
