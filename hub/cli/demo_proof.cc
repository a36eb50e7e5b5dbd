#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "catalog/base/digest.h"
#include "hub/cli/demo_story.h"
#include "hub/cli/entries.h"
#include "hub/cli/files.h"
#include "hub/cli/ledger_check.h"
#include "hub/cli/receipts.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/merkle.h"
#include "hub/ledger/receipt.h"
#include "hub/ledger/tiles.h"

namespace zhanqiao::cli {
namespace {

using Ledger = v1::LedgerService::Stub;

absl::Status NotAsWritten(const Evidence& evidence, std::string_view what) {
  return Fail(absl::StatusCode::kDataLoss, "LEDGER_UNPROVED_ENTRY",
              "An entry is not what the parties were told.",
              {{"index", absl::StrCat(evidence.index)}, {"what", std::string(what)}});
}

// The entry says what the answer said: a release with the receipt's hash, or this refusal.
absl::Status CheckEntry(Session& auditor, const Evidence& evidence) {
  v1::GetEntryRequest request;
  request.set_index(evidence.index);
  const auto stored = TRY(auditor.Call(&Ledger::GetEntry, request));
  v1::LedgerEntry entry;
  if (!entry.ParseFromString(stored.entry())) return NotAsWritten(evidence, "form");
  if (evidence.released) {
    if (!entry.has_exchange()) return NotAsWritten(evidence, ledger::EventKind(entry));
    if (Bytes(ledger::LeafHash(stored.entry())) != evidence.leaf_hash)
      return NotAsWritten(evidence, "leaf hash");
    return absl::OkStatus();
  }
  if (!entry.has_denial()) return NotAsWritten(evidence, ledger::EventKind(entry));
  return entry.denial().reason() == evidence.reason ? absl::OkStatus()
                                                    : NotAsWritten(evidence, entry.denial().reason());
}

// A checkpoint that covers every entry of the story.
absl::Status AwaitCheckpoint(Session& auditor, const Stage& stage) {
  v1::GetCheckpointRequest request;
  for (const Evidence& one : stage.evidence)
    request.set_size_min(std::max(request.size_min(), one.index + 1));
  return auditor.Call(&Ledger::GetCheckpoint, request).status();
}

// Where the bytes of entry `index` lie in its bundle.
struct Place {
  std::string file;
  size_t offset = 0;
};

absl::StatusOr<Place> FindEntry(const std::string& directory, uint64_t index, uint64_t size) {
  const uint64_t number = index / ledger::kTileWidth;
  const bool full = (number + 1) * ledger::kTileWidth <= size;
  Place place;
  place.file =
      directory + "/" + ledger::BundlePath(number, full ? 0 : static_cast<int>(size % ledger::kTileWidth));
  const std::string bundle = TRY(ReadFile(place.file));
  for (uint64_t skip = index % ledger::kTileWidth; skip > 0 && place.offset + 2 < bundle.size(); --skip) {
    const auto high = static_cast<unsigned char>(bundle[place.offset]);
    const auto low = static_cast<unsigned char>(bundle[place.offset + 1]);
    place.offset += 2u + (static_cast<size_t>(high) << 8 | low);
  }
  place.offset += 2;
  return place;
}

// Alters one byte of the first release in a copy of the export; true if the verifier finds it.
absl::StatusOr<bool> TamperIsFound(Stage& stage, const std::string& exported, const Verdict& verdict) {
  const std::string copy = stage.files().Path("export-tampered");
  std::error_code error;
  std::filesystem::remove_all(copy, error);
  std::filesystem::copy(exported, copy, std::filesystem::copy_options::recursive, error);
  if (error) return Fail(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE", "The export cannot be copied.");
  const Evidence& target = stage.evidence.front();
  const Place place = TRY(FindEntry(copy, target.index, verdict.checkpoint.size));
  std::string bundle = TRY(ReadFile(place.file));
  const size_t at = std::min(place.offset + 40, bundle.size() - 1);
  bundle[at] = static_cast<char>(bundle[at] ^ 0x01);
  TRY(WriteFile(place.file, bundle));
  const absl::Status found = CheckExport(copy, {&verdict.key, 1}, "").status();
  stage.narrator().Say(
      absl::StrCat("在副本中改动第 ", target.index, " 条的一个比特，验证器的结论："),
      absl::StrCat("One bit of entry ", target.index, " is altered in a copy; the verifier says:"));
  stage.narrator().Note(found.ok() ? "OK"
                                   : absl::StrCat(FactOf(found, "problem"), " #", FactOf(found, "index"), " ",
                                                  FactOf(found, "file")));
  stage.narrator().Note(FactOf(found, "what"));
  return absl::IsDataLoss(found);
}

// The consumer keeps a receipt, verifies it without the hub, and confirms that its answer arrived.
absl::Status KeepReceipt(Stage& stage, const ledger::VerifierKey& key) {
  Session* const approval = TRY(stage.As(kApproval));
  const uint64_t index = stage.evidence.front().index;
  const v1::Receipt receipt = TRY(FetchReceipt(*approval, index));
  const std::string file = stage.files().Path("receipt.json");
  TRY(WriteJsonFile(file, receipt));
  const ledger::ProvedEntry proved = TRY(ledger::CheckReceipt(receipt, key));
  if (!receipt.has_answer_signature() || ledger::SaltIn(receipt, ledger::kReleasedLabel).empty()) {
    return NotAsWritten(stage.evidence.front(), "receipt");
  }
  v1::AcknowledgeRequest acknowledge;
  acknowledge.add_indexes(index);
  const auto acknowledged = TRY(approval->Call(&v1::ReceiptService::Stub::Acknowledge, acknowledge));
  stage.narrator().Say(
      absl::StrCat("使用方留存第 ", index, " 条的回执（第 ", proved.entry.sequence(),
                   " 次放行，前置机已签名），离线验证通过，确认收到："),
      absl::StrCat("The consumer keeps the receipt of entry ", index, " (release no. ",
                   proved.entry.sequence(),
                   ", signed by the connector), verifies it offline and acknowledges it in entry ",
                   acknowledged.receipt().index(), ":"));
  stage.narrator().Note(file);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Proved> ProveLedger(Stage& stage) {
  stage.narrator().Chapter("四、账本验证：不必信任平台", "4. The ledger, verified without trusting the hub");
  Session* const auditor = TRY(stage.As(kAuditor));
  TRY(AwaitCheckpoint(*auditor, stage));
  Claims claims;
  claims.keys = TRY(VerifierKeysArgument(stage.files().Path("log.vkey")));
  claims.old_checkpoint = TRY(ReadFile(stage.files().Path("first-checkpoint")));
  for (const Evidence& one : stage.evidence) claims.indexes.push_back(one.index);
  const Verdict verdict = TRY(VerifyOnline(*auditor, claims));
  for (const Evidence& one : stage.evidence) TRY(CheckEntry(*auditor, one));
  stage.narrator().Say(
      absl::StrCat("检查点签名有效；", verdict.included, " 次放行与拒绝全部在账；与首个检查点（",
                   *verdict.old_size, " 条）一致；全部 ", verdict.checkpoint.size, " 条重算根哈希相符。"),
      absl::StrCat("Checkpoint signature valid; all ", verdict.included,
                   " releases and refusals included; consistent with the "
                   "first checkpoint (",
                   *verdict.old_size, " entries); root recomputed from all ", verdict.checkpoint.size,
                   " entries."));
  stage.narrator().Note(ToBase64(Bytes(verdict.checkpoint.root)));
  TRY(KeepReceipt(stage, verdict.key));
  const std::string exported = stage.files().Path("export");
  std::error_code ignored;
  std::filesystem::remove_all(exported, ignored);
  TRY(WriteExport(exported, verdict.note, {&verdict.key, 1}, HubEntries(*auditor)));
  TRY(CheckExport(exported, {&verdict.key, 1}, claims.old_checkpoint));
  stage.narrator().Say("导出为 C2SP tlog-tiles，离线验证通过：",
                       "Exported as C2SP tlog-tiles and verified offline:");
  stage.narrator().Note(exported);
  Proved proved;
  proved.size = verdict.checkpoint.size;
  proved.tamper_detected = TRY(TamperIsFound(stage, exported, verdict));
  if (!proved.tamper_detected) {
    return Fail(absl::StatusCode::kDataLoss, "STORY_FAILED", "An altered byte went unnoticed; report this.");
  }
  return proved;
}

}  // namespace zhanqiao::cli
