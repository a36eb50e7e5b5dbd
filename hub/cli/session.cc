#include "hub/cli/session.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <cstdlib>

#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

absl::Status NoIdentity(std::string_view option, std::string_view variable) {
  return Fail(absl::StatusCode::kInvalidArgument, "IDENTITY_MISSING",
              "The hub asks who calls; give the named option or set its variable, or sign in with zq session sign-in.",
              {{"option", std::string(option)}, {"variable", std::string(variable)}});
}

}  // namespace

absl::StatusOr<std::shared_ptr<grpc::Channel>> Session::Channel() {
  if (channel_) return channel_;
  if (options_.ca.empty()) return NoIdentity("--ca", "ZQ_CA");
  grpc::SslCredentialsOptions files;
  files.pem_root_certs = TRY(ReadFile(options_.ca));
  const bool certificate = options_.session.empty() && !(options_.cert.empty() && options_.key.empty());
  if (!options_.anonymous && !certificate) {
    const auto token = ReadFile(SessionFile(options_));
    if (!token.ok()) return options_.session.empty() ? NoIdentity("--cert", "ZQ_CERT") : token.status();
    token_ = token->substr(0, token->find_first_of("\r\n"));
  } else if (!options_.anonymous) {
    if (options_.cert.empty()) return NoIdentity("--cert", "ZQ_CERT");
    if (options_.key.empty()) return NoIdentity("--key", "ZQ_KEY");
    files.pem_cert_chain = TRY(ReadFile(options_.cert));
    files.pem_private_key = TRY(ReadFile(options_.key));
  }
  grpc::ChannelArguments arguments;
  // Each session is one identity: it must not share a connection of another.
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, 100);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, 1000);
  channel_ = grpc::CreateCustomChannel(options_.hub, grpc::SslCredentials(files), arguments);
  return channel_;
}

std::string SessionFile(const Options& options) {
  if (!options.session.empty()) return options.session;
  const char* const home = std::getenv("HOME");
  return std::string(home == nullptr ? "." : home) + "/.zq-session";
}

void Session::Prepare(grpc::ClientContext& context) const {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(options_.timeout_ms));
  if (!token_.empty()) context.AddMetadata("authorization", "Bearer " + token_);
}

}  // namespace zhanqiao::cli
