// CodeTableService (proto/zhanqiao/v1/code_table.proto). Methods block until durable. Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/code_table.pb.h"

namespace zhanqiao::catalog {

class CodeTableService {
 public:
  // `store` must outlive it.
  explicit CodeTableService(documents::DocumentStore& store) : store_(store) {}

  absl::StatusOr<v1::CodeTable> GetCodeTable(const Caller&, const v1::GetCodeTableRequest&);
  absl::StatusOr<v1::ImportCodeTableResponse> ImportCodeTable(const Caller&, const v1::ImportCodeTableRequest&);

 private:
  documents::DocumentStore& store_;
};

}  // namespace zhanqiao::catalog
