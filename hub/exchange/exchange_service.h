// ExchangeService: Query, QueryStream and Fetch over the broker.
#pragma once

#include <memory>

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/stream.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/fetch.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::exchange {

struct ExchangeServiceOptions {
  size_t in_flight_max = 1024;      // unanswered requests of one stream before it is paused
  size_t buffered_max = 1 << 20;    // bytes of answers the client has not taken before it is paused
  std::string origin;               // origin line of the log, for receipts
};

// Thread-safe.
class ExchangeService {
 public:
  using Options = ExchangeServiceOptions;
  // All must outlive it and its streams.
  ExchangeService(Broker& broker, const ResumeTokens& tokens, const Clock& clock, Random& random,
                  Options options = Options());

  // `done` runs once on any thread and must be quick; the receipt is in the response.
  void Query(Caller caller, v1::QueryRequest request, Broker::Done done);

  // The handler of one QueryStream. Answers ready at the same time leave in one message of at most 64; a refused
  // request is answered with its status and the stream goes on. The stream ends OK when the client has closed
  // its side and everything is answered. More than 64 requests in a message, or a number used twice, ends it
  // with INVALID_ARGUMENT.
  std::unique_ptr<StreamHandler<v1::QueryStreamRequest>> QueryStream(
      std::shared_ptr<StreamSink<v1::QueryStreamResponse>> sink);

  // The handler of one Fetch (fetch.h).
  std::unique_ptr<StreamHandler<v1::FetchRequest>> Fetch(std::shared_ptr<StreamSink<v1::FetchResponse>> sink);

 private:
  Broker& broker_;
  const ResumeTokens& tokens_;
  const Clock& clock_;
  Random& random_;
  const Options options_;
};

}  // namespace zhanqiao::exchange
