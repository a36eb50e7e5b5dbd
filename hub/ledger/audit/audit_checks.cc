#include "hub/ledger/audit/audit_checks.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao::ledger {

absl::Status CheckRegistered(const Caller& caller) {
  if (caller.kind != SubjectKind::kNone) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "CALLER_UNREGISTERED",
              "The ledger answers registered subjects; use a registered certificate.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status RequireRole(const Caller& caller, std::initializer_list<std::string_view> roles) {
  TRY(CheckRegistered(caller));
  std::string names;
  for (const std::string_view role : roles) {
    if (caller.HasRole(role)) return absl::OkStatus();
    absl::StrAppend(&names, names.empty() ? "" : ", ", Absl(role));
  }
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
              "This needs another role; ask someone who holds it.",
              {{"link", std::string(kLinkCaller)}, {"roles", names}});
}

absl::Status CheckWords(std::string_view field, std::string_view text) {
  if (!text.empty() && IsCleanText(text) && CodePoints(text) <= 500) return absl::OkStatus();
  return BadField("TEXT_REQUIRED", field, "Say why, in 1 to 500 characters without control characters.");
}

absl::StatusOr<std::string> CheckedIdNumber(std::string_view text) {
  std::string id_number = NormalizeCode(text);
  if (!IsIdNumber(id_number)) {
    return BadField("ID_NUMBER", "id_number",
                    "Give an 18-character 居民身份证号 with a right check character.");
  }
  return id_number;
}

std::string CanonicalQuestion(std::string_view subject) {
  std::string out = "ZQP1";
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(subject.size() >> shift);
  out += subject;
  return out;
}

}  // namespace zhanqiao::ledger
