#include "hub/ledger/receipt.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/signatures.h"
#include "google/protobuf/stubs/logging.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::ledger {
namespace {

constexpr std::string_view kMagic = "c2sp.org/tlog-proof@v1";
constexpr size_t kHashesMax = 63;

absl::Status Malformed() {
  return Fail(absl::StatusCode::kInvalidArgument, "PROOF_MALFORMED", "The text is not a C2SP tlog-proof.");
}

absl::Status Unproved(std::string_view reason, std::string_view message, Facts facts = {}) {
  return Fail(absl::StatusCode::kDataLoss, reason, message, std::move(facts));
}

// The next line of `text` without its line break; false at the end.
bool NextLine(std::string_view& text, std::string_view& line) {
  const size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

absl::StatusOr<v1::LedgerEntry> DecodeCanonical(const std::string& bytes) {
  const google::protobuf::LogSilencer silence;  // a tampered receipt is an answer, not a log line
  v1::LedgerEntry entry;
  bool canonical = entry.ParseFromString(bytes);
  if (canonical) {
    entry.DiscardUnknownFields();
    canonical = entry.version() == 1 && entry.SerializeAsString() == bytes;
  }
  if (canonical) return entry;
  return Unproved("RECEIPT_ENTRY", "The receipt's entry is not a canonical LedgerEntry.");
}

// A signature beside the entry is the one whose hash the entry carries. Whether it is of the right message
// shows when that is opened.
absl::Status CheckBeside(bool present, const v1::BatchSignature& place, const std::string& hash,
                         std::string_view of) {
  if (!present) return absl::OkStatus();
  if (Bytes(Sha256(place.signature())) == hash) return absl::OkStatus();
  return Unproved("RECEIPT_SIGNATURE", "A signature in the receipt is not the one the entry names.",
                  {{"of", std::string(of)}});
}

}  // namespace

std::string TlogProof::ToText() const {
  std::string text = absl::StrCat(Absl(kMagic), "\nindex ", index, "\n");
  for (const Digest& hash : hashes) absl::StrAppend(&text, ToBase64(Bytes(hash)), "\n");
  absl::StrAppend(&text, "\n", checkpoint);
  return text;
}

absl::StatusOr<TlogProof> ParseTlogProof(std::string_view text) {
  TlogProof proof;
  std::string_view line;
  if (!NextLine(text, line) || line != kMagic || !NextLine(text, line)) return Malformed();
  if (line.starts_with("extra ")) {
    if (!FromBase64(line.substr(6)).ok() || !NextLine(text, line)) return Malformed();
  }
  if (!line.starts_with("index ") || !absl::SimpleAtoi(Absl(line.substr(6)), &proof.index) ||
      absl::StrCat("index ", proof.index) != Absl(line)) {
    return Malformed();
  }
  for (;;) {
    if (!NextLine(text, line)) return Malformed();
    if (line.empty()) break;
    const auto hash = FromBase64(line);
    if (!hash.ok() || hash->size() != sizeof(Digest) || proof.hashes.size() == kHashesMax) return Malformed();
    proof.hashes.push_back(DigestFrom(*hash));
  }
  if (text.empty()) return Malformed();
  proof.checkpoint = std::string(text);
  return proof;
}

absl::StatusOr<ProvedEntry> CheckReceipt(const v1::Receipt& receipt, const VerifierKey& key) {
  const TlogProof proof = TRY(ParseTlogProof(receipt.proof()));
  ProvedEntry proved;
  proved.checkpoint = TRY(OpenCheckpoint(proof.checkpoint, key));
  if (proof.index != receipt.index() || proof.index >= proved.checkpoint.size) {
    return Unproved("RECEIPT_INDEX",
                    "The receipt's proof is of another entry, or its checkpoint does not cover it.");
  }
  TRY(VerifyInclusion(LeafHash(receipt.entry()), proof.index, proved.checkpoint.size, proof.hashes,
                      proved.checkpoint.root));
  proved.entry = TRY(DecodeCanonical(receipt.entry()));
  const v1::Exchange& exchange = proved.entry.exchange();
  TRY(CheckBeside(receipt.has_request_signature(), receipt.request_signature(),
                  exchange.request_signature_hash(), kRequestLabel));
  TRY(CheckBeside(receipt.has_answer_signature(), receipt.answer_signature(),
                  exchange.answer_signature_hash(), kAnswerLabel));
  return proved;
}

std::string SaltIn(const v1::Receipt& receipt, std::string_view label) {
  for (const v1::Salt& salt : receipt.salts()) {
    if (salt.label() == label) return salt.salt();
  }
  return {};
}

std::string CommitmentIn(const v1::LedgerEntry& entry, std::string_view label) {
  if (entry.has_exchange()) {
    if (label == kRequestLabel) return entry.exchange().request_commitment();
    if (label == kAnswerLabel) return entry.exchange().answer_commitment();
    if (label == kReleasedLabel) return entry.exchange().released_commitment();
  }
  if (entry.has_denial() && label == kRequestLabel) return entry.denial().request_commitment();
  if (entry.has_question() && label == kRequestLabel) return entry.question().commitment();
  if (entry.has_erasure() && label == kRequestLabel) return entry.erasure().commitment();
  if (entry.has_grant_event() && label == kDocumentLabel) return entry.grant_event().commitment();
  if (entry.has_objection_event() && label == kDocumentLabel) return entry.objection_event().commitment();
  if (entry.has_demand_event() && label == kDocumentLabel) return entry.demand_event().commitment();
  if (entry.has_document_change() && label == kDocumentLabel) return entry.document_change().commitment();
  return {};
}

absl::Status OpenReceipt(const v1::Receipt& receipt, std::string_view label, std::string_view payload) {
  const v1::LedgerEntry entry = TRY(DecodeCanonical(receipt.entry()));
  const std::string commitment = CommitmentIn(entry, label);
  const Facts facts = {{"label", std::string(label)}};
  if (commitment.empty()) {
    return Fail(absl::StatusCode::kNotFound, "COMMITMENT_MISSING",
                "The entry has no commitment of this kind.", facts);
  }
  const std::string salt = SaltIn(receipt, label);
  if (salt.empty()) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SALT_MISSING",
                "The receipt has no salt for this commitment: it was given to another party, or erased.",
                facts);
  }
  TRY(WithFact(CheckCommitment(salt, payload, commitment), "label", label));
  const v1::Exchange& exchange = entry.exchange();
  if (label == kRequestLabel && receipt.has_request_signature()) {
    return WithFact(CheckSignature(kSignedRequests, receipt.request_signature(), Sha256(payload)), "label",
                    label);
  }
  if (label == kAnswerLabel && receipt.has_answer_signature()) {
    const Digest digest =
        AnswerDigest(exchange.request_commitment(), exchange.resource(), exchange.truncated(), payload);
    return WithFact(CheckSignature(kSignedAnswers, receipt.answer_signature(), digest), "label", label);
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::ledger
