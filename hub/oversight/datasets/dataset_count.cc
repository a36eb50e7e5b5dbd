#include "hub/oversight/datasets/dataset_count.h"

#include <algorithm>
#include <array>
#include <map>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/datasets/dataset.h"

namespace zhanqiao::datasets {
namespace {

constexpr std::array<std::string_view, 7> kReasons = {"NOT_PUBLISHED", "ENTRY_NOT_OPEN", "RISK_NOT_PASSED", "NO_DISTRIBUTION",
                                                      "NOT_PROBED",    "NOT_WORKING",    "UPDATE_OVERDUE"};
constexpr int kMonthsMax = 120;

absl::CivilDay MonthEnd(absl::CivilDay day) { return absl::CivilDay(absl::CivilMonth(day) + 1) - 1; }

}  // namespace

DatasetFacts FactsOf(const v1::Dataset& dataset) {
  DatasetFacts facts;
  facts.resource = dataset.resource();
  facts.title = dataset.title();
  facts.published = dataset.state() == v1::DATASET_STATE_PUBLISHED;
  facts.risk_passed = dataset.current().risk_passed();
  facts.has_distribution = dataset.current().distributions_size() > 0;
  facts.release = dataset.current().number();
  facts.due = UpdateDueOf(dataset);
  return facts;
}

ProbeFacts FactsOf(const v1::DatasetProbe& probe) {
  return {probe.working(), probe.release(), ParseDay(probe.date()).value_or(absl::CivilDay())};
}

std::string_view WhyNotCounted(const DatasetFacts& dataset, const ProbeFacts* probe, const EntryFacts* entry, absl::CivilDay day,
                               int64_t probe_days) {
  if (!dataset.published) return "NOT_PUBLISHED";
  if (entry == nullptr || !entry->open) return "ENTRY_NOT_OPEN";
  if (!dataset.risk_passed) return "RISK_NOT_PASSED";
  if (!dataset.has_distribution) return "NO_DISTRIBUTION";
  if (probe == nullptr || probe->release != dataset.release || day - probe->date > probe_days) return "NOT_PROBED";
  if (!probe->working) return "NOT_WORKING";
  if (dataset.due && *dataset.due < day) return "UPDATE_OVERDUE";
  return "";
}

DatasetCount::DatasetCount(const documents::DocumentStore& store, const Policy& policy, const Clock& clock)
    : policy_(policy), clock_(clock), changes_(store) {
  absl::MutexLock lock(&mu_);
  changes_.Keep<v1::Dataset>(known_.datasets, [](const v1::Dataset& dataset) { return FactsOf(dataset); });
  changes_.Keep<v1::DatasetProbe>(known_.probes, [](const v1::DatasetProbe& probe) { return FactsOf(probe); });
  changes_.Keep<v1::Resource>(known_.entries, [](const v1::Resource& entry) { return EntryFacts{IsOpen(entry)}; });
}

absl::Status DatasetCount::Warm() const {
  absl::MutexLock lock(&mu_);
  return changes_.CatchUp();
}

struct DatasetCount::Moment {
  const Known& known;
  absl::CivilDay as_of;
  documents::Knowledge knowledge;
  int64_t probe_days;
  std::string_view organization;  // organizations/{code}; empty: all

  template <typename Fact>
  const documents::Dated<Fact>* Standing(const documents::Timeline<Fact>& timeline, std::string_view name) const {
    const auto* history = timeline.Find(name);
    return history == nullptr ? nullptr : history->Standing(as_of, knowledge);
  }

