// One load against one target: what is asked, how much at once, and what came of it.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "absl/types/span.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace grpc {
class Channel;
}

namespace zhanqiao::bench {

struct LoadOptions {
  std::string target;       // host:port
  std::string mode = "unary";
  int connections = 4;      // of one channel each; in stream mode with one stream each
  int in_flight = 32;       // requests unanswered at once, per connection
  double seconds = 5;       // no request is started later
  bool tls = false;
  std::string ca, certificate, key, server_name;  // PEM files; with tls
  v1::QueryRequest request;
};

// What one connection has seen.
struct Tally {
  std::vector<float> ms;  // latency of each answered call
  uint64_t errors = 0;
  std::string error;      // the first
};

// The request every call makes: one condition on a 900-byte key, about 1 KiB.
v1::QueryRequest Request(const std::string& grant);

// A channel of its own connection, or null when a file cannot be read.
std::shared_ptr<grpc::Channel> Dial(const LoadOptions& options);

// Unary calls; every answer starts the next call. Blocks.
std::vector<Tally> RunUnary(const LoadOptions& options);

// QueryStream; as many queries as are due go into one message, up to 64. Blocks.
std::vector<Tally> RunStream(const LoadOptions& options);

// One size of answer in the mix of RunMix, as the condition on `kind` names it.
struct MixClass {
  const char* name;
  uint64_t in_thousand;  // of the calls
  bool fetched;          // by Fetch; else by Query
};
absl::Span<const MixClass> MixClasses();

struct MixTally {
  Tally calls;
  size_t bytes = 0;  // of records received
};

// Calls of random sizes, one after the other in each of `connections` x `in_flight` threads; by class. Blocks.
std::vector<MixTally> RunMix(const LoadOptions& options);

// Nanoseconds of a clock that only goes forward.
int64_t NowNs();

}  // namespace zhanqiao::bench
