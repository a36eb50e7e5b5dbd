#include "catalog/base/workbook/xlsx_reader.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/workbook/xlsx_parts.h"

namespace zhanqiao::sheets {
namespace {

constexpr double kDays1904 = 1462;  // from 1900's day zero to 1904's

absl::Status Damaged(std::string_view problem) {
  return Fail(absl::StatusCode::kInvalidArgument, "SHEET_DAMAGED",
              "The worksheet contradicts itself; open the file in a spreadsheet program and save it again.",
              {{"problem", std::string(problem)}});
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

// The code unit of "_x000D_" at `at`, or -1.
int EscapeAt(std::string_view text, size_t at) {
  if (text.size() - at < 7 || text[at] != '_' || text[at + 1] != 'x' || text[at + 6] != '_') return -1;
  int unit = 0;
  for (size_t i = at + 2; i < at + 6; ++i) {
    if (HexValue(text[i]) < 0) return -1;
    unit = unit * 16 + HexValue(text[i]);
  }
  return unit;
}

// Undoes the escapes with which workbooks write what XML cannot hold; line ends become "\n".
void Unescape(std::string& text) {
  if (text.find("_x") != std::string::npos) {
    std::string plain;
    for (size_t at = 0; at < text.size();) {
      const int unit = EscapeAt(text, at);
      if (unit >= 0 && unit < 0x80) {
        plain.push_back(static_cast<char>(unit));
        at += 7;
      } else {
        plain.push_back(text[at++]);
      }
    }
    text = std::move(plain);
  }
  if (text.find('\r') == std::string::npos) return;
  std::string lines;
  for (size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\r') {
      lines.push_back(text[at]);
    } else if (at + 1 == text.size() || text[at + 1] != '\n') {
      lines.push_back('\n');
    }
  }
  text = std::move(lines);
}

// Text of a cell or a shared string, bounded while it grows.
class TextBuffer {
 public:
  explicit TextBuffer(const SheetLimits& limits) : limits_(limits) {}
  absl::Status Add(std::string_view text) {
    if (text_.size() + text.size() > limits_.cell_bytes_max) {
      return BeyondLimit("CELL_TOO_LONG", "A cell holds more text than spreadsheets allow; shorten it.", "cell_bytes_max",
                         limits_.cell_bytes_max);
    }
    text_.append(text);
    return absl::OkStatus();
  }
  std::string Take() {
    Unescape(text_);
    return std::exchange(text_, {});
  }
  const std::string& raw() const { return text_; }
  void Clear() { text_.clear(); }

 private:
  const SheetLimits limits_;
  std::string text_;
};

class SharedStrings final : public XmlHandler {
 public:
  SharedStrings(Sheet& sheet, const SheetLimits& limits) : sheet_(sheet), limits_(limits), buffer_(limits) {}
  absl::Status Begin(std::string_view element, const XmlAttributes&) override {
    if (element == "rPh") ++phonetic_;  // how it is read aloud; not part of the text
    if (element == "si") buffer_.Clear();
    in_text_ = element == "t" && phonetic_ == 0;
    return absl::OkStatus();
  }
  absl::Status Text(std::string_view text) override { return in_text_ ? buffer_.Add(text) : absl::OkStatus(); }
  absl::Status End(std::string_view element) override {
    if (element == "t") in_text_ = false;
    if (element == "rPh") --phonetic_;
    if (element != "si") return absl::OkStatus();
    if (strings.size() >= limits_.cells_max) return Damaged("more shared strings than cells");
    Cell& cell = strings.emplace_back();
    return sheet_.SetText(cell, buffer_.Take());
  }
  std::vector<Cell> strings;

 private:
  Sheet& sheet_;
  const SheetLimits limits_;
  TextBuffer buffer_;
  bool in_text_ = false;
  int phonetic_ = 0;
};

class WorksheetXml final : public XmlHandler {
 public:
  WorksheetXml(Sheet& sheet, const WorkbookParts& parts, const std::vector<Cell>& strings, const SheetLimits& limits,
               OnRows on_rows)
      : sheet_(sheet), parts_(parts), strings_(strings), limits_(limits), buffer_(limits), on_rows_(on_rows) {}

  absl::Status Begin(std::string_view element, const XmlAttributes& attributes) override {
    if (element == "row") return BeginRow(attributes);
    if (element == "c") return BeginCell(attributes);
    if (element == "mergeCell") return AddMerge(attributes.Get("ref"));
    if (element == "rPh") ++phonetic_;
    if (in_cell_ && (element == "v" || (element == "t" && phonetic_ == 0))) in_value_ = true;
    return absl::OkStatus();
  }

  absl::Status Text(std::string_view text) override { return in_value_ ? buffer_.Add(text) : absl::OkStatus(); }

  absl::Status End(std::string_view element) override {
    if (element == "v" || element == "t") in_value_ = false;
    if (element == "rPh") --phonetic_;
    if (element == "c" && in_cell_) return EndCell();
    if (element == "row" && in_row_) {
      in_row_ = false;
      sheet_.EndRow();
      if (++rows_ % 256 == 0) return on_rows_(rows_);
    }
    return absl::OkStatus();
  }