  // Calls `visit(name, dataset, reason, known_at)` for every dataset there was; known_at: the newest change it rests on.
  template <typename Visit>
  void Each(const Visit& visit) const {
    for (const auto& [name, history] : known.datasets.all()) {
      if (!organization.empty() && catalog::OrganizationOf(name) != organization) continue;
      const auto* dataset = history.Standing(as_of, knowledge);
      if (dataset == nullptr) continue;
      const auto* probe = Standing(known.probes, ProbeName(name));
      const auto* entry = Standing(known.entries, dataset->fact.resource);
      const uint64_t newest = std::max({dataset->known_at, probe ? probe->known_at : 0, entry ? entry->known_at : 0});
      visit(name, *dataset,
            WhyNotCounted(dataset->fact, probe ? &probe->fact : nullptr, entry ? &entry->fact : nullptr, as_of, probe_days), newest);
    }
  }
};

absl::StatusOr<v1::CountDatasetsResponse> DatasetCount::Count(const v1::CountDatasetsRequest& request) const {
  documents::ReadAt at = TRY(catalog::ReadAtOf(request.read_at()));
  if (!at.as_of) at.as_of = CivilDayOf(clock_.Now());
  std::optional<absl::CivilDay> curve_from;
  if (!request.curve_from().empty()) {
    const auto from = ParseDay(request.curve_from());
    if (!from.ok()) return BadField("DATE_INVALID", "curve_from", "Give an existing date as YYYY-MM-DD, or nothing.");
    curve_from = *from;
    if (absl::CivilMonth(*at.as_of) - absl::CivilMonth(*from) > kMonthsMax) {
      return BadField("CURVE_TOO_LONG", "curve_from", "Ask for at most 120 months at once.");
    }
  }
  if (!request.organization().empty() && !catalog::IsOrganizationName(request.organization())) {
    return BadField("ORGANIZATION_NAME", "organization", "Give organizations/{code}, or nothing for the city.");
  }
  const int64_t probe_days = TRY(policy_.At("dataset.probe_days", *at.as_of));
  v1::CountDatasetsResponse response;
  response.set_as_of(FormatDay(*at.as_of));
  if (at.known_at) response.set_known_at(*at.known_at);
  std::map<std::string, v1::BodyDatasets> bodies;
  std::map<std::string_view, int> reasons;
  absl::MutexLock lock(&mu_);
  TRY(changes_.CatchUp());
  const Moment now{known_, *at.as_of, {.known_at = at.known_at, .before = std::nullopt}, probe_days, request.organization()};
  now.Each([&](const std::string& name, const auto& dataset, std::string_view reason, uint64_t known) {
    if (!at.known_at) response.set_known_at(std::max<uint64_t>(response.known_at(), known));
    v1::BodyDatasets& body = bodies[std::string(catalog::OrganizationOf(name))];
    body.set_published(body.published() + (dataset.fact.published ? 1 : 0));
    body.set_counted(body.counted() + (reason.empty() ? 1 : 0));
    if (!reason.empty()) ++reasons[reason];
    if (!request.list()) return;
    v1::CountedDataset& one = *response.add_datasets();
    one.set_dataset(name);
    one.set_title(dataset.fact.title);
    one.set_organization(std::string(catalog::OrganizationOf(name)));
    one.set_reason(std::string(reason));
    one.set_ledger_index(dataset.known_at);
    one.set_revision(dataset.revision);
  });
  for (auto& [organization, body] : bodies) {
    body.set_organization(organization);
    response.set_counted(response.counted() + body.counted());
    response.set_published(response.published() + body.published());
    *response.add_bodies() = std::move(body);
  }
  for (const std::string_view reason : kReasons) {
    if (reasons[reason] == 0) continue;
    response.add_reasons()->set_reason(std::string(reason));
    response.mutable_reasons()->rbegin()->set_datasets(reasons[reason]);
  }
  response.set_target(static_cast<int32_t>(TRY(policy_.At("dataset.target", *at.as_of))));
  response.set_missing(std::max(0, response.target() - response.counted()));
  for (absl::CivilDay day = curve_from ? MonthEnd(*curve_from) : *at.as_of + 1; curve_from && day <= MonthEnd(*at.as_of);
       day = MonthEnd(day + 1)) {
    Moment then = now;
    then.as_of = std::min(day, now.as_of);
    v1::DatasetPoint& point = *response.add_curve();
    point.set_as_of(FormatDay(then.as_of));
    then.Each([&](const std::string&, const auto& dataset, std::string_view reason, uint64_t) {
      point.set_published(point.published() + (dataset.fact.published ? 1 : 0));
      point.set_counted(point.counted() + (reason.empty() ? 1 : 0));
    });
  }
  return response;
}

}  // namespace zhanqiao::datasets
