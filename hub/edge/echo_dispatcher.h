// For tests and benches: /test.Echo/{Unary,Stream} give back what they get, /test.Echo/Hold never reads or
// answers, /test.Echo/Flood writes as long as there is room, /test.Echo/Async answers from another thread.
// HTTP is echoed.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <utility>

#include "absl/synchronization/mutex.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::edge {

class EchoDispatcher final : public Dispatcher {
 public:
  MethodShape Shape(std::string_view path) const override {
    if (path == "/test.Echo/Unary" || path == "/test.Echo/Async") return {true, false, false};
    if (path == "/test.Echo/Flood") return {true, false, true};
    if (path == "/test.Echo/Stream" || path == "/test.Echo/Hold") return {true, true, true};
    return {};
  }

  std::unique_ptr<CallHandler> Start(CallPtr call) override {
    ++started;
    {
      absl::MutexLock lock(&mu_);
      last_ = call;
    }
    if (call->path() == "/test.Echo/Hold") call->PauseReading();
    return std::make_unique<Handler>(*this, std::move(call));
  }

  void HandleHttp(HttpRequest request, HttpReply reply) override {
    HttpResponse response;
    response.headers = {{"content-type", "text/plain"}, {"x-bad", "a\r\nb: c"}};
    response.body = request.method + " " + request.target + "\n" + request.body;
    if (request.target == "/never") return Keep(std::move(reply));
    reply(std::move(response));
  }

  CallPtr last() {
    absl::MutexLock lock(&mu_);
    return last_;
  }

  std::atomic<int> started{0};
  std::atomic<int> cancelled{0};
  std::atomic<int> ended{0};
  std::function<void(std::function<void()>)> elsewhere;  // runs a task on another thread, for Async

 private:
  class Handler final : public CallHandler {
   public:
    Handler(EchoDispatcher& owner, CallPtr call) : owner_(owner), call_(std::move(call)) {}
    ~Handler() override { ++owner_.ended; }
    void OnMessage(std::string_view message) override {
      if (call_->path() == "/test.Echo/Flood") return OnDrained();
      if (call_->path() == "/test.Echo/Async") {
        return owner_.elsewhere([call = call_, copy = std::string(message)] {
          call->Write(copy);
          call->Finish(absl::OkStatus());
        });
      }
      call_->Write(std::string(message));
      if (call_->path() == "/test.Echo/Unary") call_->Finish(absl::OkStatus());
    }
    void OnHalfClose() override {
      if (call_->path() == "/test.Echo/Stream") call_->Finish(absl::OkStatus());
    }
    void OnCancel() override { ++owner_.cancelled; }
    void OnDrained() override {
      while (call_->buffered() < (1 << 20)) call_->Write(std::string(32 << 10, 'f'));
    }

   private:
    EchoDispatcher& owner_;
    const CallPtr call_;
  };

  void Keep(HttpReply reply) {
    absl::MutexLock lock(&mu_);
    kept_ = std::move(reply);
  }

  absl::Mutex mu_;
  CallPtr last_ ABSL_GUARDED_BY(mu_);
  HttpReply kept_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::edge
