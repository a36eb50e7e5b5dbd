#include "catalog/base/log.h"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "google/rpc/error_details.pb.h"

namespace zhanqiao {
namespace {

spdlog::logger& Logger() {
  static auto* const logger = [] {
    auto* made = new spdlog::logger("zhanqiao", std::make_shared<spdlog::sinks::stderr_sink_mt>());
    made->set_pattern("%v");
    return made;
  }();
  return *logger;
}

void AppendJson(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      absl::StrAppend(&out, "\\u", absl::Hex(byte, absl::kZeroPad4));
    } else {
      out += c;
    }
  }
  out += '"';
}

constexpr std::string_view kNames[] = {"debug", "info", "warning", "error"};
constexpr spdlog::level::level_enum kLevels[] = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                                 spdlog::level::err};

}  // namespace

void SetLogLevel(LogLevel level) { Logger().set_level(kLevels[static_cast<int>(level)]); }

bool LogEnabled(LogLevel level) { return Logger().should_log(kLevels[static_cast<int>(level)]); }

void Log(LogLevel level, std::string_view event, const Facts& facts) {
  if (!Logger().should_log(kLevels[static_cast<int>(level)])) return;
  std::string line = absl::StrCat("{\"time\":\"", absl::FormatTime("%Y-%m-%dT%H:%M:%E3SZ", absl::Now(), absl::UTCTimeZone()),
                                  "\",\"level\":\"", Absl(kNames[static_cast<int>(level)]), "\",\"event\":");
  AppendJson(line, event);
  for (const auto& [name, value] : facts) {
    line += ',';
    AppendJson(line, name);
    line += ':';
    AppendJson(line, value);
  }
  line += '}';
  Logger().log(kLevels[static_cast<int>(level)], line);
}

void LogStatus(LogLevel level, std::string_view event, const absl::Status& status) {
  Facts facts = {{"code", absl::StatusCodeToString(status.code())},
                 {"reason", ReasonOf(status)},
                 {"message", std::string(status.message())}};
  google::rpc::ErrorInfo info;
  if (const auto payload = status.GetPayload("type.googleapis.com/google.rpc.ErrorInfo")) {
    info.ParseFromString(std::string(*payload));
  }
  facts.insert(facts.end(), info.metadata().begin(), info.metadata().end());
  std::sort(facts.begin() + 3, facts.end());  // a map's order is not repeatable
  Log(level, event, facts);
}

}  // namespace zhanqiao
