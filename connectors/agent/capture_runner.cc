#include "connectors/agent/capture_runner.h"

#include <grpcpp/channel.h>

#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/agent/channel.h"
#include "connectors/agent/check.h"

namespace zhanqiao::connectors {

CaptureRunner::CaptureRunner(AgentOptions hub, CaptureOptions options, std::string resource,
                             AdapterFactory factory, const Clock& clock, absl::Duration pause)
    : hub_(std::move(hub)),
      options_(std::move(options)),
      resource_(std::move(resource)),
      factory_(std::move(factory)),
      clock_(clock),
      pause_(pause),
      thread_([this] { Run(); }) {}

CaptureRunner::~CaptureRunner() {
  {
    absl::MutexLock lock(&mu_);
    stopping_ = true;
  }
  thread_.join();
}

bool CaptureRunner::Rest() {
  absl::MutexLock lock(&mu_);
  return mu_.AwaitWithTimeout(absl::Condition(&stopping_), pause_);
}

absl::Status CaptureRunner::Serve() {
  const v1::Resource entry = TRY(EntryFromHub(hub_, resource_));
  const std::unique_ptr<Adapter> adapter = TRY(factory_(entry));
  const std::shared_ptr<grpc::Channel> channel = TRY(ChannelTo(hub_));
  const auto stub = v1::FeedService::NewStub(channel);
  Capture capture(options_, entry, *adapter, *stub, clock_);
  for (;;) {
    const absl::Status status = capture.Round();
    // An entry that changed has another schema: begin with the new one.
    if (ReasonOf(status) == "RECORD_SCHEMA") return status;
    if (!status.ok())
      LogStatus(LogLevel::kWarning, "capture_failed", WithFact(status, "feed", options_.feed));
    if (Rest()) return absl::OkStatus();
  }
}

void CaptureRunner::Run() {
  for (;;) {
    const absl::Status status = Serve();
    if (status.ok()) return;
    LogStatus(LogLevel::kWarning, "capture_failed", WithFact(status, "feed", options_.feed));
    if (Rest()) return;
  }
}

}  // namespace zhanqiao::connectors
