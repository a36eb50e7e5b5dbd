#include "catalog/model/resource_requests.h"

#include "catalog/model/names.h"

namespace zhanqiao::catalog {

absl::Status CheckResourceName(std::string_view name, std::string_view field) {
  if (ResourceCodeOf(name).has_value()) return absl::OkStatus();
  return BadField("RESOURCE_NAME", field,
                  "Give resources/{code with / written ~}, for example resources/308001370200~000001.");
}

absl::Status WrongState(const v1::Resource& resource, std::string_view reason, std::string_view message) {
  return Fail(absl::StatusCode::kFailedPrecondition, reason, message,
              {{"document", resource.name()}, {"state", v1::ResourceState_Name(resource.state())}});
}

}  // namespace zhanqiao::catalog
