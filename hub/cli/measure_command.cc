// zq ledger bench.
#include <CLI/CLI.hpp>

#include <unistd.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/ledger/measure/measure.h"

namespace zhanqiao::cli {
namespace {

struct Arguments {
  uint64_t entries = 1'000'000;
  std::string directory;
  bool archives = false;
};

// Three digits that count.
std::string Shown(double value) {
  if (value >= 1000) return absl::StrFormat("%.0f", value);
  const int decimals = value >= 100 ? 0 : value >= 10 ? 1 : value >= 1 ? 2 : 4;
  return absl::StrFormat("%.*f", decimals, value);
}

absl::Status Measure(Context& context, const Arguments& arguments) {
  namespace fs = std::filesystem;
  ledger::MeasureOptions options;
  options.entries = arguments.entries;
  options.archives = arguments.archives;
  const bool temporary = arguments.directory.empty();
  options.directory = temporary ? fs::temp_directory_path() / absl::StrCat("zq-ledger-bench-", getpid())
                                : fs::path(arguments.directory);
  std::error_code error;
  if (fs::exists(options.directory, error) && !fs::is_empty(options.directory, error)) {
    return BadField("DIRECTORY_NOT_EMPTY", "--dir", "Give a new or empty directory for the scratch store.");
  }
  const auto figures = ledger::MeasureLedger(options, [&](std::string_view what) {
    context.err << "… " << what << "\n" << std::flush;
  });
  if (temporary) fs::remove_all(options.directory, error);
  TRY(figures.status());
  if (context.json()) {
    context.out << "{";
    for (const ledger::Figure& figure : *figures) {
      context.out << (&figure == &figures->front() ? "" : ",") << JsonText(figure.key) << ":"
                  << absl::StrFormat("%.6g", figure.value);
    }
    context.out << "}\n";
    return absl::OkStatus();
  }
  Table table({"FIGURE", "MEASURED", "FLOOR / AIM"});
  for (const ledger::Figure& figure : *figures) table.Add({figure.what, Shown(figure.value), figure.goal});
  context.out << table.Render();
  return absl::OkStatus();
}

}  // namespace

void AddMeasureCommand(CLI::App& ledger, Context& context) {
  auto* bench =
      ledger.add_subcommand("bench", "Fills a scratch store and measures the ledger on this machine");
  auto arguments = std::make_shared<Arguments>();
  bench->add_option("--entries", arguments->entries, "Entries in the log")
      ->check(CLI::Range(uint64_t{1000}, uint64_t{1'000'000'000}))
      ->capture_default_str();
  bench->add_option("--dir", arguments->directory,
                    "Directory for the scratch store, which then stays; default: a temporary one");
  bench->add_flag("--archives", arguments->archives, "Also write and prove the archive files");
  bench->callback([&context, arguments] {
    context.action = [&context, arguments] { return Measure(context, *arguments); };
  });
}

}  // namespace zhanqiao::cli
