#include <grpcpp/channel.h>

#include <optional>

#include "absl/synchronization/blocking_counter.h"
#include "tests/bench/client/load.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::bench {
namespace {

// One call after another until the time is over.
class Caller {
 public:
  Caller(v1::ExchangeService::Stub& stub, const LoadOptions& options, int64_t until_ns, absl::BlockingCounter& done)
      : stub_(stub), options_(options), until_ns_(until_ns), done_(done) {}

  void Start() {
    started_ns_ = NowNs();
    if (started_ns_ >= until_ns_) {
      done_.DecrementCount();
      return;
    }
    context_.emplace();
    context_->set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(30));
    stub_.async()->Query(&*context_, &options_.request, &response_, [this](grpc::Status status) { Done(status); });
  }

  const Tally& tally() const { return tally_; }

 private:
  void Done(const grpc::Status& status) {
    if (status.ok() && response_.records().rows_size() == 1) {
      tally_.ms.push_back(static_cast<float>(NowNs() - started_ns_) * 1e-6f);
    } else if (tally_.errors++ == 0) {
      tally_.error = status.ok() ? "not one row" : status.error_message();
    }
    Start();
  }

  v1::ExchangeService::Stub& stub_;
  const LoadOptions& options_;
  const int64_t until_ns_;
  absl::BlockingCounter& done_;
  std::optional<grpc::ClientContext> context_;
  v1::QueryResponse response_;
  int64_t started_ns_ = 0;
  Tally tally_;
};

}  // namespace

std::vector<Tally> RunUnary(const LoadOptions& options) {
  absl::BlockingCounter done(options.connections * options.in_flight);
  const int64_t until_ns = NowNs() + static_cast<int64_t>(options.seconds * 1e9);
  std::vector<std::unique_ptr<v1::ExchangeService::Stub>> stubs;
  std::vector<std::unique_ptr<Caller>> callers;
  for (int c = 0; c < options.connections; ++c) {
    stubs.push_back(v1::ExchangeService::NewStub(Dial(options)));
    for (int i = 0; i < options.in_flight; ++i) {
      callers.push_back(std::make_unique<Caller>(*stubs.back(), options, until_ns, done));
    }
  }
  for (auto& caller : callers) caller->Start();
  done.Wait();
  std::vector<Tally> tallies;
  for (auto& caller : callers) tallies.push_back(caller->tally());
  return tallies;
}

}  // namespace zhanqiao::bench
