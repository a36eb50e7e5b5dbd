#include "hub/api/method_table.h"

#include <algorithm>
#include <atomic>
#include <exception>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/ids.h"
#include "catalog/base/log.h"
#include "google/protobuf/descriptor_database.h"
#include "hub/api/call_handlers.h"
#include "hub/api/json.h"

namespace zhanqiao::api {
namespace {

constexpr absl::Duration kSlow = absl::Seconds(1);
constexpr int kLinesPerSecondMax = 100;

// "…Service.Method" to "/…Service/Method".
std::string PathOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  if (dot == std::string_view::npos) return absl::StrCat("/", Absl(name));
  return absl::StrCat("/", Absl(name.substr(0, dot)), "/", Absl(name.substr(dot + 1)));
}

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

// The trace id of `traceparent` (W3C: 00-<32 hex>-<16 hex>-<2 hex>), or a number of our own.
std::string TraceOf(const edge::Metadata& metadata) {
  for (const auto& [name, value] : metadata) {
    if (name != "traceparent") continue;
    const std::string_view id = std::string_view(value).substr(std::min<size_t>(3, value.size()), 32);
    if (value.size() == 55 && value[2] == '-' && value[35] == '-' && IsHex(id)) return std::string(id);
  }
  static const uint64_t start = [] {
    uint64_t random = 0;
    SystemRandom().Fill(&random, sizeof random);
    return random;
  }();
  static std::atomic<uint64_t> next = 1;
  return absl::StrCat(absl::Hex(start, absl::kZeroPad16),
                      absl::Hex(next.fetch_add(1, std::memory_order_relaxed), absl::kZeroPad16));
}

// At most kLinesPerSecondMax lines a second, so that a flood of refusals costs no disk. Returns how many lines were
// left out before this one, or -1 to leave this one out too.
int64_t LinesLeftOut(absl::Time now) {
  static std::atomic<int64_t> second = 0;
  static std::atomic<int> lines = 0;
  static std::atomic<int64_t> left_out = 0;
  const int64_t current = absl::ToUnixSeconds(now);
  if (second.exchange(current, std::memory_order_relaxed) != current) lines.store(0, std::memory_order_relaxed);
  if (lines.fetch_add(1, std::memory_order_relaxed) < kLinesPerSecondMax) return left_out.exchange(0);
  left_out.fetch_add(1, std::memory_order_relaxed);
  return -1;
}

absl::Status Crashed() {
  return Fail(absl::StatusCode::kInternal, "INTERNAL_ERROR", "The hub failed on this call; report it with the trace.",
              {{"link", std::string(kLinkHub)}});
}

}  // namespace

absl::Status Guarded(absl::FunctionRef<absl::Status()> run) {
  try {
    return run();
  } catch (const std::exception& error) {
    Log(LogLevel::kError, "service_threw", {{"what", error.what()}});
  } catch (...) {
    Log(LogLevel::kError, "service_threw");
  }
  return Crashed();
}

MethodTable::MethodTable(Gate gate, WorkerPool& workers, Metrics& metrics, const Clock& clock)
    : gate_(std::move(gate)), workers_(workers), metrics_(metrics), clock_(clock) {
  // The library would print a line for every malformed message; the answer and the access log say it already.
  google::protobuf::SetLogHandler(nullptr);
}

MethodTable::~MethodTable() { workers_.Close(); }

