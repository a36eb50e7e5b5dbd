// Server reflection (grpc.reflection.v1 and v1alpha): which services there are and the descriptors behind them.
#pragma once

#include "hub/api/method_table.h"

namespace zhanqiao::api {

// Registers both versions, without a caller. Lists what `table` holds when asked; answers files with all they
// import, each once per answer, as grpc::Server's plugin does. Unknown names are error_response NOT_FOUND within a
// stream that goes on.
void RegisterReflection(MethodTable& table);

}  // namespace zhanqiao::api
