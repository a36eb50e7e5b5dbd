// zq progress and zq figure.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/oversight_text.h"
#include "hub/cli/paging.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/oversight.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::OversightService::Stub;

std::string OfTarget(double target) { return target > 0 ? PercentText(target) : ""; }

std::string Slashed(int counted, int due) { return absl::StrCat(counted, " / ", due); }

void PrintMeasures(const v1::Progress& progress, std::ostream& out) {
  Table table({"指标", "MEASURE", "DONE", "LEFT OUT", "RATIO", "TARGET", "BY"});
  for (const v1::Figure& figure : progress.measures()) {
    table.Add({MeasureText(figure.measure()), MeasureWord(figure.measure()),
               Slashed(figure.total().counted(), figure.total().due()), absl::StrCat(figure.total().excluded()),
               PercentText(figure.total().ratio()), OfTarget(figure.target()), figure.target_date()});
  }
  out << table.Render();
}

absl::Status ShowProgress(Context& context, const FigureQuestion& question) {
  Session session(context.options);
  v1::GetProgressRequest request;
  TRY(question.Fill(request));
  const v1::Progress progress = TRY(session.Call(&Stub::GetProgress, request));
  if (context.json()) {
    PrintWholeJson(progress, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("截至 as of", progress.as_of());
  sheet.Add("记录到 known at", absl::StrCat("entry ", progress.known_at()));
  sheet.Add("范围 of", progress.organization().empty() ? "全市 the city" : CodeIn(progress.organization()));
  if (progress.sample()) sheet.Add("样例 sample", "generated records, not a city's");
  const v1::CloudMigrationRatio& cloud = progress.cloud_migration_ratio();
  sheet.Add("上云 on cloud", absl::StrCat(Slashed(cloud.on_cloud(), cloud.eligible()), " = ", PercentText(cloud.ratio()),
                                        ", target ", PercentText(cloud.target())));
  const v1::OpenDatasetProgress& open = progress.open_datasets();
  sheet.Add("开放数据集 open datasets",
            open.target() > 0 ? Slashed(open.published(), open.target()) : absl::StrCat(open.published()));
  const v1::ReportProgress& reports = progress.reports();
  sheet.Add("月报 reports", absl::StrCat(reports.due(), " due: ", reports.on_time(), " on time, ", reports.late(), " late, ",
                                       reports.missing(), " missing"));
  const v1::TaskProgress& tasks = progress.tasks();
  sheet.Add("台账 tasks", absl::StrCat(tasks.total(), ": ", tasks.done(), " done, ", tasks.overdue(), " overdue"));
  context.out << sheet.Render() << "\n";
  PrintMeasures(progress, context.out);
  return absl::OkStatus();
}

absl::Status ShowFigure(Context& context, const FigureQuestion& question, const std::string& measure, const std::string& by) {
  Session session(context.options);
  v1::GetFigureRequest request;
  TRY(question.Fill(request));
  request.set_measure(TRY(MeasureArgument(measure)));
  if (!by.empty()) {
    request.set_group_by(static_cast<v1::FigureGroup>(TRY(EnumArgument(v1::FigureGroup_descriptor(), "FIGURE_GROUP_", "--by", by))));
  }
  const v1::Figure figure = TRY(session.Call(&Stub::GetFigure, request));
  if (context.json()) {
    PrintWholeJson(figure, context.out);
    return absl::OkStatus();
  }
  Table table({"OF", "NAME", "DONE", "DUE", "LEFT OUT", "RATIO"});
  const auto add = [&](const std::string& key, const std::string& name, const v1::FigureCount& count) {
    table.Add({key, name, absl::StrCat(count.counted()), absl::StrCat(count.due()), absl::StrCat(count.excluded()),
               PercentText(count.ratio())});
  };
  for (const v1::FigureRow& row : figure.rows()) add(CodeIn(row.key()), row.display_name(), row.count());
  add("all", "合计", figure.total());
  context.out << MeasureText(figure.measure()) << "  as of " << figure.as_of() << ", known at entry " << figure.known_at() << "\n"
              << table.Render();
  return absl::OkStatus();
}

absl::Status ListItems(Context& context, const FigureQuestion& question, const std::string& measure, const std::string& state) {
  Session session(context.options);
  v1::ListFigureItemsRequest request;
  TRY(question.Fill(request));
  request.set_measure(TRY(MeasureArgument(measure)));
  if (!state.empty()) {
    request.set_state(static_cast<v1::FigureItemState>(
        TRY(EnumArgument(v1::FigureItemState_descriptor(), "FIGURE_ITEM_STATE_", "--state", state))));
  }
  const auto all = TRY(ListAll(session, &Stub::ListFigureItems, request, &v1::ListFigureItemsResponse::mutable_items));
  if (context.json()) {
    PrintWholeJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"DOCUMENT", "NAME", "STATE", "WHY", "DATE", "ENTRY"});
  for (const v1::FigureItem& item : all.items()) {
    const std::string document = item.document().substr(item.document().find('/') + 1);
    const std::string date = item.fact_date().empty() ? item.planned_date() : item.fact_date();
    table.Add({document, item.display_name(), EnumText(v1::FigureItemState_descriptor(), item.state()), item.reason(), date,
               absl::StrCat(item.ledger_index())});
  }
  context.out << table.Render() << all.items_size() << " items\n";
  return absl::OkStatus();
}

absl::Status ShowCurve(Context& context, v1::GetFigureCurveRequest request, const std::string& measure) {
  Session session(context.options);
  request.set_measure(TRY(MeasureArgument(measure)));
  if (!request.organization().empty()) request.set_organization(OrganizationArgument(request.organization()));
  const v1::FigureCurve curve = TRY(session.Call(&Stub::GetFigureCurve, request));
  if (context.json()) {
    PrintWholeJson(curve, context.out);
    return absl::OkStatus();
  }
  Table table({"DAY", "DONE", "DUE", "RATIO", "TARGET", ""});
  for (const v1::FigurePoint& point : curve.points()) {
    constexpr int kCells = 25;
    const auto filled = static_cast<size_t>(point.count().ratio() * kCells);
    std::string bar;
    for (size_t i = 0; i < filled; ++i) bar += "█";
    table.Add({point.day(), absl::StrCat(point.count().counted()), absl::StrCat(point.count().due()),
               PercentText(point.count().ratio()), OfTarget(point.target()), bar});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status ShowForecast(Context& context, const FigureQuestion& question) {
  Session session(context.options);
  v1::GetCloudForecastRequest request;
  TRY(question.Fill(request));
  const v1::CloudForecast forecast = TRY(session.Call(&Stub::GetCloudForecast, request));
  if (context.json()) {
    PrintWholeJson(forecast, context.out);
    return absl::OkStatus();
  }
  Table table({"MILESTONE", "ON CLOUD", "ELIGIBLE", "RATIO", "TARGET", "MET", "SHORT BY"});
  for (const v1::CloudForecastPoint& point : forecast.milestones()) {
    table.Add({point.day(), absl::StrCat(point.on_cloud()), absl::StrCat(point.eligible()), PercentText(point.ratio()),
               PercentText(point.target()), point.met() ? "yes 达标" : "no 未达标", absl::StrCat(point.short_by())});
  }
  context.out << "From the plans recorded until " << forecast.as_of() << ":\n" << table.Render()
              << forecast.without_plan() << " without a plan, " << forecast.plan_passed() << " past their planned date\n";
  return absl::OkStatus();
}

constexpr char kMeasureHelp[] =
    "cloud_migration_ratio, systems_integrated, zombie_systems_cleared, private_networks_migrated, internet_exits_merged, "
    "portals_merged or catalogue_coverage";

}  // namespace

void AddOversightCommands(CLI::App& app, Context& context) {
  auto asked = std::make_shared<FigureQuestion>();
  asked->AddTo(*Add(app, context, "progress", "Where the plan stands on a date (方案进展)",
                    [asked](Context& c) { return ShowProgress(c, *asked); }));

  auto* group = app.add_subcommand("figure", "One measure of the plan (指标): by body, opened to its items, over time");
  group->require_subcommand(1);
  auto shown = std::make_shared<FigureQuestion>();
  auto measure = std::make_shared<std::string>();
  auto by = std::make_shared<std::string>();
  auto* show = Add(*group, context, "show", "The measure, in total or by body, district or kind",
                   [shown, measure, by](Context& c) { return ShowFigure(c, *shown, *measure, *by); });
  show->add_option("measure", *measure, kMeasureHelp)->required();
  show->add_option("--by", *by, "body, district or kind");
  shown->AddTo(*show);

  auto opened = std::make_shared<FigureQuestion>();
  auto state = std::make_shared<std::string>();
  auto* items = Add(*group, context, "items", "What the measure is made of, each with the entry that made it so",
                    [opened, measure, state](Context& c) { return ListItems(c, *opened, *measure, *state); });
  items->add_option("measure", *measure, kMeasureHelp)->required();
  items->add_option("--state", *state, "counted, due or excluded");
  opened->AddTo(*items);

  auto curve = std::make_shared<v1::GetFigureCurveRequest>();
  auto* over = Add(*group, context, "curve", "The measure at each month's end",
                   [curve, measure](Context& c) { return ShowCurve(c, *curve, *measure); });
  over->add_option("measure", *measure, kMeasureHelp)->required();
  over->add_option("--from", *curve->mutable_from_day(), "YYYY-MM-DD")->required();
  over->add_option("--to", *curve->mutable_to_day(), "YYYY-MM-DD")->required();
  over->add_option("--org", *curve->mutable_organization(), "Code of a body; the city if left out");
  over->add_flag_callback(
      "--as-known-then", [curve] { curve->set_as_known_then(true); }, "Each point as it was known on its own day");

  auto planned = std::make_shared<FigureQuestion>();
  planned->AddTo(*Add(*group, context, "forecast", "What the bodies' plans come to on the milestones of the cloud ratio",
                      [planned](Context& c) { return ShowForecast(c, *planned); }));
}

}  // namespace zhanqiao::cli
