#include "catalog/sheets/marked.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/sheets/csv_sheet.h"
#include "catalog/sheets/export.h"
#include "catalog/sheets/xlsx_writer.h"

namespace zhanqiao::sheets {
namespace {

constexpr size_t kLargeCells = 300'000;
constexpr size_t kCommentsMax = 5'000;  // more make a workbook slow to open; the list has all
constexpr size_t kMergesMax = 20'000;
constexpr size_t kLinksMax = 5'000;

// Sentences by row and column of the file.
using Marks = std::map<std::pair<int, int>, std::vector<const Problem*>>;

Marks MarksOf(const SheetPlan& plan) {
  Marks marks;
  for (const Problem& problem : plan.problems) marks[{problem.row, std::max(problem.column, 0)}].push_back(&problem);
  return marks;
}

std::string CommentOf(const std::vector<const Problem*>& problems) {
  std::string text;
  for (const Problem* problem : problems) {
    absl::StrAppend(&text, text.empty() ? "" : "\n", problem->sentence.chinese, "\n", problem->sentence.english, " (",
                    problem->sentence.reason, ")");
  }
  return text;
}

Value ValueIn(const Cell& cell, bool csv) {
  switch (cell.kind) {
    case CellKind::kNumber:
      return {.kind = Value::Kind::kNumber, .text = {}, .number = cell.number};
    case CellKind::kDate:
      return {.kind = Value::Kind::kDate, .text = TextOf(cell, csv)};
    case CellKind::kText:
    case CellKind::kError:
      return {.text = std::string(csv ? Restored(cell.view()) : cell.view())};
    default:
      return {.text = TextOf(cell, csv)};
  }
}

class Marker {
 public:
  Marker(const Sheet& sheet, const Layout& layout, const SheetTable& table, const SheetPlan& plan, XlsxWriter& writer)
      : sheet_(sheet), layout_(layout), table_(table), plan_(plan), marks_(MarksOf(plan)), writer_(writer) {}

  void WriteRows() {
    for (int column = 0; column < sheet_.columns(); ++column) writer_.SetWidth(column, WidthOf(column));
    writer_.Freeze(layout_.heading_row, std::min(table_.frozen_columns, sheet_.columns()));
    writer_.SetPrinting(std::max(layout_.heading_row - 1, 0), std::max(layout_.heading_row - 1, 0), 0, PagesOf(table_));
    if (!writer_.large()) WriteMerges();
    for (const Row& row : sheet_.rows) WriteRow(row);
  }

  void WriteList(std::string_view data_sheet) {
    constexpr std::string_view kHeadings[] = {"序号", "行", "列", "列名", "问题", "Problem", "代码"};
    constexpr double kWidths[] = {7, 8, 6, 24, 56, 56, 38};
    for (int i = 0; i < 7; ++i) writer_.SetWidth(i, kWidths[i]);
    writer_.SetHeight(0, 30);
    writer_.Merge(0, 0, 0, 6, absl::StrCat("问题清单（共", plan_.problem_count, "处，改正后请重新导入；本次未写入任何内容）"),
                  Look::kTitle);
    for (int i = 0; i < 7; ++i) writer_.WriteText(1, i, kHeadings[i], Look::kHeading);
    writer_.Freeze(2, 0);
    writer_.SetPrinting(1, 1, 0, 1);
    int at = 2;
    for (const Problem& problem : plan_.problems) {
      const int column = std::max(problem.column, 0);
      // Two lines where a sentence is wider than its column.
      const bool wide = problem.sentence.chinese.size() > 78 || problem.sentence.english.size() > 52;
      writer_.SetHeight(at, wide ? 30 : 18);
      writer_.Write(at, 0, {.kind = Value::Kind::kNumber, .text = {}, .number = static_cast<double>(at - 1)}, Look::kNumber);
      const std::string row = absl::StrCat(problem.row);
      if (static_cast<size_t>(at) < kLinksMax) {
        writer_.WriteLink(at, 1, row, data_sheet, problem.row - 1, column);
      } else {
        writer_.WriteText(at, 1, row, Look::kCentred);
      }
      writer_.WriteText(at, 2, problem.column < 0 ? "" : ColumnLetters(problem.column), Look::kCentred);
      writer_.WriteText(at, 3, HeadingOf(problem.column), Look::kText);
      writer_.WriteText(at, 4, problem.sentence.chinese, Look::kText);
      writer_.WriteText(at, 5, problem.sentence.english, Look::kText);
      writer_.WriteText(at, 6, problem.sentence.reason, Look::kText);
      ++at;
    }
  }

