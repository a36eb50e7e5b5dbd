// The method table: what the hub answers, one registration per RPC for gRPC and JSON alike.
//
// Register everything, ask Missing and problems(), then serve; registration is not thread-safe, serving is. For
// every message the caller is resolved anew; one that cannot be resolved is refused, and the refusal is recorded
// before it is answered. Exceptions of a service end in INTERNAL for its own call only.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "catalog/base/clock.h"
#include "hub/api/method.h"
#include "hub/api/metrics.h"
#include "hub/api/worker_pool.h"

namespace zhanqiao::api {

// How callers come in. Both functions are called from any thread.
struct Gate {
  // The caller behind a connection, or, without a client certificate, behind a call's headers; or why there is none. Cheap:
  // asked for every message.
  std::function<absl::StatusOr<Caller>(const edge::Peer&, const edge::Metadata&)> resolve;
  // Records that a caller was refused `method` with this status, then gives the status to answer (it then tells
  // the ledger index) to `done`, from any thread. `peer` and `method` are valid during the call only.
  std::function<void(const edge::Peer& peer, std::string_view method, absl::Status status,
                     absl::AnyInvocable<void(absl::Status)> done)>
      refuse;
};

struct RegisterOptions {
  bool anonymous = false;  // no registered caller needed
  bool whole = false;      // a stream that ends by itself once it has every message: offered over plain HTTP too (whole_call.h)
};

class MethodTable final : public edge::Dispatcher {
 public:
  using HttpHandler = std::function<void(edge::HttpRequest, edge::HttpReply)>;

  // All of these outlive the table. Its destructor closes `workers`; by then the edge must have stopped and every
  // service must have answered.
  MethodTable(Gate gate, WorkerPool& workers, Metrics& metrics, const Clock& clock);
  ~MethodTable() override;

  // `name` is the full name of an RPC in the linked descriptors: "zhanqiao.v1.LedgerService.GetEntry". A wrong name,
  // type or cardinality, or a second registration, is kept in problems().

  // A method that may block: runs on the worker pool. A full pool answers RESOURCE_EXHAUSTED / HUB_OVERLOADED.
  template <typename Req, typename Resp>
  void Unary(std::string_view name, std::function<absl::StatusOr<Resp>(const Caller&, const Req&)> run,
             RegisterOptions options = {});

  // A method that does not block: started on the edge thread, answers from any thread. `trailers` are those of a
  // success.
  template <typename Req, typename Resp>
  void UnaryAsync(std::string_view name, std::function<void(Caller, Req, Reply<Resp>)> run,
                  RegisterOptions options = {}, std::function<edge::Metadata(const Resp&)> trailers = nullptr);

  // The same for answers that come in wire format (EncodedMethod).
  template <typename Req, typename Resp, typename Answered>
  void UnaryEncoded(std::string_view name, std::function<void(Caller, Req, Reply<Answered>)> run,
                    std::function<edge::Metadata(const Answered&)> trailers, RegisterOptions options = {});

  // Client-, server- or bidirectional streaming. A stream refused at a message (caller, malformed bytes) ends
  // with OnCancel at the service, whose sink is silent from then on.
  template <typename Req, typename Resp>
  void Stream(std::string_view name, typename StreamMethod<Req, Resp>::Factory factory, RegisterOptions options = {});

  // A plain HTTP path, exactly ("/healthz"), for any method. The handler runs on the edge thread and does not block.
  void Http(std::string path, HttpHandler handler);
  // Every path that begins with `prefix` ("/console/", "/") and is neither an exact path nor an RPC; of several the
  // longest. The prefix ends with a slash; else problems() says so.
  void HttpUnder(std::string prefix, HttpHandler handler);
  // A handler that may block: `run` on the worker pool; a full pool answers RESOURCE_EXHAUSTED / HUB_OVERLOADED.
  HttpHandler OnWorkers(std::function<edge::HttpResponse(const edge::HttpRequest&)> run);

  // What is wrong with the registrations; empty when all is well.
  const std::vector<std::string>& problems() const { return problems_; }
  // RPCs of the linked services of `package` that are not registered.
  std::vector<std::string> Missing(std::string_view package) const;
  // Full names of the services with a registered method, sorted.
  std::vector<std::string> Services() const;