void MethodTable::Add(std::string_view name, const google::protobuf::Descriptor* request,
                      const google::protobuf::Descriptor* response, bool streams, RegisterOptions options,
                      std::unique_ptr<Method> method) {
  const auto problem = [&](std::string_view what) { problems_.push_back(absl::StrCat(Absl(name), ": ", Absl(what))); };
  const auto* found =
      google::protobuf::DescriptorPool::generated_pool()->FindMethodByName(std::string(name));
  if (found == nullptr) return problem("no such RPC is linked");
  if (found->input_type() != request) return problem("takes " + found->input_type()->full_name());
  if (found->output_type() != response) return problem("gives " + found->output_type()->full_name());
  method->descriptor = found;
  if (method->unary() == streams) return problem(streams ? "is unary" : "streams");
  method->path = PathOf(name);
  method->anonymous = options.anonymous;
  method->whole = options.whole;
  method->metrics = &metrics_.ForMethod(method->path);
  std::string path = method->path;
  if (!methods_.emplace(std::move(path), std::move(method)).second) problem("is registered twice");
}

void MethodTable::Http(std::string path, HttpHandler handler) { routes_[std::move(path)] = std::move(handler); }

void MethodTable::HttpUnder(std::string prefix, HttpHandler handler) {
  if (prefix.empty() || prefix.front() != '/' || prefix.back() != '/') {
    problems_.push_back(absl::StrCat("the prefix ", prefix, " does not begin and end with a slash"));
    return;
  }
  const auto shorter = [&](const auto& known) { return known.first.size() < prefix.size(); };
  const auto at = std::find_if(prefixes_.begin(), prefixes_.end(), shorter);
  prefixes_.emplace(at, std::move(prefix), std::move(handler));
}

MethodTable::HttpHandler MethodTable::OnWorkers(std::function<edge::HttpResponse(const edge::HttpRequest&)> run) {
  return [this, run = std::move(run)](edge::HttpRequest request, edge::HttpReply reply) {
    const absl::Time deadline = request.deadline;
    auto held = std::make_shared<edge::HttpRequest>(std::move(request));
    OnWorker(
        deadline, [&run, held, reply] { reply(run(*held)); },
        [reply](absl::Status status) { reply(ErrorResponse(status)); });
  };
}

const MethodTable::HttpHandler* MethodTable::RouteOf(std::string_view path) const {
  const auto exact = routes_.find(Absl(path));
  if (exact != routes_.end()) return &exact->second;
  if (Find(path) != nullptr) return nullptr;
  for (const auto& [prefix, handler] : prefixes_) {
    if (path.starts_with(prefix)) return &handler;
  }
  return nullptr;
}

std::vector<std::string> MethodTable::Missing(std::string_view package) const {
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  std::vector<std::string> files;
  google::protobuf::DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::vector<std::string> missing;
  for (const std::string& name : files) {
    const auto* file = pool->FindFileByName(name);
    if (file == nullptr || file->package() != package) continue;
    for (int s = 0; s < file->service_count(); ++s) {
      for (int m = 0; m < file->service(s)->method_count(); ++m) {
        const std::string& method = file->service(s)->method(m)->full_name();
        if (!methods_.contains(PathOf(method))) missing.push_back(method);
      }
    }
  }
  std::sort(missing.begin(), missing.end());
  return missing;
}

