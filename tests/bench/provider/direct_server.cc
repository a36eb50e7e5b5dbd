#include "tests/bench/provider/direct_server.h"

#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include <fstream>
#include <sstream>
#include <vector>

#include "catalog/base/records.h"
#include "tests/bench/provider/records.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::bench {
namespace {

std::string ReadFile(const std::string& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

// Answers the record whose key the first condition names.
class Exchange final : public v1::ExchangeService::CallbackService {
 public:
  Exchange() {
    const v1::Resource entry = Entry("");
    std::vector<SchemaField> schema;
    for (const auto& field : entry.fields()) {
      schema.push_back({field.field(), field.data_type()});
      fields_.push_back(field.field());
    }
    fingerprint_ = std::string(Bytes(SchemaFingerprint(schema)));
    for (auto& record : Records()) {
      std::string key = record.values(0).text();
      records_.emplace(std::move(key), std::move(record));
    }
  }

  grpc::ServerUnaryReactor* Query(grpc::CallbackServerContext* context, const v1::QueryRequest* request,
                                  v1::QueryResponse* response) override {
    grpc::ServerUnaryReactor* reactor = context->DefaultReactor();
    const auto record = request->conditions_size() == 1 ? records_.find(request->conditions(0).value().text())
                                                        : records_.end();
    if (record == records_.end()) {
      reactor->Finish({grpc::StatusCode::NOT_FOUND, "No such record."});
      return reactor;
    }
    v1::RecordBatch& batch = *response->mutable_records();
    batch.set_schema_fingerprint(fingerprint_);
    for (const auto& field : fields_) batch.add_fields(field);
    *batch.add_rows() = record->second;
    reactor->Finish(grpc::Status::OK);
    return reactor;
  }

 private:
  std::vector<std::string> fields_;
  std::string fingerprint_;
  absl::flat_hash_map<std::string, v1::Row> records_;
};

class Running final : public DirectServer {
 public:
  bool Build(const DirectOptions& options) {
    grpc::ServerBuilder builder;
    builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
    if (!options.listen.empty()) {
      builder.AddListeningPort(options.listen, grpc::InsecureServerCredentials(), &port_);
    }
    if (!options.tls_listen.empty()) {
      grpc::SslServerCredentialsOptions tls(GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
      tls.pem_root_certs = ReadFile(options.client_ca);
      tls.pem_key_cert_pairs.push_back({ReadFile(options.key), ReadFile(options.certificate)});
      builder.AddListeningPort(options.tls_listen, grpc::SslServerCredentials(tls), &tls_port_);
    }
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    return server_ != nullptr && (options.listen.empty() || port_ > 0) && (options.tls_listen.empty() || tls_port_ > 0);
  }

  ~Running() override {
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  }

  int port() const override { return port_; }
  int tls_port() const override { return tls_port_; }

 private:
  Exchange service_;
  std::unique_ptr<grpc::Server> server_;
  int port_ = 0;
  int tls_port_ = 0;
};

}  // namespace

std::unique_ptr<DirectServer> DirectServer::Start(const DirectOptions& options) {
  auto running = std::make_unique<Running>();
  if (!running->Build(options)) return nullptr;
  return running;
}

}  // namespace zhanqiao::bench
