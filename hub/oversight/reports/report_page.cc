// Monthly reports as a page for paper: HTML for a printer program. Everything that was typed is escaped, nothing is
// fetched: the QR code is drawn into the page.
#include <qrencode.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/base/markup.h"
#include "hub/oversight/reports/figure_text.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

// As official documents are set: headings in 黑体, text in 宋体, page numbers between dashes. TrueType fonts first: cutting
// what a page needs out of the Noto fonts costs seconds of CPU; they serve the letters the others lack.
constexpr std::string_view kStyle =
    "@page{size:A4;margin:24mm 22mm 22mm;@bottom-center{content:'— ' counter(page) ' —';font-family:'AR PL SungtiL GB',serif;font-size:9pt}}"
    "html{font-family:'AR PL SungtiL GB','AR PL UMing CN','Noto Serif CJK SC',serif;font-size:10.5pt;line-height:1.5}body{margin:0}"
    "h1,h2,th,.en{font-family:'WenQuanYi Zen Hei','Noto Sans CJK SC',sans-serif;font-weight:normal}"
    "h1{font-size:19pt;text-align:center;margin:0 0 2pt}.month{font-size:13pt;text-align:center;margin:0 0 12pt}"
    "h2{font-size:12pt;margin:14pt 0 4pt;break-after:avoid}"
    "table{border-collapse:collapse;width:100%}tr{break-inside:avoid}"
    "th,td{border:0.5pt solid #555;padding:2.5pt 5pt;vertical-align:middle;overflow-wrap:anywhere}th{background:#eee;font-size:9.5pt}"
    "td{font-size:10pt}td.n{text-align:right;white-space:nowrap;font-size:9.5pt}td.d{color:#9c0006}td.why{font-size:9pt;color:#333}"
    "th.r{text-align:right}.facts th{text-align:left;white-space:nowrap;width:1%}.facts td{width:44%}.en{font-size:8.5pt}"
    ".text{white-space:pre-wrap;overflow-wrap:anywhere;text-indent:2em;margin:5pt 0}"
    ".sign{break-inside:avoid;margin-top:26pt}.sign td{border:0;padding:11pt 4pt}.sign .seal{text-align:right;padding-right:24mm}"
    ".last{break-before:page}.last h2{margin-top:0;font-size:14pt}.last p{margin:4pt 0}"
    "pre{font-family:'DejaVu Sans Mono','AR PL SungtiL GB',monospace;white-space:pre-wrap;overflow-wrap:anywhere;font-size:8pt;"
    "border:0.5pt solid #555;padding:5pt;margin:4pt 0}"
    ".address{display:flex;align-items:center}.address p{flex:1;font-size:8.5pt;margin-left:5mm;overflow-wrap:anywhere}"
    "svg{width:40mm;height:40mm}";

// The QR code of `text` as a drawing; empty when the text is too long for one.
std::string QrDrawing(const std::string& text) {
  const std::unique_ptr<QRcode, decltype(&QRcode_free)> code(
      QRcode_encodeString(text.c_str(), 0, QR_ECLEVEL_M, QR_MODE_8, 1), &QRcode_free);
  if (!code) return "";
  constexpr int kQuiet = 4;  // modules of white around it
  std::string path;
  for (int y = 0; y < code->width; ++y) {
    for (int x = 0; x < code->width; ++x) {
      if ((code->data[y * code->width + x] & 1) != 0) absl::StrAppend(&path, "M", x + kQuiet, " ", y + kQuiet, "h1v1h-1z");
    }
  }
  const int side = code->width + 2 * kQuiet;
  return absl::StrCat("<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 ", side, " ", side,
                      "'><rect width='100%' height='100%' fill='#fff'/><path fill='#000' d='", path, "'/></svg>");
}

struct Shown {
  bool stated = false;  // what bodies state, and the difference
  bool whole = false;   // the whole month
};

void AddFigures(const v1::ReportFigures& figures, const v1::ReportFigures& full_month, v1::ReportSection section, Shown shown,
                std::string& out) {
  absl::StrAppend(&out, "<table><thead><tr><th style='width:38%'>指标</th><th class='r'>系统生成</th>", shown.stated ? "<th class='r'>填报</th><th class='r'>差异</th>" : "",
                  shown.whole ? "<th class='r'>全月</th>" : "", "</tr></thead>");
  for (const v1::ReportFigure& figure : figures.figures()) {
    if (figure.section() != section) continue;
    absl::StrAppend(&out, "<tr><td>", Escaped(figure.display_name()),
                    figure.unit().empty() ? "" : absl::StrCat("（", Escaped(figure.unit()), "）"), "</td><td class='n'>",
                    DerivedText(figure), "</td>");
    if (shown.stated) {
      absl::StrAppend(&out, "<td class='n'>", StatedText(figure), "</td><td class='n", figure.difference() == 0 ? "" : " d", "'>",
                      DifferenceText(figure), "</td>");
    }
    if (shown.whole) {
      const v1::ReportFigure* full = FindFigure(full_month, figure.key());
      absl::StrAppend(&out, "<td class='n'>", full == nullptr ? "" : DerivedText(*full), "</td>");
    }
    out += "</tr>";
    if (!figure.stated_reason().empty()) {
      absl::StrAppend(&out, "<tr><td class='why' colspan='", shown.whole ? 5 : 4, "'>差异说明：", Escaped(figure.stated_reason()), "</td></tr>");
    }
  }
  out += "</table>";
}

bool StatesAny(const v1::ReportFigures& figures) {
  return std::any_of(figures.figures().begin(), figures.figures().end(), [](const v1::ReportFigure& one) { return one.has_stated(); });
}

