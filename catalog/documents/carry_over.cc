#include "catalog/documents/carry_over.h"

#include <string>
#include <utility>

#include "catalog/base/error.h"
#include "catalog/documents/version_row.h"

namespace zhanqiao::documents {
namespace {

using storage::Table;

constexpr size_t kBatchRows = 4096;

absl::Status ApplyWhenFull(storage::Batch& batch, storage::Store& to, bool last = false) {
  if (batch.empty() || (!last && batch.writes().size() < kBatchRows)) return absl::OkStatus();
  TRY(to.Apply(batch));
  batch.Clear();
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<uint64_t> CarryOver(const storage::Reader& from, storage::Store& to) {
  bool empty = true;
  TRY(to.Scan(Table::kDocuments, "", "", [&](std::string_view, std::string_view) { return empty = false; }));
  if (!empty) {
    return Fail(absl::StatusCode::kFailedPrecondition, "DOCUMENTS_NOT_EMPTY",
                "The store holds documents already; carry over into a new one.");
  }
  storage::Batch batch;
  absl::Status failed;
  TRY(from.Scan(Table::kDocuments, "", "", [&](std::string_view key, std::string_view row) {
    std::string carried(row);
    if (key.starts_with('v')) {
      auto version = DecodeVersion(key, row);
      if (!version.ok()) {
        failed = version.status();
        return false;
      }
      version->known_at = 0;
      carried = EncodeVersion(*version);
    }
    batch.Put(Table::kDocuments, std::string(key), std::move(carried));
    failed = ApplyWhenFull(batch, to);
    return failed.ok();
  }));
  TRY(failed);
  uint64_t versions = 0;
  TRY(from.Scan(Table::kFeed, "", "", [&](std::string_view, std::string_view version_key) {
    batch.Put(Table::kFeed, FeedKey(0, static_cast<uint32_t>(versions++)), std::string(version_key));
    failed = ApplyWhenFull(batch, to);
    return failed.ok();
  }));
  TRY(failed);
  TRY(ApplyWhenFull(batch, to, true));
  return versions;
}

}  // namespace zhanqiao::documents
