// Runs a change capture beside the agent.
#pragma once

#include <functional>
#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "connectors/adapters/adapter.h"
#include "connectors/agent/agent.h"
#include "connectors/agent/capture.h"
#include "connectors/agent/replication_capture.h"

namespace zhanqiao::connectors {

// One kind of capture, begun for an entry as the hub has it now: what it gives is called round after round. `stub` outlives
// the rounds.
using CaptureRound = std::function<absl::Status()>;
using BeginCapture =
    std::function<absl::StatusOr<CaptureRound>(const v1::Resource& entry, v1::FeedService::StubInterface& stub)>;

// By the column that tells when a row changed.
BeginCapture ByChangedColumn(CaptureOptions options, AdapterFactory factory, const Clock& clock);
// By a replication slot; the mapping file is read each time.
BeginCapture ByReplication(ReplicationCaptureOptions options, std::string mapping_file, absl::Duration patience);

// Asks the hub for the entry, begins, and captures round after round on a thread of its own; whatever fails is logged and
// tried again after the pause. Thread-safe.
class CaptureRunner {
 public:
  // `hub`: how the agent dials.
  CaptureRunner(AgentOptions hub, std::string resource, BeginCapture begin, absl::Duration pause);
  // Waits for the round under way.
  ~CaptureRunner();

 private:
  void Run();
  absl::Status Serve();  // until it is stopped, or the entry cannot be had
  bool Rest();           // the pause; true once it is stopped

  const AgentOptions hub_;
  const std::string resource_;
  const BeginCapture begin_;
  const absl::Duration pause_;
  absl::Mutex mu_;  // makes stopping and resting one step
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace zhanqiao::connectors
