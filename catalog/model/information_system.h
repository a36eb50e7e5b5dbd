// The rules of information systems (政务信息系统), over one document alone.
#pragma once

#include <vector>

#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Every violation of a system's elements, its inventory included; none: it may be stored, if its organisation and the
// systems its inventory names exist.
std::vector<Violation> Check(const v1::InformationSystem& system);

}  // namespace zhanqiao::catalog
