#include "connectors/adapters/hub/hub.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "connectors/adapters/adapter_contract.h"
#include "connectors/adapters/memory/table.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::connectors {
namespace {

grpc::Status ToGrpc(const absl::Status& status) {
  return {static_cast<grpc::StatusCode>(status.code()), std::string(status.message()), ToDetails(status)};
}

// Another hub: rows of one resource under the grant grants/g.
class OtherHub final : public v1::ExchangeService::Service {
 public:
  void SetTable(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                const std::vector<std::string>& key) {
    entry_ = entry;
    table_ = std::make_unique<Table>(entry, rows, key);
  }
  grpc::Status Query(grpc::ServerContext*, const v1::QueryRequest* request,
                     v1::QueryResponse* response) override {
    if (request->grant() != "grants/g" || request->matter().empty()) {
      return ToGrpc(Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_FOUND", "No."));
    }
    v1::ConnectorReply reply;
    const absl::Status status = table_->Answer(AskAs(*request, request->row_limit()), reply);
    response->mutable_records()->Swap(reply.mutable_records());
    response->set_truncated(reply.truncated());
    return ToGrpc(status);
  }
  grpc::Status Fetch(grpc::ServerContext*, const v1::FetchRequest* request,
                     grpc::ServerWriter<v1::FetchResponse>* writer) override {
    v1::ConnectorQuery query = AskAs(*request, request->chunk_rows());
    query.set_chunk(true);
    query.set_cursor(request->resume_token());
    for (bool more = true; more;) {
      v1::ConnectorReply reply;
      const absl::Status status = table_->Answer(query, reply);
      if (!status.ok()) return ToGrpc(status);
      v1::FetchResponse response;
      response.mutable_records()->Swap(reply.mutable_records());
      response.set_resume_token(reply.next_cursor());
      more = !reply.next_cursor().empty();
      response.set_complete(!more);
      if (!writer->Write(response)) break;
      query.set_cursor(reply.next_cursor());
    }
    return grpc::Status::OK;
  }

 private:
  template <typename Request>
  v1::ConnectorQuery AskAs(const Request& request, int rows) const {
    v1::ConnectorQuery query = AskOf(entry_, {request.fields().begin(), request.fields().end()});
    query.mutable_conditions()->CopyFrom(request.conditions());
    query.set_row_limit(rows);
    return query;
  }

  v1::Resource entry_;
  std::unique_ptr<Table> table_;
};

class UpstreamSource final : public ContractSource {
 public:
  UpstreamSource() { Start(); }
  std::unique_ptr<Adapter> Serve(const v1::Resource& entry, const std::vector<v1::Row>& rows,
                                 const std::vector<std::string>& key) override {
    entry_ = entry;
    std::vector<std::string> by = key;
    // A table has its entry's key fields unless it is told others: level alone tells nothing apart.
    if (by.empty()) by = {"level"};
    hub_.SetTable(entry, rows, by);
    return Again();
  }
  std::unique_ptr<Adapter> Again() override {
    const auto channel =
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port_), grpc::InsecureChannelCredentials());
    return MakeUpstream(channel, {.grant = "grants/g", .matter = "contract"}, entry_);
  }
  bool Stop() override {
    server_->Shutdown(std::chrono::system_clock::now());
    server_ = nullptr;
    return true;
  }
  void Start() override {
    grpc::ServerBuilder builder;
    builder.AddListeningPort(absl::StrCat("127.0.0.1:", port_), grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(&hub_);
    server_ = builder.BuildAndStart();
  }

 private:
  OtherHub hub_;
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
  v1::Resource entry_;
};

std::unique_ptr<ContractSource> MakeUpstreamSource() {
  return std::make_unique<UpstreamSource>();
}

INSTANTIATE_TEST_SUITE_P(Upstream, AdapterContract, testing::Values(&MakeUpstreamSource));

TEST(Upstream, WhatTheOtherHubRefusesIsNamedByItsReason) {
  OtherHub hub;
  int port = 0;
  grpc::ServerBuilder builder;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  builder.RegisterService(&hub);
  const auto server = builder.BuildAndStart();
  const auto channel =
      grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials());
  const auto adapter = MakeUpstream(channel, {.grant = "grants/other", .matter = "m"}, ContractEntry());
  v1::ConnectorReply reply;
  const absl::Status status = adapter->Answer(AskOf(ContractEntry(), {"permit"}), reply);
  EXPECT_EQ(ReasonOf(status), "SOURCE_REFUSED");
  EXPECT_EQ(FactOf(status, "state"), "GRANT_NOT_FOUND");
  EXPECT_EQ(FactOf(status, "link"), "source");
}

}  // namespace
}  // namespace zhanqiao::connectors
