#include "hub/exchange/diagnostics/probes.h"

#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

constexpr absl::Duration kFresh = absl::Seconds(1);

void Fill(const absl::StatusOr<Probed>& result, v1::ResourceProbe& probe) {
  probe.set_answered(result.ok());
  if (result.ok()) {
    probe.set_round_trip_us(absl::ToInt64Microseconds(result->round_trip));
    probe.set_source_us(absl::ToInt64Microseconds(result->source));
    return;
  }
  probe.mutable_error()->set_reason(ReasonOf(result.status()));
  probe.mutable_error()->set_domain("zhanqiao");
  for (const char* fact : {"link", "connector", "resource"}) {
    const std::string value = FactOf(result.status(), fact);
    if (!value.empty()) (*probe.mutable_error()->mutable_metadata())[fact] = value;
  }
  probe.set_message(std::string(result.status().message()));
}

}  // namespace

// One question and the answers it waits for.
class Probes::Round : public std::enable_shared_from_this<Round> {
 public:
  Round(Probes& probes, Done done) : probes_(probes), done_(std::move(done)) {}

  v1::ConnectorProbe& Add() { return *response_.add_connectors(); }

  // Asks for everything that was added and has no answer yet. The whole is laid out before: answers come on any thread.
  void Start(const std::vector<std::pair<int, v1::Resource>>& asked, absl::Time deadline) {
    {
      absl::MutexLock lock(&mu_);
      left_ = asked.size() + 1;
    }
    std::vector<int> places(static_cast<size_t>(response_.connectors_size()), 0);
    for (const auto& [connector, resource] : asked) {
      const int place = places[static_cast<size_t>(connector)]++;
      const std::string name = response_.connectors(connector).connector();
      probes_.broker_.Probe(name, std::make_shared<const v1::Resource>(resource), deadline,
                            [self = shared_from_this(), at = connector, place](absl::StatusOr<Probed> result) {
                              self->Take(at, place, result);
                            });
    }
    One();
  }

 private:
  void Take(int connector, int place, const absl::StatusOr<Probed>& result) {
    {
      absl::MutexLock lock(&mu_);
      Fill(result, *response_.mutable_connectors(connector)->mutable_resources(place));
    }
    One();
  }
  void One() {
    {
      absl::MutexLock lock(&mu_);
      if (--left_ > 0) return;
    }
    for (v1::ConnectorProbe& probe : *response_.mutable_connectors()) {
      bool healthy = probe.connected();
      for (const auto& resource : probe.resources()) healthy = healthy && resource.answered();
      probe.set_healthy(healthy);
      probes_.Keep(probe);
    }
    done_(std::move(response_));
  }

  Probes& probes_;
  Done done_;
  v1::ProbeConnectorsResponse response_;  // laid out by Start's caller, filled under mu_
  absl::Mutex mu_;                        // makes taking one answer one step
  size_t left_ ABSL_GUARDED_BY(mu_) = 0;
};

void Probes::Ask(const std::vector<v1::Connector>& connectors, absl::Duration timeout, Done done) {
  const absl::Time now = clock_.Now();
  const auto round = std::make_shared<Round>(*this, std::move(done));
  std::vector<std::pair<int, v1::Resource>> asked;
  for (size_t i = 0; i < connectors.size(); ++i) {
    v1::ConnectorProbe& probe = round->Add();
    const std::string& name = connectors[i].name();
    const int streams = broker_.Streams(name);
    {
      absl::MutexLock lock(&mu_);
      const auto kept = kept_.find(name);
      if (kept != kept_.end() && now - kept->second.first < kFresh && kept->second.second.streams() == streams) {
        probe = kept->second.second;
        continue;
      }
    }
    probe.set_connector(name);
    probe.set_display_name(connectors[i].display_name());
    probe.set_state(connectors[i].state());
    probe.set_streams(streams);
    probe.set_connected(streams > 0);
    for (v1::Resource& resource : connectors_.Serves(name)) {
      probe.add_resources()->set_resource(resource.name());
      asked.emplace_back(static_cast<int>(i), std::move(resource));
    }
  }
  round->Start(asked, now + timeout);
}

void Probes::Keep(const v1::ConnectorProbe& probe) {
  absl::MutexLock lock(&mu_);
  auto& kept = kept_[probe.connector()];
  const absl::Time now = clock_.Now();
  if (now - kept.first >= kFresh) kept = {now, probe};
}

}  // namespace zhanqiao::exchange
