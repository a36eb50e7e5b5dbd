#include "connectors/agent/agent.h"

#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/agent/backoff.h"
#include "connectors/agent/channel.h"
#include "connectors/agent/session.h"
#include "connectors/agent/sources.h"

namespace zhanqiao::connectors {

Agent::Agent(AgentOptions options, std::map<std::string, AdapterFactory> sources, Random& random)
    : options_(std::move(options)), sources_(std::make_unique<Sources>(std::move(sources))), random_(random) {}

Agent::~Agent() = default;

bool Agent::Dial() {
  auto channel = ChannelTo(options_);
  if (!channel.ok()) {
    LogStatus(LogLevel::kError, "not_dialled", channel.status());
    return false;
  }
  const auto session = std::make_shared<Session>(options_, *sources_, *std::move(channel));
  {
    absl::MutexLock lock(&mu_);
    if (stopping_) return false;
    session_ = session.get();
  }
  const absl::Status status = session->Serve();
  absl::MutexLock lock(&mu_);
  session_ = nullptr;
  if (stopping_) {
    Log(LogLevel::kInfo, "stopped", {{"hub", options_.hub}});
  } else {
    LogStatus(LogLevel::kWarning, "disconnected", WithFact(status, "hub", options_.hub));
  }
  // Asked to come again for new entries, or it was up for long: no reason to hold back.
  return ReasonOf(status) == "CATALOGUE_CHANGED" || session->Lasted() > options_.backoff_max;
}

void Agent::Run() {
  Backoff backoff(options_.backoff_base, options_.backoff_max, random_);
  for (;;) {
    if (Dial()) backoff.Reset();
    absl::MutexLock lock(&mu_);
    if (mu_.AwaitWithTimeout(absl::Condition(&stopping_), backoff.Next())) return;
  }
}

void Agent::Stop() {
  absl::MutexLock lock(&mu_);
  stopping_ = true;
  if (session_ != nullptr) session_->Drain();
}

}  // namespace zhanqiao::connectors
