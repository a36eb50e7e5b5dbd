// The rules of facilities (private networks, internet exits, portals), over one document alone.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/base/error.h"
#include "zhanqiao/v1/inventory.pb.h"

namespace zhanqiao::oversight {

inline constexpr std::string_view kFacilities = "facilities";

// Every violation; none: it may be stored if its organisation exists.
std::vector<Violation> Check(const v1::Facility& facility);

}  // namespace zhanqiao::oversight
