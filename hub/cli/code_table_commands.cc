// zq table: code tables.
#include <CLI/CLI.hpp>

#include <map>

#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "zhanqiao/v1/code_table.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::CodeTableService::Stub;

struct Order {
  std::string table;
  std::string file;
  std::string source;
  std::string reason;
  bool dry_run = false;
};

std::string TableArgument(const std::string& text) {
  return text.find('/') == std::string::npos ? absl::StrCat("codeTables/", text) : text;
}

absl::Status ImportTable(Context& context, const Order& order) {
  Session session(context.options);
  v1::ImportCodeTableRequest request;
  request.set_name(TableArgument(order.table));
  request.set_csv(TRY(ReadFile(order.file)));
  request.set_source(order.source);
  request.set_reason(order.reason);
  request.set_validate_only(order.dry_run);
  const auto done = TRY(session.Call(&Stub::ImportCodeTable, request));
  if (context.json()) {
    PrintJson(done, context.out);
  } else {
    for (const auto& problem : done.problems()) {
      context.out << "line " << problem.row() << ", " << Printable(problem.column()) << ": " << problem.reason() << ": "
                  << Printable(problem.description()) << "\n";
    }
    context.out << done.rows() << " rows, " << (done.changed() ? "changed" : "unchanged") << "\n";
  }
  if (done.problems().empty()) return absl::OkStatus();
  return Fail(absl::StatusCode::kInvalidArgument, "IMPORT_REFUSED", "The file is wrong; nothing was stored.",
              {{"problems", absl::StrCat(done.problems_size())}});
}

absl::Status GetTable(Context& context, const std::string& name) {
  Session session(context.options);
  v1::GetCodeTableRequest request;
  request.set_name(TableArgument(name));
  const auto found = TRY(session.Call(&Stub::GetCodeTable, request));
  if (context.json()) {
    PrintJson(found, context.out);
    return absl::OkStatus();
  }
  Table table({"CODE", "NAME", "ATTRIBUTES"});
  for (const auto& row : found.rows()) {
    const std::map<std::string, std::string> sorted(row.attributes().begin(), row.attributes().end());
    std::string attributes;
    for (const auto& [column, text] : sorted) {
      absl::StrAppend(&attributes, attributes.empty() ? "" : "; ", column, "=", text);
    }
    table.Add({row.code(), row.display_name(), attributes});
  }
  context.out << table.Render() << found.source() << "\n";
  return absl::OkStatus();
}

}  // namespace

void AddCodeTableCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("table", "Code tables: classification, certificate_types, base_databases");
  group->require_subcommand(1);
  auto order = std::make_shared<Order>();
  auto* import = group->add_subcommand("import", "Loads a table from CSV in place of what it held");
  import->add_option("table", order->table, "Name of the table")->required();
  import->add_option("file", order->file, "CSV: code, name and further columns")->required();
  import->add_option("--source", order->source, "Where the table comes from")->required();
  import->add_option("--reason", order->reason, "Why; kept in the history");
  import->add_flag("--dry-run", order->dry_run, "Report problems, store nothing");
  import->callback([&context, order] { context.action = [&context, order] { return ImportTable(context, *order); }; });
  auto* get = group->add_subcommand("get", "A table as it is now");
  get->add_option("table", order->table, "Name of the table")->required();
  get->callback([&context, order] { context.action = [&context, order] { return GetTable(context, order->table); }; });
}

}  // namespace zhanqiao::cli
