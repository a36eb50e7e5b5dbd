// What the hub counts of itself, in the Prometheus text format.
//
// Metrics: hub_api_calls_total{method,code}, hub_api_call_seconds{method} (histogram), hub_api_calls_open, and the
// gauges and counters other modules hook in. Counting a call is a few relaxed atomic additions.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::api {

// Upper bounds of the latency buckets, seconds; one more bucket is unbounded.
inline constexpr std::array<double, 13> kLatencyBounds = {0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01,
                                                          0.025,  0.05,    0.1,    0.25,  1,      5};

// The counts of one method. Thread-safe.
class MethodMetrics {
 public:
  void Count(absl::StatusCode code, absl::Duration elapsed);

 private:
  friend class Metrics;
  std::array<std::atomic<uint64_t>, 17> codes_ = {};
  std::array<std::atomic<uint64_t>, kLatencyBounds.size() + 1> buckets_ = {};
  std::atomic<uint64_t> elapsed_ns_ = 0;
};

// The registry. Thread-safe.
class Metrics {
 public:
  // The counts of `method` ("/package.Service/Method"), made at the first call; they live as long as this.
  MethodMetrics& ForMethod(std::string_view method);

  // Value asked for at each scrape, on the scraping thread. `name` like "hub_ledger_entries"; `help` is one line.
  void AddGauge(std::string name, std::string help, std::function<double()> value);
  // The same for one of several values of one name, told apart by `labels`; `help` is that of the first.
  using Labels = std::vector<std::pair<std::string, std::string>>;
  void AddGauge(std::string name, std::string help, Labels labels, std::function<double()> value);
  // The same for values that only grow; `name` ends in "_total".
  void AddCounter(std::string name, std::string help, std::function<double()> value);

  // Everything in the text exposition format 0.0.4.
  std::string Text() const;

 private:
  struct Named {
    std::string name;
    MethodMetrics counts;
  };
  struct Hook {
    std::string name, help;
    bool counter;
    std::function<double()> value;
    Labels labels = {};
  };
  mutable absl::Mutex mu_;  // guards the lists, never the counts
  std::vector<std::unique_ptr<Named>> methods_ ABSL_GUARDED_BY(mu_);
  std::vector<Hook> hooks_ ABSL_GUARDED_BY(mu_);
};

// Serves GET /metrics, and nothing else, on a listener of its own.
class MetricsDispatcher final : public edge::Dispatcher {
 public:
  explicit MetricsDispatcher(const Metrics& metrics) : metrics_(metrics) {}  // must outlive this
  edge::MethodShape Shape(std::string_view path) const override;
  std::unique_ptr<edge::CallHandler> Start(edge::CallPtr call) override;
  void HandleHttp(edge::HttpRequest request, edge::HttpReply reply) override;

 private:
  const Metrics& metrics_;
};

}  // namespace zhanqiao::api
