#include "hub/ledger/witness/collector.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/ledger/witness/ask.h"

namespace zhanqiao::ledger {
namespace {

using storage::Table;

constexpr absl::Duration kLook = absl::Milliseconds(100);  // how often a resting thread looks for a new round

std::string KeyOf(const Policy::Witness& witness) {
  return absl::StrCat(Absl(kWitnessKey), absl::StrFormat("%08x", witness.key.id()));
}

// The checkpoint's text with the log's own signatures and `lines`.
std::string NoteWith(const SignedCheckpoint& checkpoint, const std::vector<NoteSignature>& lines) {
  std::string note = checkpoint.note;
  for (const NoteSignature& line : lines) note += line.ToLine();
  return note;
}

}  // namespace

// One checkpoint and who cosigned it.
struct Collector::Round {
  SignedCheckpointPtr checkpoint;
  absl::Time begun;
  std::vector<std::optional<VerifiedSignature>> cosignatures;  // by place
  std::vector<bool> asked;                                     // by place: and answered
  bool met = false;
};

struct Collector::Desk {
  std::unique_ptr<WitnessClient> client;  // null: a witness without a URL is never asked
  uint64_t known_size = 0;                // its own thread only
  Vouch vouch;                            // guarded by mu_
  absl::Time next = absl::InfinitePast();  // guarded by mu_: not asked before
  absl::Duration pause;                   // guarded by mu_
};

absl::StatusOr<std::unique_ptr<Collector>> Collector::Start(const Log& log, const Checkpointer& checkpointer,
                                                            storage::CommitPipeline& pipeline, Random& random,
                                                            Policy policy, std::string ca_file, WitnessTimes times) {
  std::unique_ptr<Collector> collector(
      new Collector(log, checkpointer, pipeline, random, std::move(policy), times));
  TRY(collector->MakeDesks(ca_file));
  TRY(collector->Load());
  for (size_t place = 0; place < collector->desks_.size(); ++place) {
    if (collector->desks_[place]->client == nullptr) continue;
    collector->threads_.emplace_back([self = collector.get(), place] { self->Loop(place); });
  }
  return collector;
}

Collector::Collector(const Log& log, const Checkpointer& checkpointer, storage::CommitPipeline& pipeline,
                     Random& random, Policy policy, WitnessTimes times)
    : log_(log),
      checkpointer_(checkpointer),
      pipeline_(pipeline),
      random_(random),
      policy_(std::move(policy)),
      times_(times) {}

Collector::~Collector() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  for (const auto& desk : desks_) {
    if (desk->client) desk->client->Cancel();
  }
  for (std::thread& thread : threads_) thread.join();
}

absl::Status Collector::MakeDesks(const std::string& ca_file) {
  for (const Policy::Witness& witness : policy_.witnesses()) {
    auto desk = std::make_unique<Desk>();
    desk->vouch.name = witness.name;
    desk->vouch.key = witness.key;
    if (!witness.url.empty()) {
      auto url = ParseWitnessUrl(witness.url);
      if (!url.ok()) return WithFact(url.status(), "witness", witness.name);
      desk->client = std::make_unique<WitnessClient>(*std::move(url), ca_file);
    }
    desks_.push_back(std::move(desk));
  }
  return absl::OkStatus();
}

// What is stored proves itself; what does not (another policy, another log) is passed over.
absl::Status Collector::Load() {
  absl::MutexLock lock(&mu_);
  const std::vector<VerifierKey> logs = checkpointer_.keys();
  for (size_t place = 0; place < desks_.size(); ++place) {
    const Policy::Witness& witness = policy_.witnesses()[place];
    const auto text = TRY(log_.store().Get(Table::kMeta, KeyOf(witness)));
    const auto note = text ? ParseNote(*text) : absl::NotFoundError("");
    if (!note.ok()) continue;
    const auto checkpoint = OpenCheckpoint(*text, logs);
    const auto verified = VerifySignatures(*note, {&witness.key, 1});
    if (!checkpoint.ok() || !verified.ok() || verified->empty()) continue;
    desks_[place]->vouch.size = desks_[place]->known_size = checkpoint->size;
    desks_[place]->vouch.time_s = verified->front().time_s;
  }
  const auto text = TRY(log_.store().Get(Table::kMeta, kCosignedKey));
  if (!text) return absl::OkStatus();
  const auto verdict = VerifyUnderPolicy(*text, policy_, logs);
  if (verdict.ok()) cosigned_ = std::make_shared<const SignedCheckpoint>(SignedCheckpoint{verdict->checkpoint, *text});
  return absl::OkStatus();
}

Vouching Collector::vouching() const {
  absl::MutexLock lock(&mu_);
  Vouching vouching;
  vouching.quorum = policy_.quorum();
  vouching.cosigned = cosigned_;
  for (const auto& desk : desks_) vouching.witnesses.push_back(desk->vouch);
  return vouching;
}

void Collector::Loop(size_t place) {
  while (const RoundPtr round = NextRound(place)) Ask(place, round);
}

