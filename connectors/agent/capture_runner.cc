#include "connectors/agent/capture_runner.h"

#include <grpcpp/channel.h>

#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "connectors/agent/channel.h"
#include "connectors/agent/check.h"

namespace zhanqiao::connectors {

BeginCapture ByChangedColumn(CaptureOptions options, AdapterFactory factory, const Clock& clock) {
  return [options = std::move(options), factory = std::move(factory), &clock](
             const v1::Resource& entry, v1::FeedService::StubInterface& stub) -> absl::StatusOr<CaptureRound> {
    std::shared_ptr<const Adapter> adapter = TRY(factory(entry));  // shared with the round, which must not outlive it
    auto capture = std::make_shared<Capture>(options, entry, *adapter, stub, clock);
    return [adapter, capture] { return capture->Round(); };
  };
}

BeginCapture ByReplication(ReplicationCaptureOptions options, std::string mapping_file, absl::Duration patience) {
  return [options = std::move(options), file = std::move(mapping_file), patience](
             const v1::Resource& entry, v1::FeedService::StubInterface& stub) -> absl::StatusOr<CaptureRound> {
    Mapping mapping = TRY(LoadMapping(file));
    TRY(MappingFits(CheckMapping(mapping, entry)));
    if (mapping.table.empty()) {
      return Fail(absl::StatusCode::kInvalidArgument, "TABLE_MISSING",
                  "A table is replicated, not a query; name one in the mapping.",
                  {{"link", std::string(kLinkConnector)}, {"file", file}});
    }
    auto capture = std::make_shared<ReplicationCapture>(options, std::move(mapping), entry, stub);
    return [capture, patience] { return capture->Round(patience); };
  };
}

CaptureRunner::CaptureRunner(AgentOptions hub, std::string resource, BeginCapture begin, absl::Duration pause)
    : hub_(std::move(hub)),
      resource_(std::move(resource)),
      begin_(std::move(begin)),
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
  const std::shared_ptr<grpc::Channel> channel = TRY(ChannelTo(hub_));
  const auto stub = v1::FeedService::NewStub(channel);
  const CaptureRound round = TRY(begin_(entry, *stub));
  for (;;) {
    const absl::Status status = round();
    // An entry that changed has another schema: begin with the new one.
    if (ReasonOf(status) == "RECORD_SCHEMA") return status;
    if (!status.ok())
      LogStatus(LogLevel::kWarning, "capture_failed", WithFact(status, "resource", resource_));
    if (Rest()) return absl::OkStatus();
  }
}

void CaptureRunner::Run() {
  for (;;) {
    const absl::Status status = Serve();
    if (status.ok()) return;
    LogStatus(LogLevel::kWarning, "capture_failed", WithFact(status, "resource", resource_));
    if (Rest()) return;
  }
}

}  // namespace zhanqiao::connectors
