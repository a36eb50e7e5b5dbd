// What the commands of objections and demands share.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"

namespace zhanqiao::cli {

// "objections/01h…" for "01h…"; full names stay.
std::string MatterArgument(std::string_view collection, std::string_view text);

// The value of `type` named `text`, with or without `prefix`, in any case. INVALID_ARGUMENT / VALUE_UNKNOWN
// naming `option` and what there is.
absl::StatusOr<int> EnumArgument(const google::protobuf::EnumDescriptor* type, std::string_view prefix,
                                 std::string_view option, std::string_view text);

// "370200-GAJ" of organizations/370200-GAJ.
std::string CodeIn(std::string_view organization);

}  // namespace zhanqiao::cli
