#include "hub/access/refusals.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "hub/ledger/subject_keys.h"

namespace zhanqiao::access {
namespace {

std::string KeyOf(const Refused& refused) {
  const v1::Denial& denial = refused.denial;
  const std::string& who = refused.actor.empty() ? denial.identity() : refused.actor;
  // A grant that does not exist is the caller's own invention: it must not multiply the windows.
  const bool invented = denial.reason() == "GRANT_NOT_FOUND" || denial.code() == 3;
  return absl::StrCat(who, "\n", denial.reason(), "\n", denial.method(), "\n", invented ? "" : denial.grant());
}

std::string Clip(std::string text, size_t max) {
  if (text.size() <= max) return text;
  size_t end = max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

// What a refused request says of itself may be of any length; an entry may not.
void Bound(v1::Denial& denial) {
  denial.set_grant(Clip(denial.grant(), 256));
  denial.set_method(Clip(denial.method(), 256));
  denial.set_identity(Clip(denial.identity(), 256));
  denial.set_matter(Clip(denial.matter(), 256));
  denial.set_request_id(Clip(denial.request_id(), 256));
  if (denial.fields_size() > 100) denial.mutable_fields()->DeleteSubrange(100, denial.fields_size() - 100);
  for (auto& field : *denial.mutable_fields()) field = Clip(field, 64);
}

}  // namespace

Refusals::Refusals(storage::CommitPipeline& pipeline, const Clock& clock, Random& random, Options options)
    : pipeline_(pipeline), clock_(clock), random_(random), options_(options) {}

void Refusals::Write(std::string actor, std::string trace, v1::Denial denial, std::string_view request,
                     std::string seed, const std::vector<std::string>& subjects,
                     storage::CommitPipeline::Done done) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(actor.empty() ? "hub" : std::move(actor));
  entry.set_trace(std::move(trace));
  storage::Commit commit;
  if (request.empty()) seed.clear();
  if (!request.empty()) {
    if (seed.empty()) {
      absl::MutexLock lock(&mu_);
      seed = NewSeed(random_);
    }
    denial.set_request_commitment(std::string(Bytes(Commitment(seed, "request", request))));
    if (!subjects.empty()) {
      const Digest commitment = Commitment(seed, ledger::kSubjectsLabel, absl::StrJoin(subjects, ""));
      denial.set_subjects_commitment(std::string(Bytes(commitment)));
    }
  }
  *entry.mutable_denial() = std::move(denial);
  std::string secret = seed.empty() && subjects.empty() ? "" : SecretOf(seed, subjects);
  commit.records.push_back({entry.SerializeAsString(), std::move(secret)});
  pipeline_.Submit(std::move(commit), std::move(done));
}

void Refusals::Record(Refused refused, absl::Status status, Done done) {
  absl::Status closed = pipeline_.health();
  if (!closed.ok()) return std::move(done)(std::move(closed));
  if (refused.denial.reason().empty()) refused.denial.set_reason(ReasonOf(status));
  if (refused.denial.link().empty()) {
    const std::string link = FactOf(status, "link");
    refused.denial.set_link(link.empty() ? std::string(kLinkHub) : link);
  }
  refused.denial.set_code(static_cast<int>(status.code()));
  status = WithFact(std::move(status), "link", refused.denial.link());
  Bound(refused.denial);
  std::string key = KeyOf(refused);
  const absl::Time now = clock_.Now();
  {
    absl::ReleasableMutexLock lock(&mu_);
    if (windows_.size() >= options_.windows_max && !windows_.contains(key)) {
      key = absl::StrCat("\n", refused.denial.reason());
    }
    Window& window = windows_[key];
    if (window.seen == 0) window.end = now + options_.window;
    ++window.seen;
    if (window.seen > options_.window_limit) {
      ++window.counted;
      if (window.counted == 1) {
        window.denial = refused.denial;
        window.actor = refused.actor;
      }
      for (const std::string& token : refused.subjects) {
        if (window.subjects.size() < options_.subjects_max) window.subjects.insert(token);
      }
      const bool indexed = window.indexed;
      const uint64_t index = window.index;
      lock.Release();
      if (indexed) status = WithFact(std::move(status), "ledger_index", absl::StrCat(index));
      std::move(done)(WithFact(std::move(status), "counted", "true"));
      return;
    }
  }
  refused.denial.set_count(1);
  Write(std::move(refused.actor), std::move(refused.trace), std::move(refused.denial), refused.canonical_request,
        std::move(refused.seed), refused.subjects,
        [this, key = std::move(key), status = std::move(status),
         done = std::move(done)](absl::StatusOr<storage::CommitResult> result) mutable {
          if (result.status().code() == absl::StatusCode::kUnavailable) return done(result.status());
          if (!result.ok()) return done(std::move(status));
          const uint64_t index = result->places.at(0).index;
          {
            absl::MutexLock lock(&mu_);
            const auto found = windows_.find(key);
            if (found != windows_.end()) {
              found->second.index = index;
              found->second.indexed = true;
            }
          }
          done(WithFact(std::move(status), "ledger_index", absl::StrCat(index)));
        });
}

void Refusals::Record(std::string_view method, const Presented& presented, absl::Status status, Done done) {
  Refused refused;
  refused.denial.set_method(std::string(method));
  refused.denial.set_fingerprint(presented.fingerprint);
  for (const std::string& uri : presented.identities) {
    if (const auto identity = ParseIdentity(uri); identity.ok()) {
      refused.denial.set_identity(uri);
      refused.denial.set_consumer(identity->kind == SubjectKind::kSystem ? identity->subject : "");
      break;
    }
  }
  Record(std::move(refused), std::move(status), std::move(done));
}

void Refusals::FlushEnded(absl::Time now) {
  std::vector<Window> ended;
  {
    absl::MutexLock lock(&mu_);
    for (auto at = windows_.begin(); at != windows_.end();) {
      const auto here = at++;
      if (here->second.end > now) continue;
      if (here->second.counted > 0) ended.push_back(std::move(here->second));
      windows_.erase(here);
    }
  }
  for (Window& window : ended) {
    window.denial.set_count(window.counted);
    Write(std::move(window.actor), "", std::move(window.denial), "", "",
          {window.subjects.begin(), window.subjects.end()},
          [](absl::StatusOr<storage::CommitResult>) {});
  }
}

void Refusals::Sweep() {
  if (!pipeline_.closed()) FlushEnded(clock_.Now());
}
void Refusals::Flush() { FlushEnded(absl::InfiniteFuture()); }

}  // namespace zhanqiao::access
