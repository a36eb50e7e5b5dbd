// What the commands of oversight share: when and of whom a figure is asked, and the names of measures.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/error.h"
#include "hub/cli/commands.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace CLI {
class App;
}

namespace zhanqiao::cli {

// The options --as-of, --known-at, --known-on and --org.
struct FigureQuestion {
  std::string as_of;
  std::string known_at;
  std::string known_on;
  std::string organization;

  void AddTo(CLI::App& command);
  // INVALID_ARGUMENT / USAGE unless --known-at is a number.
  absl::StatusOr<v1::FigureTime> Time() const;
  template <typename Request>
  absl::Status Fill(Request& request) const {
    *request.mutable_time() = TRY(Time());
    if (!organization.empty()) request.set_organization(OrganizationArgument(organization));
    return absl::OkStatus();
  }
};

// "上云比例" and "cloud_migration_ratio".
std::string MeasureText(v1::Measure measure);
std::string MeasureWord(v1::Measure measure);
absl::StatusOr<v1::Measure> MeasureArgument(std::string_view text);

// "70.0%".
std::string PercentText(double ratio);

}  // namespace zhanqiao::cli
