// Whether the hub serves: grpc.health.v1 (Check and Watch) and GET /healthz, all from one state.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/stream.h"
#include "grpc/health/v1/health.pb.h"
#include "hub/api/method_table.h"

namespace zhanqiao::api {

// Knows "" (the hub as a whole) and every service of the table; all are NOT_SERVING until Serve. Thread-safe.
class Health {
 public:
  // Registers Check, Watch and /healthz, all without a caller. Outlives `table`'s calls. Call KnowServices when
  // everything is registered.
  void Register(MethodTable& table);
  void KnowServices(const std::vector<std::string>& services);

  void Serve();
  // Why not: a stable reason, for example LEDGER_UNAVAILABLE. Watchers are told at once.
  void StopServing(std::string_view reason);
  // The same for good: reason DRAINING, whatever is said afterwards.
  void Drain();

  // {"status":"serving"} with 200, or {"status":"not_serving","reason":"DRAINING"} with 503.
  edge::HttpResponse Http(const edge::HttpRequest& request) const;

 private:
  class Watcher;
  using Response = grpc::health::v1::HealthCheckResponse;
  Response StatusOf(const std::string& service) const ABSL_SHARED_LOCKS_REQUIRED(mu_);
  void Set(bool serving, std::string_view reason);

  mutable absl::Mutex mu_;  // makes change-and-tell one step, so that watchers see changes in order
  bool serving_ ABSL_GUARDED_BY(mu_) = false;
  bool draining_ ABSL_GUARDED_BY(mu_) = false;
  std::string reason_ ABSL_GUARDED_BY(mu_) = "STARTING";
  std::set<std::string> services_ ABSL_GUARDED_BY(mu_) = {""};
  std::set<Watcher*> watchers_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::api
