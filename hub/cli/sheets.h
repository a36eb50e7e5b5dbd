// Sheets to and from a hub: files in chunks, long work watched to its end.
#pragma once

#include <functional>
#include <string>

#include "hub/cli/session.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace CLI {
class App;
}

namespace zhanqiao::cli {

// A bar on a terminal's line, or nothing where there is no terminal. Not thread-safe.
class ProgressBar {
 public:
  // `quiet`: shows nothing.
  ProgressBar(std::ostream& err, bool quiet) : err_(err), quiet_(quiet) {}
  ~ProgressBar() { Clear(); }
  // "reading     [#####     ] 48%  1200/50000"
  void Show(std::string_view stage, int permille, int64_t done, int64_t total);
  void Clear();

 private:
  std::ostream& err_;
  const bool quiet_;
  bool shown_ = false;
};

// Whether progress is worth showing: standard error is a terminal.
bool IsWatched();

// Sends `file` and waits for the operation's end. Its error, or the response.
struct Imported {
  std::string operation;
  v1::ImportSheetResponse response;
};
absl::StatusOr<Imported> ImportSheet(Session& session, const v1::ImportSettings& settings, const std::string& file,
                                     ProgressBar& bar);

absl::StatusOr<std::string> ExportSheet(Session& session, const v1::ExportSheetRequest& request, ProgressBar& bar);
absl::StatusOr<std::string> DownloadMarkedSheet(Session& session, const std::string& operation, ProgressBar& bar);

// Adds import, export and template of `kind` to a command group.
void AddSheetCommands(CLI::App& group, Context& context, v1::SheetKind kind);

}  // namespace zhanqiao::cli
