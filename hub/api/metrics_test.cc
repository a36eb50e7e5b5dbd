#include "hub/api/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace zhanqiao::api {
namespace {

using ::testing::HasSubstr;

TEST(MetricsTest, LatenciesFallIntoCumulativeBuckets) {
  Metrics metrics;
  MethodMetrics& method = metrics.ForMethod("/a.B/C");
  EXPECT_EQ(&method, &metrics.ForMethod("/a.B/C"));
  method.Count(absl::StatusCode::kOk, absl::Microseconds(200));
  method.Count(absl::StatusCode::kNotFound, absl::Seconds(10));
  const std::string text = metrics.Text();
  EXPECT_THAT(text, HasSubstr("hub_api_calls_total{method=\"/a.B/C\",code=\"NOT_FOUND\"} 1"));
  EXPECT_THAT(text, HasSubstr("hub_api_call_seconds_count{method=\"/a.B/C\"} 2"));
  EXPECT_THAT(text, HasSubstr("le=\"0.00025\"} 1"));
  EXPECT_THAT(text, HasSubstr("le=\"+Inf\"} 2"));
}

TEST(MetricsTest, HooksAreAskedAtEachScrape) {
  Metrics metrics;
  double entries = 1;
  metrics.AddGauge("hub_ledger_entries", "Entries in the ledger.", [&] { return entries; });
  metrics.AddCounter("hub_edge_shed_total", "Connections shed.", [] { return 3.0; });
  EXPECT_THAT(metrics.Text(), HasSubstr("hub_ledger_entries 1"));
  entries = 2;
  EXPECT_THAT(metrics.Text(), HasSubstr("hub_ledger_entries 2"));
  EXPECT_THAT(metrics.Text(), HasSubstr("# TYPE hub_edge_shed_total counter"));
}

TEST(MetricsTest, TheListenerServesMetricsOnly) {
  Metrics metrics;
  MetricsDispatcher dispatcher(metrics);
  const auto status = [&](const char* method, const char* target) {
    int answer = 0;
    dispatcher.HandleHttp({.method = method, .target = target, .headers = {}, .body = "", .peer = nullptr},
                          [&](edge::HttpResponse response) { answer = response.status; });
    return answer;
  };
  EXPECT_EQ(status("GET", "/metrics"), 200);
  EXPECT_EQ(status("POST", "/metrics"), 405);
  EXPECT_EQ(status("GET", "/"), 404);
  EXPECT_FALSE(dispatcher.Shape("/a.B/C").known);
}

TEST(MetricsTest, ValuesOfOneNameShareItsHelp) {
  Metrics metrics;
  for (const char* witness : {"audit", "court"}) {
    metrics.AddGauge("hub_ledger_witness_age_seconds", "Age.", {{"witness", witness}}, [] { return 3.0; });
  }
  const std::string text = metrics.Text();
  EXPECT_NE(text.find("hub_ledger_witness_age_seconds{witness=\"audit\"} 3\n"), std::string::npos) << text;
  EXPECT_NE(text.find("hub_ledger_witness_age_seconds{witness=\"court\"} 3\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("# HELP hub_ledger_witness_age_seconds"), text.rfind("# HELP hub_ledger_witness_age_seconds"));
}

}  // namespace
}  // namespace zhanqiao::api
