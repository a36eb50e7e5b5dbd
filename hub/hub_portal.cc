// Open datasets and the portal the public sees.
#include <filesystem>
#include <map>

#include "absl/strings/str_format.h"
#include "absl/strings/match.h"
#include "catalog/base/log.h"
#include "hub/hub.h"

namespace zhanqiao {
namespace {

constexpr absl::Duration kStatisticsWait = absl::Seconds(1);

}  // namespace

absl::Status Hub::StartPortal() {
  datasets_ = TRY(datasets::Datasets::Open({.store = documents_, .catalog = catalog_, .policy = rules_.policy, .clock = clock_,
                                            .random = random_, .directory = std::filesystem::path(config_.state_dir) / "open_data"}));
  TRY(datasets_->DeleteUnused());
  workers_.Submit([this] {
    const absl::Status warm = datasets_->count().Warm();
    if (!warm.ok()) LogStatus(LogLevel::kError, "dataset_count_not_warm", warm);
  });
  portal_ = std::make_unique<portal::Portal>(portal::Portal::Parts{
      .store = documents_, .catalog = catalog_, .clock = clock_, .random = random_, .datasets = *datasets_,
      .site = config_.portal.url, .email = config_.portal.email,
      .exchange = [this] { return ExchangeByMonth(); },
      .pages = [this](const edge::HttpRequest& request) -> std::optional<edge::HttpResponse> {
        if (console_ == nullptr) return std::nullopt;
        edge::HttpResponse page = console_->Answer(request);
        return page.status == 404 ? std::nullopt : std::optional(std::move(page));
      },
      .download_limits = {.per_minute = config_.portal.downloads_per_minute, .burst = config_.portal.downloads_burst}});
  TRY(portal_->Follow());
  sweep_.Add("datasets", [this](absl::CivilDay today) { return datasets_->Run(today); });
  return absl::OkStatus();
}

// What is kept is answered on the edge's own thread, everything else on a worker.
void Hub::ServePortal() {
  const api::MethodTable::HttpHandler made =
      table_.OnWorkers([this](const edge::HttpRequest& request) { return portal_->Answer(request); });
  const auto answer = [this, made](edge::HttpRequest request, edge::HttpReply reply) {
    if (auto kept = portal_->Kept(request)) return reply(*std::move(kept));
    made(std::move(request), std::move(reply));
  };
  for (const std::string& path : portal::Portal::Paths()) {
    if (absl::EndsWith(path, "/")) {
      table_.HttpUnder(path, answer);
    } else {
      table_.Http(path, answer);
    }
  }
}

// Releases by month and provider, from the roll-ups.
absl::StatusOr<std::vector<portal::ExchangeMonth>> Hub::ExchangeByMonth() {
  const ledger::SegmentSet indexed = index_->Snapshot(clock_.Now() + kStatisticsWait);
  std::map<std::pair<std::string, std::string>, portal::ExchangeMonth> months;
  indexed.VisitRollups([&](const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
    if (!cell.reason.empty() || cell.provider.empty()) return;
    const absl::CivilDay day = absl::CivilDay() + cell.day;
    std::string month = absl::StrFormat("%04d-%02d", day.year(), day.month());
    portal::ExchangeMonth& one = months[{month, cell.provider}];
    one.month = std::move(month);
    one.provider = cell.provider;
    one.exchanges += sums.count;
    one.rows += sums.rows;
  });
  std::vector<portal::ExchangeMonth> all;
  for (auto& [key, one] : months) all.push_back(std::move(one));
  return all;
}

void Hub::WriteUsage() {
  const absl::Status written = portal_->Flush();
  if (!written.ok()) LogStatus(LogLevel::kError, "portal_usage_not_written", written);
}

}  // namespace zhanqiao
