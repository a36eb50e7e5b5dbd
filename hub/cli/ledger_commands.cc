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
#include "hub/cli/vouching.h"
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
  std::string policy;
  std::string checkpoint;
};

// The quorum of a policy, checked offline.
absl::Status VerifyNote(Context& context, const std::string& note, const std::string& policy_file) {
  const auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  const ledger::Policy policy = TRY(ledger::Policy::Load(policy_file));
  const ledger::PolicyVerdict verdict = TRY(ledger::VerifyUnderPolicy(note, policy, keys));
  PrintPolicyVerdict(context, policy, verdict);
  return absl::OkStatus();
}

absl::Status VerifyDirectory(Context& context, const VerifyArguments& arguments) {
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  const bool trusted = !keys.empty();
  if (!trusted) keys = TRY(VerifierKeysArgument(arguments.directory + "/log.vkey"));
  if (keys.empty()) return absl::InvalidArgumentError("The export's log.vkey is empty.");
  const std::string older = arguments.from_checkpoint.empty() ? "" : TRY(ReadFile(arguments.from_checkpoint));
  const auto report = TRY(CheckExport(arguments.directory, keys, older));
  if (!arguments.policy.empty()) {
    const std::string note = TRY(ReadFile(arguments.directory + "/checkpoint"));
    TRY(VerifyNote(context, note, arguments.policy));
  }
  if (context.json()) {
    context.out << "{\"verified\":true,\"size\":" << report.size << ",\"origin\":" << JsonText(report.origin)
                << ",\"keyTrusted\":" << (trusted ? "true" : "false") << "}\n";
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("verified", absl::StrCat("every entry and tile of ", arguments.directory));
  sheet.Add("log", report.origin);
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
  if (!arguments.checkpoint.empty()) {
    return VerifyNote(context, TRY(ReadFile(arguments.checkpoint)), arguments.policy);
  }
  if (!arguments.directory.empty()) return VerifyDirectory(context, arguments);
  if (!arguments.archive.empty()) return VerifyArchives(context, arguments.archive);
  if (!arguments.part.empty()) return VerifyRange(context, arguments.part);
  Claims claims;
  claims.keys = TRY(VerifierKeysArgument(context.options.vkey));
  claims.indexes = arguments.indexes;
  claims.whole = !arguments.no_whole;
  if (!arguments.from_checkpoint.empty()) claims.old_checkpoint = TRY(ReadFile(arguments.from_checkpoint));
  Session session(context.options);
  const Verdict verdict = TRY(VerifyOnline(session, claims));
  if (!arguments.policy.empty()) TRY(VerifyCosigned(context, session, claims.keys, arguments.policy));
  PrintVerdict(context, verdict);
  return absl::OkStatus();
}

struct Exported {
  std::string origin;
  uint64_t size = 0;
};

absl::StatusOr<Exported> ExportFromHub(Context& context, const std::string& directory, bool cosigned) {
  Session session(context.options);
  const auto newest = TRY(session.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  if (keys.empty()) keys.push_back(TRY(ledger::ParseVerifierKey(newest.verifier_key())));
  const std::string& note = cosigned ? newest.cosigned_checkpoint() : newest.checkpoint();
  if (note.empty()) return NotCosigned();
  TRY(WriteExport(directory, note, keys, HubEntries(session)));
  const auto checkpoint = TRY(ledger::OpenCheckpoint(note, keys));
  return Exported{checkpoint.origin, checkpoint.size};
}

absl::StatusOr<Exported> ExportFromStore(const std::string& store, const std::string& directory) {
  const auto reader = TRY(storage::RocksStore::OpenReadOnly(store));
  const ledger::ExportReport report = TRY(ledger::ExportLog(*reader, directory));
  return Exported{report.origin, report.size};
}

// From the hub when it answers, else from the store of the stopped hub.
absl::Status Export(Context& context, const std::string& directory, bool offline, bool cosigned) {
  const std::string& store = context.options.store;
  absl::StatusOr<Exported> done = absl::UnavailableError("");
  if (!offline) done = ExportFromHub(context, directory, cosigned);
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
  auto* policy = verify->add_option("--policy", arguments->policy,
                                    "Trust policy (C2SP tlog-policy): its quorum must vouch");
  verify->add_option("--checkpoint", arguments->checkpoint, "A cosigned checkpoint, a file; works offline")
      ->needs(policy);
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
  auto cosigned = std::make_shared<bool>(false);
  write->add_flag("--cosigned", *cosigned, "At the newest checkpoint that the quorum of witnesses cosigned");
  write->callback([&context, directory, offline, cosigned, from, to, purpose, from_option, to_option] {
    const bool range = from_option->count() > 0 || to_option->count() > 0;
    context.action = [&context, directory, offline, cosigned, from, to, purpose, range] {
      return range ? ExportRange(context, *directory, *from, *to, *purpose)
                   : Export(context, *directory, *offline, *cosigned);
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
  AddVouchingCommands(*group, context);
}

}  // namespace zhanqiao::cli
