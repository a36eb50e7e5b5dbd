#include "hub/exchange/quota_recovery.h"

#include "absl/container/flat_hash_set.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "hub/ledger/index/terms.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::exchange {

absl::Status RestoreQuotas(const access::GrantView& grants, const ledger::SegmentSet& indexed,
                           const ledger::Entries& entries, uint64_t size, absl::Time now, Quotas& quotas) {
  const auto limited = grants.WithDailyLimits();
  if (limited.empty()) return absl::OkStatus();
  const absl::CivilDay today = CivilDayOf(now);
  const auto since = static_cast<uint64_t>(absl::ToUnixMicros(absl::FromCivil(today, Shanghai())));
  absl::flat_hash_set<std::string> names;
  for (const auto& grant : limited) names.insert(grant->name);

  const auto add = [&](uint64_t, std::string_view bytes, std::string_view secret_bytes) -> absl::Status {
    v1::LedgerEntry entry;
    v1::EntrySecret secret;
    if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
        !secret.ParseFromArray(secret_bytes.data(), static_cast<int>(secret_bytes.size()))) {
      return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MISSING", "An entry of the ledger cannot be read.");
    }
    const v1::Exchange& exchange = entry.exchange();
    if (!entry.has_exchange() || entry.time_us() < since || !names.contains(exchange.grant())) return absl::OkStatus();
    quotas.Restore(exchange.grant(), today,
                   {.calls = exchange.retry() || exchange.chunk() > 1 ? 0 : 1,  // a fetch is one call
                    .rows = exchange.rows(),
                    .bytes = exchange.released_bytes(),
                    .subjects = {secret.subjects().begin(), secret.subjects().end()}});
    return absl::OkStatus();
  };

  ledger::IndexQuery query;
  query.from_time_us = since;
  query.oldest_first = true;
  query.all_of.push_back({{ledger::Term(ledger::IndexField::kEvent, "exchange")}});
  query.all_of.emplace_back();
  for (const std::string& name : names) {
    query.all_of.back().any_of.push_back(ledger::Term(ledger::IndexField::kGrant, name));
  }
  absl::Status read;
  indexed.Walk(query, std::nullopt, [&](uint64_t index) {
    read = entries.Read(index, index + 1, add);
    return read.ok();
  });
  if (!read.ok()) return read;
  return indexed.reached() < size ? entries.Read(indexed.reached(), size, add) : absl::OkStatus();
}

}  // namespace zhanqiao::exchange
