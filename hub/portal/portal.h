// The open-data portal: everything it answers without a sign-in. README.md lists the paths.
#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "hub/oversight/datasets/datasets.h"
#include "hub/portal/ckan.h"
#include "hub/portal/download_limits.h"
#include "hub/portal/downloads.h"
#include "hub/portal/shelf_keeper.h"
#include "hub/portal/submissions.h"
#include "hub/portal/tables.h"
#include "hub/portal/usage.h"
#include "hub/portal/web.h"

namespace zhanqiao::portal {

// What one body gave through the exchange in one month; counts alone.
struct ExchangeMonth {
  std::string month;     // YYYY-MM
  std::string provider;  // organizations/{code}
  uint64_t exchanges = 0;
  uint64_t rows = 0;
};

// Thread-safe.
class Portal {
 public:
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const Clock& clock;
    Random& random;
    const datasets::Datasets& datasets;
    std::string site;   // "https://data.example.cn" the public reaches it by; empty: as each request says
    std::string email;  // contact of datasets that give none
    std::function<absl::StatusOr<std::vector<ExchangeMonth>>()> exchange;  // statistics of the exchange, by month and provider
    // The page for people at a path such as /dataset/{id}, or nothing; null: there are none.
    std::function<std::optional<edge::HttpResponse>(const edge::HttpRequest&)> pages = nullptr;
    DownloadLimits::Options download_limits = {};
  };
  explicit Portal(Parts parts);

  // Follows the store and reads what was counted before. Once, before traffic starts.
  absl::Status Follow();

  // The paths it answers: exact ones, and those that end with a slash with everything below.
  static std::vector<std::string> Paths();
  // From what is kept, without waiting; nothing: ask Answer. Never blocks.
  std::optional<edge::HttpResponse> Kept(const edge::HttpRequest& request);
  // Any request to one of the paths. May block: call from a worker thread.
  edge::HttpResponse Answer(const edge::HttpRequest& request);

  PortalService& service() { return service_; }
  // Writes down how often datasets were used. Call about once an hour, and before a clean stop.
  absl::Status Flush() { return usage_.Flush(); }

 private:
  // An answer that holds while nothing changes.
  struct Known {
    std::string key;
    std::shared_ptr<const Page> page;
    std::string etag;
    uint64_t revision = 0;
    absl::Time until;
  };
  Page Make(const Ask& ask, const Shelf& shelf);
  Page MakeApi(const Ask& ask, const Shelf& shelf);
  Page DatasetPath(const Ask& ask, const Shelf& shelf);
  // portal_api.cc
  Page Summary(const Shelf& shelf);
  Page DatasetJson(std::string_view name, const Shelf& shelf);
  Page Statistics(std::string_view extension);
  Page Submissions(const Ask& ask);
  void Count(const Page& page);
  // The refusal of a download by a network that had too many; nothing: it may.
  std::optional<Page> TooMany(const Ask& ask);
  void Keep(std::string key, std::shared_ptr<const Page> page, const std::string& etag, uint64_t revision);

  const Parts parts_;
  ShelfKeeper keeper_;
  Tables tables_;
  Usage usage_;
  Downloads downloads_;
  DownloadLimits download_limits_;
  Ckan ckan_;
  PortalService service_;

  absl::Mutex mu_;  // makes one look or change one step
  std::list<Known> kept_ ABSL_GUARDED_BY(mu_);  // newest use first
  absl::flat_hash_map<std::string, std::list<Known>::iterator> by_key_ ABSL_GUARDED_BY(mu_);
  size_t kept_bytes_ ABSL_GUARDED_BY(mu_) = 0;
};

}  // namespace zhanqiao::portal
