// The command groups of zq. Each adds its commands to the parser; the one that is named sets
// `context.action`.
#pragma once

#include <functional>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "hub/cli/session.h"

namespace CLI {
class App;
}

namespace zhanqiao::cli {

void AddOrganizationCommands(CLI::App& app, Context& context);  // org, system
void AddPartyCommands(CLI::App& app, Context& context);         // person, connector
void AddResourceCommands(CLI::App& app, Context& context);      // resource
void AddGrantCommands(CLI::App& app, Context& context);         // grant
void AddQueryCommand(CLI::App& app, Context& context);          // query
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

// Runs zq with `arguments` (without the program's name) and returns the exit code.
int RunZq(const std::vector<std::string>& arguments, std::ostream& out, std::ostream& err);

}  // namespace zhanqiao::cli
