// DiagnosticsService (proto/zhanqiao/v1/diagnostics.proto), for those who may see what it tells of.
#pragma once

#include "absl/functional/any_invocable.h"
#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "hub/access/access_service.h"
#include "hub/exchange/diagnostics/probes.h"
#include "hub/exchange/diagnostics/trace.h"
#include "hub/ledger/ledger_service.h"

namespace zhanqiao::exchange {

// Thread-safe. What it tells is what the ledger and the list of connectors show the caller anyway.
class DiagnosticsService {
 public:
  // All must outlive it.
  DiagnosticsService(const ledger::LedgerService& ledger, access::AccessService& access, const ConnectorHub& connectors,
                     Broker& broker, const Clock& clock)
      : ledger_(ledger), access_(access), broker_(broker), probes_(connectors, broker, clock) {}

  // Reads at most 100,000 entries; belongs on a worker.
  absl::StatusOr<v1::ExchangeTrace> TraceExchange(const Caller& caller, const v1::TraceExchangeRequest& request) const;

  // `done` runs once, on any thread.
  void ProbeConnectors(const Caller& caller, const v1::ProbeConnectorsRequest& request,
                       absl::AnyInvocable<void(absl::StatusOr<v1::ProbeConnectorsResponse>)> done);

 private:
  absl::StatusOr<v1::StoredEntry> FindByTrace(const Caller& caller, const std::string& trace) const;
  absl::StatusOr<std::vector<v1::Connector>> ConnectorsOf(const Caller& caller, const v1::ProbeConnectorsRequest& request);

  const ledger::LedgerService& ledger_;
  access::AccessService& access_;
  Broker& broker_;
  Probes probes_;
};

}  // namespace zhanqiao::exchange
