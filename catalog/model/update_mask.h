// Update masks (AIP-134): which fields of a document an update replaces.
#pragma once

#include <google/protobuf/field_mask.pb.h>

#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace zhanqiao::catalog {

// Copies the fields `mask` names from `asked` to `stored`, which becomes what is to be stored: repeated fields and
// messages whole, a field left out of `asked` is cleared. An empty mask or "*" copies everything.
// INVALID_ARGUMENT / UPDATE_MASK_INVALID (fact: path) for a path the message does not have.
absl::Status ApplyUpdate(const google::protobuf::FieldMask& mask, const google::protobuf::Message& asked,
                         google::protobuf::Message& stored);

// True if `mask` names the top-level field `field`, or everything.
bool Names(const google::protobuf::FieldMask& mask, std::string_view field);

}  // namespace zhanqiao::catalog
