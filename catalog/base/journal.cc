#include "catalog/base/journal.h"

#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

absl::Status ReadDigest(absl::string_view hex, std::string& out) {
  if (hex.size() != 2 * sizeof(Digest)) return absl::InvalidArgumentError("");
  out = TRY(FromHex(Std(hex)));
  return absl::OkStatus();
}

absl::StatusOr<JournalLine> Parse(const std::vector<absl::string_view>& parts) {
  JournalLine line;
  if (parts.size() != 7 || parts[0] != "ZQJ1" || !absl::SimpleAtoi(parts[1], &line.time_us) ||
      !absl::SimpleAtoi(parts[5], &line.rows)) {
    return absl::InvalidArgumentError("");
  }
  line.resource = std::string(parts[2]);
  TRY(ReadDigest(parts[3], line.commitment));
  TRY(ReadDigest(parts[4], line.digest));
  if (parts[6] != "-") TRY(ReadDigest(parts[6], line.signature_hash));
  return line;
}

}  // namespace

std::string ToText(const JournalLine& line) {
  return absl::StrCat("ZQJ1 ", line.time_us, " ", line.resource, " ", ToHex(line.commitment), " ",
                      ToHex(line.digest), " ", line.rows, " ",
                      line.signature_hash.empty() ? "-" : ToHex(line.signature_hash), "\n");
}

absl::StatusOr<JournalLine> ParseJournalLine(std::string_view text) {
  auto line = Parse(absl::StrSplit(Absl(text), ' '));
  if (line.ok() && ToText(*line) == absl::StrCat(Absl(text), "\n")) return line;
  return Fail(absl::StatusCode::kInvalidArgument, "JOURNAL_LINE",
              "A line of the journal is not in its form: it was cut short or altered.");
}

}  // namespace zhanqiao
