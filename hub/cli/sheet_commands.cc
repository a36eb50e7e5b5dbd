// zq resource, org and system: import, export, template. zq operation.
#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/sheets.h"
#include "zhanqiao/v1/operation.grpc.pb.h"
#include "zhanqiao/v1/sheet.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

// What people give for the encoding of CSV.
struct EncodingOption {
  std::string text;
  v1::SheetEncoding value() const {
    if (text == "gb18030") return v1::SHEET_ENCODING_GB18030;
    return text == "utf-8" ? v1::SHEET_ENCODING_UTF8 : v1::SHEET_ENCODING_UNSPECIFIED;
  }
};

void AddEncoding(CLI::App& command, EncodingOption& encoding) {
  command.add_option("--encoding", encoding.text, "Of CSV: utf-8 or gb18030")->check(CLI::IsMember({"utf-8", "gb18030"}));
}

struct ImportOrder {
  std::string file;
  v1::ImportSettings settings;
  std::string marked;
  EncodingOption encoding;
};

void PrintImport(Context& context, const v1::ImportSheetResponse& done) {
  if (context.json()) return PrintJson(done, context.out);
  if (done.problem_count() == 0) {
    context.out << (done.dry_run() ? "would create " : "created ") << done.created() << ", "
                << (done.dry_run() ? "would update " : "updated ") << done.updated() << ", unchanged " << done.unchanged()
                << "\n";
    return;
  }
  constexpr int kShown = 50;
  Sheet sheet;
  for (int i = 0; i < std::min(done.problems_size(), kShown); ++i) {
    const auto& one = done.problems(i);
    sheet.Add(absl::StrCat(one.column(), one.row()), one.heading());
    sheet.Add(" ", one.description_zh());
    sheet.Add(" ", one.description());
  }
  context.out << sheet.Render();
  if (done.problem_count() > kShown) {
    context.out << "… and " << done.problem_count() - kShown << " more; --marked gives them all in the sheet.\n";
  }
}

absl::Status Import(Context& context, const ImportOrder& order) {
  const std::string file = TRY(ReadFile(order.file));
  Session session(context.options);
  ProgressBar bar(context.err, context.json() || !IsWatched());
  v1::ImportSettings settings = order.settings;
  settings.set_encoding(order.encoding.value());
  settings.set_marked(!order.marked.empty());
  const Imported imported = TRY(ImportSheet(session, settings, file, bar));
  PrintImport(context, imported.response);
  if (imported.response.problem_count() == 0) return absl::OkStatus();
  if (imported.response.marked()) {
    const std::string marked = TRY(DownloadMarkedSheet(session, imported.operation, bar));
    TRY(WriteFile(order.marked, marked));
  }
  return Fail(absl::StatusCode::kInvalidArgument, "IMPORT_REFUSED",
              "Cells of the file are wrong and nothing was stored; correct them and import again.",
              {{"file", order.file}, {"problems", std::to_string(imported.response.problem_count())},
               {"marked", imported.response.marked() ? order.marked : ""}});
}

struct ExportOrder {
  v1::ExportSheetRequest request;
  std::string xlsx;
  std::string csv;
  std::string body;
  EncodingOption encoding;
};

absl::Status Export(Context& context, const ExportOrder& order) {
  v1::ExportSheetRequest request = order.request;
  request.set_format(order.csv.empty() ? v1::SHEET_FORMAT_XLSX : v1::SHEET_FORMAT_CSV);
  request.set_encoding(order.encoding.value());
  if (!order.body.empty()) request.set_parent(OrganizationArgument(order.body));
  const std::string& path = order.csv.empty() ? order.xlsx : order.csv;
  Session session(context.options);
  ProgressBar bar(context.err, context.json() || !IsWatched());
  const std::string content = TRY(ExportSheet(session, request, bar));
  TRY(WriteFile(path, content));
  if (context.json()) {
    context.out << "{\"file\":" << JsonText(path) << ",\"bytes\":" << content.size() << "}\n";
  } else {
    context.out << path << ": " << content.size() << " bytes\n";
  }
  return absl::OkStatus();
}

absl::Status WriteTemplate(Context& context, v1::SheetKind kind, const std::string& path, const EncodingOption& encoding) {
  v1::GetTemplateRequest request;
  request.set_kind(kind);
  const bool csv = absl::EndsWith(absl::AsciiStrToLower(path), ".csv");
  request.set_format(csv ? v1::SHEET_FORMAT_CSV : v1::SHEET_FORMAT_XLSX);
  request.set_encoding(encoding.value());
  Session session(context.options);
  const auto file = TRY(session.Call(&v1::SheetService::Stub::GetTemplate, request));
  TRY(WriteFile(path, file.content()));
  if (context.json()) {
    context.out << "{\"file\":" << JsonText(path) << ",\"bytes\":" << file.content().size() << "}\n";
  } else {
    context.out << path << ": " << file.content().size() << " bytes\n";
  }
  return absl::OkStatus();
}

