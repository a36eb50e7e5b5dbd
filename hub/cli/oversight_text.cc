#include "hub/cli/oversight_text.h"

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_format.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {

void FigureQuestion::AddTo(CLI::App& command) {
  command.add_option("--as-of", as_of, "YYYY-MM-DD: facts that hold on this date; today if left out");
  command.add_option("--known-at", known_at, "Ledger index: only what the hub knew at this position");
  command.add_option("--known-on", known_on, "YYYY-MM-DD: only what the hub knew at the end of this day");
  command.add_option("--org", organization, "Code of a body; the city if left out");
}

absl::StatusOr<v1::FigureTime> FigureQuestion::Time() const {
  v1::FigureTime time;
  time.set_as_of(as_of);
  time.set_known_on(known_on);
  uint64_t index = 0;
  if (known_at.empty()) return time;
  if (!absl::SimpleAtoi(known_at, &index)) {
    return Fail(absl::StatusCode::kInvalidArgument, "USAGE", "--known-at is the index of a ledger entry, a whole number.");
  }
  time.set_known_at(index);
  return time;
}

std::string MeasureText(v1::Measure measure) {
  switch (measure) {
    case v1::MEASURE_CLOUD_MIGRATION_RATIO:
      return "上云比例";
    case v1::MEASURE_SYSTEMS_INTEGRATED:
      return "系统整合";
    case v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED:
      return "僵尸系统清理";
    case v1::MEASURE_PRIVATE_NETWORKS_MIGRATED:
      return "专网迁移";
    case v1::MEASURE_INTERNET_EXITS_MERGED:
      return "互联网出口整合";
    case v1::MEASURE_PORTALS_MERGED:
      return "门户整合";
    case v1::MEASURE_CATALOGUE_COVERAGE:
      return "目录覆盖";
    default:
      return MeasureWord(measure);
  }
}

std::string MeasureWord(v1::Measure measure) {
  return absl::AsciiStrToLower(EnumText(v1::Measure_descriptor(), measure));
}

absl::StatusOr<v1::Measure> MeasureArgument(std::string_view text) {
  return static_cast<v1::Measure>(TRY(EnumArgument(v1::Measure_descriptor(), "MEASURE_", "measure", text)));
}

std::string PercentText(double ratio) { return absl::StrFormat("%.1f%%", ratio * 100); }

}  // namespace zhanqiao::cli
