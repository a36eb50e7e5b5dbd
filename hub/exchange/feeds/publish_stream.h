// One publisher's stream: every message is checked against the entry's schema, queued at its feed, and acknowledged,
// cumulatively, once it is durable.
#pragma once

#include <memory>

#include "catalog/base/stream.h"
#include "hub/exchange/feeds/feeds.h"
#include "zhanqiao/v1/feed.pb.h"

namespace zhanqiao::exchange {

// `feeds` must outlive the handler.
std::unique_ptr<StreamHandler<v1::PublishRequest>> NewPublishStream(
    Feeds& feeds, std::shared_ptr<StreamSink<v1::PublishResponse>> sink);

// OK if `records` hold every field of `resource` in order with values of their types. INVALID_ARGUMENT / RECORD_SCHEMA
// (facts: misfit, record) without any value.
absl::Status CheckRecords(const v1::RecordBatch& records, const v1::Resource& resource);

}  // namespace zhanqiao::exchange
