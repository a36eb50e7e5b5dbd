// The canonical request ("ZQQ1"): what a request commitment is made over. Grammar and example: FORMAT.md.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "catalog/base/commitment.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::ledger {

// Labels of the commitments of an entry (catalog/base/commitment.h).
inline constexpr std::string_view kRequestLabel = "request";    // canonical request, ZQQ1
inline constexpr std::string_view kAnswerLabel = "answer";      // canonical rows before masking, ZQR1
inline constexpr std::string_view kReleasedLabel = "released";  // canonical rows released, ZQR1
inline constexpr std::string_view kDocumentLabel = "document";  // serialised document

// The counter a release takes its number of (LedgerEntry.sequence): one for each consumer and resource.
std::string ReleaseCounter(std::string_view consumer, std::string_view resource);

// The canonical encoding of `request` for `resource` ("resources/…"), fields and limit as given: the exchange
// fills in the defaults first, so that both sides encode what was really asked.
std::string CanonicalRequest(const v1::QueryRequest& request, std::string_view resource);

// OK if `commitment` (as in an entry) opens to `payload` with `salt` (as given to a party);
// DATA_LOSS / COMMITMENT_DIFFERENT otherwise.
absl::Status CheckCommitment(std::string_view salt, std::string_view payload, std::string_view commitment);

}  // namespace zhanqiao::ledger
