#include "hub/cli/reconcile.h"

#include <algorithm>

namespace zhanqiao::cli {

void Reconciler::AddLine(std::string_view text) {
  auto line = ParseJournalLine(text);
  if (!line.ok()) {
    ++found_.malformed;
    return;
  }
  by_commitment_[line->commitment].push_back(lines_.size());
  resources_.insert(line->resource);
  first_us_ = std::min(first_us_, line->time_us);
  last_us_ = std::max(last_us_, line->time_us);
  lines_.push_back(*std::move(line));
}

void Reconciler::AddEntry(uint64_t index, const v1::LedgerEntry& entry) {
  if (entry.has_exchange()) return AddRelease(index, entry);
  if (!entry.has_denial()) return;
  const v1::Denial& denial = entry.denial();
  const auto answers = by_commitment_.find(denial.request_commitment());
  if (answers != by_commitment_.end()) {
    if (!seen_.insert(answers->first).second) return;
    found_.refused += answers->second.size();
    found_.matched.push_back(index);
  } else if (denial.request_commitment().empty() && resources_.contains(denial.resource())) {
    found_.counted += denial.count();
  }
}

void Reconciler::AddRelease(uint64_t index, const v1::LedgerEntry& entry) {
  const v1::Exchange& exchange = entry.exchange();
  const bool ours = !connector_.empty() && exchange.connector() == connector_;
  const auto answers = by_commitment_.find(exchange.request_commitment());
  if (answers == by_commitment_.end()) {
    const auto time = static_cast<int64_t>(entry.time_us());
    if (ours && time >= first_us_ && time <= last_us_) found_.unknown.push_back(index);
    return;
  }
  // One commitment is released once; a second entry of it is not what any answer was given for.
  if (!seen_.insert(answers->first).second) {
    found_.different.push_back(index);
    return;
  }
  found_.released += answers->second.size();
  found_.matched.push_back(index);
  if (!ours) return;
  const bool same = std::any_of(answers->second.begin(), answers->second.end(), [&](size_t at) {
    const JournalLine& line = lines_[at];
    // Without a key registered at the hub no entry names a signature.
    const bool signature =
        exchange.answer_signature_hash().empty() || exchange.answer_signature_hash() == line.signature_hash;
    return line.resource == exchange.resource() && line.rows == exchange.rows() && signature;
  });
  if (!same) found_.different.push_back(index);
}

Reconciliation Reconciler::Finish() {
  found_.answered = lines_.size();
  for (JournalLine& line : lines_) {
    if (seen_.contains(line.commitment)) continue;
    if (absl::FromUnixMicros(line.time_us) > settled_) {
      ++found_.pending;
    } else {
      found_.unlogged.push_back(std::move(line));
    }
  }
  return std::move(found_);
}

}  // namespace zhanqiao::cli
