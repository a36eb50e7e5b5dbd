#include "hub/hub.h"

#include "catalog/base/log.h"

namespace zhanqiao {

// Brings time to those who own no thread.
void Hub::Tick() {
  for (int turn = 0; !stopping_.load(std::memory_order_relaxed); ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    broker_.Sweep();
    if (turn % 10 == 0) {
      connectors_.Sweep();
      operations_.Sweep();
      feeds_.Sweep();
      TellLedgerHealth();
    }
    if (turn % 100 == 0) {
      refusals_.Sweep();
      const absl::Status checked = self_check_.Step();
      if (!checked.ok()) LogStatus(LogLevel::kError, "ledger_self_check", checked);
    }
    if (turn % 1000 == 0) {
      const absl::Status swept = break_glass_service_.Sweep();
      if (!swept.ok()) LogStatus(LogLevel::kError, "break_glass_not_ended", swept);
    }
    if (turn % 6000 == 0) {  // each minute: cheap, and no year begins long without its key
      const absl::Status rotated = RotateSubjectKeys();
      if (!rotated.ok()) LogStatus(LogLevel::kError, "subject_key_not_made", rotated);
      workers_.Submit([this] { sweep_.Run(); });  // it waits for its commits; a full queue is asked again in a minute
      sessions_.Sweep();
      const absl::Status sealed = RotatePayloadKeys();
      if (!sealed.ok()) LogStatus(LogLevel::kError, "payload_key_not_made", sealed);
      payload_executor_([this] { files_.Sweep(); });
    }
    if (turn % 360000 == 359999) workers_.Submit([this] { WriteUsage(); });  // each hour
  }
}

// The pipeline opens again by itself once the cause is gone.
void Hub::TellLedgerHealth() {
  if (pipeline_.closed()) {
    health_.StopServing("LEDGER_UNAVAILABLE");
  } else {
    health_.Serve();
  }
}

}  // namespace zhanqiao
