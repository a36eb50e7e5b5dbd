// Monthly reports as a page for paper: HTML for a printer program. Everything that was typed is escaped, nothing is
// fetched: the QR code is drawn into the page.
#include <qrencode.h>

#include <memory>

#include "absl/strings/str_cat.h"
#include "hub/oversight/reports/figure_text.h"
#include "hub/oversight/reports/report_service.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kStyle =
    "@page{size:A4;margin:18mm 16mm;@bottom-center{content:counter(page) ' / ' counter(pages);font-size:8pt}}"
    "body{font-family:'Noto Sans CJK SC',sans-serif;font-size:9.5pt;line-height:1.5}"
    "h1{font-size:15pt;text-align:center;margin:0 0 4pt}h2{font-size:11pt;margin:10pt 0 3pt}"
    ".sub{text-align:center;font-size:8.5pt;color:#444}"
    "table{border-collapse:collapse;width:100%}th,td{border:0.5pt solid #888;padding:2pt 4pt;vertical-align:top}"
    "th{background:#ddebf7}td.n{text-align:right;white-space:nowrap}td.d{color:#9c0006}"
    ".text{white-space:pre-wrap;overflow-wrap:anywhere}.sign{margin-top:24pt}.sign td{border:0;padding:10pt 4pt}"
    ".last{break-before:page}pre{white-space:pre-wrap;overflow-wrap:anywhere;font-size:7.5pt;border:0.5pt solid #888;padding:4pt}"
    "svg{width:42mm;height:42mm}";

std::string Escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

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

void AddFigures(const v1::ReportFigures& figures, const v1::ReportFigures& full_month, v1::ReportSection section,
                std::string& out) {
  absl::StrAppend(&out, "<table><tr><th>指标</th><th>系统生成</th><th>本单位填报</th><th>差异</th><th>全月</th></tr>");
  for (const v1::ReportFigure& figure : figures.figures()) {
    if (figure.section() != section) continue;
    const v1::ReportFigure* full = FindFigure(full_month, figure.key());
    absl::StrAppend(&out, "<tr><td>", Escaped(figure.display_name()),
                    figure.unit().empty() ? "" : absl::StrCat("（", Escaped(figure.unit()), "）"), "</td><td class='n'>",
                    DerivedText(figure), "</td><td class='n'>", StatedText(figure), "</td><td class='n",
                    figure.difference() == 0 ? "" : " d", "'>", DifferenceText(figure), "</td><td class='n'>",
                    full == nullptr ? "" : DerivedText(*full), "</td></tr>");
    if (!figure.stated_reason().empty()) {
      absl::StrAppend(&out, "<tr><td colspan='5' class='text'>差异说明：", Escaped(figure.stated_reason()), "</td></tr>");
    }
  }
  out += "</table>";
}

std::string Begin(std::string_view title, std::string_view subtitle) {
  return absl::StrCat("<!doctype html><html lang='zh-CN'><head><meta charset='utf-8'><title>", Escaped(title), "</title><style>",
                      Absl(kStyle), "</style></head><body><h1>", Escaped(title), "</h1><p class='sub'>", Escaped(subtitle), "</p>");
}

// What ties the paper to the ledger.
void AddLastPage(std::string_view what, std::string_view command, std::string_view checkpoint, std::string_view url,
                 std::string& out) {
  absl::StrAppend(&out, "<section class='last'><h2>账本凭证 Ledger checkpoint</h2><p>本报告 ", Escaped(what),
                  " 的系统生成数字由文档与账本推导。下列检查点由平台签名；持有账本导出和文档版本导出的任何人，都可以不依赖平台重新计算：</p><pre>",
                  Escaped(command), "</pre><p>Derived figures can be recomputed by anybody from the exported ledger and document "
                  "versions, without trusting the hub.</p><pre>",
                  Escaped(checkpoint), "</pre>");
  if (!url.empty()) absl::StrAppend(&out, "<p>", QrDrawing(std::string(url)), "</p><p class='text'>", Escaped(url), "</p>");
  out += "</section></body></html>\n";
}

}  // namespace

std::string ReportPage(const v1::Report& report, std::string_view display_name, std::string_view checkpoint,
                       std::string_view url) {
  std::string out = Begin(ReportTitle(report.month(), display_name), ReportSubtitle(report));
  for (const v1::ReportSection section : kReportSections) {
    absl::StrAppend(&out, "<h2>", Absl(SectionName(section)), "</h2>");
    AddFigures(report.figures(), report.full_month(), section, out);
    for (const v1::ReportNarrative& narrative : report.narratives()) {
      if (narrative.section() == section && !narrative.text().empty()) {
        absl::StrAppend(&out, "<p class='text'>", Escaped(narrative.text()), "</p>");
      }
    }
  }
  out += "<table class='sign'><tr><td>填报人：</td><td>单位负责人（签字）：</td><td>日期：</td></tr></table>";
  AddLastPage(report.name(),
              absl::StrCat("zq report recompute --month ", report.month(), " --org ",
                           report.organization().substr(report.organization().rfind('/') + 1), " --version ", report.version(),
                           " --ledger <账本导出目录> --versions <文档版本导出>"),
              checkpoint, url, out);
  return out;
}

std::string SummaryPage(const v1::CitySummary& summary, std::string_view checkpoint, std::string_view url) {
  std::string out = Begin(ReportTitle(summary.month(), "全市"), SummarySubtitle(summary));
  for (const v1::ReportSection section : kReportSections) {
    absl::StrAppend(&out, "<h2>", Absl(SectionName(section)), "</h2>");
    AddFigures(summary.figures(), {}, section, out);
  }
  out += "<h2>报送情况</h2><table><tr><th>单位</th><th>报送日期</th><th>情况</th><th>逾期天数</th></tr>";
  for (const v1::DueReport& line : summary.due().reports()) {
    absl::StrAppend(&out, "<tr><td>", Escaped(line.display_name()), "</td><td>", line.submit_date(), "</td><td>",
                    Absl(PunctualityName(line.punctuality())), "</td><td class='n'>",
                    line.days_late() > 0 ? absl::StrCat(line.days_late()) : "", "</td></tr>");
  }
  out += "</table>";
  AddLastPage(summary.month(), absl::StrCat("zq report recompute --month ", summary.month(), " --ledger <账本导出目录> --versions <文档版本导出>"),
              checkpoint, url, out);
  return out;
}

}  // namespace zhanqiao::oversight
