#include "hub/exchange/entry.h"

#include <algorithm>

#include "absl/strings/str_join.h"
#include "catalog/base/commitment.h"
#include "catalog/base/wire.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/subject_keys.h"

namespace zhanqiao::exchange {
namespace {

using v1::EntrySecret;
using v1::Exchange;
using v1::LedgerEntry;

uint32_t Microseconds(absl::Duration duration) {
  return static_cast<uint32_t>(std::clamp<int64_t>(absl::ToInt64Microseconds(duration), 0, UINT32_MAX));
}

// Fields in number order: head (1 to 6), connector, names and masks (8, 9), then what is this call's alone.
void AppendExchange(const Flight& flight, const Released& released, const v1::ConnectorReply& reply,
                    const Signed& answer, const std::vector<std::string>& subjects, absl::Time now, std::string& out) {
  const std::string& rows = released.released();
  WireWriter wire(out);
  const auto commit = [&](int field, std::string_view label, std::string_view bytes) {
    wire.Bytes(field, Bytes(Commitment(flight.seed, label, bytes)));
  };
  const auto sign = [&](int field, const Signed& signature) {
    if (signature.batch) wire.Bytes(field, Bytes(signature.batch->signature_hash()));
  };
  out += flight.plan->entry_head;
  wire.Bytes(Exchange::kConnectorFieldNumber, flight.connector);
  out += flight.plan->entry_fields;
  wire.Varint(Exchange::kRowsFieldNumber, static_cast<uint64_t>(released.rows));
  wire.Varint(Exchange::kRequestBytesFieldNumber, flight.canonical.size());
  wire.Varint(Exchange::kReleasedBytesFieldNumber, rows.size());
  wire.Bytes(Exchange::kRequestCommitmentFieldNumber, Bytes(flight.commitment));
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
  wire.Varint(Exchange::kCheckUsFieldNumber, Microseconds(now - flight.replied));
  sign(Exchange::kRequestSignatureHashFieldNumber, flight.signature);
  sign(Exchange::kAnswerSignatureHashFieldNumber, answer);
  if (!subjects.empty()) {
    commit(Exchange::kSubjectsCommitmentFieldNumber, ledger::kSubjectsLabel, absl::StrJoin(subjects, ""));
  }
  if (flight.chunk != nullptr) {
    wire.Bytes(Exchange::kFetchFieldNumber, flight.chunk->fetch);
    wire.Varint(Exchange::kChunkFieldNumber, flight.chunk->number);
  }
  out += flight.entry_tail;
}

// What is kept beside the entry (v1.EntrySecret): the one place where it is put together.
std::string SecretOf(const Flight& flight, const Signed& answer, const std::vector<std::string>& subjects) {
  std::string secret;
  WireWriter wire(secret);
  const auto sign = [&](int field, const Signed& signature) {
    if (signature.batch) wire.Message(field, signature.batch->Place(signature.position).SerializeAsString());
  };
  wire.Bytes(EntrySecret::kSeedFieldNumber, flight.seed);
  for (const std::string& token : subjects) wire.Message(EntrySecret::kSubjectsFieldNumber, token);
  sign(EntrySecret::kRequestSignatureFieldNumber, flight.signature);
  sign(EntrySecret::kAnswerSignatureFieldNumber, answer);
  return secret;
}

}  // namespace

storage::LogRecord ReleaseRecord(const Flight& flight, const Released& released, const v1::ConnectorReply& reply,
                                 const Signed& answer, const std::vector<std::string>& subjects, absl::Time now) {
  static thread_local std::string exchange;
  exchange.clear();
  AppendExchange(flight, released, reply, answer, subjects, now, exchange);
  const Caller& caller = *flight.caller;
  std::string entry;
  entry.reserve(exchange.size() + caller.subject.size() + caller.trace.size() + 32);
  WireWriter wire(entry);
  wire.Varint(LedgerEntry::kVersionFieldNumber, 1);
  wire.Bytes(LedgerEntry::kActorFieldNumber, caller.subject);
  wire.Bytes(LedgerEntry::kTraceFieldNumber, caller.trace);
  wire.Message(LedgerEntry::kExchangeFieldNumber, exchange);
  return {std::move(entry), SecretOf(flight, answer, subjects),
          ledger::ReleaseCounter(caller.subject, flight.grant->resource)};
}

}  // namespace zhanqiao::exchange
