#include "hub/ledger/index/entries.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {

using storage::Table;

absl::Status EntryMissing(uint64_t index) {
  return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MISSING",
              "An entry of the log is missing; restore the store.", {{"index", absl::StrCat(index)}});
}

absl::StatusOr<std::string> StoreEntries::Entry(uint64_t index) const {
  std::optional<std::string> entry = TRY(reader_.Get(Table::kEntries, storage::BigEndian(index)));
  if (!entry) return EntryMissing(index);
  return *std::move(entry);
}

absl::Status StoreEntries::Read(uint64_t from, uint64_t to, Visit visit) const {
  constexpr uint64_t kChunk = 4096;
  for (uint64_t first = from; first < to; first += kChunk) {
    const uint64_t end = std::min(first + kChunk, to);
    // Secrets first: one that is erased in between is missed at worst, which is what erasing means.
    std::vector<std::string> secrets(end - first);
    TRY(reader_.Scan(Table::kSalts, storage::BigEndian(first), storage::BigEndian(end),
                     [&](std::string_view key, std::string_view value) {
                       secrets[storage::FromBigEndian(key) - first] = std::string(value);
                       return true;
                     }));
    uint64_t next = first;
    absl::Status status;
    TRY(reader_.Scan(Table::kEntries, storage::BigEndian(first), storage::BigEndian(end),
                     [&](std::string_view key, std::string_view entry) {
                       status = key == storage::BigEndian(next) ? visit(next, entry, secrets[next - first])
                                                                : EntryMissing(next);
                       ++next;
                       return status.ok();
                     }));
    TRY(std::move(status));
    if (next != end) return EntryMissing(next);
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::ledger
