// The rules of information systems (政务信息系统), over one document alone.
#pragma once

#include <vector>

#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Every violation of a system's elements; none: it may be stored, if its organisation exists.
std::vector<Violation> Check(const v1::InformationSystem& system);

}  // namespace zhanqiao::catalog
