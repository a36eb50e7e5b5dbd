#include "connectors/agent/channel.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <fstream>
#include <sstream>

#include "catalog/base/error.h"

namespace zhanqiao::connectors {
namespace {

absl::StatusOr<std::string> ReadPem(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  if (!file) {
    return Fail(absl::StatusCode::kNotFound, "TLS_FILE_NOT_READABLE", "A certificate or key file cannot be read.",
                {{"link", std::string(kLinkConnector)}, {"file", path}});
  }
  return text.str();
}

}  // namespace

bool IsLoopback(std::string_view address) {
  for (const std::string_view local : {"[::1]:", "localhost:", "unix:"}) {
    if (address.substr(0, local.size()) == local) return true;
  }
  const std::string_view host = address.substr(0, address.find(':'));
  return host.substr(0, 4) == "127." && host.find_first_not_of("0123456789.") == std::string_view::npos;
}

absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const AgentOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // no other channel's backoff
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  arguments.SetMaxReceiveMessageSize(4 << 20);
  if (!options.tls) {
    if (!IsLoopback(options.hub)) {
      return Fail(absl::StatusCode::kInvalidArgument, "TLS_REQUIRED",
                  "Without TLS only a hub on this machine is dialled; configure certificates.",
                  {{"link", std::string(kLinkConnector)}, {"hub", options.hub}});
    }
    return grpc::CreateCustomChannel(options.hub, grpc::InsecureChannelCredentials(), arguments);
  }
  grpc::SslCredentialsOptions pem;
  pem.pem_root_certs = TRY(ReadPem(options.tls->ca));
  pem.pem_cert_chain = TRY(ReadPem(options.tls->certificate));
  pem.pem_private_key = TRY(ReadPem(options.tls->key));
  if (!options.tls->server_name.empty()) arguments.SetSslTargetNameOverride(options.tls->server_name);
  return grpc::CreateCustomChannel(options.hub, grpc::SslCredentials(pem), arguments);
}

}  // namespace zhanqiao::connectors
