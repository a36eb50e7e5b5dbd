#include "hub/api/health.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace zhanqiao::api {

using grpc::health::v1::HealthCheckRequest;

// One Watch: told the status of its service at once and at every change.
class Health::Watcher final : public StreamHandler<HealthCheckRequest> {
 public:
  Watcher(Health& health, std::shared_ptr<StreamSink<Response>> sink) : health_(health), sink_(std::move(sink)) {}

  ~Watcher() override {
    absl::MutexLock lock(&health_.mu_);
    health_.watchers_.erase(this);
  }

  void OnMessage(const Caller&, HealthCheckRequest& request) override {
    absl::MutexLock lock(&health_.mu_);
    service_ = request.service();
    health_.watchers_.insert(this);
    sink_->Write(health_.StatusOf(service_));
  }
  void OnHalfClose() override {}
  void OnCancel() override {}

  void Tell(const Response& response) { sink_->Write(response); }
  const std::string& service() const { return service_; }

 private:
  Health& health_;
  const std::shared_ptr<StreamSink<Response>> sink_;  // shared with the call
  std::string service_;                               // fixed by the one request, before others see it
};

Health::Response Health::StatusOf(const std::string& service) const {
  Response response;
  if (!services_.contains(service)) {
    response.set_status(Response::SERVICE_UNKNOWN);
  } else {
    response.set_status(serving_ ? Response::SERVING : Response::NOT_SERVING);
  }
  return response;
}

void Health::Register(MethodTable& table) {
  const RegisterOptions anonymous{.anonymous = true};
  table.UnaryAsync<HealthCheckRequest, Response>(
      "grpc.health.v1.Health.Check",
      [this](const Caller&, HealthCheckRequest request, Reply<Response> reply) {
        Response response;
        {
          absl::MutexLock lock(&mu_);
          response = StatusOf(request.service());
        }
        if (response.status() != Response::SERVICE_UNKNOWN) return reply(std::move(response));
        reply(Fail(absl::StatusCode::kNotFound, "SERVICE_UNKNOWN", "The hub has no such service; see reflection.",
                   {{"field", "service"}}));
      },
      anonymous);
  table.Stream<HealthCheckRequest, Response>(
      "grpc.health.v1.Health.Watch",
      [this](std::shared_ptr<StreamSink<Response>> sink) { return std::make_unique<Watcher>(*this, std::move(sink)); },
      anonymous);
  table.Http("/healthz", [this](edge::HttpRequest request, edge::HttpReply reply) { reply(Http(request)); });
}

void Health::KnowServices(const std::vector<std::string>& services) {
  absl::MutexLock lock(&mu_);
  services_.insert(services.begin(), services.end());
}

void Health::Serve() { Set(true, ""); }

void Health::StopServing(std::string_view reason) { Set(false, reason); }

void Health::Drain() {
  Set(false, "DRAINING");
  absl::MutexLock lock(&mu_);
  draining_ = true;
}

void Health::Set(bool serving, std::string_view reason) {
  absl::MutexLock lock(&mu_);
  if (draining_) return;
  reason_ = std::string(reason);
  if (std::exchange(serving_, serving) == serving) return;
  for (Watcher* watcher : watchers_) {
    if (services_.contains(watcher->service())) watcher->Tell(StatusOf(watcher->service()));
  }
}

edge::HttpResponse Health::Http(const edge::HttpRequest& request) const {
  if (request.method != "GET" && request.method != "HEAD") {
    return {405, {{"allow", "GET, HEAD"}, {"content-type", "application/json"}}, "{\"status\":\"unknown\"}\n"};
  }
  absl::MutexLock lock(&mu_);
  edge::HttpResponse response;
  response.status = serving_ ? 200 : 503;
  response.headers = {{"content-type", "application/json"}, {"cache-control", "no-store"}};
  response.body = serving_ ? "{\"status\":\"serving\"}\n"
                           : absl::StrCat("{\"status\":\"not_serving\",\"reason\":\"", reason_, "\"}\n");
  return response;
}

}  // namespace zhanqiao::api
