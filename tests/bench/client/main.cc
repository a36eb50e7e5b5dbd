// bench-client: calls per second of a gRPC C++ client against any target; one JSON object on standard output.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <iostream>

#include "tests/bench/client/load.h"

namespace {

using zhanqiao::bench::LoadOptions;
using zhanqiao::bench::Tally;

int Report(const std::vector<Tally>& tallies, double seconds) {
  std::vector<float> ms;
  uint64_t errors = 0;
  std::string error;
  for (const Tally& tally : tallies) {
    ms.insert(ms.end(), tally.ms.begin(), tally.ms.end());
    errors += tally.errors;
    if (error.empty()) error = tally.error;
  }
  std::sort(ms.begin(), ms.end());
  const auto quantile = [&ms](double q) { return ms.empty() ? 0 : ms[static_cast<size_t>(q * static_cast<double>(ms.size() - 1))]; };
  std::cout << "{\"calls\":" << ms.size() << ",\"errors\":" << errors << ",\"seconds\":" << seconds
            << ",\"calls_per_s\":" << static_cast<double>(ms.size()) / seconds << ",\"p50_ms\":" << quantile(0.5)
            << ",\"p99_ms\":" << quantile(0.99) << "}\n";
  if (!error.empty()) std::cerr << "first error: " << error << "\n";
  return ms.empty() ? 1 : 0;
}

double Quantile(std::vector<float>& ms, double q) {
  std::sort(ms.begin(), ms.end());
  return ms.empty() ? 0 : static_cast<double>(ms[static_cast<size_t>(q * static_cast<double>(ms.size() - 1))]);
}

int ReportMix(std::vector<zhanqiao::bench::MixTally> tallies, double seconds) {
  size_t calls = 0, bytes = 0;
  uint64_t errors = 0;
  std::cout << "{\"classes\":{";
  for (size_t i = 0; i < tallies.size(); ++i) {
    Tally& tally = tallies[i].calls;
    calls += tally.ms.size();
    bytes += tallies[i].bytes;
    errors += tally.errors;
    std::cout << (i == 0 ? "" : ",") << "\"" << zhanqiao::bench::MixClasses()[i].name << "\":{\"calls\":" << tally.ms.size()
              << ",\"p50_ms\":" << Quantile(tally.ms, 0.5) << ",\"p99_ms\":" << Quantile(tally.ms, 0.99) << "}";
    if (!tally.error.empty()) std::cerr << "first error: " << tally.error << "\n";
  }
  std::cout << "},\"calls\":" << calls << ",\"errors\":" << errors << ",\"seconds\":" << seconds
            << ",\"calls_per_s\":" << static_cast<double>(calls) / seconds
            << ",\"mb_per_s\":" << static_cast<double>(bytes) / seconds * 1e-6 << "}\n";
  return calls == 0 ? 1 : 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Measures Query calls of a gRPC C++ client.");
  LoadOptions options;
  std::string grant = "grants/bench";
  app.add_option("--target", options.target, "host:port")->required();
  app.add_option("--mode", options.mode, "unary, stream or mix")->check(CLI::IsMember({"unary", "stream", "mix"}))->capture_default_str();
  app.add_option("--grant", grant, "grants/{id} the calls are made under")->capture_default_str();
  app.add_option("--connections", options.connections, "connections, or streams")->check(CLI::Range(1, 1000))->capture_default_str();
  app.add_option("--in-flight", options.in_flight, "requests at once on each")->check(CLI::Range(1, 10000))->capture_default_str();
  app.add_option("--seconds", options.seconds, "how long")->check(CLI::Range(0.01, 3600.0))->capture_default_str();
  app.add_flag("--tls", options.tls, "mutual TLS");
  app.add_option("--ca", options.ca, "authorities of the server, PEM");
  app.add_option("--certificate", options.certificate, "own certificate, PEM");
  app.add_option("--key", options.key, "own key, PEM");
  app.add_option("--server-name", options.server_name, "name in the server's certificate");
  CLI11_PARSE(app, argc, argv);

  options.request = zhanqiao::bench::Request(grant);
  const int64_t start = zhanqiao::bench::NowNs();
  const auto seconds = [start] { return static_cast<double>(zhanqiao::bench::NowNs() - start) * 1e-9; };
  if (options.mode == "mix") {
    auto mix = zhanqiao::bench::RunMix(options);
    return ReportMix(std::move(mix), seconds());
  }
  const auto tallies = options.mode == "stream" ? zhanqiao::bench::RunStream(options) : zhanqiao::bench::RunUnary(options);
  return Report(tallies, seconds());
}
