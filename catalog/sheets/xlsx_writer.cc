#include "catalog/sheets/xlsx_writer.h"

#include <unistd.h>
#include <xlsxwriter.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"

namespace zhanqiao::sheets {
namespace {

constexpr lxw_color_t kHeadingFill = 0xDDEBF7;
constexpr lxw_color_t kGroupFill = 0xBDD7EE;
constexpr lxw_color_t kRequiredInk = 0xC00000;
constexpr lxw_color_t kWrongFill = 0xFFC7CE;
constexpr lxw_color_t kWrongInk = 0x9C0006;
constexpr lxw_color_t kLine = 0xA6A6A6;
constexpr size_t kTextMax = 32767;    // characters of a cell
constexpr size_t kChoicesMax = 255;   // characters of a literal list

absl::Status NotWritable() {
  return Fail(absl::StatusCode::kInternal, "WORKBOOK_NOT_WRITABLE",
              "The workbook could not be written; the hub's temporary directory may be full.");
}

// Literal "_x000D_" in a text would be read as a carriage return: its first character is escaped as spreadsheets do.
std::string Escaped(std::string_view text) {
  std::string out;
  for (size_t at = 0; at < text.size(); ++at) {
    const std::string_view rest = text.substr(at);
    const bool looks = rest.size() >= 7 && rest[0] == '_' && rest[1] == 'x' && rest[6] == '_' &&
                       rest.substr(2, 4).find_first_not_of("0123456789abcdefABCDEF") == std::string_view::npos;
    if (looks) {
      out += "_x005F_";
    } else {
      out.push_back(text[at]);
    }
  }
  return out;
}

lxw_row_t RowOf(int row) { return static_cast<lxw_row_t>(row); }
lxw_col_t ColumnOf(int column) { return static_cast<lxw_col_t>(column); }

}  // namespace

absl::StatusOr<std::unique_ptr<XlsxWriter>> XlsxWriter::Begin(bool large) {
  std::error_code error;
  const std::filesystem::path directory = std::filesystem::temp_directory_path(error);
  std::string path = absl::StrCat(error ? "/tmp" : directory.string(), "/zhanqiao-sheet-XXXXXX");
  const int file = ::mkstemp(path.data());
  if (file < 0) return NotWritable();
  ::close(file);
  std::unique_ptr<XlsxWriter> writer(new XlsxWriter(large, path));
  lxw_workbook_options options{};
  options.constant_memory = large ? LXW_TRUE : LXW_FALSE;
  writer->workbook_ = workbook_new_opt(path.c_str(), &options);
  if (writer->workbook_ == nullptr) return NotWritable();
  writer->MakeFormats();
  return writer;
}

XlsxWriter::~XlsxWriter() {
  if (workbook_ != nullptr) lxw_workbook_free(workbook_);
  ::unlink(path_.c_str());
}

void XlsxWriter::MakeFormats() {
  for (size_t i = 0; i < static_cast<size_t>(Look::kCount); ++i) {
    lxw_format* format = workbook_add_format(workbook_);
    format_set_font_name(format, "宋体");
    format_set_font_size(format, 10);
    format_set_align(format, LXW_ALIGN_VERTICAL_CENTER);
    formats_.push_back(format);
    const auto look = static_cast<Look>(i);
    if (look != Look::kPlain && look != Look::kStrong && look != Look::kTitle) {
      format_set_border(format, LXW_BORDER_THIN);
      format_set_border_color(format, kLine);
    }
    format_set_text_wrap(format);
  }
  for (const Look look : {Look::kTitle, Look::kGroup, Look::kHeading, Look::kRequired, Look::kCentred, Look::kDate, Look::kWrongDate}) {
    format_set_align(FormatOf(look), LXW_ALIGN_CENTER);
  }
  for (const Look look : {Look::kTitle, Look::kGroup, Look::kHeading, Look::kRequired, Look::kStrong}) {
    format_set_bold(FormatOf(look));
    format_set_font_name(FormatOf(look), "黑体");
  }
  format_set_font_size(FormatOf(Look::kTitle), 18);
  format_set_font_size(FormatOf(Look::kStrong), 12);
  format_set_bg_color(FormatOf(Look::kGroup), kGroupFill);
  format_set_bg_color(FormatOf(Look::kHeading), kHeadingFill);
  format_set_bg_color(FormatOf(Look::kRequired), kHeadingFill);
  format_set_font_color(FormatOf(Look::kRequired), kRequiredInk);
  for (const Look look : {Look::kDate, Look::kWrongDate}) format_set_num_format(FormatOf(look), "yyyy-mm-dd");
  // Text stays text: a code keeps its zeros when somebody types over it.
  for (const Look look : {Look::kText, Look::kCentred}) format_set_num_format(FormatOf(look), "@");
  for (const Look look : {Look::kWrong, Look::kWrongDate}) {
    format_set_bg_color(FormatOf(look), kWrongFill);
    format_set_font_color(FormatOf(look), kWrongInk);
  }
}

void XlsxWriter::AddSheet(std::string_view name) {
  std::string tab;
  for (const char c : name) tab.push_back(std::string_view("[]:*?/\\").find(c) == std::string_view::npos ? c : '_');
  // A tab's name has at most 31 characters.
  while (CodePoints(tab) > 31) tab.pop_back();
  while (!tab.empty() && (tab.front() == '\'' || tab.back() == '\'')) tab = tab.front() == '\'' ? tab.substr(1) : tab.substr(0, tab.size() - 1);
  sheet_ = workbook_add_worksheet(workbook_, tab.empty() ? nullptr : tab.c_str());
  if (sheet_ == nullptr) sheet_ = workbook_add_worksheet(workbook_, nullptr);
}

void XlsxWriter::SetWidth(int column, double characters) {
  worksheet_set_column(sheet_, ColumnOf(column), ColumnOf(column), characters, nullptr);
}
void XlsxWriter::SetHeight(int row, double points) { worksheet_set_row(sheet_, RowOf(row), points, nullptr); }
void XlsxWriter::Freeze(int rows, int columns) { worksheet_freeze_panes(sheet_, RowOf(rows), ColumnOf(columns)); }

void XlsxWriter::SetPrinting(int first_heading_row, int last_heading_row, int first_columns, int pages) {
  constexpr uint8_t kA3 = 8;
  worksheet_set_landscape(sheet_);
  worksheet_set_paper(sheet_, kA3);
  worksheet_fit_to_pages(sheet_, static_cast<uint16_t>(pages), 0);
  if (pages > 1 && first_columns > 0) worksheet_repeat_columns(sheet_, 0, ColumnOf(first_columns - 1));
  worksheet_set_margins(sheet_, 0.4, 0.4, 0.5, 0.6);
  worksheet_repeat_rows(sheet_, RowOf(first_heading_row), RowOf(last_heading_row));
  worksheet_set_footer(sheet_, "&C第 &P 页，共 &N 页");
}

void XlsxWriter::SetFilter(int first_row, int last_row, int last_column) {
  worksheet_autofilter(sheet_, RowOf(first_row), 0, RowOf(last_row), ColumnOf(last_column));
}

void XlsxWriter::WriteText(int row, int column, std::string_view text, Look look) {
  if (text.empty()) return WriteBlank(row, column, look);
  const std::string escaped = Escaped(text.substr(0, kTextMax * 4));
  worksheet_write_string(sheet_, RowOf(row), ColumnOf(column), escaped.c_str(), FormatOf(look));
}

void XlsxWriter::WriteBlank(int row, int column, Look look) {
  worksheet_write_blank(sheet_, RowOf(row), ColumnOf(column), FormatOf(look));
}

void XlsxWriter::Write(int row, int column, const Value& value, Look look) {
  if (value.kind == Value::Kind::kNumber) {
    worksheet_write_number(sheet_, RowOf(row), ColumnOf(column), value.number, FormatOf(look));
    return;
  }
  if (value.kind == Value::Kind::kDate && !value.text.empty()) {
    const auto day = ParseDay(value.text);
    if (day.ok() && day->year() >= 1900) {
      const Look date = look == Look::kWrong ? Look::kWrongDate : Look::kDate;
      worksheet_write_number(sheet_, RowOf(row), ColumnOf(column), SerialOfDay(*day), FormatOf(date));
      return;
    }
  }
  WriteText(row, column, value.text, look);
}

void XlsxWriter::Merge(int first_row, int first_column, int last_row, int last_column, std::string_view text, Look look) {
  Merge(first_row, first_column, last_row, last_column, Value{.text = std::string(text)}, look);
}

void XlsxWriter::Merge(int first_row, int first_column, int last_row, int last_column, const Value& value, Look look) {
  const bool one_cell = first_row == last_row && first_column == last_column;
  if (!one_cell && (!large_ || first_row == last_row)) {
    worksheet_merge_range(sheet_, RowOf(first_row), ColumnOf(first_column), RowOf(last_row), ColumnOf(last_column), "",
                          FormatOf(value.kind == Value::Kind::kDate ? Look::kDate : look));
  }
  Write(first_row, first_column, value, look);
}

void XlsxWriter::Comment(int row, int column, std::string_view text) {
  lxw_comment_options options{};
  options.author = const_cast<char*>("栈桥");
  options.width = 260;
  options.height = 90;
  const std::string escaped = Escaped(text.substr(0, 4000));
  worksheet_write_comment_opt(sheet_, RowOf(row), ColumnOf(column), escaped.c_str(), &options);
}

void XlsxWriter::AddList(int first_row, int last_row, int column, const std::vector<std::string>& choices) {
  size_t characters = choices.size();
  std::vector<char*> list;  // libxlsxwriter writes to none of them
  for (const std::string& choice : choices) {
    characters += CodePoints(choice);
    list.push_back(const_cast<char*>(choice.c_str()));
  }
  if (characters > kChoicesMax) return;
  list.push_back(nullptr);
  lxw_data_validation validation{};
  validation.validate = LXW_VALIDATION_TYPE_LIST;
  validation.value_list = list.data();
  validation.error_type = LXW_VALIDATION_ERROR_TYPE_WARNING;
  validation.error_title = const_cast<char*>("取值有误");
  validation.error_message = const_cast<char*>("请从下拉列表中选择。");
  worksheet_data_validation_range(sheet_, RowOf(first_row), ColumnOf(column), RowOf(last_row), ColumnOf(column), &validation);
}

void XlsxWriter::AddChoices(int first_row, int last_row, int column, const Words& words) {
  std::vector<std::string> choices;
  for (const Word& word : words) choices.emplace_back(word.text);
  AddList(first_row, last_row, column, choices);
}

void XlsxWriter::AddYesNo(int first_row, int last_row, int column) { AddList(first_row, last_row, column, {"是", "否"}); }

void XlsxWriter::WriteLink(int row, int column, std::string_view text, std::string_view sheet, int to_row, int to_column) {
  const std::string url = absl::StrCat("internal:'", Absl(sheet), "'!", ColumnLetters(to_column), to_row + 1);
  const std::string shown(text);
  worksheet_write_url_opt(sheet_, RowOf(row), ColumnOf(column), url.c_str(), FormatOf(Look::kCentred), shown.c_str(), nullptr);
}

absl::StatusOr<std::string> XlsxWriter::Finish() {
  const lxw_error closed = workbook_close(std::exchange(workbook_, nullptr));
  if (closed != LXW_NO_ERROR) return NotWritable();
  std::ifstream file(path_, std::ios::binary);
  std::string content((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  if (!file || content.empty()) return NotWritable();
  return content;
}

}  // namespace zhanqiao::sheets
