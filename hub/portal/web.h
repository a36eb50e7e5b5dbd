// What the portal's handlers share: a request taken apart, answers with the headers everybody gets, addresses and texts made
// safe.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::portal {

// A request taken apart. Values are decoded (%XX and, in queries, "+").
struct Ask {
  std::string method;  // "GET" also for HEAD
  std::string path;    // decoded, without the query
  std::vector<std::pair<std::string, std::string>> query;  // in order, repeated names kept
  std::string site;    // "https://host:port" the portal is reached by, without a slash
  std::string network;  // of the peer: access::NetworkOf
  const edge::HttpRequest* request = nullptr;

  // The last value of `name` in the query; empty.
  std::string Get(std::string_view name) const;
  std::string_view Header(std::string_view name) const;
};

// Nothing if the target is malformed or has control characters. `site`: the portal's own address; empty: that of the request.
std::optional<Ask> TakeApart(const edge::HttpRequest& request, const std::string& site);

// The pairs of a form or query.
std::optional<std::vector<std::pair<std::string, std::string>>> DecodePairs(std::string_view text);

// What an answer counts as, each time it is given.
enum class Use { kNone, kView, kDownload, kQuery, kSearch };

// An answer before it is put into HTTP. `body` may hold kSite where the portal's address belongs.
struct Page {
  int status = 200;
  std::string type = "application/json; charset=utf-8";
  std::string body;
  edge::Metadata headers;   // further ones
  int max_age_s = 60;       // how long others may keep it; 0: ask anew each time
  bool keep = true;         // the portal itself may keep it while nothing changes
  bool verbatim = false;    // the body is given as it is: kSite means nothing in it
  Use use = Use::kNone;
  std::string used;         // name of the dataset
};

// The HTTP answer: ETag (of the body), Cache-Control, CORS for everyone, no sniffing, no scripts; 304 where the request has
// the ETag. `page` lies in a cache or not.
edge::HttpResponse Answered(const Page& page, const std::string& etag, const Ask& ask);
std::string EtagOf(const Page& page);

// `status` as a page: ErrorInfo's reason, message and facts.
Page Refused(const absl::Status& status);
Page NotFound();

// A file name for Content-Disposition: `title` without what file systems and headers cannot hold, at most 80 characters.
std::string Disposition(std::string_view title, std::string_view fallback, std::string_view extension);
// A path segment or query value: everything but unreserved characters as %XX.
std::string Encoded(std::string_view text);

}  // namespace zhanqiao::portal
