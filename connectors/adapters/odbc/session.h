// One ODBC connection.
#pragma once

#include <sql.h>
#include <sqlext.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "connectors/adapters/sql/connection.h"

namespace zhanqiao::connectors {

// A handle of ODBC, freed.
class OdbcHandle {
 public:
  OdbcHandle() = default;
  OdbcHandle(SQLSMALLINT kind, SQLHANDLE parent);
  OdbcHandle(OdbcHandle&& other) noexcept;
  OdbcHandle& operator=(OdbcHandle&& other) noexcept;
  ~OdbcHandle();
  SQLHANDLE get() const { return handle_; }
  SQLSMALLINT kind() const { return kind_; }

 private:
  SQLSMALLINT kind_ = 0;
  SQLHANDLE handle_ = nullptr;
};

// Not thread-safe.
class OdbcSession final : public SqlConnection {
 public:
  static absl::StatusOr<std::unique_ptr<SqlConnection>> Open(const std::string& connection,
                                                             const Dialect& dialect, absl::Time deadline);
  ~OdbcSession() override;

  absl::StatusOr<std::vector<Column>> Describe(const std::string& sql, absl::Time deadline) override;
  absl::Status Run(const Statement& statement, absl::Time deadline, const TakeRow& take) override;
  bool broken() const override { return broken_; }

 private:
  // Parameters as the driver reads them; must stay until the statement was executed.
  struct Bound {
    std::vector<std::string> texts;
    std::vector<int64_t> integers;
    std::vector<double> reals;
    std::vector<SQLLEN> lengths;
  };

  explicit OdbcSession(const Dialect& dialect);
  // The failure the handle's diagnostics tell of.
  absl::Status Failure(const OdbcHandle& handle, absl::Time deadline);
  // Runs the operator's or a dialect's own statement, whose rows nobody wants. Empty: none.
  absl::Status RunNow(std::string_view sql, absl::Time deadline);
  absl::StatusOr<SQLHSTMT> Prepared(const std::string& sql, absl::Time deadline);
  absl::Status Bind(SQLHSTMT statement, const Statement& what, Bound& bound, absl::Time deadline);
  absl::Status Fetch(SQLHSTMT handle, const Statement& statement, absl::Time deadline, const TakeRow& take);
  absl::Status FetchBlocks(SQLHSTMT handle, const std::vector<size_t>& widths, absl::Time deadline,
                           const TakeRow& take);
  absl::Status FetchLong(SQLHSTMT handle, const Statement& statement, absl::Time deadline,
                         const TakeRow& take);
  // A whole cell of the row at hand; false if it is null.
  absl::StatusOr<bool> GetData(SQLHSTMT handle, SQLUSMALLINT column, bool binary, std::string& out,
                               absl::Time deadline);

  const Dialect& dialect_;
  OdbcHandle environment_;
  OdbcHandle connection_;
  bool connected_ = false;
  bool broken_ = false;
  absl::flat_hash_map<std::string, OdbcHandle> prepared_;
  const OdbcHandle* current_ = nullptr;  // the statement diagnostics are asked of
};

}  // namespace zhanqiao::connectors
