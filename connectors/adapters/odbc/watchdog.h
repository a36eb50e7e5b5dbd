// Cancels statements at their deadlines, whatever their driver thinks of timeouts.
#pragma once

#include <sql.h>

#include <map>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace zhanqiao::connectors {

// One thread for the whole process. Thread-safe.
class Watchdog {
 public:
  static Watchdog& Shared();

  // Cancels `statement` at `deadline` unless the watch has ended before: after its end nothing touches the
  // statement.
  class Watch {
   public:
    Watch(SQLHSTMT statement, absl::Time deadline) : at_(Shared().Add(statement, deadline)) {}
    ~Watch() { Shared().Remove(at_); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    std::multimap<absl::Time, SQLHSTMT>::iterator at_;
  };

 private:
  Watchdog();
  ~Watchdog();
  std::multimap<absl::Time, SQLHSTMT>::iterator Add(SQLHSTMT statement, absl::Time deadline);
  void Remove(std::multimap<absl::Time, SQLHSTMT>::iterator at);
  void Run();

  absl::Mutex mu_;  // a statement is cancelled or its watch ends, never both at once
  absl::CondVar changed_;
  std::multimap<absl::Time, SQLHSTMT> watched_ ABSL_GUARDED_BY(mu_);
  bool stopping_ ABSL_GUARDED_BY(mu_) = false;
  std::thread thread_;
};

}  // namespace zhanqiao::connectors
