#include "catalog/storage/memory_store.h"

#include <utility>

#include "catalog/base/error.h"

namespace zhanqiao::storage {
namespace {

absl::Status Closed() {
  return Fail(absl::StatusCode::kUnavailable, "STORE_CLOSED",
              "A write failed and the store is closed; open it again.");
}

}  // namespace

// A state frozen at the moment of the snapshot.
class MemoryStore::Copy final : public Reader {
 public:
  explicit Copy(Tables tables) : tables_(std::move(tables)) {}
  absl::StatusOr<std::optional<std::string>> Get(Table table, std::string_view key) const override {
    const auto row = rows(table).find(key);
    if (row == rows(table).end()) return std::optional<std::string>();
    return std::optional<std::string>(row->second);
  }
  absl::Status Scan(Table table, std::string_view from, std::string_view to, const Visit& visit) const override {
    for (auto row = rows(table).lower_bound(from); row != rows(table).end(); ++row) {
      if (!to.empty() && row->first >= to) break;
      if (!visit(row->first, row->second)) break;
    }
    return absl::OkStatus();
  }
  absl::Status ScanBackwards(Table table, std::string_view from, std::string_view to,
                             const Visit& visit) const override {
    auto row = to.empty() ? rows(table).end() : rows(table).lower_bound(to);
    while (row != rows(table).begin()) {
      --row;
      if (row->first < from || !visit(row->first, row->second)) break;
    }
    return absl::OkStatus();
  }

 private:
  const Rows& rows(Table table) const { return *tables_[static_cast<size_t>(table)]; }
  const Tables tables_;
};

MemoryStore::MemoryStore() {
  for (auto& rows : tables_) rows = std::make_shared<Rows>();
}

absl::StatusOr<std::optional<std::string>> MemoryStore::Get(Table table, std::string_view key) const {
  return Snapshot()->Get(table, key);
}

absl::Status MemoryStore::Scan(Table table, std::string_view from, std::string_view to,
                               const Visit& visit) const {
  return Snapshot()->Scan(table, from, to, visit);
}

absl::Status MemoryStore::ScanBackwards(Table table, std::string_view from, std::string_view to,
                                        const Visit& visit) const {
  return Snapshot()->ScanBackwards(table, from, to, visit);
}

std::unique_ptr<Reader> MemoryStore::Snapshot() const {
  absl::MutexLock lock(&mu_);
  return std::make_unique<Copy>(tables_);
}

absl::Status MemoryStore::Apply(const Batch& batch) {
  absl::MutexLock lock(&mu_);
  if (closed_) return Closed();
  const bool fails = fail_after_ && (*fail_after_)-- == 0;
  if (!fails || surfaces_) {
    for (const auto& write : batch.writes()) {
      std::shared_ptr<Rows>& rows = tables_[static_cast<size_t>(write.table)];
      if (rows.use_count() > 1) rows = std::make_shared<Rows>(*rows);
      if (write.value) {
        rows->insert_or_assign(write.key, *write.value);
      } else {
        rows->erase(write.key);
      }
    }
  }
  if (fails) {
    closed_ = true;
    fail_after_.reset();
    return Closed();
  }
  ++applies_;
  return absl::OkStatus();
}

void MemoryStore::FailAfter(int applies, bool surfaces) {
  absl::MutexLock lock(&mu_);
  fail_after_ = applies;
  surfaces_ = surfaces;
  mended_ = false;
}

void MemoryStore::Mend() {
  absl::MutexLock lock(&mu_);
  fail_after_.reset();
  mended_ = true;
}

absl::Status MemoryStore::Reopen() {
  absl::MutexLock lock(&mu_);
  if (!closed_) return absl::OkStatus();
  if (!mended_) return Closed();
  closed_ = false;
  return absl::OkStatus();
}

int MemoryStore::applies() const {
  absl::MutexLock lock(&mu_);
  return applies_;
}

}  // namespace zhanqiao::storage
