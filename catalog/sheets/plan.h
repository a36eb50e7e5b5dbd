// What a sheet asks for, against what the catalogue holds: every wrong cell, or every change. Nothing is stored here.
#pragma once

#include <functional>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/model/notices.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/headings.h"
#include "catalog/sheets/problems.h"
#include "catalog/base/workbook/sheet.h"

namespace zhanqiao::sheets {

struct SheetPlan {
  int rows = 0;       // below the heading, blank ones left out
  int documents = 0;
  int created = 0;
  int updated = 0;
  int unchanged = 0;
  std::vector<documents::Change> changes;  // with the revision each replaces, and notices; empty when there are problems
  std::vector<Problem> problems;           // in the order of the sheet; at most kProblemsKept
  int problem_count = 0;                   // all of them
};

inline constexpr size_t kProblemsKept = 20'000;

// Rows done so far; an error ends the planning with it.
using OnPlanned = absl::FunctionRef<absl::Status(int64_t rows)>;

// The changes that tell the holders of grants what becomes of a resource.
using Notices = std::function<std::vector<documents::Change>(const catalog::NewNotice&)>;

// Checks every row of `sheet` as the calls of CatalogService would check its document if `caller` sent it, and against
// the other rows. A column that is left out keeps what is stored, a blank cell clears it. New entries are drafts; one whose
// code is a classification alone gets the next code under it.
absl::StatusOr<SheetPlan> PlanSheet(const Sheet& sheet, const Layout& layout, const SheetTable& table,
                                    const catalog::Catalog& catalog, const Caller& caller, absl::CivilDay today,
                                    const Notices& notices, OnPlanned on_planned);

}  // namespace zhanqiao::sheets
