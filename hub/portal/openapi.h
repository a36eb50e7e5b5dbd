// The whole contract as OpenAPI 3.1, made from the descriptors: every unary RPC as the POST the hub answers in JSON.
#pragma once

#include "boost/json.hpp"
#include "hub/portal/web.h"

namespace zhanqiao::portal {

// The document, made once.
const boost::json::object& OpenApiDocument();
// /openapi.json
Page OpenApi();

}  // namespace zhanqiao::portal
