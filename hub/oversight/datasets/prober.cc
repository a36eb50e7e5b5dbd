#include "hub/oversight/datasets/prober.h"

#include <memory>
#include <utility>
#include <vector>

#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/datasets/dataset.h"
#include "hub/oversight/datasets/table.h"

namespace zhanqiao::datasets {
namespace {

constexpr absl::Duration kRunMax = absl::Minutes(10);

// What was found, without what differs from time to time.
std::string OutcomeOf(v1::DatasetProbe probe) {
  probe.clear_date();
  probe.clear_etag();
  for (v1::DistributionProbe& one : *probe.mutable_distributions()) one.clear_elapsed_ms();
  return documents::Canonical(probe);
}

}  // namespace

Fetch FetchByNetwork() {
  const auto client = std::make_shared<http::Client>("", static_cast<size_t>(kDataBytesMax));
  return [client](const std::string& address) -> absl::StatusOr<http::Response> {
    http::Request request;
    request.url = TRY(http::ParseUrl(address));
    if (request.url.host.ends_with(".invalid")) {  // RFC 6761: no such name; sample data says so of itself
      return Fail(absl::StatusCode::kUnavailable, "HTTP_UNREACHABLE", "Names under .invalid belong to nobody.");
    }
    return client->Ask(request, absl::Seconds(10));
  };
}

v1::DistributionProbe Prober::Look(const v1::Distribution& distribution, bool assessed) const {
  v1::DistributionProbe found;
  found.set_distribution(distribution.id());
  const absl::Time start = clock_.Now();
  if (distribution.address().empty()) {
    const auto content = data_.Read(distribution.sha256());
    if (content.ok()) found.set_bytes(static_cast<int64_t>((*content)->size()));
    if (!content.ok()) found.set_problem(ReasonOf(content.status()));
  } else {
    const auto answer = fetch_(distribution.address());
    if (!answer.ok()) {
      found.set_problem("HTTP_UNREACHABLE");
    } else {
      found.set_http_status(answer->status);
      found.set_bytes(static_cast<int64_t>(answer->body.size()));
      if (answer->status != 200) {
        found.set_problem("HTTP_STATUS");
      } else if (answer->body.empty()) {
        found.set_problem("EMPTY_ANSWER");
      } else if (assessed && Bytes(Sha256(answer->body)) != distribution.sha256()) {
        found.set_problem("DATA_CHANGED");
      }
    }
  }
  found.set_working(found.problem().empty());
  found.set_elapsed_ms(static_cast<int32_t>(absl::ToInt64Milliseconds(clock_.Now() - start)));
  return found;
}

absl::StatusOr<v1::DatasetProbe> Prober::Probe(const v1::Dataset& dataset, const std::string& actor) {
  const absl::CivilDay today = CivilDayOf(clock_.Now());
  v1::DatasetProbe probe;
  probe.set_name(ProbeName(dataset.name()));
  probe.set_dataset(dataset.name());
  probe.set_release(dataset.current().number());
  probe.set_date(FormatDay(today));
  for (const v1::Distribution& distribution : dataset.current().distributions()) {
    v1::DistributionProbe& one = *probe.add_distributions();
    one = Look(distribution, !distribution.sha256().empty());
    probe.set_working(probe.working() || one.working());
  }
  const auto stored = store_.Get(probe.name());
  if (!stored.ok() && stored.status().code() != absl::StatusCode::kNotFound) return stored.status();
  if (stored.ok()) {
    const auto before = TRY(stored->As<v1::DatasetProbe>());
    const int64_t days = TRY(policy_.At("dataset.probe_days", today));
    const absl::CivilDay then = TRY(ParseDay(before.date()));
    if (OutcomeOf(before) == OutcomeOf(probe) && today - then < (days + 1) / 2) {
      probe.set_etag(stored->etag());
      return probe;
    }
  }
  documents::Transaction transaction;
  transaction.changes.push_back(catalog::ChangeTo(probe, stored.ok() ? stored->revision : 0));
  transaction.actor = actor;
  const auto versions = TRY(store_.Apply(std::move(transaction)));
  return catalog::DocumentOf<v1::DatasetProbe>(versions.at(0));
}

absl::Status Prober::Run(absl::CivilDay) {
  absl::MutexLock lock(&mu_);
  const absl::Time end = clock_.Now() + kRunMax;
  std::vector<v1::Dataset> waiting;
  std::string token;
  do {
    const auto keep = [](const documents::Version& version) { return IsDatasetName(version.name); };
    const auto page = TRY(store_.List("organizations/", 1000, token, {}, keep));
    for (const documents::Version& version : page.versions) {
      auto dataset = version.As<v1::Dataset>();
      if (dataset.ok() && dataset->state() == v1::DATASET_STATE_PUBLISHED) waiting.push_back(*std::move(dataset));
    }
    token = page.next_page_token;
  } while (!token.empty());
  const auto from = std::find_if(waiting.begin(), waiting.end(), [&](const v1::Dataset& one) ABSL_NO_THREAD_SAFETY_ANALYSIS {
    return one.name() > last_;
  });
  std::rotate(waiting.begin(), from, waiting.end());
  for (const v1::Dataset& dataset : waiting) {
    if (stopping_ || clock_.Now() >= end) return absl::OkStatus();
    const auto probed = Probe(dataset, "hub");
    // Changed in between: then it was probed by who changed it.
    if (!probed.ok() && ReasonOf(probed.status()) != "ETAG_MISMATCH") return probed.status();
    last_ = dataset.name();
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao::datasets
