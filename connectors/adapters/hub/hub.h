// Serves a resource by asking another hub for it under a grant there: how hubs of districts, city and
// province stand one above the other.
#pragma once

#include <memory>
#include <string>

#include "connectors/adapters/adapter.h"

namespace grpc {
class Channel;
}

namespace zhanqiao::connectors {

struct UpstreamOptions {
  std::string grant;   // grants/{id} at the other hub, which names fields of the same names and types
  std::string matter;  // what the other hub logs as the matter, at most 64 characters
  int calls = 4;       // at once
};

// Small answers by Query, chunks by the first of a Fetch, whose resume token is the cursor. What the other
// hub refuses is FAILED_PRECONDITION / SOURCE_REFUSED with its reason as the fact `state`; values that it
// masked and that no longer fit the entry are SOURCE_VALUE.
std::unique_ptr<Adapter> MakeUpstream(std::shared_ptr<grpc::Channel> channel, UpstreamOptions options,
                                      const v1::Resource& entry);

AdapterFactory UpstreamResource(std::shared_ptr<grpc::Channel> channel, UpstreamOptions options);

}  // namespace zhanqiao::connectors
