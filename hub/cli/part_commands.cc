#include "hub/cli/part_commands.h"

#include "absl/strings/str_cat.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"
#include "hub/ledger/archive/archive_directory.h"
#include "hub/ledger/archive/part.h"
#include "zhanqiao/v1/audit.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

// The reason tells scripts that it is the evidence that failed, not the command.
absl::Status Unproved(const absl::Status& status) {
  Facts facts = {{"reason", ReasonOf(status)}};
  for (const char* fact : {"problem", "file", "index", "archive"}) {
    const std::string value = FactOf(status, fact);
    if (!value.empty()) facts.emplace_back(fact, value);
  }
  return Fail(absl::StatusCode::kDataLoss, "LEDGER_UNPROVED_PART", Std(status.message()), std::move(facts));
}

absl::StatusOr<ledger::PartReport> VerifyDirectory(const std::string& directory,
                                                   const std::vector<ledger::VerifierKey>& keys) {
  auto report = ledger::VerifyPart(
      [&](std::string_view path) { return ReadFile(absl::StrCat(directory, "/", Absl(path))); }, keys);
  if (!report.ok()) return Unproved(report.status());
  return report;
}

// A path of the export stays below its directory, whatever a hub says.
bool IsPartPath(std::string_view path) {
  return !path.empty() && path.front() != '/' && path.find("..") == std::string_view::npos &&
         path.find('\\') == std::string_view::npos;
}

void PrintReport(Context& context, std::string_view what, const ledger::PartReport& report, bool trusted) {
  if (context.json()) {
    context.out << "{\"verified\":true,\"from\":" << report.from << ",\"to\":" << report.to
                << ",\"size\":" << report.checkpoint.size
                << ",\"origin\":" << JsonText(report.checkpoint.origin)
                << ",\"keyTrusted\":" << (trusted ? "true" : "false") << "}\n";
    return;
  }
  Sheet sheet;
  sheet.Add("verified",
            absl::StrCat(Absl(what), ": entries ", report.from, " to ", report.to - 1, ", complete"));
  sheet.Add("log", report.checkpoint.origin);
  sheet.Add("checkpoint", absl::StrCat("of ", report.checkpoint.size, " entries"));
  if (!trusted) sheet.Add("warning", "The key came with the files; give --vkey to know whose log this is.");
  context.out << sheet.Render();
}

}  // namespace

absl::Status ExportRange(Context& context, const std::string& directory, uint64_t from, uint64_t to,
                         const std::string& purpose) {
  Session session(context.options);
  v1::ExportRangeRequest request;
  request.set_from(from);
  request.set_to(to);
  request.set_purpose(purpose);
  std::string checkpoint;
  do {
    const auto page = TRY(session.Call(&v1::AuditService::Stub::ExportRange, request));
    for (const v1::ExportFile& file : page.files()) {
      if (!IsPartPath(file.path())) {
        return Fail(absl::StatusCode::kDataLoss, "EXPORT_PATH",
                    "The hub named a file outside of the export.");
      }
      // The checkpoint comes last, so that an export without one is an unfinished one.
      if (file.path() == ledger::kCheckpointFile) {
        checkpoint = file.content();
        continue;
      }
      const std::string path = absl::StrCat(directory, "/", file.path());
      TRY(MakeDirectories(path.substr(0, path.rfind('/'))));
      TRY(WriteFile(path, file.content()));
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  TRY(WriteFile(absl::StrCat(directory, "/", Absl(ledger::kCheckpointFile)), checkpoint));
  return VerifyRange(context, directory);
}

absl::Status VerifyRange(Context& context, const std::string& directory) {
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  const bool trusted = !keys.empty();
  if (!trusted) keys = TRY(VerifierKeysArgument(directory + "/log.vkey"));
  const auto report = TRY(VerifyDirectory(directory, keys));
  PrintReport(context, directory, report, trusted);
  return absl::OkStatus();
}

absl::Status VerifyArchives(Context& context, const std::string& directory) {
  const auto archives = ledger::ArchiveDirectory::Open(directory);
  if (!archives.ok())
    return archives.status().code() == absl::StatusCode::kDataLoss ? Unproved(archives.status())
                                                                   : archives.status();
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  const bool trusted = !keys.empty();
  if (!trusted) keys = TRY(ledger::KeysInArchives(**archives));
  const absl::Status verified = (*archives)->Verify(keys);
  if (!verified.ok()) return Unproved(verified);
  ledger::PartReport report;
  report.from = (*archives)->segments().begins();
  report.to = (*archives)->segments().reached();
  report.checkpoint.origin = keys.empty() ? "" : keys.front().name;
  report.checkpoint.size = report.to;
  PrintReport(context, absl::StrCat((*archives)->count(), " archive files"), report, trusted);
  return absl::OkStatus();
}

}  // namespace zhanqiao::cli
