// The day's counts after a restart, taken from what the ledger says was released: nothing is written for them.
#pragma once

#include "absl/status/status.h"
#include "hub/access/grant_view.h"
#include "hub/exchange/quotas.h"
#include "hub/ledger/index/entries.h"
#include "hub/ledger/index/segment_set.h"

namespace zhanqiao::exchange {

// Adds to `quotas` what was released since the civil day of `now` began under each grant that has a limit of the day.
// `indexed` finds the entries; those of the log's `size` it does not reach yet are read one by one. Without such grants
// nothing is read. Calls that were refused after they had been counted are not known to the ledger and count no more.
// DATA_LOSS / LEDGER_ENTRY_MISSING.
absl::Status RestoreQuotas(const access::GrantView& grants, const ledger::SegmentSet& indexed,
                           const ledger::Entries& entries, uint64_t size, absl::Time now, Quotas& quotas);

}  // namespace zhanqiao::exchange
