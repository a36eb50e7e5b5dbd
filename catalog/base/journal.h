// A line of a connector's journal: what it answered, as digests. Written by connectors/agent, read by
// zq connector reconcile. Grammar: connectors/README.md.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao {

struct JournalLine {
  int64_t time_us = 0;     // when the answer left, since 1970-01-01T00:00:00Z
  std::string resource;    // resources/{code}
  std::string commitment;  // of the request, 32 bytes: its ledger entry carries the same
  std::string digest;      // of the canonical answer, 32 bytes (signatures.h)
  uint32_t rows = 0;
  std::string signature_hash;  // SHA-256 of the signature the answer is under, 32 bytes; empty: not signed

  bool operator==(const JournalLine&) const = default;
};

// "ZQJ1 <time> <resource> <commitment> <digest> <rows> <signature hash or ->" and a line break; bytes in hex.
std::string ToText(const JournalLine& line);

// The inverse, without the line break. INVALID_ARGUMENT / JOURNAL_LINE for anything ToText does not write.
absl::StatusOr<JournalLine> ParseJournalLine(std::string_view text);

}  // namespace zhanqiao
