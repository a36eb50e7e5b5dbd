// What the resource methods of CatalogService ask of their requests.
#pragma once

#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "catalog/base/caller.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

inline constexpr std::string_view kResourcesPrefix = "resources/";

// INVALID_ARGUMENT / RESOURCE_NAME unless `name` is resources/{code with / written ~}.
absl::Status CheckResourceName(std::string_view name, std::string_view field = "name");

// FAILED_PRECONDITION / `reason` (facts: document, state).
absl::Status WrongState(const v1::Resource& resource, std::string_view reason, std::string_view message);

}  // namespace zhanqiao::catalog
