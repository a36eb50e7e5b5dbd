#include "hub/portal/usage.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::portal {
namespace {

constexpr std::string_view kDays = "portalUsage/";

}  // namespace

absl::Status Usage::Load() {
  std::string token;
  do {
    const auto page = TRY(store_.List(kDays, 1000, token));
    absl::MutexLock lock(&mu_);
    for (const documents::Version& version : page.versions) {
      const auto day = TRY(version.As<v1::PortalUsage>());
      searches_ += day.searches();
      for (const v1::DatasetUsage& one : day.datasets()) {
        Counts& total = totals_[one.dataset()];
        total.views += one.views();
        total.downloads += one.downloads();
        total.queries += one.queries();
        downloads_ += one.downloads();
      }
    }
    token = page.next_page_token;
  } while (!token.empty());
  return absl::OkStatus();
}

void Usage::Add(const std::string& dataset, Counts counts) {
  const std::string day = FormatDay(CivilDayOf(clock_.Now()));
  absl::MutexLock lock(&mu_);
  for (Counts* sum : {&totals_[dataset], &fresh_[day].datasets[dataset]}) {
    sum->views += counts.views;
    sum->downloads += counts.downloads;
    sum->queries += counts.queries;
  }
  downloads_ += counts.downloads;
}

void Usage::Searched() {
  const std::string day = FormatDay(CivilDayOf(clock_.Now()));
  absl::MutexLock lock(&mu_);
  ++searches_;
  ++fresh_[day].searches;
}

Usage::Counts Usage::Of(std::string_view dataset) const {
  absl::MutexLock lock(&mu_);
  const auto found = totals_.find(Absl(dataset));
  return found == totals_.end() ? Counts() : found->second;
}

int64_t Usage::searches() const {
  absl::MutexLock lock(&mu_);
  return searches_;
}

int64_t Usage::downloads() const {
  absl::MutexLock lock(&mu_);
  return downloads_;
}

absl::Status Usage::Write(const std::string& day, const Day& counted) {
  const std::string name = absl::StrCat(Absl(kDays), day);
  const auto stored = store_.Get(name);
  if (!stored.ok() && stored.status().code() != absl::StatusCode::kNotFound) return stored.status();
  ByDataset sums = counted.datasets;
  int64_t searches = counted.searches;
  if (stored.ok()) {
    const auto before = TRY(stored->As<v1::PortalUsage>());
    searches += before.searches();
    for (const v1::DatasetUsage& one : before.datasets()) {
      Counts& sum = sums[one.dataset()];
      sum.views += one.views();
      sum.downloads += one.downloads();
      sum.queries += one.queries();
    }
  }
  v1::PortalUsage usage;
  usage.set_name(name);
  usage.set_searches(searches);
  for (const auto& [dataset, sum] : sums) {
    v1::DatasetUsage& one = *usage.add_datasets();
    one.set_dataset(dataset);
    one.set_views(sum.views);
    one.set_downloads(sum.downloads);
    one.set_queries(sum.queries);
  }
  documents::Change change;
  change.name = name;
  change.type = usage.GetDescriptor()->full_name();
  change.document = documents::Canonical(usage);
  change.expected_revision = stored.ok() ? stored->revision : 0;
  documents::Transaction transaction;
  transaction.changes.push_back(std::move(change));
  transaction.actor = "hub";
  return store_.Apply(std::move(transaction)).status();
}

absl::Status Usage::Flush() {
  absl::MutexLock one_at_a_time(&writing_);
  absl::btree_map<std::string, Day> days;
  {
    absl::MutexLock lock(&mu_);
    days.swap(fresh_);
  }
  absl::Status first;
  for (auto& [day, counted] : days) {
    const absl::Status written = Write(day, counted);
    if (written.ok()) continue;
    if (first.ok()) first = written;
    absl::MutexLock lock(&mu_);  // kept for the next time
    Day& again = fresh_[day];
    again.searches += counted.searches;
    for (const auto& [dataset, counts] : counted.datasets) {
      Counts& sum = again.datasets[dataset];
      sum.views += counts.views;
      sum.downloads += counts.downloads;
      sum.queries += counts.queries;
    }
  }
  return first;
}

}  // namespace zhanqiao::portal
