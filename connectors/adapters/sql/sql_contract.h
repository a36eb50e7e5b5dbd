// The contract's rows in a database, under names that would break any statement that did not quote them.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "connectors/adapters/adapter_contract.h"
#include "connectors/adapters/sql/sql_adapter.h"

namespace zhanqiao::connectors {

// What differs between the databases of the tests.
class SqlContractSource : public ContractSource {
 public:
  std::unique_ptr<Adapter> Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                 const std::vector<std::string>& key) override;
  std::unique_ptr<Adapter> Again() override;
  bool Intact() override;

 protected:
  // Runs a statement that returns nothing; a failure fails the test.
  virtual void Execute(const std::string& sql) = 0;
  // The single number a statement returns.
  virtual int64_t Count(const std::string& sql) = 0;
  virtual std::shared_ptr<SqlDatabase> Database() = 0;
  virtual const Dialect& dialect() const = 0;
  virtual std::string TypeName(const v1::Field& field) const = 0;
  virtual std::string Literal(const v1::Value& value, v1::DataType type) const = 0;

  std::string TableName() const;
  std::string ColumnName(const std::string& field) const;

 private:
  v1::Resource entry_;
  Mapping mapping_;
  size_t rows_ = 0;
  bool victim_ = false;
};

// `text` between single quotes, those within doubled.
std::string QuotedText(const std::string& text);

}  // namespace zhanqiao::connectors
