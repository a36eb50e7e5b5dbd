#include "catalog/model/update_mask.h"

#include <google/protobuf/util/field_mask_util.h>

#include <algorithm>

#include "catalog/base/error.h"

namespace zhanqiao::catalog {
namespace {

using google::protobuf::util::FieldMaskUtil;

bool IsWhole(const google::protobuf::FieldMask& mask) {
  return mask.paths().empty() || (mask.paths_size() == 1 && mask.paths(0) == "*");
}

}  // namespace

absl::Status ApplyUpdate(const google::protobuf::FieldMask& mask, const google::protobuf::Message& asked,
                         google::protobuf::Message& stored) {
  if (IsWhole(mask)) {
    stored.CopyFrom(asked);
    return absl::OkStatus();
  }
  for (const std::string& path : mask.paths()) {
    if (!path.empty() && FieldMaskUtil::GetFieldDescriptors(stored.GetDescriptor(), path, nullptr)) continue;
    return BadField("UPDATE_MASK_INVALID", "update_mask",
                    "Names a field the document does not have; give names of the proto, or \"*\" alone.",
                    {{"path", path.substr(0, 100)}});
  }
  FieldMaskUtil::MergeOptions options;
  options.set_replace_message_fields(true);
  options.set_replace_repeated_fields(true);
  FieldMaskUtil::MergeMessageTo(asked, mask, options, &stored);
  return absl::OkStatus();
}

bool Names(const google::protobuf::FieldMask& mask, std::string_view field) {
  if (IsWhole(mask)) return true;
  return std::any_of(mask.paths().begin(), mask.paths().end(), [&](const std::string& path) {
    return std::string_view(path).substr(0, path.find('.')) == field;
  });
}

}  // namespace zhanqiao::catalog
