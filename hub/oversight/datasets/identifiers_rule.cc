#include "hub/oversight/datasets/identifiers_rule.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao::datasets {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsBankCard(std::string_view digits) {
  if (digits.size() < 16 || digits.size() > 19) return false;
  if (digits[0] != '4' && digits[0] != '5' && digits.substr(0, 2) != "62") return false;
  int sum = 0;
  for (size_t i = 0; i < digits.size(); ++i) {
    int digit = digits[digits.size() - 1 - i] - '0';
    if (i % 2 == 1) digit = digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
    sum += digit;
  }
  return sum % 10 == 0;
}

bool HoldsMail(std::string_view text) {
  for (size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    const auto part = [](char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '-' || c == '_'; };
    if (at == 0 || !(part(text[at - 1]) || text[at - 1] == '+')) continue;
    size_t end = at + 1;
    while (end < text.size() && part(text[end])) ++end;
    const std::string_view host = text.substr(at + 1, end - at - 1);
    const size_t dot = host.find('.');
    if (dot != std::string_view::npos && dot > 0 && dot + 1 < host.size()) return true;
  }
  return false;
}

// Runs of digits, single blanks and hyphens between them left out, each with the character after it.
template <typename Visit>
bool AnyRun(std::string_view text, const Visit& visit) {
  std::string run;
  for (size_t at = 0; at < text.size(); ++at) {
    if (!IsDigit(text[at])) continue;
    run.clear();
    while (at < text.size()) {
      if (IsDigit(text[at])) {
        run.push_back(text[at++]);
      } else if ((text[at] == ' ' || text[at] == '-') && at + 1 < text.size() && IsDigit(text[at + 1])) {
        ++at;
      } else {
        break;
      }
    }
    if (visit(run, at < text.size() ? text[at] : '\0')) return true;
  }
  return false;
}

bool Plain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0xEF; });
}

}  // namespace

bool HoldsIdentifier(std::string_view text, IdentifierKinds kinds) {
  if (kinds.contacts && HoldsMail(text)) return true;
  // Full-width forms begin with 0xEF.
  const std::string folded = Plain(text) ? std::string() : NormalizeCode(text);
  return AnyRun(folded.empty() ? text : std::string_view(folded), [&](const std::string& run, char next) {
    if (run.size() == 18 && IsIdNumber(run)) return true;
    if (run.size() == 17 && (next == 'X' || next == 'x') && IsIdNumber(run + "X")) return true;
    if (IsBankCard(run)) return true;
    return kinds.contacts && IsMobile(run);
  });
}

}  // namespace zhanqiao::datasets
