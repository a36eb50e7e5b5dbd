#include "hub/portal/portal.h"

#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "hub/portal/dcat.h"
#include "hub/portal/feeds.h"
#include "hub/portal/openapi.h"

namespace zhanqiao::portal {
namespace {

constexpr size_t kKeptBytesMax = 64 << 20;
constexpr size_t kKeptPageBytesMax = 8 << 20;
constexpr size_t kTargetBytesMax = 4096;
constexpr absl::Duration kKeepFor = absl::Seconds(60);

// What decides an answer besides the shelf: the target and, where forms are negotiated, what is accepted.
std::string KeyOf(const edge::HttpRequest& request) {
  std::string accept;
  if (absl::StartsWith(request.target, "/dataset/") || absl::StartsWith(request.target, "/catalog")) {
    for (const auto& [name, value] : request.headers) {
      if (name == "accept") accept = std::string(RdfExtensionFor(value));
    }
  }
  return absl::StrCat(request.target, "|", accept);
}

bool Reads(const edge::HttpRequest& request) { return request.method == "GET" || request.method == "HEAD"; }

Page BadTarget() {
  return Refused(BadField("TARGET_MALFORMED", "target", "Send a path and query in UTF-8, %XX escaped, at most 4096 bytes."));
}

Page NotAllowed() {
  Page page = Refused(Fail(absl::StatusCode::kInvalidArgument, "VERB_UNKNOWN", "This address is read with GET."));
  page.status = 405;
  page.headers.emplace_back("allow", "GET, HEAD");
  return page;
}

// Browsers of other sites ask before they send JSON.
Page Preflight() {
  Page page;
  page.status = 204;
  page.keep = false;
  page.headers = {{"access-control-allow-methods", "GET, POST, HEAD"}, {"access-control-allow-headers", "content-type"}};
  return page;
}

}  // namespace

Portal::Portal(Parts parts)
    : parts_(std::move(parts)), keeper_(parts_.store, parts_.catalog), tables_(parts_.datasets.data()), usage_(parts_.store, parts_.clock),
      downloads_(parts_.datasets.data(), tables_), download_limits_(parts_.clock, parts_.download_limits), ckan_(parts_.clock, tables_, usage_),
      service_({parts_.store, parts_.catalog, parts_.clock, parts_.random}) {}

absl::Status Portal::Follow() {
  TRY(usage_.Load());
  return keeper_.Follow();
}

std::vector<std::string> Portal::Paths() {
  return {"/api",         "/api/",       "/catalog",        "/catalog.ttl",       "/catalog.xml",  "/catalog.rdf", "/catalog.jsonld",
          "/dataset/",    "/data.json",  "/download/",      "/dictionary/",       "/license/",     "/feeds/dataset.rss",
          "/sitemap.xml", "/robots.txt", "/openapi.json",   "/statistics/exchange.json", "/statistics/exchange.csv"};
}

void Portal::Count(const Page& page) {
  switch (page.use) {
    case Use::kView:
      return usage_.Viewed(page.used);
    case Use::kDownload:
      return usage_.Downloaded(page.used);
    case Use::kQuery:
      return usage_.Queried(page.used);
    case Use::kSearch:
      return usage_.Searched();
    case Use::kNone:
      return;
  }
}

std::optional<Page> Portal::TooMany(const Ask& ask) {
  if (!absl::StartsWith(ask.path, "/download/")) return std::nullopt;
  const absl::Duration wait = download_limits_.Take(ask.network);
  if (wait == absl::ZeroDuration()) return std::nullopt;
  const std::string seconds = absl::StrCat(absl::ToInt64Seconds(wait));
  Page page = Refused(Fail(absl::StatusCode::kResourceExhausted, "DOWNLOADS_TOO_MANY",
                           "Too many downloads from this address; wait as Retry-After says, and harvest at a steady pace.", {{"retry_after_s", seconds}}));
  page.status = 429;
  page.keep = false;
  page.max_age_s = 0;
  page.headers.emplace_back("retry-after", seconds);
  if (absl::StrContains(Absl(ask.Header("accept")), "text/html")) {  // a person who clicked
    page.type = "text/plain; charset=utf-8";
    page.body = absl::StrCat("下载过于频繁，请 ", seconds, " 秒后稍后再试。\nToo many downloads from this address; try again in ", seconds,
                             " s.\nDOWNLOADS_TOO_MANY\n");
  }
  return page;
}

std::optional<edge::HttpResponse> Portal::Kept(const edge::HttpRequest& request) {
  if (!Reads(request) || request.target.size() > kTargetBytesMax) return std::nullopt;
  const std::string key = KeyOf(request);
  std::shared_ptr<const Page> page;
  std::string etag;
  {
    absl::MutexLock lock(&mu_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end() || found->second->revision != keeper_.revision() || found->second->until < parts_.clock.Now()) {
      return std::nullopt;
    }
    kept_.splice(kept_.begin(), kept_, found->second);
    page = kept_.front().page;
    etag = kept_.front().etag;
  }
  const std::optional<Ask> ask = TakeApart(request, parts_.site);
  if (!ask) return std::nullopt;
  if (const auto refused = TooMany(*ask)) return Answered(*refused, "", *ask);
  Count(*page);
  return Answered(*page, etag, *ask);
}

void Portal::Keep(std::string key, std::shared_ptr<const Page> page, const std::string& etag, uint64_t revision) {
  if (page->body.size() > kKeptPageBytesMax) return;
  absl::MutexLock lock(&mu_);
  const auto found = by_key_.find(key);
  if (found != by_key_.end()) {
    kept_bytes_ -= found->second->page->body.size();
    kept_.erase(found->second);
  }
  kept_bytes_ += page->body.size();
  kept_.push_front({key, std::move(page), etag, revision, parts_.clock.Now() + kKeepFor});
  by_key_[std::move(key)] = kept_.begin();
  while (kept_bytes_ > kKeptBytesMax || kept_.size() > 10'000) {
    kept_bytes_ -= kept_.back().page->body.size();
    by_key_.erase(kept_.back().key);
    kept_.pop_back();
  }
}

edge::HttpResponse Portal::Answer(const edge::HttpRequest& request) {
  const std::optional<Ask> ask = request.target.size() > kTargetBytesMax ? std::nullopt : TakeApart(request, parts_.site);
  if (!ask) {
    Ask nobody;
    nobody.request = &request;
    return Answered(BadTarget(), "", nobody);
  }
  if (request.method == "OPTIONS") return Answered(Preflight(), "", *ask);
  const uint64_t revision = keeper_.revision();
  const std::shared_ptr<const Shelf> shelf = keeper_.Newest();
  if (parts_.pages != nullptr && ask->method == "GET" && absl::StartsWith(ask->path, "/dataset/") &&
      RdfExtensionFor(ask->Header("accept")).empty() && RdfTypeOf(std::string_view(ask->path).substr(ask->path.rfind('.') + 1)).empty()) {
    if (auto page = parts_.pages(request)) return *std::move(page);
  }
  if (const auto refused = TooMany(*ask)) return Answered(*refused, "", *ask);
  const auto page = std::make_shared<const Page>(Make(*ask, *shelf));
  const std::string etag = EtagOf(*page);
  Count(*page);
  if (page->keep && page->status == 200 && Reads(request)) Keep(KeyOf(request), page, etag, revision);
  return Answered(*page, etag, *ask);
}

Page Portal::DatasetPath(const Ask& ask, const Shelf& shelf) {
  std::string_view rest = std::string_view(ask.path).substr(9);
  std::string_view extension;
  const size_t dot = rest.rfind('.');
  if (dot != std::string_view::npos && !RdfTypeOf(rest.substr(dot + 1)).empty()) {
    extension = rest.substr(dot + 1);
    rest = rest.substr(0, dot);
  }
  if (extension.empty()) extension = RdfExtensionFor(ask.Header("accept"));
  rest = rest.substr(0, rest.find('/'));  // a resource is described with its dataset
  const PackagePtr package = shelf.Find(rest);
  if (package != nullptr && !extension.empty()) return DatasetPage(*package, extension);
  if (package != nullptr) return DatasetJson(package->name, shelf);
  const Gone* const gone = shelf.FindGone(rest);
  Page page = NotFound();
  if (gone != nullptr) {
    page = Refused(Fail(absl::StatusCode::kNotFound, gone->recalled ? "DATASET_RECALLED" : "DATASET_WITHDRAWN",
                        gone->recalled ? "These data were recalled; delete copies you have." : "These data are no longer offered."));
    page.status = 410;
  }
  return page;
}

Page Portal::Make(const Ask& ask, const Shelf& shelf) {
  const std::string_view path = ask.path;
  if (path == "/api" || absl::StartsWith(Absl(path), "/api/")) return MakeApi(ask, shelf);
  if (ask.method != "GET") return NotAllowed();
  if (path == "/catalog") {
    const std::string_view extension = RdfExtensionFor(ask.Header("accept"));
    return CatalogPage(ask, extension.empty() ? "ttl" : extension, shelf, parts_.clock.Now());
  }
  if (absl::StartsWith(Absl(path), "/catalog.")) return CatalogPage(ask, path.substr(9), shelf, parts_.clock.Now());
  if (absl::StartsWith(Absl(path), "/dataset/")) return DatasetPath(ask, shelf);
  if (path == "/data.json") return DataJson(shelf, parts_.email);
  if (absl::StartsWith(Absl(path), "/download/")) return downloads_.File(path.substr(10), shelf);
  if (absl::StartsWith(Absl(path), "/dictionary/")) return downloads_.Dictionary(path.substr(12), shelf);
  if (path == "/feeds/dataset.rss") return Rss(shelf);
  if (path == "/sitemap.xml") return Sitemap(shelf);
  if (path == "/robots.txt") return Robots();
  if (path == "/license/qingdao-open") return LicenseText();
  if (path == "/openapi.json") return OpenApi();
  if (path == "/statistics/exchange.json") return Statistics("json");
  if (path == "/statistics/exchange.csv") return Statistics("csv");
  return NotFound();
}

Page Portal::MakeApi(const Ask& ask, const Shelf& shelf) {
  const std::string_view path = ask.path;
  constexpr std::string_view kOwn = "/api/portal/";
  if (!absl::StartsWith(Absl(path), Absl(kOwn))) return ckan_.Answer(ask, shelf);
  const std::string_view rest = path.substr(kOwn.size());
  if (rest == "submissions") return Submissions(ask);
  if (ask.method != "GET") return NotAllowed();
  if (rest == "summary") return Summary(shelf);
  if (absl::StartsWith(Absl(rest), "dataset/")) return DatasetJson(rest.substr(8), shelf);
  return NotFound();
}

}  // namespace zhanqiao::portal
