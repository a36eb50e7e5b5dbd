// Runs a change capture beside the agent.
#pragma once

#include <string>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "connectors/agent/agent.h"
#include "connectors/agent/capture.h"

namespace zhanqiao::connectors {

// Asks the hub for the entry, makes the adapter, and captures round after round on a thread of its own;
// whatever fails is logged and tried again after the pause. Thread-safe.
class CaptureRunner {
 public:
  // `hub`: how the agent dials. `clock` must outlive it.
  CaptureRunner(AgentOptions hub, CaptureOptions options, std::string resource, AdapterFactory factory,
                const Clock& clock, absl::Duration pause);
  // Waits for the round under way.
  ~CaptureRunner();

 private:
  void Run();
  absl::Status Serve();  // until it is stopped, or the entry cannot be had
  bool Rest();           // the pause; true once it is stopped

  const AgentOptions hub_;
  const CaptureOptions options_;
  const std::string resource_;
  const AdapterFactory factory_;
  const Clock& clock_;
  const absl::Duration pause_;
  absl::Mutex mu_;  // makes stopping and resting one step
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace zhanqiao::connectors
