// Text for terminals: widths in cells, so that Chinese columns stand aligned, and tables of at most 80 cells.
//
// What is shown comes from other people's documents: control characters never reach the terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace zhanqiao::cli {

inline constexpr size_t kScreenCells = 80;

// Cells `text` takes: 2 for East Asian wide and full-width characters, 0 for combining marks, else 1. A byte
// that is not UTF-8 counts as the one replacement character that is shown for it.
size_t DisplayWidth(std::string_view text);

// `text` with control characters as spaces and bad bytes as U+FFFD.
std::string Printable(std::string_view text);

// `text` in at most `cells` cells, its end replaced by "…" when it does not fit.
std::string Truncated(std::string_view text, size_t cells);

// `text` truncated or filled with spaces to exactly `cells` cells.
std::string Fitted(std::string_view text, size_t cells);

// `text` broken into lines of at most `cells` cells: at spaces where there are any, else between characters.
std::vector<std::string> Wrapped(std::string_view text, size_t cells);

// Rows under headings, columns two cells apart. Columns give way from the widest down until the table fits. Without
// rows it says so under the headings.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  // Missing cells are empty; cells beyond the headings are an error of the caller.
  void Add(std::vector<std::string> row);
  bool empty() const { return rows_.empty(); }
  std::string Render(size_t cells = kScreenCells) const;

 private:
  std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// "name:  value" lines for one thing, values wrapped and aligned.
class Sheet {
 public:
  // Empty values are left out.
  void Add(std::string label, std::string value);
  std::string Render(size_t cells = kScreenCells) const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

}  // namespace zhanqiao::cli
