// Who received a person's record: asked of the ledger's index by the keyed token of the ID number, which is
// stored nowhere else.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/index/index.h"
#include "hub/ledger/subject_keys.h"

namespace zhanqiao::access {

// Organisations that were released records about the holder of `id_number` from `resource`, in order, each
// once: of every entry the ledger still has (its retention). UNAVAILABLE if the index cannot answer by
// `deadline`.
using RecipientsOf = std::function<absl::StatusOr<std::vector<std::string>>(
    std::string_view resource, std::string_view id_number, absl::Time deadline)>;

// That of a ledger; all must outlive it.
RecipientsOf RecipientsByLedger(const ledger::Index& index, const ledger::Entries& entries,
                                const ledger::SubjectKeys& subjects);

}  // namespace zhanqiao::access
