// zq fetch: all rows a grant allows, into a file or on standard output.
#include <CLI/CLI.hpp>

#include <optional>
#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/digest.h"
#include "hub/cli/commands.h"
#include "hub/cli/fetched_file.h"
#include "hub/cli/output.h"
#include "hub/cli/resources.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

struct Wanted {
  v1::FetchRequest request;
  std::vector<std::string> where;
  std::string out;
  bool resume = false;
  int retries = 10;
};

struct Progress {
  v1::FetchResponse last;  // without its rows
  int resumed = 0;
};

// Passes a chunk on, whole, before the next is asked for.
using Take = std::function<absl::Status(const v1::FetchResponse&)>;

absl::Status FetchOnce(Session& session, const v1::FetchRequest& request, const Take& take) {
  const auto channel = TRY(session.Channel());
  v1::ExchangeService::Stub stub(channel);
  grpc::ClientContext context;  // no deadline: a fetch lasts as long as it lasts
  const auto stream = stub.Fetch(&context, request);
  v1::FetchResponse chunk;
  absl::Status taken;
  while (taken.ok() && stream->Read(&chunk)) taken = take(chunk);
  if (!taken.ok()) context.TryCancel();
  const grpc::Status ended = stream->Finish();
  if (!taken.ok()) return taken;
  return ended.ok() ? absl::OkStatus() : FromGrpc(ended);
}

// The source, the hub or the way between them was gone for a moment: worth another try.
bool MayComeBack(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kDeadlineExceeded ||
         status.code() == absl::StatusCode::kResourceExhausted;
}

// Goes on after a break as often as `retries`, counted anew with every chunk that arrives.
absl::Status FetchAll(Session& session, v1::FetchRequest request, int retries, const Take& take, Progress& progress) {
  int left = retries;
  const Take counted = [&](const v1::FetchResponse& chunk) -> absl::Status {
    TRY(take(chunk));
    request.set_resume_token(chunk.resume_token());
    progress.last = chunk;
    progress.last.clear_records();
    left = retries;
    return absl::OkStatus();
  };
  for (;;) {
    const absl::Status ended = FetchOnce(session, request, counted);
    if (ended.ok() || !MayComeBack(ended) || left-- <= 0) return ended;
    ++progress.resumed;
    std::this_thread::sleep_for(std::chrono::milliseconds(200) * (retries - left));
  }
}

void PrintRows(const v1::FetchResponse& chunk, bool heading, std::ostream& out) {
  if (heading) {
    for (int i = 0; i < chunk.records().fields_size(); ++i) out << (i ? "," : "") << CsvCell(chunk.records().fields(i));
    out << "\n";
  }
  for (const auto& row : chunk.records().rows()) {
    for (int i = 0; i < row.values_size(); ++i) out << (i ? "," : "") << CsvCell(ValueText(row.values(i)));
    out << "\n";
  }
}

void Summarize(Context& context, const Wanted& wanted, const Progress& progress) {
  if (context.json()) {
    PrintJson(progress.last, context.out);
    return;
  }
  context.err << absl::StrCat(progress.last.rows_total(), " rows in ", progress.last.chunk(), " chunks",
                              wanted.out.empty() ? "" : absl::StrCat(" in ", wanted.out),
                              progress.resumed > 0 ? absl::StrCat(", resumed ", progress.resumed, " times") : "",
                              "; closed by ledger entry ", progress.last.closing().index(), "\n");
}

absl::Status Run(Context& context, const Wanted& wanted) {
  Session session(context.options);
  v1::FetchRequest request = wanted.request;
  request.set_grant(GrantArgument(request.grant()));
  std::optional<FetchedFile> file;
  if (wanted.resume) {
    if (wanted.out.empty()) return BadField("FILE_REQUIRED", "--out", "Name the file of the fetch to go on with.");
    file.emplace(TRY(FetchedFile::Resume(wanted.out)));
    request = file->request();
  } else {
    if (wanted.request.grant().empty() || wanted.request.matter().empty()) {
      return BadField("GRANT_REQUIRED", "--grant", "Give --grant and --matter, or --resume with --out.");
    }
    TRY(AddConditions(session, request.grant(), wanted.where, *request.mutable_conditions()));
    if (!wanted.out.empty()) file.emplace(TRY(FetchedFile::Create(wanted.out, request)));
  }
  const bool shows = isatty(fileno(stderr)) != 0 && !context.json() && file.has_value();
  bool first = true;
  const Take take = [&](const v1::FetchResponse& chunk) -> absl::Status {
    if (file) TRY(file->Add(chunk));
    if (!file && context.json()) PrintJson(chunk, context.out);
    if (!file && !context.json()) PrintRows(chunk, std::exchange(first, false), context.out);
    if (shows) context.err << "\r" << chunk.rows_total() << " rows" << std::flush;
    return absl::OkStatus();
  };
  Progress progress;
  const absl::Status ended = FetchAll(session, request, wanted.retries, take, progress);
  if (shows) context.err << "\r";
  TRY(ended);
  if (file || !context.json()) Summarize(context, wanted, progress);
  return absl::OkStatus();
}

}  // namespace

void AddFetchCommand(CLI::App& app, Context& context) {
  auto* fetch = app.add_subcommand("fetch", "Fetches all rows a grant allows, chunk by chunk");
  auto wanted = std::make_shared<Wanted>();
  v1::FetchRequest& request = wanted->request;
  fetch->add_option("--grant", *request.mutable_grant(), "grants/{id} or id");
  fetch->add_option_function<std::vector<std::string>>(
      "--field",
      [wanted](const std::vector<std::string>& fields) {
        for (const std::string& field : fields) wanted->request.add_fields(field);
      },
      "Field wanted; may be repeated; all granted fields if left out");
  fetch->add_option("--where", wanted->where,
                    "Condition field=value, also with <, <=, >, >=, ^= (begins with); may be repeated");
  fetch->add_option("--matter", *request.mutable_matter(), "Number of the case this is for; logged");
  fetch->add_option_function<int>(
      "--chunk-rows", [wanted](int rows) { wanted->request.set_chunk_rows(rows); },
      "Rows a chunk at most (1000; up to 10000)");
  fetch->add_option("--request-id", *request.mutable_request_id(), "Your id, at most 48 characters");
  fetch->add_option("--on-behalf-of", *request.mutable_on_behalf_of(), "organizations/{code}/persons/{id}");
  fetch->add_option("--out", wanted->out, "CSV file to write; FILE.fetch keeps where to go on until it is complete");
  fetch->add_flag("--resume", wanted->resume, "Go on with the unfinished fetch into --out");
  fetch->add_option("--retries", wanted->retries, "Tries to go on after a break without a new chunk (10)");
  fetch->callback([&context, wanted] { context.action = [&context, wanted] { return Run(context, *wanted); }; });
}

}  // namespace zhanqiao::cli