std::vector<std::string> MethodTable::Services() const {
  std::vector<std::string> names;
  for (const auto& [path, method] : methods_) names.push_back(method->descriptor->service()->full_name());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

const Method* MethodTable::Find(std::string_view path) const {
  const auto found = methods_.find(Absl(path));
  return found == methods_.end() ? nullptr : found->second.get();
}

absl::StatusOr<Caller> MethodTable::CallerOf(const Method& method, const edge::Peer& peer,
                                             const edge::Metadata& metadata, absl::Time deadline) const {
  Caller caller;
  if (!method.anonymous) caller = TRY(gate_.resolve(peer, metadata));
  caller.address = peer.address;
  caller.deadline = deadline;
  if (caller.trace.empty()) caller.trace = TraceOf(metadata);
  return caller;
}

void MethodTable::Run(const Method& method, std::shared_ptr<const edge::Peer> peer, const edge::Metadata& metadata,
                      absl::Time deadline, Decode decode, Encode encode, Done done) {
  const absl::Time start = clock_.Now();
  const edge::Peer& from = *peer;
  Done counted = [this, &method, start, peer = std::move(peer), done = std::move(done)](
                     absl::StatusOr<std::string> body, edge::Metadata trailers) mutable {
    Ended(method, *peer, body.status(), start);
    done(std::move(body), std::move(trailers));
  };
  absl::StatusOr<Caller> caller = CallerOf(method, from, metadata, deadline);
  if (!caller.ok()) {
    gate_.refuse(from, method.path, caller.status(), [kept = Answer(std::move(counted))](absl::Status status) mutable {
      edge::Metadata trailers = RefusalTrailers(status);
      kept.Send(std::move(status), std::move(trailers));
    });
    return;
  }
  // A service that throws drops its reply, which answers the call; the guard keeps the thread.
  Guarded([&] {
    method.Run(*std::move(caller), decode, encode, std::move(counted));
    return absl::OkStatus();
  }).IgnoreError();
}

void MethodTable::OnWorker(absl::Time deadline, std::function<void()> job, std::function<void(absl::Status)> refuse) {
  const bool taken = workers_.Submit([this, deadline, job = std::move(job), refuse] {
    if (clock_.Now() >= deadline) {
      return refuse(Fail(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
                         "The deadline passed while the call waited at the hub; allow more time.",
                         {{"link", std::string(kLinkHub)}}));
    }
    const absl::Status status = Guarded([&] {
      job();
      return absl::OkStatus();
    });
    if (!status.ok()) refuse(status);
  });
  if (taken) return;
  refuse(WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "HUB_OVERLOADED",
                             "The hub has more calls waiting than it takes; try again after the delay given.",
                             {{"link", std::string(kLinkHub)}}),
                        500));
}

void MethodTable::Ended(const Method& method, const edge::Peer& peer, const absl::Status& status,
                        absl::Time start) const {
  const absl::Time now = clock_.Now();
  const absl::Duration elapsed = now - start;
  method.metrics->Count(status.code(), elapsed);
  const bool noteworthy = !status.ok() || (elapsed > kSlow && method.unary());
  const LogLevel level = noteworthy ? LogLevel::kInfo : LogLevel::kDebug;
  if (!LogEnabled(level)) return;
  const int64_t left_out = noteworthy ? LinesLeftOut(now) : 0;
  if (left_out < 0) return;
  Facts facts = {{"method", method.path},
                 {"peer", peer.address},
                 {"identity", peer.uris.empty() ? "" : peer.uris.front()},
                 {"code", absl::StatusCodeToString(status.code())},
                 {"reason", ReasonOf(status)},
                 {"elapsed_us", absl::StrCat(absl::ToInt64Microseconds(elapsed))}};
  if (left_out > 0) facts.emplace_back("lines_left_out", absl::StrCat(left_out));
  Log(level, "call", facts);
}

edge::MethodShape MethodTable::Shape(std::string_view path) const {
  const Method* method = Find(path);
  if (method == nullptr) return {};
  return {true, method->descriptor->client_streaming(), method->descriptor->server_streaming()};
}

std::unique_ptr<edge::CallHandler> MethodTable::Start(edge::CallPtr call) {
  const Method* method = Find(call->path());
  if (method == nullptr) return RefuseUnknown(std::move(call));
  if (method->unary()) return std::make_unique<UnaryCall>(*this, *method, std::move(call));
  return std::make_unique<StreamCall>(*this, *method, std::move(call));
}

void MethodTable::HandleHttp(edge::HttpRequest request, edge::HttpReply reply) {
  const std::string_view target = request.target;
  const HttpHandler* route = RouteOf(target.substr(0, target.find('?')));
  if (route == nullptr) return HandleJson(*this, std::move(request), std::move(reply));
  const absl::Status status = Guarded([&] {
    (*route)(std::move(request), reply);
    return absl::OkStatus();
  });
  if (!status.ok()) reply(ErrorResponse(status));
}

}  // namespace zhanqiao::api
