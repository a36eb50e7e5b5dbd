#include "connectors/adapters/breaker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::connectors {
namespace {

bool Sick(const absl::Status& status) {
  const bool away =
      status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kDeadlineExceeded;
  return away && FactOf(status, "link") == kLinkSource;
}

}  // namespace

absl::Status Breaker::Admit(bool& trying) const {
  absl::MutexLock lock(&mu_);
  trying = false;
  if (failures_ < options_.failures_max) return absl::OkStatus();
  const absl::Time now = clock_.Now();
  if (now >= closed_until_ && !trying_) {
    trying = trying_ = true;
    return absl::OkStatus();
  }
  const absl::Duration left = std::max(closed_until_ - now, absl::Milliseconds(100));
  return WithRetryAfter(
      Fail(absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE",
           "The department's data source failed several times in a row and is being spared; try again later.",
           {{"link", std::string(kLinkSource)}, {"breaker", "open"}}),
      static_cast<int>(absl::ToInt64Milliseconds(left)));
}

void Breaker::Learn(const absl::Status& status, bool trying) const {
  absl::MutexLock lock(&mu_);
  if (trying) trying_ = false;
  if (!Sick(status)) {
    if (failures_ >= options_.failures_max) Log(LogLevel::kInfo, "source_well_again");
    failures_ = 0;
    return;
  }
  ++failures_;
  if (failures_ == options_.failures_max) {
    Log(LogLevel::kWarning, "source_spared", {{"reason", ReasonOf(status)}});
    pause_ = options_.pause;
  } else if (trying) {
    pause_ = std::min(pause_ * 2, options_.pause_max);
  } else {
    return;  // not yet too many, or one that was under way when it became too many
  }
  closed_until_ = clock_.Now() + pause_;
}

absl::Status Breaker::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  bool trying = false;
  absl::Status status = Admit(trying);
  if (!status.ok()) return status;
  status = adapter_->Answer(query, reply);
  Learn(status, trying);
  return status;
}

void Breaker::AnswerAll(absl::Span<Asked> asked) const {
  std::vector<Asked> admitted;
  std::vector<std::pair<Asked*, bool>> owners;
  for (Asked& one : asked) {
    bool trying = false;
    one.status = Admit(trying);
    if (!one.status.ok()) continue;
    admitted.push_back(one);
    owners.emplace_back(&one, trying);
  }
  if (admitted.empty()) return;
  adapter_->AnswerAll(absl::MakeSpan(admitted));
  for (size_t i = 0; i < admitted.size(); ++i) {
    owners[i].first->status = admitted[i].status;
    Learn(admitted[i].status, owners[i].second);
  }
}

AdapterFactory WithBreaker(AdapterFactory factory, const Clock& clock) {
  return [factory = std::move(factory),
          &clock](const v1::Resource& entry) -> absl::StatusOr<std::unique_ptr<Adapter>> {
    std::unique_ptr<Adapter> adapter = TRY(factory(entry));
    return std::make_unique<Breaker>(std::move(adapter), clock);
  };
}

}  // namespace zhanqiao::connectors
