// Formulas of indicators: + - * / ( ) min max over numbers and names. Nothing else can be said in them, they end, and they
// are bounded in length and depth.
//
//   sum    = term { ("+" | "-") term }        name   = [a-z] { [a-z0-9_] }
//   term   = factor { ("*" | "/") factor }    number = digits [ "." digits ]
//   factor = number | name | "(" sum ")" | "-" factor | ("min" | "max") "(" sum "," sum ")"
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhanqiao::oversight {

// A parsed formula. A value; const use is thread-safe.
class Formula {
 public:
  // INVALID_ARGUMENT / FORMULA_INVALID (facts: position, expected).
  static absl::StatusOr<Formula> Parse(std::string_view text);

  // The names it uses.
  const std::set<std::string>& names() const { return names_; }

  using Lookup = std::function<double(const std::string& name)>;
  // Nothing when it divides by zero or leaves the finite numbers.
  std::optional<double> Evaluate(const Lookup& lookup) const;

 private:
  friend class FormulaParser;
  // Instructions of a stack machine, in order.
  struct Step {
    enum class Kind { kNumber, kName, kAdd, kSubtract, kMultiply, kDivide, kNegate, kMin, kMax } kind;
    double number = 0;
    std::string name = {};
  };
  std::vector<Step> steps_;
  std::set<std::string> names_;
};

}  // namespace zhanqiao::oversight
