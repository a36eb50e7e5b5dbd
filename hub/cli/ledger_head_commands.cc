// zq ledger head, key and restart-log.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "catalog/documents/carry_over.h"
#include "catalog/storage/rocks_store.h"
#include "hub/cli/commands.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"
#include "hub/cli/vouching.h"
#include "hub/ledger/log_keys.h"
#include "hub/ledger/restart.h"
#include "zhanqiao/v1/ledger_key.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::LedgerService::Stub;
using KeyStub = v1::LedgerKeyService::Stub;

absl::Status ShowHead(Context& context) {
  Session session(context.options);
  const auto head = TRY(session.Call(&Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  if (keys.empty()) keys.push_back(TRY(ledger::ParseVerifierKey(head.verifier_key())));
  const ledger::Checkpoint checkpoint = TRY(ledger::OpenCheckpoint(head.checkpoint(), keys));
  if (!context.json()) {
    PrintHead(head, checkpoint, absl::Now(), context.out);
    return absl::OkStatus();
  }
  std::string witnesses;
  for (const v1::WitnessWord& word : head.witnesses()) {
    absl::StrAppend(&witnesses, witnesses.empty() ? "" : ",", "{\"name\":", JsonText(word.name()),
                    ",\"size\":", word.size(), ",\"timeS\":", word.time_s(),
                    ",\"problem\":", JsonText(word.problem()), "}");
  }
  context.out << "{\"origin\":" << JsonText(checkpoint.origin) << ",\"size\":" << checkpoint.size
              << ",\"root\":" << JsonText(ToBase64(Bytes(checkpoint.root)))
              << ",\"verifierKey\":" << JsonText(head.verifier_key())
              << ",\"quorum\":" << JsonText(head.quorum())
              << ",\"quorumMet\":" << (head.cosigned_size() > 0 ? "true" : "false")
              << ",\"cosignedSize\":" << head.cosigned_size() << ",\"witnesses\":[" << witnesses << "]}\n";
  return absl::OkStatus();
}

void PrintKey(Context& context, const v1::LedgerKey& key, std::string_view done) {
  if (context.json()) return PrintJson(key, context.out);
  context.out << "key " << key.key_id() << " " << Absl(done) << "\n" << key.verifier_key() << "\n";
}

absl::Status ListKeys(Context& context) {
  Session session(context.options);
  const auto response = TRY(session.Call(&KeyStub::ListLedgerKeys, v1::ListLedgerKeysRequest()));
  if (context.json()) {
    PrintJson(response, context.out);
    return absl::OkStatus();
  }
  for (const v1::LedgerKey& key : response.keys()) {
    // Verifier keys are copied: never broken into lines.
    context.out << key.key_id() << "  since entry " << key.added_index()
                << (key.retired() ? absl::StrCat(", retired by entry ", key.retired_index()) : ", signs")
                << "\n"
                << key.verifier_key() << "\n";
  }
  return absl::OkStatus();
}

absl::Status AddKey(Context& context) {
  Session session(context.options);
  const auto key = TRY(session.Call(&KeyStub::AddLedgerKey, v1::AddLedgerKeyRequest()));
  PrintKey(context, key,
           "signs from now on, beside the others; tell witnesses and verifiers, then retire the old one");
  return absl::OkStatus();
}

absl::Status RetireKey(Context& context, const std::string& key_id) {
  Session session(context.options);
  v1::RetireLedgerKeyRequest request;
  request.set_key_id(key_id);
  const auto key = TRY(session.Call(&KeyStub::RetireLedgerKey, request));
  PrintKey(context, key, "signs no more; what it signed stays verifiable");
  return absl::OkStatus();
}

struct Restart {
  std::string from;
  std::string to;
  std::string checkpoint;
};

// The checkpoint is of the log in `old`, by a key that log states or the caller trusts.
absl::StatusOr<ledger::Checkpoint> OldCheckpoint(Context& context, const storage::Reader& old,
                                                 const std::string& note) {
  auto keys = TRY(VerifierKeysArgument(context.options.vkey));
  if (keys.empty()) {
    const auto stated = TRY(ledger::KeysOfLog(old));
    for (const ledger::LogKey& key : stated) keys.push_back(key.key);
  }
  if (keys.empty())
    return absl::FailedPreconditionError("The old store holds no log; start a hub on a new store.");
  return ledger::OpenCheckpoint(note, keys);
}

absl::Status RestartLog(Context& context, const Restart& restart) {
  const std::string note = TRY(ReadFile(restart.checkpoint));
  const auto old = TRY(storage::RocksStore::OpenReadOnly(restart.from));
  const ledger::Checkpoint checkpoint = TRY(OldCheckpoint(context, *old, note));
  std::error_code error;
  if (std::filesystem::exists(restart.to, error)) {
    return Fail(absl::StatusCode::kFailedPrecondition, "LEDGER_NOT_EMPTY",
                "The new store is there already; name one that is not.", {{"store", restart.to}});
  }
  const auto fresh = TRY(storage::RocksStore::Open(restart.to));
  const uint64_t versions = TRY(documents::CarryOver(*old, *fresh));
  TRY(ledger::PrepareNewLog(*fresh, note));
  if (context.json()) {
    context.out << "{\"store\":" << JsonText(restart.to) << ",\"documentVersions\":" << versions
                << ",\"previousOrigin\":" << JsonText(checkpoint.origin)
                << ",\"previousSize\":" << checkpoint.size << "}\n";
    return absl::OkStatus();
  }
  context.out << versions << " document versions carried over into " << restart.to
              << ".\nEntry 0 of the new log will name " << checkpoint.origin << " at " << checkpoint.size
              << " entries as its predecessor.\nNow: keep the old store as it is; put the new one in its "
                 "place; give the hub "
                 "another `origin`\nand another `second_place`; tell witnesses and auditors the new vkey.\n";
  return absl::OkStatus();
}

void AddKeyCommands(CLI::App& ledger, Context& context) {
  auto* group = ledger.add_subcommand("key", "The keys that sign the log's checkpoints");
  group->require_subcommand(1);
  group->add_subcommand("list", "Every key the log ever had")->callback([&context] {
    context.action = [&context] { return ListKeys(context); };
  });
  group->add_subcommand("rotate", "Adds a key that signs beside the others (security_admin)")
      ->callback([&context] { context.action = [&context] { return AddKey(context); }; });
  auto* retire = group->add_subcommand("retire", "Ends a key (security_admin)");
  auto id = std::make_shared<std::string>();
  retire->add_option("key", *id, "Eight hex digits of the key")->required();
  retire->callback([&context, id] { context.action = [&context, id] { return RetireKey(context, *id); }; });
}

}  // namespace

void AddVouchingCommands(CLI::App& ledger, Context& context) {
  ledger.add_subcommand("head", "The head of the log, and which bodies vouch for it until where")
      ->callback([&context] { context.action = [&context] { return ShowHead(context); }; });
  AddKeyCommands(ledger, context);

  auto* again = ledger.add_subcommand("restart-log", "Prepares a new log after a restore that lost entries");
  auto restart = std::make_shared<Restart>();
  again->add_option("--from", restart->from, "Store of the stopped hub, as restored")->required();
  again->add_option("--to", restart->to, "Store to make: documents carried over, no log yet")->required();
  again
      ->add_option("--previous-checkpoint", restart->checkpoint,
                   "Last checkpoint of the old log known outside, a file")
      ->required();
  again->callback([&context, restart] {
    context.action = [&context, restart] { return RestartLog(context, *restart); };
  });
}

}  // namespace zhanqiao::cli
