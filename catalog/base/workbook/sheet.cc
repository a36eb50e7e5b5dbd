#include "catalog/base/workbook/sheet.h"

#include <algorithm>
#include <cmath>
#include <cstring>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::sheets {
namespace {

constexpr size_t kBlockBytes = 1 << 20;
constexpr int kRowMax = 1'048'576;  // of spreadsheets

// Day 0 of spreadsheets, which believe that 1900 was a leap year: right for every day from 1900-03-01.
constexpr absl::CivilDay kDayZero(1899, 12, 30);

absl::Status TooLarge(std::string_view limit, size_t value) {
  return BeyondLimit("SHEET_TOO_LARGE", "The sheet is larger than the hub takes in; split it into several.", limit, value);
}

}  // namespace

absl::Status BeyondLimit(std::string_view reason, std::string_view message, std::string_view limit, size_t value) {
  return Fail(absl::StatusCode::kInvalidArgument, reason, message,
              {{"limit", std::string(limit)}, {"at_most", absl::StrCat(value)}});
}

bool operator==(const Cell& a, const Cell& b) {
  if (a.kind != b.kind) return false;
  if (a.has_text()) return a.view() == b.view();
  return a.blank() || a.number == b.number;
}

bool Row::blank() const {
  return std::all_of(cells.begin(), cells.end(), [](const Cell& cell) { return cell.blank(); });
}

std::string_view Sheet::Keep(std::string_view text) {
  const auto known = texts_.find(Absl(text));
  if (known != texts_.end()) return Std(*known);
  char* place = nullptr;
  if (text.size() > kBlockBytes / 4) {
    // A block of its own, put below the one being filled.
    auto own = std::make_unique<char[]>(text.size());
    place = own.get();
    blocks_.insert(blocks_.empty() ? blocks_.end() : std::prev(blocks_.end()), std::move(own));
  } else {
    if (left_ < text.size()) {
      blocks_.push_back(std::make_unique<char[]>(kBlockBytes));
      left_ = kBlockBytes;
    }
    place = blocks_.back().get() + (kBlockBytes - left_);
    left_ -= text.size();
  }
  std::memcpy(place, text.data(), text.size());
  text_bytes_ += text.size();
  texts_.insert(absl::string_view(place, text.size()));
  return {place, text.size()};
}

absl::Status Sheet::SetText(Cell& cell, std::string_view text, CellKind kind) {
  if (text.size() > limits_.cell_bytes_max) {
    return BeyondLimit("CELL_TOO_LONG", "A cell holds more text than spreadsheets allow; shorten it.", "cell_bytes_max",
                       limits_.cell_bytes_max);
  }
  if (text.empty()) {
    cell = Cell();
    return absl::OkStatus();
  }
  const std::string_view kept = Keep(text);
  if (text_bytes_ > limits_.text_bytes_max) return TooLarge("text_bytes_max", limits_.text_bytes_max);
  cell.text = kept.data();
  cell.size = static_cast<uint32_t>(kept.size());
  cell.kind = kind;
  return absl::OkStatus();
}

absl::Status Sheet::BeginRow(int number) {
  if (number <= last_row_ || number > kRowMax) {
    return Fail(absl::StatusCode::kInvalidArgument, "SHEET_DAMAGED",
                "The rows of the sheet are not in order; open the file in a spreadsheet program and save it again.",
                {{"row", absl::StrCat(number)}});
  }
  if (rows.size() >= static_cast<size_t>(limits_.rows_max)) return TooLarge("rows_max", static_cast<size_t>(limits_.rows_max));
  last_row_ = number;
  rows.push_back({number, {}});
  return absl::OkStatus();
}

absl::Status Sheet::Place(int column, Cell cell) {
  if (cell.blank()) return absl::OkStatus();
  if (column < 0 || column >= limits_.columns_max) return TooLarge("columns_max", static_cast<size_t>(limits_.columns_max));
  if (++cells_ > limits_.cells_max) return TooLarge("cells_max", limits_.cells_max);
  std::vector<Cell>& cells = rows.back().cells;
  if (cells.size() <= static_cast<size_t>(column)) {
    // Rows of one sheet are about equally wide: one allocation each.
    cells.reserve(static_cast<size_t>(std::max(column + 1, columns_)));
    cells.resize(static_cast<size_t>(column) + 1);
  }
  cells[static_cast<size_t>(column)] = cell;
  columns_ = std::max(columns_, column + 1);
  return absl::OkStatus();
}

void Sheet::EndRow() {
  if (!rows.empty() && rows.back().cells.empty()) rows.pop_back();
}

absl::Status Sheet::SpreadMerges() {
  for (const Merge& merge : merges) {
    if (merge.first_column != merge.last_column || merge.first_row == merge.last_row) continue;
    auto row = std::lower_bound(rows.begin(), rows.end(), merge.first_row,
                                [](const Row& one, int number) { return one.number < number; });
    if (row == rows.end() || row->number != merge.first_row) continue;
    const Cell top = row->at(merge.first_column);
    if (top.blank()) continue;
    const auto column = static_cast<size_t>(merge.first_column);
    for (++row; row != rows.end() && row->number <= merge.last_row; ++row) {
      if (row->cells.size() <= column) row->cells.resize(column + 1);
      if (!row->cells[column].blank()) continue;
      if (++cells_ > limits_.cells_max) return TooLarge("cells_max", limits_.cells_max);
      row->cells[column] = top;
    }
  }
  return absl::OkStatus();
}

std::string ColumnLetters(int column) {
  std::string letters;
  for (++column; column > 0; column = (column - 1) / 26) letters.insert(letters.begin(), static_cast<char>('A' + (column - 1) % 26));
  return letters;
}

bool ParseCellReference(std::string_view reference, int& column, int& row) {
  size_t at = 0;
  int64_t letters = 0;
  for (; at < reference.size() && reference[at] >= 'A' && reference[at] <= 'Z' && at < 4; ++at) {
    letters = letters * 26 + (reference[at] - 'A' + 1);
  }
  int64_t digits = 0;
  const size_t first_digit = at;
  for (; at < reference.size() && reference[at] >= '0' && reference[at] <= '9' && at < first_digit + 8; ++at) {
    digits = digits * 10 + (reference[at] - '0');
  }
  if (at != reference.size() || first_digit == 0 || at == first_digit) return false;
  if (letters > 16'384 || digits < 1 || digits > kRowMax) return false;
  column = static_cast<int>(letters) - 1;
  row = static_cast<int>(digits);
  return true;
}

bool DayOfSerial(double serial, absl::CivilDay& day) {
  if (!std::isfinite(serial) || serial < 1 || serial >= 2'958'466) return false;
  day = kDayZero + static_cast<int64_t>(std::floor(serial));
  if (serial < 60) day = day + 1;  // before the day that never was, 1900-02-29
  return true;
}

double SerialOfDay(absl::CivilDay day) {
  const double serial = static_cast<double>(day - kDayZero);
  return serial < 61 ? serial - 1 : serial;
}

}  // namespace zhanqiao::sheets
