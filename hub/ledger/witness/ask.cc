#include "hub/ledger/witness/ask.h"

#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/witness/witness.h"

namespace zhanqiao::ledger {
namespace {

absl::Status Blame(std::string_view reason, std::string_view message, const Policy::Witness& witness,
                   uint64_t witnessed, const Log& log) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message,
              {{"place", absl::StrCat("witness ", witness.name, " at ", witness.url)},
               {"checkpoint_size", absl::StrCat(witnessed)},
               {"log_size", absl::StrCat(log.head()->size())}});
}

absl::Status Forked(const Policy::Witness& witness, uint64_t witnessed, const Log& log) {
  return Blame("LEDGER_FORKED",
               "A witness saw another history under this log's key: the store is another copy that went its own way, "
               "or was altered. Find out which before serving either.",
               witness, witnessed, log);
}

absl::Status Wrong(const Policy::Witness& witness, const http::Response& answer) {
  return Fail(absl::StatusCode::kDataLoss, "WITNESS_ANSWER_WRONG",
              "The witness answered something else than C2SP tlog-witness says; ask its operator.",
              {{"witness", witness.name}, {"status", absl::StrCat(answer.status)}});
}

absl::Status Unknown(std::string_view reason, std::string_view message, const Policy::Witness& witness) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message, {{"witness", witness.name}});
}

// "20852163\n"
std::optional<uint64_t> SizeIn(const http::Response& answer) {
  uint64_t size = 0;
  const bool read = absl::SimpleAtoi(answer.body, &size) && answer.body == absl::StrCat(size, "\n");
  return read && answer.content_type == kSizeType ? std::optional<uint64_t>(size) : std::nullopt;
}

absl::StatusOr<VerifiedSignature> Accept(const Policy::Witness& witness, const SignedCheckpoint& checkpoint,
                                         const http::Response& answer) {
  Note note = TRY(ParseNote(checkpoint.note));
  const auto lines = ParseSignatures(answer.body);
  if (!lines.ok()) return Wrong(witness, answer);
  note.signatures = *lines;
  const auto verified = VerifySignatures(note, {&witness.key, 1});
  if (!verified.ok() || verified->empty()) return Wrong(witness, answer);
  return verified->front();
}

}  // namespace

absl::StatusOr<VerifiedSignature> AskWitness(WitnessClient& client, const Policy::Witness& witness, const Log& log,
                                             const SignedCheckpoint& checkpoint, absl::Duration timeout,
                                             uint64_t& known_size) {
  const uint64_t size = checkpoint.checkpoint.size;
  if (known_size > size) known_size = 0;  // the witness will say
  for (int turn = 0;; ++turn) {
    AddCheckpoint request;
    request.old_size = known_size;
    request.proof = TRY(ConsistencyProof(HeadHashes(log.store(), log.head()), known_size, size));
    request.checkpoint = checkpoint.note;
    const http::Response answer = TRY(client.AddCheckpoint(request.ToText(), timeout));
    if (answer.status == 200) {
      VerifiedSignature cosignature = TRY(Accept(witness, checkpoint, answer));
      known_size = size;
      return cosignature;
    }
    if (answer.status == 403) {
      return Unknown("WITNESS_KEY_UNKNOWN", "The witness knows the log but not this key; give its operator the new vkey.",
                     witness);
    }
    if (answer.status == 404) {
      return Unknown("WITNESS_LOG_UNKNOWN", "The witness does not follow this log; give its operator the log's vkey.",
                     witness);
    }
    if (answer.status == 422) return Forked(witness, known_size, log);
    const std::optional<uint64_t> witnessed = SizeIn(answer);
    if (answer.status != 409 || !witnessed) return Wrong(witness, answer);
    if (*witnessed > log.head()->size()) {
      return Blame("LEDGER_BEHIND_CHECKPOINT",
                   "A witness saw more entries than the store holds: it was set back to an older copy. Restore the "
                   "newer store, or start a new log that names the last outside checkpoint as its predecessor.",
                   witness, *witnessed, log);
    }
    if (*witnessed == known_size) return Forked(witness, *witnessed, log);  // same size, another root
    known_size = *witnessed;
    if (*witnessed > size) {
      return Blame("CHECKPOINT_OUTRUN", "The witness knows a newer checkpoint of the log.", witness, *witnessed, log);
    }
    if (turn == 1) return Wrong(witness, answer);  // it changes its mind faster than it can be asked
  }
}

}  // namespace zhanqiao::ledger
