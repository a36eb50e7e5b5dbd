#include <grpcpp/channel.h>

#include <array>
#include <optional>
#include <random>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "tests/bench/client/load.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::bench {
namespace {

// X-Road's own load mix: share of the calls in a thousand, and what each brings. Those beyond a megabyte are fetched in
// chunks, as a consumer would have to.
constexpr std::array<MixClass, 5> kMix = {
    {{"2k", 300, false}, {"10k", 600, false}, {"100k", 90, false}, {"2m", 9, true}, {"10m", 1, true}}};

const MixClass& Draw(std::mt19937_64& random, size_t& at) {
  uint64_t drawn = random() % 1000;
  for (at = 0; drawn >= kMix[at].in_thousand; ++at) drawn -= kMix[at].in_thousand;
  return kMix[at];
}

template <typename Request>
void Where(const std::string& kind, Request& request) {
  auto& condition = *request.add_conditions();
  condition.set_field("kind");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text(kind);
}

// Bytes of records received, or nothing if it failed.
std::optional<size_t> Ask(v1::ExchangeService::Stub& stub, const std::string& grant, const char* kind, std::string& error) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
  v1::QueryRequest request;
  request.set_grant(grant);
  request.set_matter("bench-mix");
  Where(kind, request);
  v1::QueryResponse response;
  const grpc::Status status = stub.Query(&context, request, &response);
  if (status.ok() && response.records().rows_size() == 1) return response.records().ByteSizeLong();
  error = status.ok() ? "not one row" : status.error_message();
  return std::nullopt;
}

std::optional<size_t> Fetch(v1::ExchangeService::Stub& stub, const std::string& grant, const char* kind, std::string& error) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::FetchRequest request;
  request.set_grant(grant);
  request.set_matter("bench-mix");
  Where(kind, request);
  const auto stream = stub.Fetch(&context, request);
  size_t bytes = 0;
  bool complete = false;
  for (v1::FetchResponse response; stream->Read(&response);) {
    bytes += response.records().ByteSizeLong();
    complete = response.complete();
  }
  const grpc::Status status = stream->Finish();
  if (status.ok() && complete) return bytes;
  error = status.ok() ? "not complete" : status.error_message();
  return std::nullopt;
}

}  // namespace

absl::Span<const MixClass> MixClasses() { return kMix; }

std::vector<MixTally> RunMix(const LoadOptions& options) {
  std::vector<MixTally> all(kMix.size());
  absl::Mutex mu;
  std::vector<std::thread> callers;
  const int64_t until_ns = NowNs() + static_cast<int64_t>(options.seconds * 1e9);
  for (int c = 0; c < options.connections; ++c) {
    const std::shared_ptr<grpc::Channel> channel = Dial(options);
    for (int i = 0; i < options.in_flight; ++i) {
      callers.emplace_back([&, channel, seed = static_cast<uint64_t>(c * 1000 + i)] {
        v1::ExchangeService::Stub stub(channel);
        std::mt19937_64 random(seed);
        std::vector<MixTally> mine(kMix.size());
        for (int64_t start = NowNs(); start < until_ns; start = NowNs()) {
          size_t at = 0;
          const MixClass& one = Draw(random, at);
          std::string error;
          const auto bytes = one.fetched ? Fetch(stub, options.request.grant(), one.name, error)
                                         : Ask(stub, options.request.grant(), one.name, error);
          if (bytes) {
            mine[at].calls.ms.push_back(static_cast<float>(NowNs() - start) * 1e-6f);
            mine[at].bytes += *bytes;
          } else if (mine[at].calls.errors++ == 0) {
            mine[at].calls.error = error;
          }
        }
        absl::MutexLock lock(&mu);
        for (size_t k = 0; k < kMix.size(); ++k) {
          Tally& to = all[k].calls;
          to.ms.insert(to.ms.end(), mine[k].calls.ms.begin(), mine[k].calls.ms.end());
          to.errors += mine[k].calls.errors;
          if (to.error.empty()) to.error = mine[k].calls.error;
          all[k].bytes += mine[k].bytes;
        }
      });
    }
  }
  for (std::thread& caller : callers) caller.join();
  return all;
}

}  // namespace zhanqiao::bench
