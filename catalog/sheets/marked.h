// The sheet a department sent, as it sent it, with a mark and a sentence at every wrong cell.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "catalog/sheets/headings.h"
#include "catalog/sheets/plan.h"
#include "catalog/base/workbook/sheet.h"

namespace zhanqiao::sheets {

// A workbook with the rows of `sheet` at their places, wrong cells filled and commented in Chinese and English, and a
// worksheet 问题清单 that lists all problems. WORKBOOK_NOT_WRITABLE.
absl::StatusOr<std::string> Marked(const Sheet& sheet, const Layout& layout, const SheetTable& table,
                                   const SheetPlan& plan);

}  // namespace zhanqiao::sheets
