// A store in memory for tests: the reference the real one is compared with, and a way to make a write fail.
#pragma once

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "absl/synchronization/mutex.h"
#include "catalog/storage/store.h"

namespace zhanqiao::storage {

// Thread-safe. Keeps what was applied until it is destroyed; "durable" is not for a store like this to promise.
class MemoryStore final : public Store {
 public:
  MemoryStore();
  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override;
  absl::Status Scan(Table table, std::string_view from, std::string_view to, const Visit& visit) const override;
  absl::Status ScanBackwards(Table table, std::string_view from, std::string_view to,
                             const Visit& visit) const override;
  std::unique_ptr<Reader> Snapshot() const override;
  absl::Status Apply(const Batch& batch) override;

  // Lets `applies` more writes pass and fails the next one, which closes the store like a failing disk would.
  // `surfaces`: the failed write is nevertheless there, as may happen on a real disk.
  void FailAfter(int applies, bool surfaces = false);
  // Whether Reopen succeeds: until Mend the cause of the failure persists.
  void Mend();
  // Opens a closed store again, with what it holds; UNAVAILABLE / STORE_CLOSED before Mend.
  absl::Status Reopen() override;
  // Writes that were applied since construction.
  int applies() const;

 private:
  using Rows = std::map<std::string, std::string, std::less<>>;
  // Shared with snapshots: a table that one of them holds is copied before it is written.
  using Tables = std::array<std::shared_ptr<Rows>, kTableCount>;
  class Copy;

  mutable absl::Mutex mu_;  // makes a batch one step
  Tables tables_ ABSL_GUARDED_BY(mu_);
  int applies_ ABSL_GUARDED_BY(mu_) = 0;
  std::optional<int> fail_after_ ABSL_GUARDED_BY(mu_);
  bool surfaces_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  bool mended_ ABSL_GUARDED_BY(mu_) = false;
};

}  // namespace zhanqiao::storage
