#include "hub/ledger/witness/start_check.h"

#include <thread>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/witness/ask.h"

namespace zhanqiao::ledger {
namespace {

// The checkpoint that was signed last; a head that was never signed is signed for this.
absl::StatusOr<SignedCheckpoint> LastSigned(const Log& log, const Signers& signers) {
  const auto note = TRY(log.store().Get(storage::Table::kMeta, kCheckpointKey));
  if (!note) return SignHead(*log.head(), signers);
  Checkpoint checkpoint = TRY(OpenCheckpoint(*note, signers.Known()));
  return SignedCheckpoint{std::move(checkpoint), *note};
}

absl::Status AskOne(const Log& log, const Signers& signers, const SignedCheckpoint& last,
                    const Policy::Witness& witness, const StartCheck& check) {
  http::Url url = TRY(ParseWitnessUrl(witness.url));
  WitnessClient client(std::move(url), check.ca_file);
  uint64_t known_size = last.checkpoint.size;  // what it is after an orderly stop
  const absl::Status answer = AskWitness(client, witness, log, last, check.timeout, known_size).status();
  if (ReasonOf(answer) != "CHECKPOINT_OUTRUN") return answer;
  // It knows a checkpoint that this store did not keep, but holds the entries of: our head must continue that.
  const SignedCheckpoint head = TRY(SignHead(*log.head(), signers));
  return AskWitness(client, witness, log, head, check.timeout, known_size).status();
}

bool IsOfTheLog(const absl::Status& status) {
  const std::string reason = ReasonOf(status);
  return reason == "LEDGER_BEHIND_CHECKPOINT" || reason == "LEDGER_FORKED" || reason == "WITNESS_URL";
}

}  // namespace

absl::Status CheckWithWitnesses(const Log& log, const Signers& signers, const Policy& policy, const StartCheck& check) {
  const SignedCheckpoint last = TRY(LastSigned(log, signers));
  const auto& witnesses = policy.witnesses();
  std::vector<absl::Status> answers(witnesses.size(), absl::UnavailableError("no URL"));
  std::vector<std::thread> threads;
  for (size_t i = 0; i < witnesses.size(); ++i) {
    if (witnesses[i].url.empty()) continue;
    threads.emplace_back([&, i] { answers[i] = AskOne(log, signers, last, witnesses[i], check); });
  }
  for (std::thread& thread : threads) thread.join();

  std::vector<bool> answered;
  std::string silent;
  std::string cause;
  for (size_t i = 0; i < witnesses.size(); ++i) {
    answered.push_back(answers[i].ok());
    if (answers[i].ok()) continue;
    if (IsOfTheLog(answers[i])) return WithFact(answers[i], "witness", witnesses[i].name);
    absl::StrAppend(&silent, silent.empty() ? "" : " ", witnesses[i].name);
    cause = ReasonOf(answers[i]).empty() ? "it has no URL in the policy" : ReasonOf(answers[i]);
    zhanqiao::Log(LogLevel::kWarning, "witness_silent_at_start", {{"witness", witnesses[i].name}, {"cause", cause}});
  }
  if (!check.required || policy.MetBy(answered)) return absl::OkStatus();
  return Fail(absl::StatusCode::kUnavailable, "WITNESSES_SILENT",
              "Too few witnesses answer to know that this store is the newest; start them, or set witness_start to "
              "\"warn\" to serve without their word.",
              {{"quorum", policy.quorum()}, {"silent", silent}, {"cause", cause}});
}

}  // namespace zhanqiao::ledger
