#include "tests/bench/client/load.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>

#include <chrono>
#include <fstream>
#include <sstream>

namespace zhanqiao::bench {
namespace {

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

}  // namespace

v1::QueryRequest Request(const std::string& grant) {
  v1::QueryRequest request;
  request.set_grant(grant);
  v1::Condition& condition = *request.add_conditions();
  condition.set_field("record_key");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text(std::string(900, 'k'));
  request.set_row_limit(1);
  request.set_matter("bench-matter-0001");
  return request;
}

std::shared_ptr<grpc::Channel> Dial(const LoadOptions& options) {
  grpc::ChannelArguments arguments;
  arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);  // otherwise equal channels share one connection
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  if (!options.tls) return grpc::CreateCustomChannel(options.target, grpc::InsecureChannelCredentials(), arguments);
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = ReadFile(options.ca);
  tls.pem_cert_chain = ReadFile(options.certificate);
  tls.pem_private_key = ReadFile(options.key);
  if (!options.server_name.empty()) arguments.SetSslTargetNameOverride(options.server_name);
  return grpc::CreateCustomChannel(options.target, grpc::SslCredentials(tls), arguments);
}

int64_t NowNs() {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

}  // namespace zhanqiao::bench
