// For threads that do what can wait.
#pragma once

#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace zhanqiao::ledger {

// From here on the calling thread takes one or two hundredths of a core from threads that have work too, and all of
// it from idle ones (Linux: a nice value is a thread's own). Where that is not allowed nothing changes.
inline void YieldToOthers() {
  constexpr int kNice = 19;
  setpriority(PRIO_PROCESS, static_cast<id_t>(syscall(SYS_gettid)), kNice);
}

}  // namespace zhanqiao::ledger