  // The method at "/package.Service/Method", or nullptr.
  const Method* Find(std::string_view path) const;

  // Runs a unary method for `peer`: resolves the caller, decodes, runs, encodes; counts and logs the outcome.
  void Run(const Method& method, std::shared_ptr<const edge::Peer> peer, const edge::Metadata& metadata,
           absl::Time deadline, Decode decode, Encode encode, Done done);

  absl::Time now() const { return clock_.Now(); }

  edge::MethodShape Shape(std::string_view path) const override;
  std::unique_ptr<edge::CallHandler> Start(edge::CallPtr call) override;
  void HandleHttp(edge::HttpRequest request, edge::HttpReply reply) override;

 private:
  friend class UnaryCall;
  friend class StreamCall;
  friend class CallOutput;

  void Add(std::string_view name, const google::protobuf::Descriptor* request,
           const google::protobuf::Descriptor* response, bool streams, RegisterOptions options,
           std::unique_ptr<Method> method);
  // Runs `job` on the pool unless its deadline has passed by then; `refuse` answers when it cannot run.
  void OnWorker(absl::Time deadline, std::function<void()> job, std::function<void(absl::Status)> refuse);
  absl::StatusOr<Caller> CallerOf(const Method& method, const edge::Peer& peer, const edge::Metadata& metadata,
                                  absl::Time deadline) const;
  void Ended(const Method& method, const edge::Peer& peer, const absl::Status& status, absl::Time start) const;

  const Gate gate_;
  WorkerPool& workers_;
  Metrics& metrics_;
  const Clock& clock_;
  absl::flat_hash_map<std::string, std::unique_ptr<Method>> methods_;  // by path
  const HttpHandler* RouteOf(std::string_view path) const;

  absl::flat_hash_map<std::string, HttpHandler> routes_;
  std::vector<std::pair<std::string, HttpHandler>> prefixes_;  // longest first
  std::vector<std::string> problems_;
};

template <typename Req, typename Resp>
void MethodTable::Unary(std::string_view name, std::function<absl::StatusOr<Resp>(const Caller&, const Req&)> run,
                        RegisterOptions options) {
  struct Job {
    Caller caller;
    Req request;
    Reply<Resp> reply;
  };
  UnaryAsync<Req, Resp>(
      name,
      [this, run = std::move(run)](Caller caller, Req request, Reply<Resp> reply) {
        auto job = std::make_shared<Job>(Job{std::move(caller), std::move(request), std::move(reply)});
        OnWorker(
            job->caller.deadline, [&run, job] { job->reply(run(job->caller, job->request)); },
            [job](absl::Status status) { job->reply(std::move(status)); });
      },
      options);
}

template <typename Req, typename Resp>
void MethodTable::UnaryAsync(std::string_view name, std::function<void(Caller, Req, Reply<Resp>)> run,
                             RegisterOptions options, std::function<edge::Metadata(const Resp&)> trailers) {
  auto method = std::make_unique<UnaryMethod<Req, Resp>>();
  method->run = std::move(run);
  method->trailers = std::move(trailers);
  Add(name, Req::descriptor(), Resp::descriptor(), false, options, std::move(method));
}

template <typename Req, typename Resp, typename Answered>
void MethodTable::UnaryEncoded(std::string_view name, std::function<void(Caller, Req, Reply<Answered>)> run,
                               std::function<edge::Metadata(const Answered&)> trailers, RegisterOptions options) {
  auto method = std::make_unique<EncodedMethod<Req, Answered>>();
  method->run = std::move(run);
  method->trailers = std::move(trailers);
  Add(name, Req::descriptor(), Resp::descriptor(), false, options, std::move(method));
}

template <typename Req, typename Resp>
void MethodTable::Stream(std::string_view name, typename StreamMethod<Req, Resp>::Factory factory,
                         RegisterOptions options) {
  auto method = std::make_unique<StreamMethod<Req, Resp>>();
  method->factory = std::move(factory);
  Add(name, Req::descriptor(), Resp::descriptor(), true, options, std::move(method));
}

}  // namespace zhanqiao::api
