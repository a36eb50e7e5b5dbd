// A strict reader of comma-separated text: RFC 4180, UTF-8 (a byte order mark is skipped), lines ended by CRLF or LF.
//
// Strict means that nothing is guessed: a quote inside an unquoted cell, text after a closing quote, a lone CR, a
// row with more or fewer cells than the heading, a control character, malformed UTF-8 and an empty or repeated
// heading are errors that name the row and the column. Cells are kept as they stand, blanks included.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace zhanqiao {

// Bounds on what is read; beyond them INVALID_ARGUMENT / CSV_TOO_LARGE (facts: limit, row).
struct CsvLimits {
  size_t bytes_max = size_t{256} << 20;  // of the whole text
  size_t rows_max = 2'000'000;           // without the heading
  size_t columns_max = 500;              // the most 信息项 a resource has
  size_t cell_bytes_max = 64 << 10;      // of one cell
};

struct CsvRow {
  int line = 0;                    // of the file where the row starts; the heading is line 1
  std::vector<std::string> cells;  // as many as the heading has
};

struct CsvTable {
  std::vector<std::string> header;
  std::vector<CsvRow> rows;

  // Position of the column headed `heading`, or -1.
  int Column(std::string_view heading) const;
};

// The table in `text`; the first line is the heading, blank lines at the end are ignored.
// INVALID_ARGUMENT / CSV_INVALID (facts: row = line of the file, column = heading or its number, problem).
absl::StatusOr<CsvTable> ParseCsv(std::string_view text, const CsvLimits& limits = {});

// `cell` as it is written in a CSV file: quoted where it must be.
std::string CsvCell(std::string_view cell);

}  // namespace zhanqiao
