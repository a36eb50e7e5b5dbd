// Problems of a CSV file, cell by cell, as imports report them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Collects problems up to a bound: beyond it a file is not corrected cell by cell. Not thread-safe.
class CellProblems {
 public:
  void Add(int row, std::string_view column, std::string_view reason, std::string_view description) {
    if (found_.size() >= kMost) return;
    v1::CellProblem& problem = found_.emplace_back();
    problem.set_row(row);
    problem.set_column(std::string(column));
    problem.set_reason(std::string(reason));
    problem.set_description(std::string(description));
  }
  // What ParseCsv refused the whole file for.
  void AddUnreadable(const absl::Status& status) {
    int row = 0;
    if (!absl::SimpleAtoi(FactOf(status, "row"), &row)) row = 1;
    Add(row, FactOf(status, "column"), ReasonOf(status),
        absl::StrCat(Absl(Std(status.message())), " (", FactOf(status, "problem"), FactOf(status, "limit"), ")"));
  }
  bool empty() const { return found_.empty(); }
  std::vector<v1::CellProblem> Take() { return std::move(found_); }

 private:
  static constexpr size_t kMost = 1000;
  std::vector<v1::CellProblem> found_;
};

}  // namespace zhanqiao::catalog
