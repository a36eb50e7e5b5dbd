// zq connector reconcile.
#include <CLI/CLI.hpp>

#include <algorithm>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "catalog/base/digest.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"
#include "hub/cli/reconcile.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

struct Order {
  std::vector<std::string> journals;
  std::string connector;
  uint64_t from = 0;
  int grace_s = 60;
  bool prove = false;
};

absl::Status ReadJournals(const std::vector<std::string>& files, Reconciler& reconciler) {
  for (const std::string& file : files) {
    std::ifstream in(file, std::ios::binary);
    if (!in) {
      return Fail(absl::StatusCode::kNotFound, "FILE_NOT_READABLE", "The journal cannot be read.",
                  {{"file", file}});
    }
    for (std::string line; std::getline(in, line);) reconciler.AddLine(line);
  }
  return absl::OkStatus();
}

// Every entry from `from` on that this caller may see; gives the log's size.
absl::StatusOr<uint64_t> ReadLog(Session& session, uint64_t from, Reconciler& reconciler) {
  v1::ListEntriesRequest request;
  request.set_page_size(1000);
  for (uint64_t next = from;;) {
    request.set_from(next);
    const auto page = TRY(session.Call(&v1::LedgerService::Stub::ListEntries, request));
    for (const auto& entry : page.entries()) reconciler.AddEntry(entry.index(), entry.decoded());
    if (page.next() >= page.size() || page.next() <= next) return page.size();
    next = page.next();
  }
}

void Print(Context& context, const Reconciliation& found, uint64_t size) {
  if (context.json()) {
    const auto unlogged = absl::StrJoin(found.unlogged, ",", [](std::string* out, const JournalLine& line) {
      absl::StrAppend(out, "{\"timeUs\":", line.time_us, ",\"resource\":", JsonText(line.resource),
                      ",\"commitment\":\"", ToHex(line.commitment), "\",\"digest\":\"", ToHex(line.digest),
                      "\",\"rows\":", line.rows, "}");
    });
    context.out << "{\"good\":" << (found.good() ? "true" : "false") << ",\"answered\":" << found.answered
                << ",\"released\":" << found.released << ",\"refused\":" << found.refused
                << ",\"pending\":" << found.pending << ",\"counted\":" << found.counted
                << ",\"malformed\":" << found.malformed << ",\"unlogged\":[" << unlogged
                << "],\"different\":[" << absl::StrJoin(found.different, ",") << "],\"unknown\":["
                << absl::StrJoin(found.unknown, ",") << "],\"size\":" << size << "}\n";
    return;
  }
  Sheet sheet;
  sheet.Add("answered", absl::StrCat(found.answered, " (journal)"));
  sheet.Add("released", absl::StrCat(found.released));
  sheet.Add("refused", absl::StrCat(found.refused));
  if (found.counted > 0)
    sheet.Add("counted", absl::StrCat(found.counted, " refusals the log counts without an entry each"));
  if (found.pending > 0) sheet.Add("pending", absl::StrCat(found.pending));
  if (found.malformed > 0) sheet.Add("unreadable", absl::StrCat(found.malformed, " lines"));
  sheet.Add("not logged", absl::StrCat(found.unlogged.size()));
  if (!found.different.empty()) sheet.Add("different", absl::StrJoin(found.different, ", "));
  if (!found.unknown.empty()) sheet.Add("never answered", absl::StrJoin(found.unknown, ", "));
  sheet.Add("log read to", absl::StrCat(size, "; next time: --from ", size));
  context.out << sheet.Render();
  if (found.unlogged.empty()) return;
  Table table({"TIME", "RESOURCE", "ROWS", "COMMITMENT"});
  for (const JournalLine& line : found.unlogged) {
    table.Add({TimeText(absl::FromUnixMicros(line.time_us)), line.resource, absl::StrCat(line.rows),
               ToHex(line.commitment).substr(0, 16)});
  }
  context.out << table.Render();
}

absl::Status Reconcile(Context& context, Order order) {
  Session session(context.options);
  if (order.connector.empty()) {
    const auto caller = TRY(session.Call(&v1::AccessService::Stub::GetCaller, v1::GetCallerRequest()));
    if (caller.subject().find("/connectors/") != std::string::npos) order.connector = caller.subject();
  }
  Reconciler reconciler(order.connector, absl::Now() - absl::Seconds(order.grace_s));
  // The journal first: what it holds by now is in the log when that is read, or pending.
  TRY(ReadJournals(order.journals, reconciler));
  const uint64_t size = TRY(ReadLog(session, order.from, reconciler));
  const Reconciliation found = reconciler.Finish();
  if (order.prove && !found.matched.empty()) {
    v1::GetCheckpointRequest covering;
    covering.set_size_min(found.matched.back() + 1);
    TRY(session.Call(&v1::LedgerService::Stub::GetCheckpoint, covering));
    Claims claims;
    claims.keys = TRY(VerifierKeysArgument(context.options.vkey));
    claims.indexes = found.matched;
    claims.whole = false;
    TRY(VerifyOnline(session, claims));
  }
  Print(context, found, size);
  if (found.good()) return absl::OkStatus();
  return Fail(
      absl::StatusCode::kDataLoss, "LEDGER_UNPROVED_JOURNAL",
      "The hub fetched answers that its log does not account for, or its log tells of answers that were not "
      "given like that; take the journal and this list to the auditor.",
      {{"unlogged", absl::StrCat(found.unlogged.size())},
       {"different", absl::StrCat(found.different.size())},
       {"unknown", absl::StrCat(found.unknown.size())}});
}

}  // namespace

void AddReconcileCommand(CLI::App& group, Context& context) {
  auto* command =
      group.add_subcommand("reconcile", "Finds what the hub fetched from a connector and never logged");
  auto order = std::make_shared<Order>();
  command
      ->add_option("--journal", order->journals,
                   "Journal of the connector; may be repeated for files put aside")
      ->required();
  command->add_option("--connector", order->connector,
                      "organizations/{code}/connectors/{id}; the caller if left out");
  command->add_option("--from", order->from, "Ledger index to read from, as the last run named it");
  command->add_option("--grace", order->grace_s, "Seconds an answer may be on its way to the log")
      ->check(CLI::Range(0, 86400))
      ->capture_default_str();
  command->add_flag("--prove", order->prove, "Have the inclusion of every entry found proved as well");
  command->callback(
      [&context, order] { context.action = [&context, order] { return Reconcile(context, *order); }; });
}

}  // namespace zhanqiao::cli
