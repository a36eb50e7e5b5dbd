#include <grpcpp/channel.h>

#include <algorithm>

#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "tests/bench/client/load.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::bench {
namespace {

constexpr int kQueriesMax = 64;  // in one message

// One stream with a fixed number of requests in flight. Numbers are slots, used again after their answer.
class Stream final : public grpc::ClientBidiReactor<v1::QueryStreamRequest, v1::QueryStreamResponse> {
 public:
  Stream(const LoadOptions& options, int64_t until_ns, absl::BlockingCounter& done)
      : options_(options), until_ns_(until_ns), done_(done), stub_(v1::ExchangeService::NewStub(Dial(options))),
        started_ns_(static_cast<size_t>(options.in_flight)) {
    for (int i = 0; i < options.in_flight; ++i) due_.push_back(static_cast<uint64_t>(i));
  }

  void Start() {
    stub_->async()->QueryStream(&context_, this);
    AddHold();  // until the last read failed
    {
      absl::MutexLock lock(&mu_);
      WriteNext();
    }
    StartRead(&response_);
    StartCall();
  }

  const Tally& tally() const { return tally_; }

 private:
  void OnReadDone(bool ok) override {
    if (!ok) return RemoveHold();
    const int64_t now = NowNs();
    {
      absl::MutexLock lock(&mu_);
      for (const auto& answer : response_.answers()) Count(answer, now);
      WriteNext();
    }
    StartRead(&response_);
  }

  void Count(const v1::NumberedAnswer& answer, int64_t now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    --in_flight_;
    if (answer.has_response() && answer.response().records().rows_size() == 1) {
      tally_.ms.push_back(static_cast<float>(now - started_ns_[answer.number()]) * 1e-6f);
    } else if (tally_.errors++ == 0) {
      tally_.error = answer.error().message();
    }
    if (now < until_ns_) due_.push_back(answer.number());
  }

  void OnWriteDone(bool ok) override {
    absl::MutexLock lock(&mu_);
    writing_ = !ok;  // after a failed write there is no next one
    WriteNext();
  }

  void WriteNext() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    if (writing_) return;
    if (due_.empty()) {
      if (in_flight_ > 0 || closed_) return;
      closed_ = true;
      return StartWritesDone();
    }
    writing_ = true;
    request_.Clear();
    const int64_t now = NowNs();
    for (int i = 0; i < kQueriesMax && !due_.empty(); ++i) {
      v1::NumberedQuery& query = *request_.add_queries();
      query.set_number(due_.back());
      *query.mutable_query() = options_.request;
      started_ns_[due_.back()] = now;
      due_.pop_back();
      ++in_flight_;
    }
    StartWrite(&request_);
  }

  void OnDone(const grpc::Status& status) override {
    {
      absl::MutexLock lock(&mu_);
      if (!status.ok() || in_flight_ > 0) {
        if (tally_.errors == 0) tally_.error = status.ok() ? "stream ended early" : status.error_message();
        tally_.errors += static_cast<uint64_t>(std::max(in_flight_, 1));
      }
    }
    done_.DecrementCount();
  }

  const LoadOptions& options_;
  const int64_t until_ns_;
  absl::BlockingCounter& done_;
  const std::unique_ptr<v1::ExchangeService::Stub> stub_;
  grpc::ClientContext context_;
  v1::QueryStreamResponse response_;
  absl::Mutex mu_;  // makes "what is due, is a write under way" one step
  v1::QueryStreamRequest request_ ABSL_GUARDED_BY(mu_);
  std::vector<uint64_t> due_ ABSL_GUARDED_BY(mu_);
  std::vector<int64_t> started_ns_ ABSL_GUARDED_BY(mu_);
  int in_flight_ ABSL_GUARDED_BY(mu_) = 0;
  bool writing_ ABSL_GUARDED_BY(mu_) = false;
  bool closed_ ABSL_GUARDED_BY(mu_) = false;
  Tally tally_;  // under mu_ until done_
};

}  // namespace

std::vector<Tally> RunStream(const LoadOptions& options) {
  absl::BlockingCounter done(options.connections);
  const int64_t until_ns = NowNs() + static_cast<int64_t>(options.seconds * 1e9);
  std::vector<std::unique_ptr<Stream>> streams;
  for (int i = 0; i < options.connections; ++i) streams.push_back(std::make_unique<Stream>(options, until_ns, done));
  for (auto& stream : streams) stream->Start();
  done.Wait();
  std::vector<Tally> tallies;
  for (auto& stream : streams) tallies.push_back(stream->tally());
  return tallies;
}

}  // namespace zhanqiao::bench
