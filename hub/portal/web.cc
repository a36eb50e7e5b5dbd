#include "hub/portal/web.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "boost/json.hpp"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "hub/access/sign_in_limits.h"
#include "hub/portal/package.h"

namespace zhanqiao::portal {
namespace {

int HexOf(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::optional<std::string> Decoded(std::string_view text, bool plus) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+' && plus) {
      out.push_back(' ');
    } else if (text[i] == '%') {
      if (i + 2 >= text.size() || HexOf(text[i + 1]) < 0 || HexOf(text[i + 2]) < 0) return std::nullopt;
      out.push_back(static_cast<char>(HexOf(text[i + 1]) * 16 + HexOf(text[i + 2])));
      i += 2;
    } else {
      out.push_back(text[i]);
    }
  }
  if (!IsCleanText(out)) return std::nullopt;
  return out;
}

std::string_view HeaderIn(const edge::HttpRequest& request, std::string_view name) {
  for (const auto& [key, value] : request.headers) {
    if (key == name) return value;
  }
  return {};
}

// Whether one of the ETags of If-None-Match is `etag`, weakly compared.
bool Names(std::string_view header, const std::string& etag) {
  if (header == "*") return true;
  for (absl::string_view one : absl::StrSplit(Absl(header), ',')) {
    one = absl::StripAsciiWhitespace(one);
    if (absl::ConsumePrefix(&one, "W/")) one = absl::StripAsciiWhitespace(one);
    if (one == etag) return true;
  }
  return false;
}

int HttpStatusOf(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kFailedPrecondition:
    case absl::StatusCode::kOutOfRange:
      return 400;
    case absl::StatusCode::kNotFound:
      return 404;
    case absl::StatusCode::kPermissionDenied:
      return 403;
    case absl::StatusCode::kResourceExhausted:
      return 429;
    case absl::StatusCode::kUnavailable:
      return 503;
    default:
      return 500;
  }
}

}  // namespace

std::string Ask::Get(std::string_view name) const {
  for (auto at = query.rbegin(); at != query.rend(); ++at) {
    if (at->first == name) return at->second;
  }
  return "";
}

std::string_view Ask::Header(std::string_view name) const { return HeaderIn(*request, name); }

std::optional<std::vector<std::pair<std::string, std::string>>> DecodePairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const absl::string_view part : absl::StrSplit(Absl(text), '&', absl::SkipEmpty())) {
    const std::pair<absl::string_view, absl::string_view> split = absl::StrSplit(part, absl::MaxSplits('=', 1));
    auto name = Decoded(Std(split.first), true);
    auto value = Decoded(Std(split.second), true);
    if (!name || !value) return std::nullopt;
    pairs.emplace_back(*std::move(name), *std::move(value));
  }
  return pairs;
}

std::optional<Ask> TakeApart(const edge::HttpRequest& request, const std::string& site) {
  Ask ask;
  ask.request = &request;
  ask.method = request.method == "HEAD" ? "GET" : request.method;
  const std::string_view target = request.target;
  const size_t mark = target.find('?');
  auto path = Decoded(target.substr(0, mark), false);
  auto query = DecodePairs(mark == std::string_view::npos ? std::string_view() : target.substr(mark + 1));
  if (!path || !query) return std::nullopt;
  ask.path = *std::move(path);
  ask.query = *std::move(query);
  ask.site = site;
  const bool tls = request.peer == nullptr || request.peer->tls;
  if (site.empty()) ask.site = absl::StrCat(tls ? "https://" : "http://", Absl(HeaderIn(request, "host")));
  ask.network = request.peer == nullptr ? "" : access::NetworkOf(request.peer->address);
  return ask;
}

std::string EtagOf(const Page& page) {
  const Digest digest = Sha256(page.type, page.body);
  return absl::StrCat("\"", ToHex(Bytes(digest).substr(0, 12)), "\"");
}

edge::HttpResponse Answered(const Page& page, const std::string& etag, const Ask& ask) {
  edge::HttpResponse response;
  response.status = page.status;
  response.headers = {{"content-type", page.type},
                      {"x-content-type-options", "nosniff"},
                      {"content-security-policy", "default-src 'none'; frame-ancestors 'none'; sandbox"},
                      {"referrer-policy", "no-referrer"},
                      {"access-control-allow-origin", "*"},
                      {"vary", "accept, host"}};
  response.headers.insert(response.headers.end(), page.headers.begin(), page.headers.end());
  const bool good = page.status == 200 && ask.method == "GET";
  response.headers.emplace_back("cache-control", !good              ? "no-store"
                                                 : page.max_age_s > 0 ? absl::StrCat("public, max-age=", page.max_age_s)
                                                                      : "public, no-cache");
  if (good) {
    response.headers.emplace_back("etag", etag);
    const std::string_view known = ask.Header("if-none-match");
    if (!known.empty() && Names(known, etag)) {
      response.status = 304;
      return response;
    }
  }
  response.body = page.verbatim ? page.body : absl::StrReplaceAll(page.body, {{std::string(1, kSite), ask.site}});
  return response;
}

Page Refused(const absl::Status& status) {
  namespace json = boost::json;
  Page page;
  page.status = HttpStatusOf(status.code());
  page.keep = false;
  json::object error = {{"reason", ReasonOf(status)}, {"message", json::string(std::string(status.message()))}};
  json::array fields;
  for (const Violation& violation : ViolationsOf(status)) {
    fields.push_back({{"field", violation.field}, {"reason", violation.reason}, {"description", violation.description}});
  }
  if (!fields.empty()) error["fields"] = std::move(fields);
  page.body = json::serialize(json::object{{"error", std::move(error)}});
  return page;
}

Page NotFound() {
  return Refused(Fail(absl::StatusCode::kNotFound, "PATH_UNKNOWN", "There is nothing at this address; begin at /api/3/action/package_list."));
}

std::string Encoded(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-' || c == '.' || c == '_' || c == '~') {
      out.push_back(c);
    } else {
      absl::StrAppend(&out, "%", absl::AsciiStrToUpper(absl::StrCat(absl::Hex(static_cast<unsigned char>(c), absl::kZeroPad2))));
    }
  }
  return out;
}

std::string Disposition(std::string_view title, std::string_view fallback, std::string_view extension) {
  std::string name;
  size_t points = 0;
  for (size_t at = 0; at < title.size();) {
    size_t length = 1;
    while (at + length < title.size() && (static_cast<unsigned char>(title[at + length]) & 0xC0) == 0x80) ++length;
    const std::string_view point = title.substr(at, length);
    at += length;
    if (point.size() == 1 && std::string_view("\\/:*?\"<>|;%\r\n\t\0", 15).find(point[0]) != std::string_view::npos) continue;
    if (static_cast<unsigned char>(point[0]) < 0x20) continue;
    // Marks that turn the direction of text hide an extension.
    if (point >= std::string_view("\xE2\x80\x8B") && point <= std::string_view("\xE2\x80\xAF")) continue;
    if (point >= std::string_view("\xE2\x81\xA0") && point <= std::string_view("\xE2\x81\xAF")) continue;
    if (++points > 80) break;
    name += point;
  }
  while (!name.empty() && (name.front() == '.' || name.front() == ' ')) name.erase(0, 1);
  while (!name.empty() && (name.back() == '.' || name.back() == ' ')) name.pop_back();
  if (name.empty()) name = std::string(fallback);
  return absl::StrCat("attachment; filename=\"", Absl(fallback), ".", Absl(extension), "\"; filename*=UTF-8''", Encoded(name), ".",
                      Absl(extension));
}

}  // namespace zhanqiao::portal
