#include <CLI/CLI.hpp>

#include <algorithm>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "hub/cli/commands.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {
namespace {

void AddGlobalOptions(CLI::App& app, Options& options) {
  app.add_option("--hub", options.hub, "Address of the hub, host:port")
      ->envname("ZQ_HUB")
      ->capture_default_str();
  app.add_option("--ca", options.ca, "PEM file: authority of the hub's certificate")->envname("ZQ_CA");
  app.add_option("--cert", options.cert, "PEM file: certificate to act with")->envname("ZQ_CERT");
  app.add_option("--key", options.key, "PEM file: its private key")->envname("ZQ_KEY");
  app.add_option("--session", options.session, "File with a session's token, to act with instead of a certificate")
      ->envname("ZQ_SESSION");
  app.add_option("--vkey", options.vkey, "Verifier key of the log, or a file holding it")->envname("ZQ_VKEY");
  app.add_option("--store", options.store, "Store of a stopped hub (ledger export)")->envname("ZQ_STORE");
  app.add_option("--timeout-ms", options.timeout_ms, "Longest time for each call, milliseconds")
      ->check(CLI::Range(1, 3600000))
      ->capture_default_str();
  app.add_flag("--json", options.json, "Print JSON");
}

absl::Status UsageError(const CLI::ParseError& error) {
  return Fail(absl::StatusCode::kInvalidArgument, "USAGE", error.what(),
              {{"fix", "zq --help, zq <group> --help and zq <group> <command> --help show what there is."}});
}

// Which exit code tells the caller most.
int ExitCodeOf(const absl::Status& status) {
  if (status.ok()) return kExitOk;
  const std::string reason = ReasonOf(status);
  if (reason == "IDENTITY_MISSING" || reason == "USAGE") return kExitUsage;
  if (status.code() == absl::StatusCode::kDataLoss || reason == "QUORUM_NOT_MET") return kExitUnproved;
  if (status.code() == absl::StatusCode::kUnavailable && reason.empty()) return kExitUnreachable;
  return kExitFailed;
}

// What the gRPC library says about a hub that does not answer helps nobody; this does.
absl::Status Explained(absl::Status status, const Options& options) {
  if (status.code() != absl::StatusCode::kUnavailable || !ReasonOf(status).empty()) return status;
  absl::Status better(absl::StatusCode::kUnavailable,
                      absl::StrCat("No hub answers at ", options.hub,
                                   " with this certificate; check --hub, --ca, "
                                   "--cert and --key, and that it runs. (",
                                   Absl(Std(status.message())), ")"));
  return better;
}

bool WantsJson(const std::vector<std::string>& arguments) {
  return std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
}

}  // namespace

std::string OrganizationArgument(std::string_view text) {
  return text.find('/') == std::string_view::npos ? absl::StrCat("organizations/", Absl(text))
                                                  : std::string(text);
}

std::string ResourceArgument(std::string_view text) {
  if (absl::StartsWith(Absl(text), "resources/")) return std::string(text);
  return absl::StrCat("resources/", absl::StrReplaceAll(Absl(text), {{"/", "~"}}));
}

std::string GrantArgument(std::string_view text) {
  return text.find('/') == std::string_view::npos ? absl::StrCat("grants/", Absl(text)) : std::string(text);
}

int RunZq(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err) {
  Context context{.options = {}, .out = out, .err = err};
  CLI::App app("zq: works with a Zhanqiao hub. Every command takes --json and exits non-zero on failure.",
               "zq");
  app.require_subcommand(1);
  app.fallthrough();
  app.set_help_all_flag("--help-all", "Show every command");
  AddGlobalOptions(app, context.options);
  AddOrganizationCommands(app, context);
  AddPartyCommands(app, context);
  AddAccountCommands(app, context);
  AddSessionCommands(app, context);
  AddBreakGlassCommands(app, context);
  AddResourceCommands(app, context);
  AddOperationCommands(app, context);
  AddNoticeCommands(app, context);
  AddAdministrationCommands(app, context);
  AddCodeTableCommands(app, context);
  AddGrantCommands(app, context);
  AddObjectionCommands(app, context);
  AddDemandCommands(app, context);
  AddOversightCommands(app, context);
  AddReportCommands(app, context);
  AddTaskCommands(app, context);
  AddEvaluationCommands(app, context);
  AddProjectCommands(app, context);
  AddAlarmCommands(app, context);
  AddStatsCommands(app, context);
  AddInventoryCommands(app, context);
  AddSampleCommands(app, context);
  AddDatasetCommands(app, context);
  AddSubmissionCommands(app, context);
  AddQueryCommand(app, context);
  AddFetchCommand(app, context);
  AddTraceCommand(app, context);
  AddFeedCommands(app, context);
  AddFileCommands(app, context);
  AddReceiptCommands(app, context);
  AddLedgerCommands(app, context);
  AddWitnessCommands(app, context);
  AddCertificateCommands(app, context);
  AddDemoCommands(app, context);
  try {
    // CLI11 takes arguments from the back.
    app.parse(std::vector<std::string>(arguments.rbegin(), arguments.rend()));
  } catch (const CLI::CallForHelp&) {
    out << app.help();
    return kExitOk;
  } catch (const CLI::CallForAllHelp&) {
    out << app.help("", CLI::AppFormatMode::All);
    return kExitOk;
  } catch (const CLI::ParseError& error) {
    PrintError(UsageError(error), WantsJson(arguments), err);
    return kExitUsage;
  }
  const absl::Status status = Explained(context.action(), context.options);
  if (!status.ok()) PrintError(status, context.json(), err);
  out.flush();
  if (status.ok() && !out) {
    err << "zq: the output could not be written\n";
    return kExitFailed;
  }
  return ExitCodeOf(status);
}

}  // namespace zhanqiao::cli
