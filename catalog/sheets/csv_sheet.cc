#include "catalog/sheets/csv_sheet.h"

#include <array>

#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "catalog/sheets/encoding.h"

namespace zhanqiao::sheets {
namespace {

constexpr std::array<std::string_view, 10> kFormulaStarts = {"=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠"};

bool StartsFormula(std::string_view text) {
  for (const std::string_view start : kFormulaStarts) {
    if (text.starts_with(start)) return true;
  }
  return false;
}

std::string_view WithoutApostrophes(std::string_view text) {
  const size_t at = text.find_first_not_of('\'');
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

absl::Status Invalid(int line, std::string_view problem) {
  return Fail(absl::StatusCode::kInvalidArgument, "CSV_INVALID",
              "The file is not well-formed CSV; save it from a spreadsheet program as CSV again.",
              {{"line", absl::StrCat(line)}, {"problem", std::string(problem)}});
}

char SeparatorOf(std::string_view text) {
  const std::string_view first = text.substr(0, text.find_first_of("\r\n"));
  if (first.find(',') != std::string_view::npos) return ',';
  if (first.find('\t') != std::string_view::npos) return '\t';
  return first.find(';') != std::string_view::npos ? ';' : ',';
}

// Walks through the text cell by cell.
class CsvWalker {
 public:
  CsvWalker(std::string_view text, Sheet& sheet) : text_(text), sheet_(sheet), separator_(SeparatorOf(text)) {}

  absl::Status Run() {
    for (int row = 1; at_ < text_.size(); ++row) {
      TRY(sheet_.BeginRow(row));
      TRY(TakeRow());
      sheet_.EndRow();
    }
    return absl::OkStatus();
  }

 private:
  absl::Status TakeRow() {
    for (int column = 0;; ++column) {
      TRY(TakeCell());
      Cell cell;
      TRY(sheet_.SetText(cell, cell_));
      TRY(sheet_.Place(column, cell));
      if (at_ == text_.size()) return absl::OkStatus();
      const char end = text_[at_++];
      if (end == separator_) continue;
      if (end == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
      ++line_;
      return absl::OkStatus();
    }
  }

  // Reads one cell into cell_ and stops at what ends it.
  absl::Status TakeCell() {
    cell_.clear();
    if (at_ < text_.size() && text_[at_] == '"') return TakeQuoted();
    const char ends[] = {separator_, '\r', '\n', '\0'};
    const size_t end = std::min(text_.find_first_of(ends, at_, 3), text_.size());
    cell_.assign(text_.substr(at_, end - at_));
    at_ = end;
    return CheckClean();
  }

  absl::Status TakeQuoted() {
    const int begun = line_;
    ++at_;
    while (true) {
      const size_t quote = text_.find('"', at_);
      if (quote == std::string_view::npos) return Invalid(begun, "a quoted cell that never ends");
      cell_.append(text_.substr(at_, quote - at_));
      at_ = quote + 1;
      if (at_ == text_.size() || text_[at_] != '"') break;
      cell_.push_back('"');
      ++at_;
    }
    for (const char c : cell_) line_ += c == '\n' ? 1 : 0;
    if (at_ < text_.size() && text_[at_] != separator_ && text_[at_] != '\r' && text_[at_] != '\n') {
      return Invalid(line_, "text after a closing quote");
    }
    std::string lines;  // line ends as workbooks have them
    for (size_t i = 0; i < cell_.size(); ++i) {
      if (cell_[i] != '\r') {
        lines.push_back(cell_[i]);
      } else if (i + 1 == cell_.size() || cell_[i + 1] != '\n') {
        lines.push_back('\n');
      }
    }
    cell_ = std::move(lines);
    return CheckClean();
  }

  absl::Status CheckClean() const {
    if (cell_.find('\0') == std::string::npos) return absl::OkStatus();
    return Fail(absl::StatusCode::kInvalidArgument, "FILE_NOT_A_SHEET",
                "The file is no text; send an .xlsx workbook or a .csv file.", {{"line", absl::StrCat(line_)}});
  }

  const std::string_view text_;
  Sheet& sheet_;
  const char separator_;
  size_t at_ = 0;
  int line_ = 1;
  std::string cell_;
};

}  // namespace

absl::StatusOr<Sheet> ReadCsvSheet(std::string_view file, v1::SheetEncoding encoding, const SheetLimits& limits) {
  const std::string text = TRY(ToUtf8(file, encoding));
  Sheet sheet(limits);
  sheet.csv = true;
  TRY(CsvWalker(text, sheet).Run());
  return sheet;
}

std::string Neutralized(std::string_view text) {
  return StartsFormula(WithoutApostrophes(text)) ? absl::StrCat("'", Absl(text)) : std::string(text);
}

std::string_view Restored(std::string_view text) {
  return text.starts_with('\'') && StartsFormula(WithoutApostrophes(text)) ? text.substr(1) : text;
}

void AppendCsvRow(const std::vector<std::string>& cells, std::string& out) {
  for (size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) out.push_back(',');
    out += CsvCell(Neutralized(cells[i]));
  }
  out += "\r\n";
}

}  // namespace zhanqiao::sheets
