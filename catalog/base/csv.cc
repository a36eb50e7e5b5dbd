#include "catalog/base/csv.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"

namespace zhanqiao {
namespace {

absl::Status Invalid(int line, std::string_view column, std::string_view problem) {
  return Fail(absl::StatusCode::kInvalidArgument, "CSV_INVALID",
              "The file is not CSV by RFC 4180 in UTF-8; correct the named row and column.",
              {{"row", absl::StrCat(line)}, {"column", std::string(column)}, {"problem", std::string(problem)}});
}

absl::Status TooLarge(int line, std::string_view what, size_t limit) {
  return Fail(absl::StatusCode::kInvalidArgument, "CSV_TOO_LARGE",
              "The file is larger than is read; split it or shorten the named part.",
              {{"row", absl::StrCat(line)}, {"limit", absl::StrCat(Absl(what), " ", limit)}});
}

// Reads one row after another from a text.
class Reader {
 public:
  Reader(std::string_view text, const CsvLimits& limits) : text_(text), limits_(limits) {
    if (text_.substr(0, 3) == "\xEF\xBB\xBF") text_.remove_prefix(3);
  }

  bool AtEnd() const { return at_ == text_.size(); }
  int line() const { return line_; }
  // True if nothing but line ends follow.
  bool OnlyBlankLinesLeft() const { return text_.find_first_not_of("\r\n", at_) == std::string_view::npos; }

  // The next row. `header` names columns in errors; null while the heading itself is read.
  absl::Status Next(const std::vector<std::string>* header, CsvRow& row) {
    header_ = header;
    row.line = line_;
    row.cells.clear();
    bool more = true;
    while (more) {
      if (row.cells.size() == limits_.columns_max) return TooLarge(line_, "columns", limits_.columns_max);
      column_ = row.cells.size();
      TRY(Cell(row.cells.emplace_back()));
      more = !AtEnd() && text_[at_] == ',';
      if (more) ++at_;
    }
    return EndOfLine();
  }

 private:
  std::string ColumnName() const {
    if (header_ != nullptr && column_ < header_->size()) return (*header_)[column_];
    return absl::StrCat(column_ + 1);
  }

  absl::Status Cell(std::string& cell) {
    const int line = line_;
    if (!AtEnd() && text_[at_] == '"') {
      TRY(Quoted(cell));
    } else {
      const size_t end = std::min(text_.find_first_of(",\"\r\n", at_), text_.size());
      cell = text_.substr(at_, end - at_);
      at_ = end;
      if (!AtEnd() && text_[at_] == '"') {
        return Invalid(line, ColumnName(), "a quote inside an unquoted cell; quote the cell and double the quote");
      }
    }
    if (cell.size() > limits_.cell_bytes_max) return TooLarge(line, "bytes in a cell", limits_.cell_bytes_max);
    if (!IsCleanText(cell)) return Invalid(line, ColumnName(), "malformed UTF-8 or a control character");
    return absl::OkStatus();
  }

  absl::Status Quoted(std::string& cell) {
    const int line = line_;
    for (++at_;;) {
      const size_t end = text_.find('"', at_);
      if (end == std::string_view::npos) return Invalid(line, ColumnName(), "a quoted cell that is never closed");
      for (const char c : text_.substr(at_, end - at_)) line_ += c == '\n';
      cell += text_.substr(at_, end - at_);
      at_ = end + 1;
      if (AtEnd() || text_[at_] != '"') break;
      cell += '"';
      ++at_;
    }
    if (!AtEnd() && text_[at_] != ',' && text_[at_] != '\r' && text_[at_] != '\n') {
      return Invalid(line_, ColumnName(), "text after the closing quote of a cell");
    }
    return absl::OkStatus();
  }

  absl::Status EndOfLine() {
    if (AtEnd()) return absl::OkStatus();
    if (text_[at_] == '\r') ++at_;
    if (AtEnd() || text_[at_] != '\n') return Invalid(line_, ColumnName(), "a carriage return without a line feed");
    ++at_;
    ++line_;
    return absl::OkStatus();
  }

  std::string_view text_;
  const CsvLimits limits_;
  const std::vector<std::string>* header_ = nullptr;
  size_t at_ = 0;
  size_t column_ = 0;
  int line_ = 1;
};

absl::Status CheckHeader(const std::vector<std::string>& header) {
  for (size_t i = 0; i < header.size(); ++i) {
    if (header[i].empty()) return Invalid(1, absl::StrCat(i + 1), "an empty heading");
    for (size_t j = 0; j < i; ++j) {
      if (header[j] == header[i]) return Invalid(1, header[i], "a heading that stands twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

int CsvTable::Column(std::string_view heading) const {
  for (size_t i = 0; i < header.size(); ++i) {
    if (header[i] == heading) return static_cast<int>(i);
  }
  return -1;
}

absl::StatusOr<CsvTable> ParseCsv(std::string_view text, const CsvLimits& limits) {
  if (text.size() > limits.bytes_max) return TooLarge(1, "bytes", limits.bytes_max);
  Reader reader(text, limits);
  CsvTable table;
  CsvRow heading;
  TRY(reader.Next(nullptr, heading));
  TRY(CheckHeader(heading.cells));
  table.header = std::move(heading.cells);
  while (!reader.OnlyBlankLinesLeft()) {
    if (table.rows.size() == limits.rows_max) return TooLarge(reader.line(), "rows", limits.rows_max);
    CsvRow& row = table.rows.emplace_back();
    TRY(reader.Next(&table.header, row));
    if (row.cells.size() == table.header.size()) continue;
    const size_t column = std::min(row.cells.size(), table.header.size() - 1);
    return Invalid(row.line, table.header[column],
                   absl::StrCat(row.cells.size(), " cells where the heading has ", table.header.size()));
  }
  return table;
}

std::string CsvCell(std::string_view cell) {
  if (cell.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(cell);
  std::string quoted = "\"";
  for (const char c : cell) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + '"';
}

}  // namespace zhanqiao
