// Parts of the log in a directory or in archive files: written from a hub, verified without one.
#pragma once

#include <cstdint>
#include <string>

#include "hub/cli/session.h"

namespace zhanqiao::cli {

// Writes the entries [from, to) (to 0: all) as a part that proves itself (hub/ledger/archive/part.h) into
// `directory`, checks it as anyone would, and says what it covers.
absl::Status ExportRange(Context& context, const std::string& directory, uint64_t from, uint64_t to,
                         const std::string& purpose);

// Checks such a directory. LEDGER_UNPROVED_PART with the facts of PART_UNPROVED.
absl::Status VerifyRange(Context& context, const std::string& directory);

// Checks every archive file of a directory, and the index beside each.
absl::Status VerifyArchives(Context& context, const std::string& directory);

}  // namespace zhanqiao::cli
