// Notices (proto/zhanqiao/v1/notice.proto): what the hub tells an organisation. Written as one more change of the
// transaction that gives the cause, so that either both stand or neither.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/notice.pb.h"

namespace zhanqiao::catalog {

inline constexpr std::string_view kNoticeSchemaChanged = "RESOURCE_SCHEMA_CHANGED";
inline constexpr std::string_view kNoticeWithdrawn = "RESOURCE_WITHDRAWN";
inline constexpr std::string_view kNoticeSentBack = "RESOURCE_SENT_BACK";

// A notice before it has a place and a time.
struct NewNotice {
  std::string_view kind;     // stable code
  std::string_view subject;  // name of the document it is about
  std::vector<std::pair<std::string, std::string>> facts;  // cut to 500 bytes each
};

// The change that tells `organization` (organizations/{code}).
documents::Change NoticeTo(std::string_view organization, const NewNotice& notice, absl::Time now, Random& random);

// True for organizations/{code}/notices/{id}.
bool IsNoticeName(std::string_view name);

}  // namespace zhanqiao::catalog
