// Heading, instructions and the empty sheet.
#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"
#include "catalog/sheets/csv_sheet.h"
#include "catalog/sheets/encoding.h"
#include "catalog/sheets/export.h"

namespace zhanqiao::sheets {
namespace {

constexpr int kTemplateRows = 1000;  // of the template that have choices

std::string_view FormText(Form form) {
  switch (form) {
    case Form::kDate: return "日期，例如2018-03-01";
    case Form::kWhole: return "整数";
    case Form::kNumber: return "数字";
    case Form::kYesNo:
    case Form::kOpenFlag: return "是、否";
    case Form::kList:
    case Form::kCodes: return "可填多个";
    default: return "文字";
  }
}

bool IsGroupedWithLast(const SheetTable& table, size_t column) {
  return column > 0 && !table.columns[column].group.empty() && table.columns[column].group == table.columns[column - 1].group;
}

// The last column within the first 150 characters.
int TitleEnd(const SheetTable& table) {
  int characters = 0;
  for (size_t i = 0; i < table.columns.size(); ++i) {
    characters += table.columns[i].width;
    if (characters > 150) return static_cast<int>(i);
  }
  return static_cast<int>(table.columns.size()) - 1;
}

}  // namespace

Look LookOf(const Column& column) {
  switch (column.form) {
    case Form::kDate: return Look::kDate;
    case Form::kWhole:
    case Form::kNumber: return Look::kNumber;
    case Form::kYesNo:
    case Form::kOpenFlag:
    case Form::kWord:
    case Form::kChoice:
    case Form::kCodePart: return Look::kCentred;
    default: return Look::kText;
  }
}

int PagesOf(const SheetTable& table) {
  constexpr int kPageCharacters = 260;  // of A3, at about three quarters of the size
  int characters = 0;
  for (const Column& column : table.columns) characters += column.width;
  return 1 + (characters - 1) / kPageCharacters;
}

int WriteHeading(const SheetTable& table, XlsxWriter& writer, std::string_view title) {
  const int last = static_cast<int>(table.columns.size()) - 1;
  // Row by row, as a large workbook wants it. The title stands over what fits on a screen.
  writer.SetHeight(0, 34);
  writer.Merge(0, 0, 0, TitleEnd(table), title, Look::kTitle);
  writer.SetHeight(1, 22);
  const auto heading_look = [](const Column& column) { return column.required ? Look::kRequired : Look::kHeading; };
  for (int at = 0; at <= last; ++at) {
    const Column& column = table.columns[static_cast<size_t>(at)];
    writer.SetWidth(at, column.width);
    if (IsGroupedWithLast(table, static_cast<size_t>(at))) continue;
    if (column.group.empty()) {
      if (writer.large()) {
        writer.WriteBlank(1, at, Look::kGroup);
      } else {
        writer.Merge(1, at, 2, at, column.heading, heading_look(column));
      }
      continue;
    }
    int end = at;
    while (end < last && IsGroupedWithLast(table, static_cast<size_t>(end) + 1)) ++end;
    writer.Merge(1, at, 1, end, column.group, Look::kGroup);
  }
  writer.SetHeight(2, 34);
  for (int at = 0; at <= last; ++at) {
    const Column& column = table.columns[static_cast<size_t>(at)];
    if (!column.group.empty() || writer.large()) writer.WriteText(2, at, column.heading, heading_look(column));
  }
  writer.Freeze(3, table.frozen_columns);
  writer.SetPrinting(1, 2, table.frozen_columns, PagesOf(table));
  return 3;
}

void AddChoices(const SheetTable& table, XlsxWriter& writer, int first_row, int last_row) {
  for (size_t i = 0; i < table.columns.size(); ++i) {
    const Column& column = table.columns[i];
    const auto at = static_cast<int>(i);
    if (column.words != nullptr) writer.AddChoices(first_row, last_row, at, *column.words);
    if (column.form == Form::kYesNo || column.form == Form::kOpenFlag) writer.AddYesNo(first_row, last_row, at);
  }
}

void AddInstructions(const SheetTable& table, XlsxWriter& writer) {
  writer.AddSheet("填写说明");
  constexpr double kWidths[] = {44, 10, 60, 76};
  for (int i = 0; i < 4; ++i) writer.SetWidth(i, kWidths[i]);
  writer.SetHeight(0, 30);
  writer.Merge(0, 0, 0, 3, absl::StrCat(Absl(table.title), "填写说明"), Look::kTitle);
  const std::string_view notes[] = {
      "1. 红色标题的列必须填写；标题可以换位置，不要改名；不需要的列可以删除，导入时保留原有内容。",
      "2. 日期、是否和各类取值可以从下拉列表中选择，也接受全角数字和常用写法。",
      table.item_path.empty() ? "3. 一行填写一条。"
                              : "3. 一个信息项一行；同一条目的其他各列只填第一行，后续各行留空、合并单元格或填写相同内容均可。",
      "4. 以文本保存代码，不要让电子表格把代码变成数字；不要使用宏、外部链接和密码保护。",
      "5. 导入前可先试导入（zq … import --dry-run --marked），有误的单元格会标红并附批注，全部正确后才会入库。"};
  int row = 1;
  for (const std::string_view note : notes) {
    writer.SetHeight(row, 18);
    writer.Merge(row, 0, row, 3, note, Look::kPlain);
    ++row;
  }
  ++row;
  constexpr std::string_view kHeadings[] = {"列名", "必填", "取值", "说明"};
  for (int i = 0; i < 4; ++i) writer.WriteText(row, i, kHeadings[i], Look::kHeading);
  writer.Freeze(row + 1, 0);
  writer.SetPrinting(row, row, 0, 1);
  for (const Column& column : table.columns) {
    ++row;
    const std::string name = column.group.empty() ? std::string(column.heading)
                                                  : absl::StrCat(Absl(column.group), "—", Absl(column.heading));
    writer.WriteText(row, 0, name, Look::kText);
    writer.WriteText(row, 1, column.required ? "是" : "", Look::kCentred);
    writer.WriteText(row, 2, column.words != nullptr ? WordList(*column.words) : std::string(FormText(column.form)), Look::kText);
    writer.WriteText(row, 3, column.hint, Look::kText);
  }
}

void AppendCsvHeading(const SheetTable& table, std::string& out) {
  std::vector<std::string> headings;
  for (const Column& column : table.columns) headings.emplace_back(column.heading);
  AppendCsvRow(headings, out);
}

std::string FileNameOf(const SheetTable& table, v1::SheetFormat format, std::string_view suffix) {
  return absl::StrCat(Absl(table.title), Absl(suffix), format == v1::SHEET_FORMAT_CSV ? ".csv" : ".xlsx");
}

absl::StatusOr<std::string> Template(const SheetTable& table, v1::SheetFormat format, v1::SheetEncoding encoding) {
  if (format == v1::SHEET_FORMAT_CSV) {
    std::string text;
    AppendCsvHeading(table, text);
    return FromUtf8(text, encoding);
  }
  const std::unique_ptr<XlsxWriter> writer = TRY(XlsxWriter::Begin(false));
  writer->AddSheet(table.title);
  const int first = WriteHeading(table, *writer, table.title);
  AddChoices(table, *writer, first, first + kTemplateRows - 1);
  for (int row = first; row < first + 20; ++row) {
    for (size_t i = 0; i < table.columns.size(); ++i) writer->WriteBlank(row, static_cast<int>(i), LookOf(table.columns[i]));
  }
  AddInstructions(table, *writer);
  return writer->Finish();
}

}  // namespace zhanqiao::sheets
