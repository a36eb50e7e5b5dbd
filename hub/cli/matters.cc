#include "hub/cli/matters.h"

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {

std::string MatterArgument(std::string_view collection, std::string_view text) {
  return text.find('/') == std::string_view::npos ? absl::StrCat(Absl(collection), "/", Absl(text))
                                                  : std::string(text);
}

absl::StatusOr<int> EnumArgument(const google::protobuf::EnumDescriptor* type, std::string_view prefix,
                                 std::string_view option, std::string_view text) {
  const std::string name = absl::AsciiStrToUpper(Absl(text));
  const auto* value = type->FindValueByName(absl::StrCat(Absl(prefix), name));
  if (value == nullptr) value = type->FindValueByName(name);
  if (value != nullptr && value->number() != 0) return value->number();
  std::string known;
  for (int i = 1; i < type->value_count(); ++i) {
    absl::StrAppend(&known, i > 1 ? ", " : "",
                    absl::AsciiStrToLower(EnumText(type, type->value(i)->number())));
  }
  return BadField("VALUE_UNKNOWN", option, absl::StrCat("Give one of ", known, "."));
}

std::string CodeIn(std::string_view organization) {
  return std::string(organization.substr(organization.find('/') + 1));
}

}  // namespace zhanqiao::cli
