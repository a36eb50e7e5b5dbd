#include "hub/ledger/index/memory_segment.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/index/sealed_segment.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/subject_keys.h"

namespace zhanqiao::ledger {

absl::Status MemorySegment::Append(std::string_view bytes, std::string_view secret) {
  absl::MutexLock lock(&mu_);
  const bool parsed = entry_.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
  if (!parsed || times_.size() >= kSegmentEntries) {
    return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MALFORMED",
                "An entry of the log is not in its form; restore the store.",
                {{"index", absl::StrCat(first() + times_.size())}});
  }
  const auto place = static_cast<uint16_t>(times_.size());
  std::string key;
  const auto add = [&](IndexField field, std::string_view value) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    key.assign(1, static_cast<char>(field));
    key += value;
    std::vector<uint16_t>& places = postings_[key];
    if (places.empty() || places.back() != place) places.push_back(place);
  };
  TermsOf(entry_, add);
  for (const std::string& token : SubjectsIn(secret)) add(IndexField::kSubject, token);
  AddToRollup(entry_, rollup_);
  times_.push_back(entry_.time_us());
  return absl::OkStatus();
}

uint32_t MemorySegment::count() const {
  absl::ReaderMutexLock lock(&mu_);
  return static_cast<uint32_t>(times_.size());
}

uint32_t MemorySegment::CountOf(std::string_view term) const {
  absl::ReaderMutexLock lock(&mu_);
  const auto found = postings_.find(Absl(term));
  return found == postings_.end() ? 0 : static_cast<uint32_t>(found->second.size());
}

void MemorySegment::AddTo(std::string_view term, Matches& out) const {
  absl::ReaderMutexLock lock(&mu_);
  const auto found = postings_.find(Absl(term));
  if (found == postings_.end()) return;
  for (const uint16_t place : found->second) out.Add(place);
}

uint32_t MemorySegment::FirstAt(uint64_t time_us) const {
  absl::ReaderMutexLock lock(&mu_);
  return static_cast<uint32_t>(std::lower_bound(times_.begin(), times_.end(), time_us) - times_.begin());
}

void MemorySegment::VisitRollups(VisitRollup visit) const {
  absl::ReaderMutexLock lock(&mu_);
  for (const auto& [cell, sums] : rollup_) visit(cell, sums);
}

void MemorySegment::Drop(std::string_view term) {
  absl::MutexLock lock(&mu_);
  postings_.erase(Absl(term));
}

std::string MemorySegment::Encode() const {
  absl::ReaderMutexLock lock(&mu_);
  SegmentEncoder encoder(number_, times_);
  std::vector<const std::pair<const std::string, std::vector<uint16_t>>*> sorted;
  sorted.reserve(postings_.size());
  for (const auto& posting : postings_) sorted.push_back(&posting);
  std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return a->first < b->first; });
  for (const auto* posting : sorted) encoder.Add(posting->first, posting->second);
  return encoder.Finish(EncodeRollup(rollup_));
}

}  // namespace zhanqiao::ledger
