// Documents as sheets: exports and templates.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/model/catalog.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/xlsx_writer.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

// The documents of `table`'s kind, of `organization` or (empty) of all, as a file of `format`. What is exported and
// imported again is equal. WORKBOOK_NOT_WRITABLE.
absl::StatusOr<std::string> Export(const catalog::Catalog& catalog, const SheetTable& table, v1::SheetFormat format,
                                   v1::SheetEncoding encoding, std::string_view organization, absl::CivilDay today);

// An empty sheet to fill in, with lists to choose from, and instructions beside it.
absl::StatusOr<std::string> Template(const SheetTable& table, v1::SheetFormat format, v1::SheetEncoding encoding);

// "政务信息资源目录-20180301.xlsx".
std::string FileNameOf(const SheetTable& table, v1::SheetFormat format, std::string_view suffix);

// Internal: what export and template share.

// Title and heading of the table's columns; gives the first row below. Rows from 0.
int WriteHeading(const SheetTable& table, XlsxWriter& writer, std::string_view title);
// How many pages wide a printed sheet of the table is, to be legible.
int PagesOf(const SheetTable& table);
// Lists to choose from in the rows from `first_row` to `last_row`.
void AddChoices(const SheetTable& table, XlsxWriter& writer, int first_row, int last_row);
// A worksheet that says how each column is filled in.
void AddInstructions(const SheetTable& table, XlsxWriter& writer);
// The heading rows of CSV.
void AppendCsvHeading(const SheetTable& table, std::string& out);
// How the cells of a column look.
Look LookOf(const Column& column);

}  // namespace zhanqiao::sheets
