// zq ledger.
#include <CLI/CLI.hpp>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/storage/rocks_store.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/entries.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"
#include "hub/cli/part_commands.h"
#include "hub/ledger/verify.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::LedgerService::Stub;

absl::Status PrintCheckpoint(Context& context, const std::string& out) {
  Session session(context.options);
  const auto newest = TRY(session.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  if (!out.empty()) TRY(WriteFile(out, newest.checkpoint()));
  if (context.json()) {
    PrintJson(newest, context.out);
  } else {
    context.out << newest.checkpoint();
  }
  return absl::OkStatus();
}

absl::Status PrintEntry(Context& context, uint64_t index) {
  Session session(context.options);
  v1::GetEntryRequest request;
  request.set_index(index);
  const auto entry = TRY(session.Call(&Stub::GetEntry, request));
  if (context.json()) {
    PrintJson(entry, context.out);
    return absl::OkStatus();
  }
  context.out << "entry " << entry.index() << "  leaf hash " << ToHex(entry.leaf_hash()) << "\n";
  PrintJson(entry.decoded(), context.out);
  return absl::OkStatus();
}

absl::Status ListEntries(Context& context, uint64_t from, int count) {
  Session session(context.options);
  v1::ListEntriesRequest request;
  request.set_from(from);
  request.set_page_size(count);
  const auto page = TRY(session.Call(&Stub::ListEntries, request));
  if (context.json()) {
    PrintJson(page, context.out);
    return absl::OkStatus();
  }
  PrintEntries(page.entries(), context.out);
  if (page.next() < page.size())
    context.out << "… " << page.size() - page.next() << " more: --from " << page.next() << "\n";
  return absl::OkStatus();
}

struct VerifyArguments {
  std::string directory;
  std::string from_checkpoint;
  std::vector<uint64_t> indexes;
  bool no_whole = false;
  std::string archive;
  std::string part;
};

absl::Status VerifyDirectory(Context& context, const VerifyArguments& arguments) {
  auto key = TRY(VerifierKeyArgument(context.options.vkey));
  const bool trusted = key.has_value();
  if (!trusted) key = TRY(VerifierKeyArgument(arguments.directory + "/log.vkey"));
  const std::string older = arguments.from_checkpoint.empty() ? "" : TRY(ReadFile(arguments.from_checkpoint));
  const auto report = TRY(CheckExport(arguments.directory, *key, older));
  if (context.json()) {
    context.out << "{\"verified\":true,\"size\":" << report.size << ",\"origin\":" << JsonText(key->name)
                << ",\"keyTrusted\":" << (trusted ? "true" : "false") << "}\n";
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("verified", absl::StrCat("every entry and tile of ", arguments.directory));
  sheet.Add("log", key->name);
  sheet.Add("size", absl::StrCat(report.size));
  if (!trusted) sheet.Add("warning", "The key came with the export; give --vkey to know whose log this is.");
  context.out << sheet.Render();
  return absl::OkStatus();
}

void PrintVerdict(Context& context, const Verdict& verdict) {
  if (context.json()) {
    context.out << "{\"verified\":true,\"size\":" << verdict.checkpoint.size
                << ",\"origin\":" << JsonText(verdict.checkpoint.origin)
                << ",\"root\":" << JsonText(ToBase64(Bytes(verdict.checkpoint.root)))
                << ",\"keyTrusted\":" << (verdict.key_trusted ? "true" : "false")
                << ",\"consistentFrom\":" << (verdict.old_size ? absl::StrCat(*verdict.old_size) : "null")
                << ",\"included\":" << verdict.included
                << ",\"wholeTree\":" << (verdict.whole ? "true" : "false") << "}\n";
    return;
  }
  Sheet sheet;
  sheet.Add("log", verdict.checkpoint.origin);
  sheet.Add("size", absl::StrCat(verdict.checkpoint.size));
  sheet.Add("root", ToBase64(Bytes(verdict.checkpoint.root)));
  sheet.Add("signature", "valid, key " + verdict.key.ToText());
  if (!verdict.key_trusted) {
    sheet.Add("warning",
              "This key is the hub's own word; give --vkey from elsewhere to know whose log this is.");
  }
  if (verdict.old_size)
    sheet.Add("consistency", absl::StrCat("contains the log of size ", *verdict.old_size, " unaltered"));
  if (verdict.included > 0) sheet.Add("inclusion", absl::StrCat(verdict.included, " entries proved"));
  if (verdict.whole) sheet.Add("whole tree", "every entry hashed; the root agrees");
  context.out << sheet.Render();
}

absl::Status Verify(Context& context, const VerifyArguments& arguments) {
  if (!arguments.directory.empty()) return VerifyDirectory(context, arguments);
  if (!arguments.archive.empty()) return VerifyArchives(context, arguments.archive);
  if (!arguments.part.empty()) return VerifyRange(context, arguments.part);
  Claims claims;
  claims.key = TRY(VerifierKeyArgument(context.options.vkey));
  claims.indexes = arguments.indexes;
  claims.whole = !arguments.no_whole;
  if (!arguments.from_checkpoint.empty()) claims.old_checkpoint = TRY(ReadFile(arguments.from_checkpoint));
  Session session(context.options);
  PrintVerdict(context, TRY(VerifyOnline(session, claims)));
  return absl::OkStatus();
}

struct Exported {
  std::string origin;
  uint64_t size = 0;
};

absl::StatusOr<Exported> ExportFromHub(Context& context, const std::string& directory) {
  Session session(context.options);
  const auto newest = TRY(session.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  auto key = TRY(VerifierKeyArgument(context.options.vkey));
  if (!key) key = TRY(ledger::ParseVerifierKey(newest.verifier_key()));
  TRY(WriteExport(directory, newest.checkpoint(), *key, HubEntries(session)));
  const auto checkpoint = TRY(ledger::OpenCheckpoint(newest.checkpoint(), *key));
  return Exported{checkpoint.origin, checkpoint.size};
}

absl::StatusOr<Exported> ExportFromStore(const std::string& store, const std::string& directory) {
  const auto reader = TRY(storage::RocksStore::OpenReadOnly(store));
  const ledger::ExportReport report = TRY(ledger::ExportLog(*reader, directory));
  return Exported{report.origin, report.size};
}

// From the hub when it answers, else from the store of the stopped hub.
absl::Status Export(Context& context, const std::string& directory, bool offline) {
  const std::string& store = context.options.store;
  absl::StatusOr<Exported> done = absl::UnavailableError("");
  if (!offline) done = ExportFromHub(context, directory);
  const bool unreachable = done.status().code() == absl::StatusCode::kUnavailable;
  if (offline || (unreachable && !store.empty())) done = ExportFromStore(store, directory);
  const Exported exported = TRY(std::move(done));
  if (context.json()) {
    context.out << "{\"directory\":" << JsonText(directory) << ",\"size\":" << exported.size
                << ",\"origin\":" << JsonText(exported.origin) << "}\n";
  } else {
    context.out << exported.size << " entries of " << exported.origin << " in " << directory << "\n";
  }
  return absl::OkStatus();
}

// A C2SP tlog-proof: what a third party needs beside the entry and the verifier key.
absl::Status Prove(Context& context, uint64_t index, const std::string& out) {
  Session session(context.options);
  v1::GetInclusionProofRequest request;
  request.set_index(index);
  const auto proof = TRY(session.Call(&Stub::GetInclusionProof, request));
  if (context.json()) {
    PrintJson(proof, context.out);
    return absl::OkStatus();
  }
  std::string text = absl::StrCat("c2sp.org/tlog-proof@v1\nindex ", index, "\n");
  for (const std::string& hash : proof.hashes()) absl::StrAppend(&text, ToBase64(hash), "\n");
  absl::StrAppend(&text, "\n", proof.checkpoint());
  if (!out.empty()) return WriteFile(out, text);
  context.out << text;
  return absl::OkStatus();
}

void AddProofCommands(CLI::App* group, Context& context) {
  auto* verify =
      group->add_subcommand("verify", "Verifies the log without trusting the hub, or an export with --dir");
  auto arguments = std::make_shared<VerifyArguments>();
  verify->add_option("--dir", arguments->directory, "An export (C2SP tlog-tiles); works offline");
  verify->add_option("--archive", arguments->archive, "A directory of archive files; works offline");
  verify->add_option("--range", arguments->part, "A range written by export --from --to; works offline");
  verify->add_option("--from-checkpoint", arguments->from_checkpoint, "Checkpoint kept from before, a file");
  verify->add_option("--index", arguments->indexes, "Entries that must be included; may be repeated");
  verify->add_flag("--no-whole", arguments->no_whole, "Do not fetch and hash every entry");
  verify->callback([&context, arguments] {
    context.action = [&context, arguments] { return Verify(context, *arguments); };
  });

  auto* write =
      group->add_subcommand("export", "Writes the log as C2SP tlog-tiles; --store: of a stopped hub");
  auto directory = std::make_shared<std::string>();
  auto offline = std::make_shared<bool>(false);
  write->add_option("--dir", *directory, "Directory to write")->required();
  write->add_flag("--offline", *offline, "Read --store without asking the hub first");
  auto from = std::make_shared<uint64_t>(0);
  auto to = std::make_shared<uint64_t>(0);
  auto purpose = std::make_shared<std::string>("export");
  auto* from_option = write->add_option("--from", *from, "First index: a range only, which proves itself");
  auto* to_option = write->add_option("--to", *to, "Index to stop before; 0: to the end");
  write->add_option("--purpose", *purpose, "Why; a range is logged with it")->capture_default_str();
  write->callback([&context, directory, offline, from, to, purpose, from_option, to_option] {
    const bool range = from_option->count() > 0 || to_option->count() > 0;
    context.action = [&context, directory, offline, from, to, purpose, range] {
      return range ? ExportRange(context, *directory, *from, *to, *purpose) : Export(context, *directory, *offline);
    };
  });

  auto* prove = group->add_subcommand("prove", "Inclusion proof of one entry (C2SP tlog-proof)");
  auto index = std::make_shared<uint64_t>(0);
  auto out = std::make_shared<std::string>();
  prove->add_option("index", *index, "Index of the entry")->required();
  prove->add_option("--out", *out, "File to write");
  prove->callback([&context, index, out] {
    context.action = [&context, index, out] { return Prove(context, *index, *out); };
  });
}

}  // namespace

void AddLedgerCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("ledger", "The log of every exchange, refusal and decision");
  group->require_subcommand(1);

  auto* checkpoint = group->add_subcommand("checkpoint", "The newest signed checkpoint");
  auto out = std::make_shared<std::string>();
  checkpoint->add_option("--out", *out, "Also write it to a file");
  checkpoint->callback(
      [&context, out] { context.action = [&context, out] { return PrintCheckpoint(context, *out); }; });

  auto* entry = group->add_subcommand("entry", "One entry");
  auto index = std::make_shared<uint64_t>(0);
  entry->add_option("index", *index, "Index of the entry")->required();
  entry->callback(
      [&context, index] { context.action = [&context, index] { return PrintEntry(context, *index); }; });

  auto* list = group->add_subcommand("list", "Entries in log order");
  auto from = std::make_shared<uint64_t>(0);
  auto count = std::make_shared<int>(50);
  list->add_option("--from", *from, "First index")->capture_default_str();
  list->add_option("--count", *count, "Entries at most")->check(CLI::Range(1, 1000))->capture_default_str();
  list->callback([&context, from, count] {
    context.action = [&context, from, count] { return ListEntries(context, *from, *count); };
  });
  AddProofCommands(group, context);
  AddAuditCommands(*group, context);
  AddMeasureCommand(*group, context);
}

}  // namespace zhanqiao::cli
