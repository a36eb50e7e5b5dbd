// Whether connectors really answer: each is asked through its stream to ask its own source.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/functional/any_invocable.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/connector_hub.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/diagnostics.pb.h"

namespace zhanqiao::exchange {

// Thread-safe. Sources are spared: who asks again within a second is told what was found then.
class Probes {
 public:
  using Done = absl::AnyInvocable<void(v1::ProbeConnectorsResponse)>;
  // All must outlive it and the answers under way.
  Probes(const ConnectorHub& connectors, Broker& broker, const Clock& clock)
      : connectors_(connectors), broker_(broker), clock_(clock) {}

  // Probes every resource of every one of `connectors` at once; `done` runs once, on whatever thread brings the last answer.
  void Ask(const std::vector<v1::Connector>& connectors, absl::Duration timeout, Done done);

 private:
  class Round;
  void Keep(const v1::ConnectorProbe& probe);

  const ConnectorHub& connectors_;
  Broker& broker_;
  const Clock& clock_;
  absl::Mutex mu_;  // makes keeping one answer one step
  absl::flat_hash_map<std::string, std::pair<absl::Time, v1::ConnectorProbe>> kept_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::exchange
