// Fetch: all rows a grant allows, chunk by chunk. Each chunk is an exchange of its own (checked, masked, counted, logged
// before it leaves); one more entry closes the fetch, or says that it broke off. The hub keeps nothing of a fetch but
// the chunk in hand: where to go on is in the resume token and in the source's own order.
#pragma once

#include <memory>

#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/base/stream.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/resume.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::exchange {

struct FetchOptions {
  std::string origin;             // origin line of the log, for receipts
  size_t buffered_max = 1 << 20;  // bytes the consumer has not taken before the next chunk is asked for
};

// The handler of one Fetch call. The next chunk is asked for once the consumer has taken enough of those before, so
// that a slow consumer holds at most about three chunks here. All references outlive it and its chunks.
std::unique_ptr<StreamHandler<v1::FetchRequest>> MakeFetch(Broker& broker, const ResumeTokens& tokens, const Clock& clock,
                                                           Random& random, FetchOptions options,
                                                           std::shared_ptr<StreamSink<v1::FetchResponse>> sink);

}  // namespace zhanqiao::exchange
