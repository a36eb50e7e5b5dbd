#include <grpcpp/grpcpp.h>

#include "catalog/base/error.h"
#include "grpc/testing/test.grpc.pb.h"
#include "tests/interop/test_service.h"

namespace zhanqiao::interop {
namespace {

using namespace grpc::testing;  // NOLINT: the service's own names

class Oracle final : public TestService::Service {
 public:
  grpc::Status EmptyCall(grpc::ServerContext* context, const Empty*, Empty*) override {
    Echo(context);
    return grpc::Status::OK;
  }

  grpc::Status UnaryCall(grpc::ServerContext* context, const SimpleRequest* request,
                         SimpleResponse* response) override {
    Echo(context);
    if (request->response_status().code() != 0) return StatusOf(context, request->response_status());
    if (request->response_size() > 0) {
      response->mutable_payload()->set_body(std::string(static_cast<size_t>(request->response_size()), '\0'));
    } else if (request->has_payload()) {
      *response->mutable_payload() = request->payload();
    }
    return grpc::Status::OK;
  }

  grpc::Status StreamingInputCall(grpc::ServerContext* context,
                                  grpc::ServerReader<StreamingInputCallRequest>* reader,
                                  StreamingInputCallResponse* response) override {
    Echo(context);
    StreamingInputCallRequest request;
    int size = 0;
    while (reader->Read(&request)) size += static_cast<int>(request.payload().body().size());
    response->set_aggregated_payload_size(size);
    return grpc::Status::OK;
  }

  grpc::Status StreamingOutputCall(grpc::ServerContext* context, const StreamingOutputCallRequest* request,
                                   grpc::ServerWriter<StreamingOutputCallResponse>* writer) override {
    Echo(context);
    Send(*request, *writer);
    return StatusOf(context, request->response_status());
  }

  grpc::Status FullDuplexCall(
      grpc::ServerContext* context,
      grpc::ServerReaderWriter<StreamingOutputCallResponse, StreamingOutputCallRequest>* stream) override {
    Echo(context);
    StreamingOutputCallRequest request;
    while (stream->Read(&request)) {
      Send(request, *stream);
      if (request.response_status().code() != 0) return StatusOf(context, request.response_status());
    }
    return grpc::Status::OK;
  }

 private:
  template <typename Writer>
  static void Send(const StreamingOutputCallRequest& request, Writer& writer) {
    for (const auto& asked : request.response_parameters()) {
      StreamingOutputCallResponse response;
      response.mutable_payload()->set_body(std::string(static_cast<size_t>(asked.size()), '\0'));
      if (!writer.Write(response)) return;
    }
  }

  static void Echo(grpc::ServerContext* context) {
    for (const auto& [key, value] : context->client_metadata()) {
      const std::string text(value.data(), value.size());
      if (key == "x-grpc-test-echo-initial") context->AddInitialMetadata("x-grpc-test-echo-initial", text);
      if (key == "x-grpc-test-echo-trailing-bin")
        context->AddTrailingMetadata("x-grpc-test-echo-trailing-bin", text);
    }
  }

  static grpc::Status StatusOf(grpc::ServerContext* context, const EchoStatus& asked) {
    if (asked.code() == 0) return grpc::Status::OK;
    std::string details;
    if (context->client_metadata().count("x-test-details") > 0) {
      details = ToDetails(
          Fail(static_cast<absl::StatusCode>(asked.code()), "TEST_REASON", asked.message(), {{"key", "值"}}));
    }
    return grpc::Status(static_cast<grpc::StatusCode>(asked.code()), asked.message(), details);
  }
};

}  // namespace

std::unique_ptr<grpc::Service> MakeOracle() {
  return std::make_unique<Oracle>();
}

}  // namespace zhanqiao::interop
