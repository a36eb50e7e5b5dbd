#include "hub/oversight/reports/public_report.h"

#include <algorithm>
#include <optional>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/markup.h"
#include "catalog/base/text.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/month.h"
#include "hub/oversight/facts/report_figures.h"
#include "hub/oversight/reports/figure_text.h"

namespace zhanqiao::oversight {
namespace {

constexpr int kPageSize = 1000;
constexpr int kVersionsMax = 1000;

constexpr std::string_view kStyle =
    "body{max-width:52rem;margin:2rem auto;padding:0 1rem;font-family:'Noto Sans CJK SC','Microsoft YaHei','PingFang SC',sans-serif;"
    "line-height:1.6;color:#1a1a1a;background:#fff}h1{font-size:1.5rem;margin-bottom:.2rem}h2{font-size:1.1rem;margin-top:1.8rem}"
    "small,.en{color:#595959;font-size:.85rem}.sub{margin-top:0}table{border-collapse:collapse;width:100%}"
    "th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}th{background:#f0f4f8}"
    ".n{text-align:right;white-space:nowrap}td .en{display:block}"
    "pre{white-space:pre-wrap;overflow-wrap:anywhere;background:#f6f6f6;border:1px solid #ccc;padding:.6rem;font-size:.85rem}"
    ".good,.bad{border-left:.4rem solid #1b7f3b;background:#eef8f0;padding:.5rem .9rem}.bad{border-color:#b3261e;background:#fdeeee}";

std::string DigestOf(const v1::ReportFigures& figures) {
  return ToHex(Bytes(Sha256(documents::Canonical(figures)))).substr(0, 32);
}

std::string Page(std::string_view title, std::string_view english, std::string_view body) {
  return absl::StrCat("<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><meta name='viewport' "
                      "content='width=device-width,initial-scale=1'><title>", Escaped(title), "</title><style>", Absl(kStyle),
                      "</style></head><body><h1>", Escaped(title), "</h1><p class='sub en' lang='en'>", Escaped(english), "</p>", Absl(body),
                      "</body></html>\n");
}

PublicPage NotThere() {
  return {404, Page("没有可公开的月报", "There is no public report at this address",
                    "<p>该地址没有已报送的月报：可能尚未报送、已退回修改，或地址有误。月报地址的格式为 "
                    "<code>/reports/2018-06/370200-GAJ/1</code>（月份／单位代码／版本）。</p><p class='en' lang='en'>No report that was handed in is "
                    "kept under this address: it may not have been handed in yet, may have been sent back, or the address is "
                    "wrong. Addresses read <code>/reports/{month}/{code of the body}/{version}</code>.</p>")};
}

bool IsHandedIn(const v1::Report& report) {
  return report.state() == v1::REPORT_STATE_SUBMITTED || report.state() == v1::REPORT_STATE_ACCEPTED;
}

const ReportFigureDefinition* PublicDefinition(const v1::ReportFigure& figure) {
  const auto number = ReportFigureNumber(figure.key());
  const ReportFigureDefinition* definition = number ? &ReportFigureDefinitions()[*number] : nullptr;
  return definition != nullptr && definition->is_public ? definition : nullptr;
}

// The public figures, section by section.
std::string FigureTables(const v1::ReportFigures& figures, const v1::ReportFigures& full_month) {
  constexpr std::string_view kEnglish[] = {"Catalogue upkeep", "System integration", "Sharing and use"};
  const bool whole = full_month.figures_size() > 0;
  std::string out;
  for (size_t i = 0; i < std::size(kReportSections); ++i) {
    absl::StrAppend(&out, "<h2>", Absl(SectionName(kReportSections[i])), " <small lang='en'>", Absl(kEnglish[i]),
                    "</small></h2><table><tr><th>指标 Figure</th><th>系统生成 Derived</th><th>填报 Stated</th>",
                    whole ? "<th>全月 Whole month</th>" : "", "</tr>");
    for (const v1::ReportFigure& figure : figures.figures()) {
      const ReportFigureDefinition* definition = PublicDefinition(figure);
      if (definition == nullptr || figure.section() != kReportSections[i]) continue;
      const v1::ReportFigure* full = FindFigure(full_month, figure.key());
      absl::StrAppend(&out, "<tr><td>", Absl(definition->display_name), definition->unit.empty() ? "" : absl::StrCat("（", Absl(definition->unit), "）"),
                      "<span class='en' lang='en'>", Absl(definition->english), "</span></td><td class='n'>", DerivedText(figure),
                      "</td><td class='n'>", StatedText(figure), "</td>",
                      !whole ? "" : absl::StrCat("<td class='n'>", full == nullptr ? "" : DerivedText(*full), "</td>"), "</tr>");
    }
    out += "</table>";
  }
  return out + "<p class='en'>未列出的指标不对公众公开。<span lang='en'>Figures that are not public are left out.</span></p>";
}

std::string HowToRecompute(std::string_view month, std::string_view organization, int version,
                           const ledger::SignedCheckpointPtr& checkpoint) {
  return absl::StrCat(
      "<h2>重新计算 <small lang='en'>Recompute</small></h2><p>审计人员用 <code>zq ledger export</code> 导出账本、用 "
      "<code>zq report export-versions</code> 导出文档版本；任何持有这两份导出的人都可以不依赖平台重新计算：<span class='en' lang='en'>An auditor exports "
      "log and document versions; whoever holds both files derives the figures anew, without trusting the hub:</span></p><pre>",
      Escaped(RecomputeCommand(month, organization, version)), "</pre>",
      checkpoint ? absl::StrCat("<h2>当前检查点 <small lang='en'>Checkpoint now</small></h2><pre>", Escaped(checkpoint->note), "</pre>") : "");
}

std::string Note(bool good, std::string_view chinese, std::string_view english) {
  return absl::StrCat("<p class='", good ? "good" : "bad", "'>", good ? "✓ " : "✗ ", Absl(chinese), "<br><span class='en' lang='en'>", Absl(english),
                      "</span></p>");
}

std::string ValueOf(const PublicReports::Query& query, std::string_view name) {
  for (const auto& [key, value] : query) {
    if (key == name) return value;
  }
  return "";
}

}  // namespace

std::string PaperAddress(const std::string& public_url, const std::string& name, const v1::ReportFigures& figures,
                         const ledger::SignedCheckpointPtr& checkpoint) {
  if (public_url.empty()) return "";
  std::string url = absl::StrCat(public_url, "/", name, "?known_at=", figures.known_at(), "&figures=", DigestOf(figures));
  if (checkpoint) {
    absl::StrAppend(&url, "&size=", checkpoint->checkpoint.size, "&root=", ToHex(Bytes(checkpoint->checkpoint.root)));
  }
  return url;
}

PublicPage PublicReports::Answer(std::string_view path, const Query& query) const {
  absl::string_view rest = Absl(path);
  if (!absl::ConsumePrefix(&rest, "/reports/")) return NotThere();
  absl::ConsumeSuffix(&rest, "/");
  absl::StatusOr<PublicPage> page;
  if (rest.find('/') == absl::string_view::npos) {
    page = Month(Std(rest));
  } else if (const auto name = ParseReportName(absl::StrCat(Absl(kReports), rest)); name.ok()) {
    page = One(*name, query);
  } else {
    return NotThere();
  }
  if (page.ok()) return *std::move(page);
  if (page.status().code() == absl::StatusCode::kNotFound || page.status().code() == absl::StatusCode::kInvalidArgument) return NotThere();
  return {503, Page("暂时不能核对", "Not possible at the moment", "<p>平台暂时读不到这份月报，请稍后再试。<span lang='en'>The hub cannot read the report now; try again later.</span></p>")};
}

// The body's Chinese name; of a generated sample it says so.
std::string PublicReports::NameAndMark(std::string_view organization) const {
  std::string name = CodeOf(organization);
  const absl::Status read = parts_.records.Read([&](const RecordsView& view, const documents::ChangeReader&) {
    name = absl::StrCat(DisplayNameOf(view, organization, absl::CivilDay::max(), {}), view.samples.all().empty() ? "" : kSampleText);
    return absl::OkStatus();
  });
  return read.ok() ? name : CodeOf(organization);
}

std::string PublicReports::Checked(const v1::Report& report, const Query& query) const {
  std::string out;
  const std::string digest = ValueOf(query, "figures");
  if (!digest.empty()) {
    out += digest == DigestOf(report.figures())
               ? Note(true, "纸面数字与平台留存的这一版一致（含未公开的指标和填报数字）。",
                      "The figures on the paper are those the hub keeps of this version, those that are not public included.")
               : Note(false, "纸面数字与平台留存的这一版不一致：纸面可能印自报送前的草稿或其他版本，也可能被改动。",
                      "The figures on the paper are not those the hub keeps: it was printed from a draft or another version, or altered.");
  }
  uint64_t size = 0;
  const std::string root = ValueOf(query, "root");
  if (!root.empty() && absl::SimpleAtoi(ValueOf(query, "size"), &size)) {
    const auto held = parts_.root_at(size);
    out += held.ok() && ToHex(Bytes(*held)) == root
               ? Note(true, "纸面检查点是现账本的历史状态，账本此后只有追加。", "The ledger still begins with the entries the paper's checkpoint covers.")
               : Note(false, "纸面检查点不属于现账本。", "The paper's checkpoint is none of this ledger's.");
  }
  return out;
}

absl::StatusOr<PublicPage> PublicReports::One(const ReportName& name, const Query& query) const {
  std::optional<v1::Report> report;
  std::string document;
  const int last = name.version == 0 ? kVersionsMax : name.version;
  for (int version = std::max(1, name.version); version <= last; ++version) {
    const std::string asked = NameOfReport({name.month, name.organization, version});
    const auto stored = parts_.store.Get(asked);
    if (ReasonOf(stored.status()) == "DOCUMENT_NOT_FOUND") break;
    TRY(stored.status());
    v1::Report one = TRY(stored->As<v1::Report>());
    if (!IsHandedIn(one)) continue;
    report = std::move(one);
    document = asked;
  }
  if (!report) return NotThere();
  const auto history = TRY(parts_.store.History(document, kPageSize, ""));
  const std::string body = NameAndMark(name.organization);
  std::string out = Checked(*report, query);
  absl::StrAppend(&out, "<p>数据期间 ", Escaped(PeriodText(report->figures())), "<br><span class='en' lang='en'>Facts of ", report->figures().from_date(), " to ",
                  report->figures().as_of(), " as known at ledger index ", report->figures().known_at(), "</span></p>",
                  FigureTables(report->figures(), report->full_month()),
                  "<h2>账本记录 <small lang='en'>In the ledger</small></h2><table><tr><th>账本位置 Index</th><th>日期 Date</th><th>状态 State</th></tr>");
  for (auto version = history.versions.rbegin(); version != history.versions.rend(); ++version) {
    const v1::Report then = TRY(version->As<v1::Report>());
    if (!IsHandedIn(then)) continue;
    absl::StrAppend(&out, "<tr><td>", version->known_at, "</td><td>", FormatDay(CivilDayOf(version->change_time)), "</td><td>", Absl(StateName(then.state())),
                    then.has_full_month() ? "，含全月数字 with the whole month" : "", "</td></tr>");
  }
  out += "</table>";
  const std::string next = NameOfReport({name.month, name.organization, report->version() + 1});
  const auto corrected = parts_.store.Get(next);
  if (corrected.ok()) {
    const auto newer = corrected->As<v1::Report>();
    if (newer.ok() && IsHandedIn(*newer)) {
      absl::StrAppend(&out, "<p>本版已有更正：<a href='/", next, "'>", next, "</a>　<span class='en' lang='en'>A later version corrects this one.</span></p>");
    }
  }
  out += HowToRecompute(report->month(), report->organization(), report->version(), parts_.checkpoint());
  const std::string title = absl::StrCat("政务信息系统整合共享月报（", MonthText(report->month()), "）", body);
  return PublicPage{200, Page(title, absl::StrCat("Monthly report on integration and sharing, ", report->month(), ", ", CodeOf(name.organization), ", version ",
                                                  report->version(), ", ", report->state() == v1::REPORT_STATE_ACCEPTED ? "accepted" : "handed in"), out)};
}

absl::StatusOr<PublicPage> PublicReports::Month(std::string_view text) const {
  const absl::CivilMonth month = TRY(ParseMonth(text));
  std::string rows;
  std::string token;
  do {
    const auto page = TRY(parts_.store.List(absl::StrCat(Absl(kReports), FormatMonth(month), "/"), kPageSize, token));
    for (const documents::Version& version : page.versions) {
      const v1::Report report = TRY(version.As<v1::Report>());
      if (!IsHandedIn(report)) continue;
      absl::StrAppend(&rows, "<tr><td>", Escaped(NameAndMark(report.organization())), "</td><td><a href='/", report.name(), "'>第 ", report.version(),
                      " 版</a></td><td>", report.submit_date(), "</td><td>", Absl(StateName(report.state())), "</td></tr>");
    }
    token = page.next_page_token;
  } while (!token.empty());
  if (rows.empty()) return NotThere();
  return PublicPage{200, Page(absl::StrCat("政务信息系统整合共享月报（", MonthText(text), "）"), absl::StrCat("Monthly reports handed in, ", Absl(text)),
                              absl::StrCat("<table><tr><th>单位 Body</th><th>版本 Version</th><th>报送日期 Handed in</th><th>状态 State</th></tr>", rows, "</table>",
                                           HowToRecompute(text, "", 0, parts_.checkpoint())))};
}

}  // namespace zhanqiao::oversight