// Waits for a round in which the witness was not asked yet; null when it is time to stop.
Collector::RoundPtr Collector::NextRound(size_t place) {
  const Desk& desk = *desks_[place];
  const auto stopping = [this] {
    mu_.AssertReaderHeld();
    return stopping_;
  };
  absl::MutexLock lock(&mu_);
  for (;;) {
    if (stopping_) return nullptr;
    const absl::Time now = absl::Now();
    if (now >= desk.next) {
      if (MayBegin(now)) Begin(now);
      if (round_ && !round_->asked[place]) return round_;
    }
    mu_.AwaitWithTimeout(absl::Condition(&stopping), std::min(kLook, times_.interval));
  }
}

bool Collector::MayBegin(absl::Time now) const {
  const SignedCheckpointPtr newest = checkpointer_.Latest();
  if (!newest) return false;
  if (!round_) return true;
  if (newest->checkpoint.size == round_->checkpoint->checkpoint.size && now < round_->begun + times_.refresh) return false;
  if (now < round_->begun + times_.interval) return false;
  if (round_->met || now >= round_->begun + times_.round_max) return true;
  for (size_t place = 0; place < desks_.size(); ++place) {
    const bool resting = !desks_[place]->client || now < desks_[place]->next;
    if (!round_->asked[place] && !resting) return false;
  }
  return true;
}

void Collector::Begin(absl::Time now) {
  round_ = std::make_shared<Round>();
  round_->checkpoint = checkpointer_.Latest();
  round_->begun = now;
  round_->cosignatures.resize(desks_.size());
  round_->asked.resize(desks_.size());
}

void Collector::Ask(size_t place, const RoundPtr& round) {
  Desk& desk = *desks_[place];
  const auto answer =
      AskWitness(*desk.client, policy_.witnesses()[place], log_, *round->checkpoint, times_.timeout, desk.known_size);
  if (answer.ok()) {
    Accept(place, round, *answer);
  } else {
    Refuse(place, answer.status());
  }
}

absl::Status Collector::Keep(std::string key, std::string note) {
  storage::Commit commit;
  commit.writes.Put(Table::kMeta, std::move(key), std::move(note));
  return pipeline_.Run(std::move(commit)).status();
}

// Kept first, shown then: what was shown once is there after a restart.
void Collector::Accept(size_t place, const RoundPtr& round, const VerifiedSignature& cosignature) {
  const absl::Status kept = Keep(KeyOf(policy_.witnesses()[place]), NoteWith(*round->checkpoint, {cosignature.line}));
  if (!kept.ok()) return Refuse(place, kept);
  SignedCheckpointPtr cosigned;
  {
    absl::MutexLock lock(&mu_);
    Desk& desk = *desks_[place];
    desk.vouch.size = round->checkpoint->checkpoint.size;
    desk.vouch.time_s = cosignature.time_s;
    desk.vouch.problem.clear();
    desk.pause = absl::ZeroDuration();
    round->asked[place] = true;
    round->cosignatures[place] = cosignature;
    cosigned = CosignedIn(*round);
  }
  if (!cosigned) return;
  const absl::Status kept_too = Keep(std::string(kCosignedKey), cosigned->note);
  if (!kept_too.ok()) return LogStatus(LogLevel::kWarning, "cosigned_checkpoint_not_kept", kept_too);
  absl::MutexLock lock(&mu_);
  round->met = true;
  const bool newer = !cosigned_ || cosigned_->checkpoint.size < cosigned->checkpoint.size;
  const bool fuller = !newer && cosigned_->checkpoint.size == cosigned->checkpoint.size &&
                      cosigned_->note.size() <= cosigned->note.size();
  if (newer || fuller) cosigned_ = std::move(cosigned);
}

// The checkpoint with every cosignature of the round if they meet the quorum.
SignedCheckpointPtr Collector::CosignedIn(const Round& round) const {
  std::vector<bool> has;
  std::vector<NoteSignature> lines;
  for (const auto& one : round.cosignatures) {
    has.push_back(one.has_value());
    if (one) lines.push_back(one->line);
  }
  if (!policy_.MetBy(has)) return nullptr;
  if (cosigned_ && cosigned_->checkpoint.size > round.checkpoint->checkpoint.size) return nullptr;
  return std::make_shared<const SignedCheckpoint>(
      SignedCheckpoint{round.checkpoint->checkpoint, NoteWith(*round.checkpoint, lines)});
}

// It stays unasked in this round: after the pause it is asked again, in this one or the next.
void Collector::Refuse(size_t place, const absl::Status& why) {
  uint32_t random = 0;
  random_.Fill(&random, sizeof random);
  const double jitter = 0.5 + 0.5 * random / UINT32_MAX;
  absl::MutexLock lock(&mu_);
  if (stopping_) return;
  Desk& desk = *desks_[place];
  desk.pause = std::clamp(2 * desk.pause, times_.pause_min, times_.pause_max);
  desk.next = absl::Now() + jitter * desk.pause;
  const std::string reason = ReasonOf(why).empty() ? std::string("WITNESS_UNREACHABLE") : ReasonOf(why);
  if (desk.vouch.problem != reason) {  // said once, not at every attempt
    const bool grave = reason == "LEDGER_FORKED" || reason == "LEDGER_BEHIND_CHECKPOINT";
    LogStatus(grave ? LogLevel::kError : LogLevel::kWarning, "witness_does_not_vouch",
              WithFact(why, "witness", desk.vouch.name));
  }
  desk.vouch.problem = reason;
}

}  // namespace zhanqiao::ledger