std::string Share(const v1::Operation& operation) { return absl::StrCat(operation.progress_permille() / 10, "%"); }

std::string StateOf(const v1::Operation& operation) {
  if (!operation.done()) return operation.stage();
  return operation.has_error() ? operation.error().message() : "done";
}

absl::Status ListOperations(Context& context) {
  Session session(context.options);
  auto all = TRY(ListAll(session, &v1::OperationService::Stub::ListOperations, v1::ListOperationsRequest(),
                         &v1::ListOperationsResponse::mutable_operations));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"NAME", "KIND", "BEGUN", "PROGRESS", "STATE"});
  for (const auto& one : all.operations()) {
    table.Add({one.name(), one.kind(), TimeText(one.create_time()), Share(one), StateOf(one)});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

template <typename Request>
absl::Status ShowOperation(Context& context, const std::string& name,
                           grpc::Status (v1::OperationService::Stub::*method)(grpc::ClientContext*, const Request&, v1::Operation*)) {
  Session session(context.options);
  Request request;
  request.set_name(name.find('/') == std::string::npos ? absl::StrCat("operations/", name) : name);
  const v1::Operation operation = TRY(session.Call(method, request));
  if (context.json()) {
    PrintJson(operation, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("name", operation.name());
  sheet.Add("kind", operation.kind());
  sheet.Add("begun", TimeText(operation.create_time()));
  sheet.Add("ended", TimeText(operation.end_time()));
  sheet.Add("progress", Share(operation));
  sheet.Add("state", StateOf(operation));
  context.out << sheet.Render();
  return absl::OkStatus();
}

}  // namespace

void AddSheetCommands(CLI::App& group, Context& context, v1::SheetKind kind) {
  auto* import = group.add_subcommand("import", "Takes in a sheet (XLSX or CSV), all or nothing");
  auto order = std::make_shared<ImportOrder>();
  order->settings.set_kind(kind);
  order->settings.set_reason(absl::StrCat("zq ", group.get_name(), " import"));
  auto dry_run = std::make_shared<bool>(false);
  import->add_option("file", order->file, "XLSX or CSV file; zq … template gives an empty one")->required();
  import->add_flag("--dry-run,--validate-only", *dry_run, "Report problems, store nothing");
  import->add_option("--marked", order->marked, "Where to write the sheet with every wrong cell marked (XLSX)");
  import->add_option("--sheet", *order->settings.mutable_sheet(), "Name of the worksheet; the first if left out");
  import->add_option("--reason", *order->settings.mutable_reason(), "Why; kept in the history")->capture_default_str();
  AddEncoding(*import, order->encoding);
  import->callback([&context, order, dry_run] {
    order->settings.set_dry_run(*dry_run);
    context.action = [&context, order] { return Import(context, *order); };
  });

  auto* out = group.add_subcommand("export", "Writes what is stored as a sheet");
  auto wanted = std::make_shared<ExportOrder>();
  wanted->request.set_kind(kind);
  auto* files = out->add_option_group("file");
  files->add_option("--xlsx", wanted->xlsx, "File to write, as a workbook");
  files->add_option("--csv", wanted->csv, "File to write, as CSV");
  files->require_option(1);
  out->add_option("--provider,--organization", wanted->body, "Code of the organisation whose it is; all if left out");
  AddEncoding(*out, wanted->encoding);
  out->callback([&context, wanted] { context.action = [&context, wanted] { return Export(context, *wanted); }; });

  auto* blank = group.add_subcommand("template", "Writes an empty sheet to fill in");
  auto path = std::make_shared<std::string>();
  auto encoding = std::make_shared<EncodingOption>();
  blank->add_option("file", *path, "File to write: .xlsx or .csv")->required();
  AddEncoding(*blank, *encoding);
  blank->callback([&context, kind, path, encoding] {
    context.action = [&context, kind, path, encoding] { return WriteTemplate(context, kind, *path, *encoding); };
  });
}

void AddOperationCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("operation", "Long work of yours: imports");
  group->require_subcommand(1);
  group->add_subcommand("list", "Yours, newest first")->callback([&context] {
    context.action = [&context] { return ListOperations(context); };
  });
  auto name = std::make_shared<std::string>();
  auto* get = group->add_subcommand("get", "How far it is, and what came of it");
  get->add_option("name", *name, "operations/{id} or the id")->required();
  get->callback([&context, name] {
    context.action = [&context, name] { return ShowOperation(context, *name, &v1::OperationService::Stub::GetOperation); };
  });
  auto* cancel = group->add_subcommand("cancel", "Asks it to stop");
  cancel->add_option("name", *name, "operations/{id} or the id")->required();
  cancel->callback([&context, name] {
    context.action = [&context, name] { return ShowOperation(context, *name, &v1::OperationService::Stub::CancelOperation); };
  });
}

}  // namespace zhanqiao::cli
