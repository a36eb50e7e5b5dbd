// What every command works with: the options of the whole program, the connection to the hub, and where it
// prints.
#pragma once

#include <functional>
#include <memory>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include "absl/status/statusor.h"
#include "catalog/base/error.h"
#include "google/protobuf/message.h"

namespace zhanqiao::cli {

// Options that stand before or after any command.
struct Options {
  std::string hub = "127.0.0.1:7443";  // host:port
  std::string ca;                      // PEM file: the authority of the hub's certificate
  std::string cert;                    // PEM files: who asks
  std::string key;
  std::string session;     // file with a session's token (SessionFile)
  bool anonymous = false;  // with neither, to sign in
  std::string store;  // a stopped hub's store, for zq ledger export
  std::string vkey;   // verifier key of the log, or a file that holds it
  bool json = false;
  int timeout_ms = 30000;  // for each call
};

// Exit codes of zq.
inline constexpr int kExitOk = 0;
inline constexpr int kExitFailed = 1;       // refused or failed; the error says why
inline constexpr int kExitUsage = 2;        // the command line is wrong
inline constexpr int kExitUnreachable = 3;  // no hub answers
inline constexpr int kExitUnproved = 4;     // the ledger does not verify

// Where the token of a session lies: the option, or .zq-session in the home directory.
std::string SessionFile(const Options& options);

// A connection to one hub as one identity: that of the session named, else of the certificate given, else of the session in
// the usual file. Not thread-safe, but its channel is.
class Session {
 public:
  explicit Session(Options options) : options_(std::move(options)) {}

  const Options& options() const { return options_; }

  // The channel under TLS, mutual with a certificate. Fails with the reason when a file of the identity cannot be read.
  absl::StatusOr<std::shared_ptr<grpc::Channel>> Channel();

  // Makes one unary call: `session.Call(&v1::CatalogService::Stub::GetResource, request)`.
  template <typename Stub, typename Request, typename Response>
  absl::StatusOr<Response> Call(grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                const Request& request) {
    const std::shared_ptr<grpc::Channel> channel = TRY(Channel());
    Stub stub(channel);
    grpc::ClientContext context;
    Prepare(context);
    Response response;
    const grpc::Status status = (stub.*method)(&context, request, &response);
    if (!status.ok()) return FromGrpc(status);
    return response;
  }

  // Sets the deadline, and the session's token; after Channel.
  void Prepare(grpc::ClientContext& context) const;

 private:
  Options options_;
  std::string token_;  // of a session
  std::shared_ptr<grpc::Channel> channel_;
};

// What a command sees when it runs.
struct Context {
  Options options;
  std::ostream& out;
  std::ostream& err;
  std::function<absl::Status()> action = nullptr;  // set by the command that was named

  bool json() const { return options.json; }
};

}  // namespace zhanqiao::cli