 private:
  absl::Status BeginRow(const XmlAttributes& attributes) {
    if (in_row_) return Damaged("a row in a row");
    int number = row_ + 1;
    const std::string_view given = attributes.Get("r");
    if (!given.empty() && !absl::SimpleAtoi(Absl(given), &number)) return Damaged("a row's number");
    row_ = number;
    column_ = -1;
    in_row_ = true;
    return sheet_.BeginRow(number);
  }

  absl::Status BeginCell(const XmlAttributes& attributes) {
    if (!in_row_ || in_cell_) return Damaged("a cell outside a row");
    const std::string_view reference = attributes.Get("r");
    int column = column_ + 1;
    int row = row_;
    if (!reference.empty() && !ParseCellReference(reference, column, row)) return Damaged("a cell's reference");
    if (row != row_ || column <= column_) return Damaged("a cell out of order");
    column_ = column;
    type_ = std::string(attributes.Get("t"));
    style_ = 0;
    const std::string_view style = attributes.Get("s");
    if (!style.empty() && !absl::SimpleAtoi(Absl(style), &style_)) return Damaged("a cell's style");
    buffer_.Clear();
    in_cell_ = true;
    return absl::OkStatus();
  }

  absl::Status EndCell() {
    in_cell_ = false;
    in_value_ = false;
    Cell cell;
    TRY(Fill(cell));
    return sheet_.Place(column_, cell);
  }

  absl::Status Fill(Cell& cell) {
    if (buffer_.raw().empty()) return absl::OkStatus();
    if (type_ == "s") {
      size_t index = 0;
      if (!absl::SimpleAtoi(buffer_.raw(), &index) || index >= strings_.size()) return Damaged("a shared string");
      cell = strings_[index];
      return absl::OkStatus();
    }
    if (type_ == "str" || type_ == "inlineStr" || type_ == "d") return sheet_.SetText(cell, buffer_.Take());
    if (type_ == "e") return sheet_.SetText(cell, buffer_.Take(), CellKind::kError);
    if (!absl::SimpleAtod(buffer_.raw(), &cell.number)) return Damaged("a cell's number");
    if (type_ == "b") {
      cell.kind = CellKind::kLogical;
    } else if (style_ >= 0 && static_cast<size_t>(style_) < parts_.date_styles.size() &&
               parts_.date_styles[static_cast<size_t>(style_)]) {
      cell.kind = CellKind::kDate;
      if (parts_.date1904) cell.number += kDays1904;
    } else {
      cell.kind = CellKind::kNumber;
    }
    return absl::OkStatus();
  }

  absl::Status AddMerge(std::string_view range) {
    if (sheet_.merges.size() >= limits_.merges_max) {
      return BeyondLimit("SHEET_TOO_LARGE", "The sheet is larger than the hub takes in; split it into several.",
                         "merges_max", limits_.merges_max);
    }
    const size_t colon = range.find(':');
    Merge merge;
    if (colon == std::string_view::npos ||
        !ParseCellReference(range.substr(0, colon), merge.first_column, merge.first_row) ||
        !ParseCellReference(range.substr(colon + 1), merge.last_column, merge.last_row) ||
        merge.last_row < merge.first_row || merge.last_column < merge.first_column) {
      return Damaged("a merged range");
    }
    sheet_.merges.push_back(merge);
    return absl::OkStatus();
  }

  Sheet& sheet_;
  const WorkbookParts& parts_;
  const std::vector<Cell>& strings_;
  const SheetLimits limits_;
  TextBuffer buffer_;
  OnRows on_rows_;
  int64_t rows_ = 0;
  int row_ = 0;
  int column_ = -1;
  int style_ = 0;
  int phonetic_ = 0;
  std::string type_;
  bool in_row_ = false;
  bool in_cell_ = false;
  bool in_value_ = false;
};

absl::StatusOr<const WorkbookParts::Worksheet*> Choose(const WorkbookParts& parts, std::string_view name) {
  std::string names;
  for (const auto& worksheet : parts.worksheets) {
    if (name.empty() ? !worksheet.hidden : worksheet.name == name) return &worksheet;
    absl::StrAppend(&names, names.empty() ? "" : ", ", worksheet.name);
  }
  return Fail(absl::StatusCode::kInvalidArgument, "WORKSHEET_MISSING",
              "The workbook has no such worksheet, or only hidden ones; name one of those it has.",
              {{"sheet", std::string(name)}, {"sheets", names.substr(0, 500)}});
}

}  // namespace

absl::StatusOr<Sheet> ReadXlsx(std::string_view file, std::string_view name, const SheetLimits& limits, OnRows on_rows) {
  const std::unique_ptr<ZipReader> zip = TRY(ZipReader::Open(file, limits));
  const WorkbookParts parts = TRY(ReadWorkbookParts(*zip, limits));
  const WorkbookParts::Worksheet* worksheet = TRY(Choose(parts, name));
  Sheet sheet(limits);
  sheet.name = worksheet->name;
  SharedStrings strings(sheet, limits);
  if (!parts.strings_part.empty() && zip->Has(parts.strings_part)) {
    TRY(ReadXmlPart(*zip, parts.strings_part, limits, strings));
  }
  WorksheetXml xml(sheet, parts, strings.strings, limits, on_rows);
  TRY(ReadXmlPart(*zip, worksheet->part, limits, xml));
  TRY(sheet.SpreadMerges());
  return sheet;
}

}  // namespace zhanqiao::sheets
