// One structured (JSON) line per event on standard error; no payload, no personal data, ever.
#pragma once

#include <string_view>

#include "catalog/base/error.h"

namespace zhanqiao {

enum class LogLevel { kDebug, kInfo, kWarning, kError };

// Lines below `level` are dropped. Default kInfo. Thread-safe.
void SetLogLevel(LogLevel level);

// Whether a line of `level` would be written: asked before facts are gathered. Thread-safe.
bool LogEnabled(LogLevel level);

// {"time":"…","level":"info","event":"listener_started","address":"127.0.0.1:7443"}. Thread-safe.
void Log(LogLevel level, std::string_view event, const Facts& facts = {});

// Logs a status with its code, reason, message and facts.
void LogStatus(LogLevel level, std::string_view event, const absl::Status& status);

}  // namespace zhanqiao
