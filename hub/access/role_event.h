// A change of what a person may do, as an entry of its own beside the change of the document.
#pragma once

#include <string_view>

#include "catalog/base/caller.h"
#include "catalog/storage/pipeline.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

// The entry of a change from `before` to `after`, or an empty record when it changes no role. A person who is
// disabled holds none. A default Person stands for one who is not registered.
storage::LogRecord RoleEventOf(std::string_view actor, std::string_view trace, const v1::Person& before,
                               const v1::Person& after, std::string_view reason);

}  // namespace zhanqiao::access
