// An import from its bytes to its commit: what an operation of kind "sheet_import" does.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/operations/operations.h"
#include "catalog/sheets/plan.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

struct ImportJob {
  Caller caller;
  v1::ImportSettings settings;
  std::string file;
  std::shared_ptr<const void> held;  // goes with `file`: what its bytes are counted by
};

// Reads, checks and (unless it is a dry run or cells are wrong) stores the file in one transaction; marks wrong cells.
// The outcome's response is an ImportSheetResponse, its file the marked sheet. ABORTED / ETAG_MISMATCH when somebody
// changed one of the documents meanwhile; then nothing is stored.
absl::StatusOr<operations::Outcome> ImportFile(ImportJob job, documents::DocumentStore& store,
                                               const catalog::Catalog& catalog, const Clock& clock, const Notices& notices,
                                               operations::Progress& progress);

}  // namespace zhanqiao::sheets
