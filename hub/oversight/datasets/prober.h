// Fetches the distributions of published datasets and notes what came: whether a dataset works is what was found, not what
// was said.
#pragma once

#include <atomic>
#include <functional>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "catalog/base/policy.h"
#include "catalog/documents/document_store.h"
#include "hub/http/client.h"
#include "hub/oversight/datasets/open_data.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::datasets {

// Asks an address; as http::Client::Ask fails.
using Fetch = std::function<absl::StatusOr<http::Response>(const std::string& address)>;

// Asks the machine's network: 10 seconds, 32 MiB at most, certificates verified, redirections not followed.
Fetch FetchByNetwork();

// Thread-safe.
class Prober {
 public:
  // All outlive it.
  Prober(documents::DocumentStore& store, const OpenData& data, const Policy& policy, const Clock& clock, Fetch fetch)
      : store_(store), data_(data), policy_(policy), clock_(clock), fetch_(std::move(fetch)) {}

  // Fetches what is in force of `dataset` and gives what was found; a new version is stored when the outcome differs from
  // the one stored or that one is half as old as it may become. Waits for the network and the commit.
  absl::StatusOr<v1::DatasetProbe> Probe(const v1::Dataset& dataset, const std::string& actor);

  // A duty of the daily sweep: probes every published dataset, going on where the last run ended; ends after ten minutes.
  absl::Status Run(absl::CivilDay today);
  // Ends a run after the address it is at, and every later one at once.
  void Stop() { stopping_ = true; }

 private:
  v1::DistributionProbe Look(const v1::Distribution& distribution, bool assessed) const;

  documents::DocumentStore& store_;
  const OpenData& data_;
  const Policy& policy_;
  const Clock& clock_;
  const Fetch fetch_;
  std::atomic<bool> stopping_{false};
  absl::Mutex mu_;  // one run at a time
  std::string last_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::datasets
