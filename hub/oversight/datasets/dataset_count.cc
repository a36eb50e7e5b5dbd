#include "hub/oversight/datasets/dataset_count.h"

#include <algorithm>
#include <array>
#include <map>

#include "absl/strings/match.h"
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

template <typename Message>
Message MessageOf(const documents::Version& version) {
  auto message = version.As<Message>();
  return message.ok() ? *std::move(message) : Message();
}

EntryFacts EntryFactsOf(const documents::Version& version) { return {IsOpen(MessageOf<v1::Resource>(version))}; }

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

struct DatasetCount::State {
  FactsHistory<DatasetFacts> datasets{[](const documents::Version& version) { return FactsOf(MessageOf<v1::Dataset>(version)); }};
  FactsHistory<ProbeFacts> probes{[](const documents::Version& version) { return FactsOf(MessageOf<v1::DatasetProbe>(version)); }};
  FactsHistory<EntryFacts> entries{EntryFactsOf};  // of those datasets derive from, once somebody counted them

  void Take(const documents::Version& version) {
    if (IsDatasetName(version.name)) datasets.Take(version);
    if (absl::EndsWith(version.name, "/probes/latest")) probes.Take(version);
  }
};

DatasetCount::DatasetCount(documents::DocumentStore& store, const Policy& policy, const Clock& clock)
    : store_(store), policy_(policy), clock_(clock), state_(std::make_shared<State>()) {}
DatasetCount::~DatasetCount() = default;

absl::Status DatasetCount::Follow() {
  TRY(store_.Observe("organizations/", [state = state_](const documents::Version& version) { state->Take(version); }));
  return store_.Observe("resources/", [state = state_](const documents::Version& version) {
    if (state->entries.Has(version.name)) state->entries.Take(version);
  });
}

absl::Status DatasetCount::LoadAll(const std::string& organization) const {
  for (const std::string& name : state_->datasets.Names()) {
    if (!organization.empty() && catalog::OrganizationOf(name) != organization) continue;
    TRY(state_->datasets.Load(store_, name));
    TRY(state_->probes.Load(store_, ProbeName(name)));
    const auto newest = state_->datasets.At(name, {});
    if (newest) TRY(state_->entries.Load(store_, newest->facts.resource));
  }
  return absl::OkStatus();
}

// Counts at one moment.
struct DatasetCount::Moment {
  const State& state;
  documents::ReadAt at;
  int64_t probe_days;

  // Calls `visit(name, dataset, reason, known_at)` for every dataset there was; known_at: the newest change it rests on.
  template <typename Visit>
  void Each(const std::vector<std::string>& names, const Visit& visit) const {
    for (const std::string& name : names) {
      const auto dataset = state.datasets.At(name, at);
      if (!dataset) continue;
      const auto probe = state.probes.At(ProbeName(name), at);
      const auto entry = state.entries.At(dataset->facts.resource, at);
      const uint64_t known = std::max({dataset->known_at, probe ? probe->known_at : 0, entry ? entry->known_at : 0});
      visit(name, *dataset,
            WhyNotCounted(dataset->facts, probe ? &probe->facts : nullptr, entry ? &entry->facts : nullptr, *at.as_of, probe_days), known);
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
  TRY(LoadAll(request.organization()));
  std::vector<std::string> names = state_->datasets.Names();
  if (!request.organization().empty()) {
    names.erase(std::remove_if(names.begin(), names.end(),
                               [&](const std::string& name) { return catalog::OrganizationOf(name) != request.organization(); }),
                names.end());
  }
  const int64_t probe_days = TRY(policy_.At("dataset.probe_days", *at.as_of));
  v1::CountDatasetsResponse response;
  response.set_as_of(FormatDay(*at.as_of));
  if (at.known_at) response.set_known_at(*at.known_at);
  std::map<std::string, v1::BodyDatasets> bodies;
  std::map<std::string_view, int> reasons;
  Moment{*state_, at, probe_days}.Each(names, [&](const std::string& name, const auto& dataset, std::string_view reason, uint64_t known) {
    if (!at.known_at) response.set_known_at(std::max<uint64_t>(response.known_at(), known));
    v1::BodyDatasets& body = bodies[std::string(catalog::OrganizationOf(name))];
    body.set_published(body.published() + (dataset.facts.published ? 1 : 0));
    body.set_counted(body.counted() + (reason.empty() ? 1 : 0));
    if (!reason.empty()) ++reasons[reason];
    if (!request.list()) return;
    v1::CountedDataset& one = *response.add_datasets();
    one.set_dataset(name);
    one.set_title(dataset.facts.title);
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
    documents::ReadAt then = at;
    then.as_of = std::min(day, *at.as_of);
    v1::DatasetPoint& point = *response.add_curve();
    point.set_as_of(FormatDay(*then.as_of));
    Moment{*state_, then, probe_days}.Each(names, [&](const std::string&, const auto& dataset, std::string_view reason, uint64_t) {
      point.set_published(point.published() + (dataset.facts.published ? 1 : 0));
      point.set_counted(point.counted() + (reason.empty() ? 1 : 0));
    });
  }
  return response;
}

}  // namespace zhanqiao::datasets
