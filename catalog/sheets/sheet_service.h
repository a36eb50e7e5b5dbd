// SheetService (proto/zhanqiao/v1/sheet.proto): files come and go in chunks, the work is done elsewhere.
#pragma once

#include <atomic>
#include <functional>
#include <memory>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/stream.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/operations/operations.h"
#include "catalog/sheets/plan.h"
#include "zhanqiao/v1/sheet.pb.h"

namespace zhanqiao::sheets {

// Thread-safe. Its streams may outlive no part of it.
class SheetService {
 public:
  // Runs a task on some other thread, soon; false when it will not.
  using Submit = std::function<bool(std::function<void()>)>;

  // All of these must outlive it and what it started: stop `operations` and what runs its tasks first.
  SheetService(documents::DocumentStore& store, const catalog::Catalog& catalog, const Clock& clock,
               operations::Operations& operations, Submit submit, Notices notices = {})
      : store_(store), catalog_(catalog), clock_(clock), operations_(operations), submit_(std::move(submit)),
        notices_(std::move(notices)) {}

  using OperationSink = std::shared_ptr<StreamSink<v1::Operation>>;
  using ChunkSink = std::shared_ptr<StreamSink<v1::SheetChunk>>;
  std::unique_ptr<StreamHandler<v1::ImportSheetRequest>> ImportSheet(OperationSink sink);
  std::unique_ptr<StreamHandler<v1::ExportSheetRequest>> ExportSheet(ChunkSink sink);
  std::unique_ptr<StreamHandler<v1::DownloadMarkedSheetRequest>> DownloadMarkedSheet(ChunkSink sink);
  absl::StatusOr<v1::SheetFile> GetTemplate(const Caller&, const v1::GetTemplateRequest&);

 private:
  class Import;
  class Export;
  class Download;

  documents::DocumentStore& store_;
  const catalog::Catalog& catalog_;
  const Clock& clock_;
  operations::Operations& operations_;
  const Submit submit_;
  const Notices notices_;
  std::atomic<size_t> uploading_{0};  // bytes of files that are coming in or wait to be read
};

}  // namespace zhanqiao::sheets
