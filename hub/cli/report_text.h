// What the commands of monthly reports share.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "hub/cli/session.h"
#include "zhanqiao/v1/report.pb.h"

namespace CLI {
class App;
}

namespace zhanqiao::cli {

// Which report a command is about.
struct ReportQuestion {
  std::string month;
  std::string organization;  // code; empty: the caller's own body
  int version = 0;           // 0: the newest

  void AddTo(CLI::App& command, bool with_version);
  // reports/{month}/{code}[/{version}].
  absl::StatusOr<std::string> Name(Session& session) const;
};

// The code of the caller's body.
absl::StatusOr<std::string> OwnBody(Session& session);

// "41", "41/50", "—".
std::string FigureText(const v1::ReportFigure& figure);

// Adds `zq report recompute` and `export-versions`.
void AddReportProofCommands(CLI::App& group, Context& context);

}  // namespace zhanqiao::cli
