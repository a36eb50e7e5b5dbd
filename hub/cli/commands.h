// The command groups of zq. Each adds its commands to the parser; the one that is named sets
// `context.action`.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "hub/cli/session.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace CLI {
class App;
}

namespace zhanqiao::cli {

void AddOrganizationCommands(CLI::App& app, Context& context);  // org, system
void AddPartyCommands(CLI::App& app, Context& context);         // person, connector
void AddAccountCommands(CLI::App& app, Context& context);       // account
void AddSessionCommands(CLI::App& app, Context& context);       // session
void AddBreakGlassCommands(CLI::App& app, Context& context);    // break-glass
void AddResourceCommands(CLI::App& app, Context& context);      // resource
void AddSearchCommand(CLI::App& group, Context& context);       // resource search
void AddOperationCommands(CLI::App& app, Context& context);     // operation
void AddResourceStateCommands(CLI::App& group, Context& context);   // resource submit, review, publish, withdraw, …
void AddResourceFigureCommands(CLI::App& group, Context& context);  // resource findings, coverage
void AddNoticeCommands(CLI::App& app, Context& context);        // notice
void AddAdministrationCommands(CLI::App& app, Context& context);  // health, policy, holidays
void AddCertificateList(CLI::App& group, Context& context);     // cert list
void AddCodeTableCommands(CLI::App& app, Context& context);     // table
void AddGrantCommands(CLI::App& app, Context& context);         // grant
void AddGrantMoves(CLI::App& group, Context& context);          // its verbs, in the group of grant
void AddDelegationCommands(CLI::App& group, Context& context);  // delegate, delegations, end-delegation, there too
void AddObjectionCommands(CLI::App& app, Context& context);     // objection
void AddDemandCommands(CLI::App& app, Context& context);        // demand
void AddOversightCommands(CLI::App& app, Context& context);     // progress, figure
void AddReportCommands(CLI::App& app, Context& context);        // report
void AddTaskCommands(CLI::App& app, Context& context);          // task, criticism
void AddEvaluationCommands(CLI::App& app, Context& context);    // evaluation
void AddProjectCommands(CLI::App& app, Context& context);       // project
void AddAlarmCommands(CLI::App& app, Context& context);         // alarm
void AddStatsCommands(CLI::App& app, Context& context);         // stats
void AddInventoryCommands(CLI::App& app, Context& context);     // inventory
void AddSampleCommands(CLI::App& app, Context& context);        // sample
void AddDatasetCommands(CLI::App& app, Context& context);       // dataset
void AddSubmissionCommands(CLI::App& app, Context& context);    // submission
void AddQueryCommand(CLI::App& app, Context& context);          // query
void AddFetchCommand(CLI::App& app, Context& context);          // fetch
void AddTraceCommand(CLI::App& app, Context& context);          // trace
void AddConnectorList(CLI::App& group, Context& context);       // connector list
void AddFeedCommands(CLI::App& app, Context& context);          // feed
void AddFileCommands(CLI::App& app, Context& context);          // file
void AddReceiptCommands(CLI::App& app, Context& context);       // receipt, ack
void AddReconcileCommand(CLI::App& group, Context& context);    // connector reconcile
void AddLedgerCommands(CLI::App& app, Context& context);        // ledger
void AddAuditCommands(CLI::App& ledger, Context& context);      // ledger query, trace, rollup, archives, erase
void AddMeasureCommand(CLI::App& ledger, Context& context);     // ledger bench
void AddVouchingCommands(CLI::App& ledger, Context& context);   // ledger head, key, restart-log
void AddWitnessCommands(CLI::App& app, Context& context);       // witness
void AddCertificateCommands(CLI::App& app, Context& context);   // cert
void AddDemoCommands(CLI::App& app, Context& context);          // demo

// Full resource names of what people type: "370200-FGW", "resources/…" or "307001370200/000001", "01h…".
std::string OrganizationArgument(std::string_view text);
std::string ResourceArgument(std::string_view text);
std::string GrantArgument(std::string_view text);
// "370200-GAJ/clerk" in full.
std::string PersonArgument(std::string_view text);

// An entry with all its elements, or as JSON.
void PrintResource(Context& context, const v1::Resource& resource);

// Runs zq with `arguments` (without the program's name) and returns the exit code.
int RunZq(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace zhanqiao::cli
