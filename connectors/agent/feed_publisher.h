// Publishing to a feed, one message at a time.
#pragma once

#include "absl/status/status.h"
#include "zhanqiao/v1/feed.grpc.pb.h"

namespace zhanqiao::connectors {

// OK once the hub has the records durably. Fails as FeedService.Publish, or with INTERNAL / PROTOCOL_BROKEN.
absl::Status PublishTo(v1::FeedService::StubInterface& stub, const v1::PublishRequest& request);

}  // namespace zhanqiao::connectors
