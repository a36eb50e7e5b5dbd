#include "hub/api/metrics.h"

#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>

#include <utility>

#include "catalog/base/error.h"

namespace zhanqiao::api {
namespace {

constexpr std::string_view kCodeNames[] = {
    "OK",           "CANCELLED",           "UNKNOWN",   "INVALID_ARGUMENT", "DEADLINE_EXCEEDED",  "NOT_FOUND",
    "ALREADY_EXISTS", "PERMISSION_DENIED", "RESOURCE_EXHAUSTED", "FAILED_PRECONDITION", "ABORTED", "OUT_OF_RANGE",
    "UNIMPLEMENTED", "INTERNAL",           "UNAVAILABLE", "DATA_LOSS",      "UNAUTHENTICATED"};
static_assert(std::size(kCodeNames) == 17);

prometheus::MetricFamily FamilyOf(std::string name, std::string help, prometheus::MetricType type) {
  prometheus::MetricFamily family;
  family.name = std::move(name);
  family.help = std::move(help);
  family.type = type;
  return family;
}

}  // namespace

void MethodMetrics::Count(absl::StatusCode code, absl::Duration elapsed) {
  size_t index = static_cast<size_t>(code);
  if (index >= codes_.size()) index = static_cast<size_t>(absl::StatusCode::kUnknown);
  codes_[index].fetch_add(1, std::memory_order_relaxed);
  const double seconds = absl::ToDoubleSeconds(elapsed);
  size_t bucket = 0;
  while (bucket < kLatencyBounds.size() && seconds > kLatencyBounds[bucket]) ++bucket;
  buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  elapsed_ns_.fetch_add(static_cast<uint64_t>(std::max<int64_t>(0, absl::ToInt64Nanoseconds(elapsed))),
                        std::memory_order_relaxed);
}

MethodMetrics& Metrics::ForMethod(std::string_view method) {
  absl::MutexLock lock(&mu_);
  for (const auto& named : methods_) {
    if (named->name == method) return named->counts;
  }
  methods_.push_back(std::make_unique<Named>());
  methods_.back()->name = std::string(method);
  return methods_.back()->counts;
}

void Metrics::AddGauge(std::string name, std::string help, std::function<double()> value) {
  absl::MutexLock lock(&mu_);
  hooks_.push_back({std::move(name), std::move(help), false, std::move(value)});
}

void Metrics::AddGauge(std::string name, std::string help, Labels labels, std::function<double()> value) {
  absl::MutexLock lock(&mu_);
  hooks_.push_back({std::move(name), std::move(help), false, std::move(value), std::move(labels)});
}

void Metrics::AddCounter(std::string name, std::string help, std::function<double()> value) {
  absl::MutexLock lock(&mu_);
  hooks_.push_back({std::move(name), std::move(help), true, std::move(value)});
}

std::string Metrics::Text() const {
  auto calls = FamilyOf("hub_api_calls_total", "Calls ended, by method and status code.",
                        prometheus::MetricType::Counter);
  auto seconds = FamilyOf("hub_api_call_seconds", "Time from a call's first message to its status.",
                          prometheus::MetricType::Histogram);
  std::vector<prometheus::MetricFamily> families;
  std::vector<Hook> hooks;
  {
    absl::MutexLock lock(&mu_);
    hooks = hooks_;
    for (const auto& named : methods_) {
      for (size_t code = 0; code < named->counts.codes_.size(); ++code) {
        const uint64_t count = named->counts.codes_[code].load(std::memory_order_relaxed);
        if (count == 0) continue;
        auto& metric = calls.metric.emplace_back();
        metric.label = {{"method", named->name}, {"code", std::string(kCodeNames[code])}};
        metric.counter.value = static_cast<double>(count);
      }
      auto& metric = seconds.metric.emplace_back();
      metric.label = {{"method", named->name}};
      uint64_t total = 0;
      for (size_t i = 0; i < named->counts.buckets_.size(); ++i) {
        total += named->counts.buckets_[i].load(std::memory_order_relaxed);
        const double bound = i < kLatencyBounds.size() ? kLatencyBounds[i] : std::numeric_limits<double>::infinity();
        metric.histogram.bucket.push_back({total, bound});
      }
      metric.histogram.sample_count = total;
      metric.histogram.sample_sum =
          static_cast<double>(named->counts.elapsed_ns_.load(std::memory_order_relaxed)) / 1e9;
    }
  }
  for (const Hook& hook : hooks) {
    const auto type = hook.counter ? prometheus::MetricType::Counter : prometheus::MetricType::Gauge;
    // Values of one name stand together: hooked in one after the other, they share a family.
    if (families.empty() || families.back().name != hook.name) families.push_back(FamilyOf(hook.name, hook.help, type));
    auto& metric = families.back().metric.emplace_back();
    for (const auto& [label, text] : hook.labels) metric.label.push_back({label, text});
    (hook.counter ? metric.counter.value : metric.gauge.value) = hook.value();
  }
  families.push_back(std::move(calls));
  families.push_back(std::move(seconds));
  return prometheus::TextSerializer().Serialize(families);
}

edge::MethodShape MetricsDispatcher::Shape(std::string_view) const { return {}; }

std::unique_ptr<edge::CallHandler> MetricsDispatcher::Start(edge::CallPtr call) {
  // The edge starts only methods that Shape knows; answer all the same.
  struct Nothing final : edge::CallHandler {
    void OnMessage(std::string_view) override {}
    void OnHalfClose() override {}
  };
  call->Finish(Fail(absl::StatusCode::kUnimplemented, "METHOD_UNKNOWN", "This listener serves GET /metrics only."));
  return std::make_unique<Nothing>();
}

void MetricsDispatcher::HandleHttp(edge::HttpRequest request, edge::HttpReply reply) {
  const std::string_view target = request.target;
  const std::string_view path = target.substr(0, target.find('?'));
  const bool get = request.method == "GET" || request.method == "HEAD";
  if (path != "/metrics") return reply({404, {{"content-type", "text/plain; charset=utf-8"}}, "See /metrics.\n"});
  if (!get) return reply({405, {{"allow", "GET, HEAD"}, {"content-type", "text/plain; charset=utf-8"}}, "GET only.\n"});
  reply({200, {{"content-type", "text/plain; version=0.0.4; charset=utf-8"}}, metrics_.Text()});
}

}  // namespace zhanqiao::api
