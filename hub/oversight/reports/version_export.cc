// ExportVersions: every version of every document with the salt of its entry, for an auditor who holds the exported log.
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/documents/page_token.h"
#include "hub/access/access_rules.h"
#include "hub/ledger/audit/audit_checks.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/receipt.h"
#include "hub/oversight/facts/document_entry.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

constexpr size_t kPageBytesMax = 2 << 20;
constexpr int kVersionsAtOnce = 500;

// Tells in the ledger who took documents and salts, before the first page goes out.
absl::Status WriteQuestion(storage::CommitPipeline& pipeline, const Caller& caller, const std::string& purpose, uint64_t to) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  v1::Question& asked = *entry.mutable_question();
  asked.set_kind("export");
  asked.set_purpose(purpose);
  asked.set_to(to);
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), {}});
  return pipeline.Run(std::move(commit)).status();
}

}  // namespace

absl::StatusOr<v1::ExportVersionsResponse> ReportService::ExportVersions(const Caller& caller,
                                                                         const v1::ExportVersionsRequest& request) {
  TRY(ledger::RequireRole(caller, {"auditor"}));
  TRY(ledger::CheckWords("purpose", request.purpose()));
  v1::ExportVersionsRequest question = request;
  question.clear_page_token();
  const std::string tag = documents::PageTag(absl::StrCat("versions|", caller.subject, "|", documents::Canonical(question)));
  const std::string last = TRY(documents::LastOfPage(request.page_token(), tag));
  uint64_t to = request.to();
  std::optional<uint64_t> after;
  if (last.empty()) {
    const uint64_t size = parts_.position() + 1;
    to = to == 0 ? size : std::min(to, size);
    TRY(WriteQuestion(parts_.pipeline, caller, request.purpose(), to));
  } else {
    // "{to}|{position}": where the export ends and where the page before did.
    const size_t bar = last.find('|');
    uint64_t position = 0;
    if (bar == std::string::npos || !absl::SimpleAtoi(last.substr(0, bar), &to) ||
        !absl::SimpleAtoi(last.substr(bar + 1), &position)) {
      return BadField("PAGE_TOKEN_INVALID", "page_token", "Not a token of this export; begin it anew.");
    }
    after = position;
  }
  v1::ExportVersionsResponse response;
  response.set_to(to);
  size_t bytes = 0;
  while (true) {
    const std::vector<documents::Version> versions = TRY(parts_.store.ChangesSince(after, kVersionsAtOnce));
    if (versions.empty()) return response;
    for (const documents::Version& version : versions) {
      if (version.known_at >= to) return response;
      // Versions of one position stay on one page: the token is a position.
      if (bytes > kPageBytesMax && version.known_at != *after) {
        response.set_next_page_token(documents::PageToken(tag, absl::StrCat(to, "|", *after)));
        return response;
      }
      v1::ExportedVersion& exported = *response.add_versions();
      exported.set_name(version.name);
      exported.set_type(version.type);
      exported.set_revision(version.revision);
      exported.set_index(version.known_at);
      exported.set_document(version.document);
      exported.set_deleted(version.deleted);
      exported.set_effective_date(FormatDay(version.effective));
      TRY(parts_.entries.Read(version.known_at, version.known_at + 1,
                              [&](uint64_t, std::string_view bytes_of_entry, std::string_view secret_bytes) -> absl::Status {
        v1::LedgerEntry entry;
        v1::EntrySecret secret;
        if (!entry.ParseFromArray(bytes_of_entry.data(), static_cast<int>(bytes_of_entry.size())) ||
            !secret.ParseFromArray(secret_bytes.data(), static_cast<int>(secret_bytes.size()))) {
          return ledger::EntryMissing(version.known_at);
        }
        const auto named = DocumentOfEntry(entry);
        if (!named || named->name != version.name || named->revision != version.revision) {
          exported.set_uncommitted(true);
        } else if (!secret.seed().empty()) {
          exported.set_salt(std::string(Bytes(SaltFor(secret.seed(), ledger::kDocumentLabel))));
        }
        return absl::OkStatus();
      }));
      bytes += exported.ByteSizeLong();
      after = version.known_at;
    }
  }
}

}  // namespace zhanqiao::oversight
