// zq report export-versions and recompute: the same numbers from an exported ledger and exported document versions, without
// believing the hub.
#include <CLI/CLI.hpp>

#include <google/protobuf/util/json_util.h>

#include <filesystem>
#include <fstream>
#include <cstdlib>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/part_commands.h"
#include "hub/cli/progress.h"
#include "hub/cli/report_text.h"
#include "hub/ledger/archive/part.h"
#include "hub/ledger/tiles.h"
#include "hub/oversight/facts/exported_facts.h"
#include "hub/oversight/facts/month.h"
#include "zhanqiao/v1/report.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

namespace fs = std::filesystem;
using Stub = v1::ReportService::Stub;

// The file of versions: first a line {"to":N}, then one ExportedVersion as JSON in each line.
absl::Status WriteVersions(Context& context, Session& session, const std::string& file, const std::string& purpose) {
  const std::string fresh = file + ".new";
  std::ofstream out(fresh, std::ios::binary | std::ios::trunc);
  Progress progress(context.err, "versions", 0);
  v1::ExportVersionsRequest request;
  request.set_purpose(purpose);
  int64_t written = 0;
  do {
    const auto page = TRY(session.Call(&Stub::ExportVersions, request));
    if (written == 0) out << "{\"to\":" << page.to() << "}\n";
    for (const v1::ExportedVersion& version : page.versions()) {
      std::string json;
      if (!google::protobuf::util::MessageToJsonString(version, &json).ok()) {
        return Fail(absl::StatusCode::kInternal, "VERSION_NOT_WRITABLE", "A version cannot be written as JSON.");
      }
      out << json << "\n";
      progress.Set(++written);
    }
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  out.close();
  std::error_code error;
  if (out) fs::rename(fresh, file, error);
  if (!out || error) return Fail(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE", "The file cannot be written.", {{"file", file}});
  return absl::OkStatus();
}

struct Versions {
  uint64_t to = 0;
  std::vector<v1::ExportedVersion> all;
};

absl::StatusOr<Versions> ReadVersions(const std::string& file) {
  const auto malformed = [&](int line) {
    return Fail(absl::StatusCode::kDataLoss, "VERSIONS_MALFORMED", "The file of versions is damaged at the named line; export it again.",
                {{"file", file}, {"line", absl::StrCat(line)}});
  };
  std::ifstream in(file, std::ios::binary);
  if (!in) return Fail(absl::StatusCode::kNotFound, "FILE_NOT_READABLE", "The file cannot be read.", {{"file", file}});
  Versions versions;
  std::string text;
  v1::ExportVersionsResponse head;
  if (!std::getline(in, text) || !google::protobuf::util::JsonStringToMessage(text, &head).ok()) return malformed(1);
  versions.to = head.to();
  for (int line = 2; std::getline(in, text); ++line) {
    if (!google::protobuf::util::JsonStringToMessage(text, &versions.all.emplace_back()).ok()) return malformed(line);
  }
  return versions;
}

// The log in `directory`, whichever command exported it, proved; its size.
absl::StatusOr<uint64_t> ProveLog(Context& context, const std::string& directory) {
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  if (keys.empty()) {
    keys = TRY(VerifierKeysArgument(directory + "/log.vkey"));
    if (!context.json()) context.out << "warning: the key came with the export; give --vkey to know whose log this is\n";
  }
  std::error_code error;
  if (!fs::exists(fs::path(directory) / std::string(ledger::kRangeFile), error)) {
    const auto report = TRY(CheckExport(directory, keys, ""));
    return report.size;
  }
  const auto report = TRY(ledger::VerifyPart([&](std::string_view path) { return ReadFile(absl::StrCat(directory, "/", Absl(path))); }, keys));
  if (report.from == 0) return report.to;
  return Fail(absl::StatusCode::kFailedPrecondition, "EXPORT_NOT_WHOLE",
              "Figures follow from the whole log; export it from entry 0 on.", {{"from", absl::StrCat(report.from)}});
}

// Entries of an exported log of `size`, bundle by bundle.
absl::Status EachEntry(const std::string& directory, uint64_t size, uint64_t from, uint64_t to, oversight::EntryVisit visit) {
  for (uint64_t first = from / ledger::kTileWidth * ledger::kTileWidth; first < to; first += ledger::kTileWidth) {
    const uint64_t width = std::min<uint64_t>(ledger::kTileWidth, size - first);
    const std::string path = ledger::BundlePath(first / ledger::kTileWidth, static_cast<int>(width));
    const std::string bundle = TRY(ReadFile(absl::StrCat(directory, "/", path)));
    uint64_t index = first;
    absl::Status status;
    const bool whole = ledger::ReadBundle(bundle, width, [&](std::string_view entry) {
      if (index >= from && index < to) status = visit(index, entry);
      ++index;
      return status.ok();
    });
    TRY(status);
    if (!whole) return Fail(absl::StatusCode::kDataLoss, "BUNDLE_FORM", "A file of entries is cut short.", {{"file", path}});
  }
  return absl::OkStatus();
}

void PrintRecomputed(Context& context, const oversight::ExportedFacts& facts, const std::vector<oversight::Recomputed>& all) {
  if (context.json()) {
    context.out << "{\"verified\":true,\"size\":" << facts.size() << ",\"versionsChecked\":" << facts.versions_checked() << ",\"reports\":[";
    for (size_t i = 0; i < all.size(); ++i) {
      context.out << (i ? "," : "") << "{\"report\":" << JsonText(all[i].report) << ",\"fullMonth\":" << (all[i].full_month ? "true" : "false")
                  << ",\"equal\":" << (all[i].different.empty() ? "true" : "false") << ",\"figures\":";
      std::string json;
      if (!google::protobuf::util::MessageToJsonString(all[i].derived, &json).ok()) json = "null";
      context.out << json << ",\"different\":[";
      for (size_t k = 0; k < all[i].different.size(); ++k) context.out << (k ? "," : "") << JsonText(all[i].different[k]);
      context.out << "]}";
    }
    context.out << "]}\n";
    return;
  }
  context.out << "verified: " << facts.versions_checked() << " document versions against " << facts.size() << " entries, none missing\n";
  Table table({"REPORT", "FIGURES TO", "KNOWN AT", "EQUAL", "DIFFERENT"});
  for (const auto& one : all) {
    std::string different;
    for (const std::string& key : one.different) absl::StrAppend(&different, different.empty() ? "" : ", ", key);
    table.Add({one.report, one.derived.as_of(), absl::StrCat(one.period.known_at), one.different.empty() ? "yes" : "NO", different});
  }
  context.out << table.Render();
}

struct RecomputeArguments {
  ReportQuestion question;
  std::string ledger;    // directory; empty: exported now
  std::string versions;  // file; empty: exported now
};

// A directory of its own that is gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string path = (fs::temp_directory_path() / "zq-recompute-XXXXXX").string();
    if (::mkdtemp(path.data()) != nullptr) path_ = path;
  }
  ~Scratch() {
    std::error_code error;
    if (!path_.empty()) fs::remove_all(path_, error);
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

absl::Status Recompute(Context& context, RecomputeArguments arguments) {
  const absl::CivilMonth month = TRY(oversight::ParseMonth(arguments.question.month));
  const Scratch scratch;
  const std::string purpose = absl::StrCat("zq report recompute ", arguments.question.month);
  if (arguments.versions.empty()) {
    arguments.versions = scratch.path() + "/versions.jsonl";
    Session session(context.options);
    TRY(WriteVersions(context, session, arguments.versions, purpose));
  }
  if (arguments.ledger.empty()) {
    arguments.ledger = scratch.path() + "/ledger";
    std::ostringstream told;
    Context quiet{.options = context.options, .out = told, .err = context.err};
    TRY(ExportRange(quiet, arguments.ledger, 0, 0, purpose));
  }
  const uint64_t size = TRY(ProveLog(context, arguments.ledger));
  Versions versions = TRY(ReadVersions(arguments.versions));
  if (versions.to > size) {
    return Fail(absl::StatusCode::kFailedPrecondition, "EXPORT_TOO_SHORT", "The exported log ends before the versions do; export the log after them.",
                {{"size", absl::StrCat(size)}, {"to", absl::StrCat(versions.to)}});
  }
  const auto facts = TRY(oversight::ExportedFacts::Check(
      std::move(versions.all), versions.to,
      [directory = arguments.ledger, size](uint64_t from, uint64_t to, oversight::EntryVisit visit) { return EachEntry(directory, size, from, to, visit); }));
  const std::string organization = arguments.question.organization.empty() ? "" : OrganizationArgument(arguments.question.organization);
  const auto all = TRY(oversight::Recompute(*facts, month, organization, arguments.question.version));
  PrintRecomputed(context, *facts, all);
  for (const auto& one : all) {
    if (one.different.empty()) continue;
    return Fail(absl::StatusCode::kDataLoss, "REPORT_DIFFERENT", "A report tells other figures than the exported facts give.",
                {{"report", one.report}, {"figure", one.different.front()}});
  }
  return absl::OkStatus();
}

}  // namespace

void AddReportProofCommands(CLI::App& group, Context& context) {
  auto file = std::make_shared<std::string>();
  auto purpose = std::make_shared<std::string>();
  auto* versions = group.add_subcommand("export-versions", "Every document version with the salt of its entry, for recompute (auditor)");
  versions->add_option("file", *file, "Where to write them: JSON, one version a line")->required();
  versions->add_option("--purpose", *purpose, "Why; logged")->required();
  versions->callback([&context, file, purpose] {
    context.action = [&context, file, purpose]() -> absl::Status {
      Session session(context.options);
      return WriteVersions(context, session, *file, *purpose);
    };
  });

  auto arguments = std::make_shared<RecomputeArguments>();
  auto* recompute = group.add_subcommand("recompute", "The month's figures anew, from an exported log and exported versions (auditor)");
  recompute->add_option("--month", arguments->question.month, "YYYY-MM")->required();
  recompute->add_option("--org", arguments->question.organization, "Code of a body; all if left out");
  recompute->add_option("--version", arguments->question.version, "Version of the report; all if left out");
  recompute->add_option("--ledger", arguments->ledger, "Directory of an exported log; exported now if left out");
  recompute->add_option("--versions", arguments->versions, "File of export-versions; exported now if left out");
  recompute->callback([&context, arguments] { context.action = [&context, arguments] { return Recompute(context, *arguments); }; });
}

}  // namespace zhanqiao::cli
