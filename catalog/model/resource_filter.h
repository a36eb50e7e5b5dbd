// The filters of ListResources.
#pragma once

#include <vector>

#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// What is wrong with the filters themselves.
std::vector<Violation> CheckFilter(const v1::ListResourcesRequest& filter);

// True if the entry fulfils every filter that is set.
bool Matches(const v1::Resource& resource, const v1::ListResourcesRequest& filter);

}  // namespace zhanqiao::catalog
