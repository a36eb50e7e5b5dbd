#include "hub/exchange/entry.h"

#include <algorithm>

#include "catalog/base/commitment.h"
#include "catalog/base/wire.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

using v1::Exchange;
using v1::LedgerEntry;

uint32_t Microseconds(absl::Duration duration) {
  return static_cast<uint32_t>(std::clamp<int64_t>(absl::ToInt64Microseconds(duration), 0, UINT32_MAX));
}

// Fields in number order: head (1 to 6), connector, names and masks (8, 9), then what is this call's alone.
void AppendExchange(const Flight& flight, const Released& released, const v1::ConnectorReply& reply,
                    std::string_view seed, std::string& out) {
  const std::string request = ledger::CanonicalRequest(flight.request, flight.grant->resource);
  const std::string& rows = released.released();
  WireWriter wire(out);
  const auto commit = [&](int field, std::string_view label, std::string_view bytes) {
    wire.Bytes(field, Bytes(Commitment(seed, label, bytes)));
  };
  out += flight.plan->entry_head;
  wire.Bytes(Exchange::kConnectorFieldNumber, flight.connector);
  out += flight.plan->entry_fields;
  wire.Varint(Exchange::kRowsFieldNumber, static_cast<uint64_t>(released.records.rows_size()));
  wire.Varint(Exchange::kRequestBytesFieldNumber, request.size());
  wire.Varint(Exchange::kReleasedBytesFieldNumber, rows.size());
  commit(Exchange::kRequestCommitmentFieldNumber, ledger::kRequestLabel, request);
  commit(Exchange::kAnswerCommitmentFieldNumber, ledger::kAnswerLabel, released.answer_bytes);
  commit(Exchange::kReleasedCommitmentFieldNumber, ledger::kReleasedLabel, rows);
  wire.Bytes(Exchange::kMatterFieldNumber, flight.request.matter());
  wire.Bytes(Exchange::kRequestIdFieldNumber, flight.request.request_id());
  wire.Bytes(Exchange::kOnBehalfOfFieldNumber, flight.request.on_behalf_of());
  wire.Varint(Exchange::kQueueUsFieldNumber, Microseconds(flight.sent - flight.received));
  wire.Varint(Exchange::kConnectorUsFieldNumber, Microseconds(flight.replied - flight.sent));
  wire.Varint(Exchange::kSourceUsFieldNumber, static_cast<uint64_t>(std::max(reply.source_us(), 0)));
  wire.Varint(Exchange::kTruncatedFieldNumber, reply.truncated() ? 1 : 0);
  wire.Varint(Exchange::kRetryFieldNumber, flight.retry ? 1 : 0);
}

}  // namespace

storage::LogRecord ReleaseRecord(const Flight& flight, const Released& released, const v1::ConnectorReply& reply,
                                 std::string seed) {
  static thread_local std::string exchange;
  exchange.clear();
  AppendExchange(flight, released, reply, seed, exchange);
  const Caller& caller = *flight.caller;
  std::string entry;
  entry.reserve(exchange.size() + caller.subject.size() + caller.trace.size() + 32);
  WireWriter wire(entry);
  wire.Varint(LedgerEntry::kVersionFieldNumber, 1);
  wire.Bytes(LedgerEntry::kActorFieldNumber, caller.subject);
  wire.Bytes(LedgerEntry::kTraceFieldNumber, caller.trace);
  wire.Message(LedgerEntry::kExchangeFieldNumber, exchange);
  return {std::move(entry), std::move(seed)};
}

}  // namespace zhanqiao::exchange