// The head of the document; `facts` are pairs of what and its value, two pairs a row.
std::string Begin(std::string_view title, std::string_view month, const std::vector<std::pair<std::string, std::string>>& facts) {
  std::string out = absl::StrCat("<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>", Escaped(title), "</title><style>",
                                 Absl(kStyle), "</style></head><body><h1>政务信息系统整合共享月报</h1><p class='month'>（", MonthText(month),
                                 "）</p><table class='facts'>");
  for (size_t i = 0; i < facts.size(); ++i) {
    absl::StrAppend(&out, i % 2 == 0 ? "<tr>" : "", "<th>", facts[i].first, "</th><td>", Escaped(facts[i].second), "</td>",
                    i % 2 == 1 ? "</tr>" : "");
  }
  return out + "</table>";
}

// What ties the paper to the ledger.
void AddLastPage(std::string_view what, std::string_view command, std::string_view checkpoint, std::string_view url,
                 std::string& out) {
  absl::StrAppend(&out, "<section class='last'><h2>附页：账本凭证 Ledger checkpoint</h2><p>本报告（", Escaped(what),
                  "）的系统生成数字由文档与账本推导。下列检查点由平台签名；持有账本导出和文档版本导出的任何人，都可以不依赖平台重新计算："
                  "</p><pre>", Escaped(command), "</pre><p class='en'>Derived figures can be recomputed by anybody from the exported ledger and document "
                  "versions, without trusting the hub.</p><p>检查点 Checkpoint</p><pre>",
                  Escaped(checkpoint), "</pre>");
  if (!url.empty()) {
    absl::StrAppend(&out, "<div class='address'>", QrDrawing(std::string(url)),
                    "<p>扫码或访问下列地址，无需登录即可核对纸面与平台留存是否一致。<span class='en'>Scan or open this address, without a "
                    "login, to hold this paper against what the hub keeps:</span><br><br>", Escaped(url), "</p></div>");
  }
  out += "</section></body></html>\n";
}

}  // namespace

std::string ReportPage(const v1::Report& report, std::string_view display_name, std::string_view checkpoint,
                       std::string_view url) {
  const bool whole = report.has_full_month();
  std::string out = Begin(ReportTitle(report.month(), display_name), report.month(),
                          {{"填报单位", std::string(display_name)},
                           {"版本与状态", absl::StrCat("第 ", report.version(), " 版，", Absl(StateName(report.state())))},
                           {"应报日期", report.due_date()},
                           {"报送日期", report.submit_date().empty() ? "未报送" : report.submit_date()},
                           {"数据期间", absl::StrCat(report.figures().from_date(), " 至 ", report.figures().as_of())},
                           {"账本位置", absl::StrCat(report.figures().known_at(), whole ? absl::StrCat("；全月 ", report.full_month().known_at()) : "")}});
  const Shown shown{.stated = StatesAny(report.figures()), .whole = whole};
  for (const v1::ReportSection section : kReportSections) {
    absl::StrAppend(&out, "<h2>", Absl(SectionName(section)), "</h2>");
    AddFigures(report.figures(), report.full_month(), section, shown, out);
    for (const v1::ReportNarrative& narrative : report.narratives()) {
      if (narrative.section() == section && !narrative.text().empty()) {
        absl::StrAppend(&out, "<p class='text'>", Escaped(narrative.text()), "</p>");
      }
    }
  }
  if (!report.correction_reason().empty()) {
    absl::StrAppend(&out, "<p class='text'>更正说明（更正 ", Escaped(report.corrects()), "）：", Escaped(report.correction_reason()), "</p>");
  }
  out += "<table class='sign'><tr><td>填报人：</td><td>审核人：</td><td>单位负责人（签字）：</td></tr>"
         "<tr><td colspan='3' class='seal'>（单位公章）　　　　　年　　　月　　　日</td></tr></table>";
  AddLastPage(report.name(), RecomputeCommand(report.month(), report.organization(), report.version()), checkpoint, url, out);
  return out;
}

std::string SummaryPage(const v1::CitySummary& summary, std::string_view checkpoint, std::string_view url) {
  const v1::ListDueReportsResponse& due = summary.due();
  std::string out = Begin(ReportTitle(summary.month(), "全市"), summary.month(),
                          {{"范围", "全市"},
                           {"填报合计", absl::StrCat(summary.reports_size(), " 份报告之和")},
                           {"应报与按时", absl::StrCat("应报 ", due.due(), "，按时 ", due.on_time())},
                           {"迟报与未报", absl::StrCat("迟报 ", due.late(), "，未报 ", due.missing(), "，待报 ", due.pending())},
                           {"数据期间", absl::StrCat(summary.figures().from_date(), " 至 ", summary.figures().as_of())},
                           {"账本位置", absl::StrCat(summary.figures().known_at())}});
  for (const v1::ReportSection section : kReportSections) {
    absl::StrAppend(&out, "<h2>", Absl(SectionName(section)), "</h2>");
    AddFigures(summary.figures(), {}, section, {.stated = true}, out);
  }
  out += "<h2>四、报送情况</h2><table><thead><tr><th style='width:46%'>单位</th><th>报送日期</th><th>情况</th><th>逾期天数</th></tr></thead>";
  for (const v1::DueReport& line : due.reports()) {
    absl::StrAppend(&out, "<tr><td>", Escaped(line.display_name()), "</td><td>", line.submit_date(), "</td><td>",
                    Absl(PunctualityName(line.punctuality())), "</td><td class='n'>",
                    line.days_late() > 0 ? absl::StrCat(line.days_late()) : "", "</td></tr>");
  }
  out += "</table>";
  AddLastPage(summary.month(), RecomputeCommand(summary.month(), "", 0), checkpoint, url, out);
  return out;
}

}  // namespace zhanqiao::oversight
