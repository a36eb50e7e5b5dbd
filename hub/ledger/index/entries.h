// Where indexes and answers read entries from: the store, or archive files (hub/ledger/archive).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "catalog/storage/store.h"

namespace zhanqiao::ledger {

// Thread-safe.
class Entries {
 public:
  virtual ~Entries() = default;
  // One entry as stored. DATA_LOSS / LEDGER_ENTRY_MISSING (fact: index).
  virtual absl::StatusOr<std::string> Entry(uint64_t index) const = 0;
  // Gives the entries [from, to) in order with what is kept beside them (Table::kSalts; empty: nothing),
  // until `visit` fails; then with its status. DATA_LOSS / LEDGER_ENTRY_MISSING when one is not there.
  using Visit =
      absl::FunctionRef<absl::Status(uint64_t index, std::string_view entry, std::string_view secret)>;
  virtual absl::Status Read(uint64_t from, uint64_t to, Visit visit) const = 0;
};

absl::Status EntryMissing(uint64_t index);

// Of the store. `reader` must outlive it.
class StoreEntries final : public Entries {
 public:
  explicit StoreEntries(const storage::Reader& reader) : reader_(reader) {}
  absl::StatusOr<std::string> Entry(uint64_t index) const override;
  absl::Status Read(uint64_t from, uint64_t to, Visit visit) const override;

 private:
  const storage::Reader& reader_;
};

}  // namespace zhanqiao::ledger