 private:
  std::string_view HeadingOf(int column) const {
    if (column < 0 || static_cast<size_t>(column) >= layout_.headings.size()) return {};
    return layout_.headings[static_cast<size_t>(column)];
  }

  double WidthOf(int column) const {
    const int meaning = static_cast<size_t>(column) < layout_.meaning_of.size() ? layout_.meaning_of[static_cast<size_t>(column)] : -1;
    return meaning < 0 ? 12 : table_.columns[static_cast<size_t>(meaning)].width;
  }

  // Ranges that hide no mark and overlap no other.
  void WriteMerges() {
    if (sheet_.merges.size() > kMergesMax) return;
    const int last_row = sheet_.rows.empty() ? 0 : sheet_.rows.back().number;
    for (const Merge& merge : sheet_.merges) {
      const int64_t cells = int64_t{merge.last_row - merge.first_row + 1} * (merge.last_column - merge.first_column + 1);
      if (merge.last_row > last_row || merge.last_column >= sheet_.columns() || cells < 2 || merged_.size() + static_cast<size_t>(cells) > kLargeCells) {
        continue;
      }
      if (Hides(merge)) continue;
      for (int row = merge.first_row; row <= merge.last_row; ++row) {
        for (int column = merge.first_column; column <= merge.last_column; ++column) merged_.insert({row, column});
      }
      writer_.Merge(merge.first_row - 1, merge.first_column, merge.last_row - 1, merge.last_column, "", Look::kText);
      tops_.insert({merge.first_row, merge.first_column});
    }
  }

  bool Hides(const Merge& merge) const {
    for (int row = merge.first_row; row <= merge.last_row; ++row) {
      for (int column = merge.first_column; column <= merge.last_column; ++column) {
        if (merged_.contains({row, column})) return true;
        const bool top = row == merge.first_row && column == merge.first_column;
        if (!top && marks_.contains({row, column})) return true;
      }
    }
    return false;
  }

  void WriteRow(const Row& row) {
    const bool heading = row.number <= layout_.heading_row;
    const int columns = std::max(static_cast<int>(row.cells.size()), heading ? 0 : sheet_.columns());
    for (int column = 0; column < columns; ++column) {
      const auto mark = marks_.find({row.number, column});
      const Cell& cell = row.at(column);
      if (mark == marks_.end() && cell.blank() && (heading || writer_.large())) continue;
      // Inside a merged range only its first cell is written.
      if (merged_.contains({row.number, column}) && !tops_.contains({row.number, column})) continue;
      const Look look = mark != marks_.end() ? Look::kWrong : heading ? Look::kHeading : Look::kText;
      writer_.Write(row.number - 1, column, ValueIn(cell, sheet_.csv), look);
      if (mark == marks_.end() || ++comments_ > kCommentsMax) continue;
      writer_.Comment(row.number - 1, column, CommentOf(mark->second));
    }
  }

  const Sheet& sheet_;
  const Layout& layout_;
  const SheetTable& table_;
  const SheetPlan& plan_;
  const Marks marks_;
  XlsxWriter& writer_;
  std::set<std::pair<int, int>> merged_;  // cells of ranges that are written merged
  std::set<std::pair<int, int>> tops_;
  size_t comments_ = 0;
};

}  // namespace

absl::StatusOr<std::string> Marked(const Sheet& sheet, const Layout& layout, const SheetTable& table,
                                   const SheetPlan& plan) {
  const bool large = sheet.rows.size() * static_cast<size_t>(std::max(sheet.columns(), 1)) > kLargeCells;
  const std::unique_ptr<XlsxWriter> writer = TRY(XlsxWriter::Begin(large));
  Marker marker(sheet, layout, table, plan, *writer);
  const std::string name = sheet.name.empty() ? std::string(table.title) : sheet.name;
  writer->AddSheet(name);
  marker.WriteRows();
  writer->AddSheet("问题清单");
  marker.WriteList(name);
  return writer->Finish();
}

}  // namespace zhanqiao::sheets
