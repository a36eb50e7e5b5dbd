#include "hub/console/static_files.h"

#include <array>
#include <fstream>
#include <iterator>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::console {
namespace {

constexpr std::string_view kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "connect-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

constexpr std::array<std::pair<std::string_view, std::string_view>, 12> kTypes = {{{".html", "text/html; charset=utf-8"},
                                                                                  {".js", "text/javascript; charset=utf-8"},
                                                                                  {".css", "text/css; charset=utf-8"},
                                                                                  {".json", "application/json"},
                                                                                  {".svg", "image/svg+xml"},
                                                                                  {".png", "image/png"},
                                                                                  {".ico", "image/x-icon"},
                                                                                  {".woff2", "font/woff2"},
                                                                                  {".txt", "text/plain; charset=utf-8"},
                                                                                  {".webmanifest", "application/manifest+json"},
                                                                                  {".csv", "text/csv; charset=utf-8"},
                                                                                  {".map", "application/json"}}};

std::string_view TypeOf(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

std::string_view HeaderOf(const edge::Metadata& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

// Whether an Accept-Encoding takes `coding` (RFC 9110 section 12.5.3); q=0 refuses it.
bool Accepts(std::string_view accepted, std::string_view coding) {
  for (absl::string_view one : absl::StrSplit(Absl(accepted), ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(one, absl::MaxSplits(';', 1));
    if (!absl::EqualsIgnoreCase(absl::StripAsciiWhitespace(parts.first), Absl(coding))) continue;
    absl::string_view quality = absl::StripAsciiWhitespace(parts.second);
    if (!absl::ConsumePrefix(&quality, "q=")) return true;
    double weight = 0;
    return absl::SimpleAtod(quality, &weight) && weight > 0;
  }
  return false;
}

// Whether `known` (If-None-Match) names `etag`, weakly compared.
bool Matches(std::string_view known, const std::string& etag) {
  for (absl::string_view one : absl::StrSplit(Absl(known), ',')) {
    one = absl::StripAsciiWhitespace(one);
    absl::ConsumePrefix(&one, "W/");
    if (one == "*" || one == etag) return true;
  }
  return false;
}

bool IsLoopbackName(std::string_view host) {
  return host.empty() || host == "localhost" || host == "127.0.0.1" || host == "[::1]" || host.ends_with(".localhost");
}

std::string_view WithoutPort(std::string_view host) {
  const size_t colon = host.rfind(':');
  return colon == std::string_view::npos || host.find(']', colon) != std::string_view::npos ? host : host.substr(0, colon);
}

edge::HttpResponse Refusal(int status, std::string_view code, std::string_view reason, std::string_view message) {
  edge::HttpResponse response;
  response.status = status;
  response.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
  response.body = absl::StrCat(R"({"code":")", Absl(code), R"(","message":")", Absl(message),
                               R"(","details":[{"type":"google.rpc.ErrorInfo","debug":{"reason":")", Absl(reason),
                               R"(","domain":"zhanqiao"}}]})");
  return response;
}

}  // namespace

edge::Metadata GuardHeaders(std::string_view host) {
  edge::Metadata headers = {{"content-security-policy", std::string(kPolicy)},
                            {"x-content-type-options", "nosniff"},
                            {"x-frame-options", "DENY"},
                            {"referrer-policy", "same-origin"},
                            {"cross-origin-opener-policy", "same-origin"},
                            {"cross-origin-resource-policy", "same-origin"},
                            {"permissions-policy", "camera=(), geolocation=(), microphone=(), payment=(), usb=()"}};
  if (!IsLoopbackName(WithoutPort(host))) headers.emplace_back("strict-transport-security", "max-age=31536000; includeSubDomains");
  return headers;
}

absl::StatusOr<std::unique_ptr<StaticFiles>> StaticFiles::Load(const std::filesystem::path& directory) {
  namespace fs = std::filesystem;
  auto made = std::make_unique<StaticFiles>();
  std::error_code error;
  for (fs::recursive_directory_iterator at(directory, error), end; !error && at != end; at.increment(error)) {
    if (!at->is_regular_file()) continue;
    std::string path = absl::StrCat("/", at->path().lexically_relative(directory).generic_string());
    std::ifstream stream(at->path(), std::ios::binary);
    std::string body((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
    if (!stream && !stream.eof()) continue;
    const std::string_view coding = path.ends_with(".br") ? ".br" : path.ends_with(".gz") ? ".gz" : "";
    path.resize(path.size() - coding.size());
    File& file = made->files_[path];
    file.type = TypeOf(path);
    file.immutable = path.starts_with("/assets/");
    Form& form = coding == ".br" ? file.brotli : coding == ".gz" ? file.gzip : file.plain;
    form.etag = absl::StrCat("\"", ToHex(Bytes(Sha256(body))).substr(0, 32), "\"");
    form.body = std::move(body);
  }
  // A compressed form whose file is gone is of no use to anybody.
  absl::erase_if(made->files_, [](const auto& one) { return one.second.plain.etag.empty(); });
  if (made->files_.contains("/index.html") && made->files_.contains("/console/index.html")) return made;
  return Fail(absl::StatusCode::kNotFound, "CONSOLE_NOT_BUILT",
              "The web front end is not in the configured directory; build the target zhanqiao_console, or leave [console] out.",
              {{"directory", directory.string()}});
}

void StaticFiles::Add(std::string_view path, std::string_view type, std::string body) {
  File file;
  file.type = std::string(type);
  file.plain.etag = absl::StrCat("\"", ToHex(Bytes(Sha256(body))).substr(0, 32), "\"");
  file.plain.body = std::move(body);
  files_[std::string(path)] = std::move(file);
}

const StaticFiles::Form& StaticFiles::Chosen(const File& file, std::string_view accepted, std::string_view& coding) {
  if (!file.brotli.etag.empty() && Accepts(accepted, "br")) return coding = "br", file.brotli;
  if (!file.gzip.etag.empty() && Accepts(accepted, "gzip")) return coding = "gzip", file.gzip;
  return file.plain;
}

const StaticFiles::File* StaticFiles::Find(std::string_view path, bool html) const {
  if (const auto found = files_.find(Absl(path)); found != files_.end()) return &found->second;
  const std::string_view last = path.substr(path.rfind('/') + 1);
  if (!html || last.find('.') != std::string_view::npos) return nullptr;
  const bool console = path == "/console" || path.starts_with("/console/");
  return &files_.at(console ? "/console/index.html" : "/index.html");
}

edge::HttpResponse StaticFiles::Answer(const edge::HttpRequest& request) const {
  edge::HttpResponse response;
  const std::string_view target = request.target;
  const std::string_view accept = HeaderOf(request.headers, "accept");
  const bool html = absl::StrContains(Absl(accept), "text/html") || target == "/" || target == "/console/";
  if (request.method != "GET" && request.method != "HEAD") {
    response = Refusal(405, "unimplemented", "VERB_UNKNOWN", "Files are asked for with GET.");
    response.headers.emplace_back("allow", "GET, HEAD");
  } else if (const File* file = Find(target.substr(0, target.find('?')), html)) {
    std::string_view coding;
    const Form& form = Chosen(*file, HeaderOf(request.headers, "accept-encoding"), coding);
    response.headers = {{"content-type", file->type},
                        {"etag", form.etag},
                        {"vary", "accept-encoding"},
                        {"cache-control", file->immutable ? "public, max-age=31536000, immutable" : "no-cache"}};
    if (!coding.empty()) response.headers.emplace_back("content-encoding", std::string(coding));
    if (Matches(HeaderOf(request.headers, "if-none-match"), form.etag)) {
      response.status = 304;
    } else {
      response.body = form.body;
    }
  } else {
    response = Refusal(404, "unimplemented", "PATH_UNKNOWN", "There is nothing at this path; calls are POST /{package.Service}/{Method}.");
  }
  for (auto& header : GuardHeaders(HeaderOf(request.headers, "host"))) response.headers.push_back(std::move(header));
  return response;
}

}  // namespace zhanqiao::console
