// ExportRange: a part of the log (archive/part.h), some of its files a page.
#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/archive/part.h"
#include "hub/ledger/audit/audit_checks.h"
#include "hub/ledger/audit/audit_service.h"
#include "hub/ledger/audit/questions.h"

namespace zhanqiao::ledger {
namespace {

constexpr size_t kPageBytesMax = 2 << 20;
constexpr size_t kCheckpointsKept = 64;

// The range on the borders of bundles; empty when nothing of it is covered.
std::pair<uint64_t, uint64_t> Widened(const v1::ExportRangeRequest& request, uint64_t size) {
  const uint64_t to = request.to() == 0 ? size : std::min(request.to(), size);
  const uint64_t up = std::min((to + kTileWidth - 1) / kTileWidth * kTileWidth, size);
  return {request.from() / kTileWidth * kTileWidth, up};
}

}  // namespace

SignedCheckpointPtr AuditService::KeptCheckpoint(uint64_t size) const {
  absl::MutexLock lock(&mu_);
  const auto found = exported_.find(size);
  return found == exported_.end() ? nullptr : found->second;
}

absl::StatusOr<v1::ExportRangeResponse> AuditService::ExportRange(const Caller& caller,
                                                                  const v1::ExportRangeRequest& request) {
  TRY(RequireRole(caller, {"auditor", "office"}));
  TRY(CheckWords("purpose", request.purpose()));
  v1::ExportRangeRequest question = request;
  question.clear_page_token();
  const std::string text = absl::StrCat(question.SerializeAsString(), caller.subject);
  const PageStart start = TRY(ReadPageToken(request.page_token(), text));
  if (start.resume) {
    const SignedCheckpointPtr checkpoint = KeptCheckpoint(*start.reached);
    if (checkpoint) return GiveFiles(request, *checkpoint, *start.resume, text);
    return Fail(absl::StatusCode::kAborted, "EXPORT_STALE",
                "The export was left for too long; begin it anew.");
  }
  const SignedCheckpointPtr checkpoint = parts_.checkpointer.Latest();
  if (!checkpoint || request.from() >= checkpoint->checkpoint.size ||
      (request.to() != 0 && request.to() <= request.from())) {
    return Fail(absl::StatusCode::kOutOfRange, "ENTRY_INDEX",
                "No checkpoint covers such a range; give a smaller one.",
                {{"size", absl::StrCat(checkpoint ? checkpoint->checkpoint.size : 0)}});
  }
  const auto [from, to] = Widened(request, checkpoint->checkpoint.size);
  v1::LedgerEntry entry;
  v1::Question& asked = *entry.mutable_question();
  asked.set_kind("export");
  asked.set_purpose(request.purpose());
  asked.set_from(from);
  asked.set_to(to);
  asked.set_found(to - from);
  TRY(Write(caller, std::move(entry), {}));
  {
    absl::MutexLock lock(&mu_);
    if (exported_.size() >= kCheckpointsKept) exported_.erase(exported_.begin());
    exported_[checkpoint->checkpoint.size] = checkpoint;
  }
  return GiveFiles(request, *checkpoint, 0, text);
}

absl::StatusOr<v1::ExportRangeResponse> AuditService::GiveFiles(const v1::ExportRangeRequest& request,
                                                                const SignedCheckpoint& checkpoint,
                                                                uint64_t from_file,
                                                                std::string_view question) const {
  const uint64_t size = checkpoint.checkpoint.size;
  const auto [from, to] = Widened(request, size);
  const std::vector<VerifierKey> keys = parts_.checkpointer.keys();
  Part part{from, to, checkpoint.note, "", PolicyOf(parts_.checkpointer.key())};
  for (const VerifierKey& key : keys) absl::StrAppend(&part.verifier_keys, key.ToText(), "\n");
  const PartReader reader = TRY(PartReader::Open(parts_.store, parts_.entries, keys, std::move(part)));
  v1::ExportRangeResponse response;
  response.set_from(from);
  response.set_to(to);
  response.set_size(size);
  size_t bytes = 0;
  for (uint64_t i = from_file; i < reader.paths().size(); ++i) {
    std::string content = TRY(reader.Read(i));
    // A bundle may have 16 MiB at most by its format; it then stands alone.
    if (response.files_size() > 0 && bytes + content.size() > kPageBytesMax) {
      response.set_next_page_token(PageTokenFor(i, size, question));
      break;
    }
    bytes += content.size() + reader.paths()[i].size();
    v1::ExportFile& file = *response.add_files();
    file.set_path(reader.paths()[i]);
    file.set_content(std::move(content));
  }
  return response;
}

}  // namespace zhanqiao::ledger
