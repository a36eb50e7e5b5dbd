// zq receipt, zq ack.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/records.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/entries.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/output.h"
#include "hub/cli/receipts.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/receipt.h"

namespace zhanqiao::cli {
namespace {

std::string SaltsText(const v1::Receipt& receipt) {
  std::string text;
  for (const auto& salt : receipt.salts()) absl::StrAppend(&text, text.empty() ? "" : ", ", salt.label());
  if (receipt.erased()) return "erased on legal ground";
  return text.empty() ? "none for this caller" : text;
}

struct Wanted {
  uint64_t index = 0;
  std::string out;
  std::string proof;
};

absl::Status GetReceipt(Context& context, const Wanted& wanted) {
  Session session(context.options);
  const v1::Receipt receipt = TRY(FetchReceipt(session, wanted.index));
  if (!wanted.out.empty()) TRY(WriteJsonFile(wanted.out, receipt));
  if (!wanted.proof.empty()) TRY(WriteFile(wanted.proof, receipt.proof()));
  if (context.json() || wanted.out.empty()) {
    PrintJson(receipt, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("receipt of entry", absl::StrCat(receipt.index()));
  sheet.Add("in", wanted.out);
  sheet.Add("opens", SaltsText(receipt));
  context.out << sheet.Render();
  return absl::OkStatus();
}

absl::Status VerifyReceipt(Context& context, const std::string& file, std::string key_text) {
  if (key_text.empty()) key_text = context.options.vkey;
  if (!key_text.empty() && key_text[0] == '@') key_text.erase(0, 1);
  const auto key = TRY(VerifierKeyArgument(key_text));
  if (!key) {
    return BadField(
        "VKEY_REQUIRED", "--key",
        "Give the log's verifier key from elsewhere (text, or @file): without it nothing is proved.");
  }
  v1::Receipt receipt;
  TRY(ReadJsonFile(file, receipt));
  const ledger::ProvedEntry proved = TRY(ledger::CheckReceipt(receipt, *key));
  const absl::Time time = absl::FromUnixMicros(static_cast<int64_t>(proved.entry.time_us()));
  if (context.json()) {
    context.out << "{\"verified\":true,\"index\":" << receipt.index()
                << ",\"size\":" << proved.checkpoint.size
                << ",\"origin\":" << JsonText(proved.checkpoint.origin)
                << ",\"event\":" << JsonText(ledger::EventKind(proved.entry))
                << ",\"time\":" << JsonText(absl::FormatTime(absl::RFC3339_full, time, absl::UTCTimeZone()))
                << ",\"requestSigned\":" << (receipt.has_request_signature() ? "true" : "false")
                << ",\"answerSigned\":" << (receipt.has_answer_signature() ? "true" : "false") << "}\n";
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("verified", absl::StrCat("entry ", receipt.index(), " is in the log, which has at least ",
                                     proved.checkpoint.size, " entries"));
  sheet.Add("log", proved.checkpoint.origin);
  sheet.Add("time", TimeText(time));
  sheet.Add("event", absl::StrCat(Absl(ledger::EventKind(proved.entry)), ": ", EventText(proved.entry)));
  sheet.Add("actor", proved.entry.actor());
  if (proved.entry.sequence() > 0) sheet.Add("release no.", absl::StrCat(proved.entry.sequence()));
  if (receipt.has_request_signature())
    sheet.Add("request signed by", ToHex(receipt.request_signature().public_key()));
  if (receipt.has_answer_signature())
    sheet.Add("answer signed by", ToHex(receipt.answer_signature().public_key()));
  sheet.Add("opens", SaltsText(receipt));
  context.out << sheet.Render();
  return absl::OkStatus();
}

// What a party holds, to be compared with what the entry commits to.
struct Held {
  std::string file;
  std::string request;
  std::string rows;
  std::string answer;
};

absl::Status OpenReceiptFile(Context& context, const Held& held) {
  v1::Receipt receipt;
  TRY(ReadJsonFile(held.file, receipt));
  std::vector<std::string_view> opened;
  if (!held.request.empty()) {
    v1::LedgerEntry entry;
    v1::QueryRequest request;
    TRY(ReadJsonFile(held.request, request));
    if (!entry.ParseFromString(receipt.entry()))
      return BadField("RECEIPT_ENTRY", "file", "The entry cannot be read.");
    const std::string& resource =
        entry.has_denial() ? entry.denial().resource() : entry.exchange().resource();
    TRY(ledger::OpenReceipt(receipt, ledger::kRequestLabel, ledger::CanonicalRequest(request, resource)));
    opened.push_back(ledger::kRequestLabel);
  }
  const std::pair<const std::string*, std::string_view> batches[] = {{&held.rows, ledger::kReleasedLabel},
                                                                     {&held.answer, ledger::kAnswerLabel}};
  for (const auto& [file, label] : batches) {
    if (file->empty()) continue;
    const v1::RecordBatch records = TRY(ReadRecords(*file));
    TRY(ledger::OpenReceipt(receipt, label, CanonicalRows(records)));
    opened.push_back(label);
  }
  if (opened.empty()) {
    return BadField("NOTHING_TO_OPEN", "--request", "Give at least one of --request, --rows and --answer.");
  }
  std::string text;
  for (const std::string_view label : opened)
    absl::StrAppend(&text, text.empty() ? "" : ",", JsonText(label));
  if (context.json()) {
    context.out << "{\"opened\":[" << text << "],\"index\":" << receipt.index() << "}\n";
    return absl::OkStatus();
  }
  for (const std::string_view label : opened) {
    context.out << label << ": exactly what entry " << receipt.index() << " commits to\n";
  }
  return absl::OkStatus();
}

absl::Status AcknowledgeAll(Context& context, const std::vector<uint64_t>& indexes) {
  Session session(context.options);
  v1::AcknowledgeRequest request;
  request.mutable_indexes()->Assign(indexes.begin(), indexes.end());
  const auto done = TRY(session.Call(&v1::ReceiptService::Stub::Acknowledge, request));
  if (context.json()) {
    PrintJson(done, context.out);
  } else {
    context.out << done.acknowledged() << " answers acknowledged in entry " << done.receipt().index() << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddReceiptCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("receipt", "Receipts: what proves an exchange without the hub");
  group->require_subcommand(1);

  auto* get = group->add_subcommand("get", "Fetches the receipt of an entry of one's own");
  auto wanted = std::make_shared<Wanted>();
  get->add_option("index", wanted->index, "Ledger index, as the answer named it")->required();
  get->add_option("--out", wanted->out,
                  "File to write the whole receipt to (JSON; keep it secret, it holds salts)");
  get->add_option("--proof", wanted->proof, "File for the proof alone (C2SP tlog-proof)");
  get->callback(
      [&context, wanted] { context.action = [&context, wanted] { return GetReceipt(context, *wanted); }; });

  auto* verify = group->add_subcommand("verify", "Verifies a receipt offline");
  auto file = std::make_shared<std::string>();
  auto key = std::make_shared<std::string>();
  verify->add_option("file", *file, "Receipt")->required();
  verify->add_option("--key", *key, "Verifier key of the log, or @file; ZQ_VKEY if left out");
  verify->callback([&context, file, key] {
    context.action = [&context, file, key] { return VerifyReceipt(context, *file, *key); };
  });

  auto* open =
      group->add_subcommand("open", "Compares what one holds with what the entry commits to, offline");
  auto held = std::make_shared<Held>();
  open->add_option("file", held->file, "Receipt")->required();
  open->add_option("--request", held->request, "The request as asked (zq query --save: .request.json)");
  open->add_option("--rows", held->rows, "The records as received (zq query --save: .answer.json)");
  open->add_option("--answer", held->answer,
                   "The provider: the rows as its connector gave them (RecordBatch JSON)");
  open->callback(
      [&context, held] { context.action = [&context, held] { return OpenReceiptFile(context, *held); }; });

  auto* ack = app.add_subcommand("ack", "Confirms in the log that answers were received");
  auto indexes = std::make_shared<std::vector<uint64_t>>();
  ack->add_option("index", *indexes, "Ledger indexes of releases to this system")->required();
  ack->callback([&context, indexes] {
    context.action = [&context, indexes] { return AcknowledgeAll(context, *indexes); };
  });
}

}  // namespace zhanqiao::cli
