// NoticeService (proto/zhanqiao/v1/notice.proto): what the hub told organisations. Methods block until durable.
// Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/notice.pb.h"

namespace zhanqiao::catalog {

class NoticeService {
 public:
  // `store` and `clock` must outlive it.
  NoticeService(documents::DocumentStore& store, const Clock& clock) : store_(store), clock_(clock) {}

  absl::StatusOr<v1::ListNoticesResponse> ListNotices(const Caller&, const v1::ListNoticesRequest&);
  absl::StatusOr<v1::Notice> MarkNoticeRead(const Caller&, const v1::MarkNoticeReadRequest&);

 private:
  documents::DocumentStore& store_;
  const Clock& clock_;
};

}  // namespace zhanqiao::catalog
