#include "hub/oversight/evaluation/formula.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kTextMax = 500;
constexpr int kDepthMax = 50;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }
bool IsLetter(char c) { return c >= 'a' && c <= 'z'; }

}  // namespace

// Recursive descent, which writes the steps behind each other.
class FormulaParser {
 public:
  explicit FormulaParser(std::string_view text) : text_(text) {}

  absl::StatusOr<Formula> Run() {
    if (text_.size() > kTextMax) return Wrong("at most 500 characters");
    TRY(Sum());
    Skip();
    if (at_ != text_.size()) return Wrong("an operator or the end");
    return std::move(formula_);
  }

 private:
  using Kind = Formula::Step::Kind;

  absl::Status Wrong(std::string_view expected) const {
    return BadField("FORMULA_INVALID", "formula", "The formula has a mistake at the named position.",
                    {{"position", absl::StrCat(at_)}, {"expected", std::string(expected)}});
  }
  void Skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  bool Take(char c) {
    Skip();
    if (at_ == text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  void Add(Kind kind) { formula_.steps_.push_back({.kind = kind}); }

  absl::Status Sum() {
    TRY(Term());
    while (true) {
      const bool plus = Take('+');
      if (!plus && !Take('-')) return absl::OkStatus();
      TRY(Term());
      Add(plus ? Kind::kAdd : Kind::kSubtract);
    }
  }
  absl::Status Term() {
    TRY(Factor());
    while (true) {
      const bool times = Take('*');
      if (!times && !Take('/')) return absl::OkStatus();
      TRY(Factor());
      Add(times ? Kind::kMultiply : Kind::kDivide);
    }
  }
  absl::Status Factor() {
    if (++depth_ > kDepthMax) return Wrong("less deep nesting");
    TRY(Inner());
    --depth_;
    return absl::OkStatus();
  }
  absl::Status Inner() {
    if (Take('(')) {
      TRY(Sum());
      return Take(')') ? absl::OkStatus() : Wrong(")");
    }
    if (Take('-')) {
      TRY(Factor());
      Add(Kind::kNegate);
      return absl::OkStatus();
    }
    Skip();
    if (at_ < text_.size() && IsDigit(text_[at_])) return Number();
    if (at_ < text_.size() && IsLetter(text_[at_])) return Name();
    return Wrong("a number, a name or (");
  }
  absl::Status Number() {
    const size_t begin = at_;
    while (at_ < text_.size() && (IsDigit(text_[at_]) || text_[at_] == '.')) ++at_;
    Formula::Step step{.kind = Kind::kNumber};
    if (text_[at_ - 1] == '.' || !absl::SimpleAtod(std::string(text_.substr(begin, at_ - begin)), &step.number)) {
      at_ = begin;
      return Wrong("a number such as 0.9");
    }
    formula_.steps_.push_back(step);
    return absl::OkStatus();
  }
  absl::Status Name() {
    const size_t begin = at_;
    while (at_ < text_.size() && (IsLetter(text_[at_]) || IsDigit(text_[at_]) || text_[at_] == '_')) ++at_;
    std::string name(text_.substr(begin, at_ - begin));
    if (name != "min" && name != "max") {
      formula_.names_.insert(name);
      formula_.steps_.push_back({.kind = Kind::kName, .number = 0, .name = std::move(name)});
      return absl::OkStatus();
    }
    if (!Take('(')) return Wrong("(");
    TRY(Sum());
    if (!Take(',')) return Wrong(",");
    TRY(Sum());
    if (!Take(')')) return Wrong(")");
    Add(name == "min" ? Kind::kMin : Kind::kMax);
    return absl::OkStatus();
  }

  const std::string_view text_;
  size_t at_ = 0;
  int depth_ = 0;
  Formula formula_;
};

absl::StatusOr<Formula> Formula::Parse(std::string_view text) { return FormulaParser(text).Run(); }

std::optional<double> Formula::Evaluate(const Lookup& lookup) const {
  using Kind = Step::Kind;
  std::vector<double> stack;
  for (const Step& step : steps_) {
    if (step.kind == Kind::kNumber || step.kind == Kind::kName) {
      stack.push_back(step.kind == Kind::kNumber ? step.number : lookup(step.name));
      continue;
    }
    if (step.kind == Kind::kNegate) {
      stack.back() = -stack.back();
      continue;
    }
    const double right = stack.back();
    stack.pop_back();
    double& left = stack.back();
    switch (step.kind) {
      case Kind::kAdd:
        left += right;
        break;
      case Kind::kSubtract:
        left -= right;
        break;
      case Kind::kMultiply:
        left *= right;
        break;
      case Kind::kDivide:
        if (right == 0) return std::nullopt;
        left /= right;
        break;
      case Kind::kMin:
        left = std::min(left, right);
        break;
      default:
        left = std::max(left, right);
    }
  }
  if (stack.size() != 1 || !std::isfinite(stack.front())) return std::nullopt;
  return stack.front();
}

}  // namespace zhanqiao::oversight
