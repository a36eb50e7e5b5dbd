// One exchange or refusal as the links it went through, with their times.
#pragma once

#include "hub/exchange/link_times.h"
#include "zhanqiao/v1/diagnostics.pb.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::exchange {

// True if `entry` is of a kind that has links: a release or a refusal.
bool HasLinks(const v1::LedgerEntry& entry);

// Links in order. Times an entry has not (of the edge, before the hub counts; of a refusal) are absent, never guessed.
v1::ExchangeTrace TraceOf(const v1::StoredEntry& stored, const LinkTimes& times);

}  // namespace zhanqiao::exchange
