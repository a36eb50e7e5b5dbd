// The contract as a gRPC C++ client sees it: each promise is kept by the edge and by grpc::Server alike.
#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "grpc/testing/test.grpc.pb.h"
#include "hub/edge/server.h"
#include "tests/interop/test_service.h"

namespace zhanqiao::interop {
namespace {

using namespace grpc::testing;  // NOLINT: the service's own names

class Contract : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    SetLogLevel(LogLevel::kError);
    std::string address;
    if (std::string_view(GetParam()) == "edge") {
      dispatcher_ = MakeDispatcher();
      edge::ServerOptions options;
      options.threads = 2;
      options.listeners.resize(1);
      options.listeners[0].address = "127.0.0.1:0";
      options.listeners[0].tls = false;
      auto server = edge::Server::Start(options, *dispatcher_);
      ASSERT_TRUE(server.ok()) << server.status();
      edge_ = *std::move(server);
      address = edge_->addresses().front();
    } else {
      oracle_ = MakeOracle();
      grpc::ServerBuilder builder;
      int port = 0;
      builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
      builder.RegisterService(oracle_.get());
      server_ = builder.BuildAndStart();
      address = "127.0.0.1:" + std::to_string(port);
    }
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_USE_LOCAL_SUBCHANNEL_POOL, 1);
    arguments.SetMaxReceiveMessageSize(64 << 20);
    channel_ = grpc::CreateCustomChannel(address, grpc::InsecureChannelCredentials(), arguments);
    stub_ = TestService::NewStub(channel_);
  }
  void TearDown() override {
    stub_.reset();
    channel_.reset();
    if (server_ != nullptr) server_->Shutdown(std::chrono::system_clock::now());
  }

  static SimpleRequest Large() {
    SimpleRequest request;
    request.set_response_size(314159);
    request.mutable_payload()->set_body(std::string(271828, '\0'));
    return request;
  }
  static StreamingOutputCallRequest Asking(std::initializer_list<int> sizes) {
    StreamingOutputCallRequest request;
    for (int size : sizes) request.add_response_parameters()->set_size(size);
    return request;
  }

  std::unique_ptr<edge::Dispatcher> dispatcher_;
  std::unique_ptr<edge::Server> edge_;
  std::unique_ptr<grpc::Service> oracle_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<TestService::Stub> stub_;
  grpc::ClientContext context_;
};
INSTANTIATE_TEST_SUITE_P(Servers, Contract, testing::Values("edge", "oracle"),
                         [](const auto& each) { return std::string(each.param); });

TEST_P(Contract, EmptyUnary) {
  grpc::testing::Empty response;
  EXPECT_TRUE(stub_->EmptyCall(&context_, grpc::testing::Empty(), &response).ok());
}

TEST_P(Contract, LargeUnary) {
  SimpleResponse response;
  ASSERT_TRUE(stub_->UnaryCall(&context_, Large(), &response).ok());
  EXPECT_EQ(response.payload().body().size(), 314159u);
}

TEST_P(Contract, ClientCompressedUnary) {
  context_.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  SimpleRequest request;
  request.mutable_payload()->set_body(std::string(100000, 'x'));
  SimpleResponse response;
  ASSERT_TRUE(stub_->UnaryCall(&context_, request, &response).ok());
  EXPECT_EQ(response.payload().body(), request.payload().body());
}

TEST_P(Contract, ClientStreaming) {
  StreamingInputCallResponse response;
  auto writer = stub_->StreamingInputCall(&context_, &response);
  for (size_t size : {27182, 8, 1828, 45904}) {
    StreamingInputCallRequest request;
    request.mutable_payload()->set_body(std::string(size, '\0'));
    ASSERT_TRUE(writer->Write(request));
  }
  writer->WritesDone();
  ASSERT_TRUE(writer->Finish().ok());
  EXPECT_EQ(response.aggregated_payload_size(), 74922);
}

TEST_P(Contract, ServerStreaming) {
  auto reader = stub_->StreamingOutputCall(&context_, Asking({31415, 9, 2653, 58979}));
  StreamingOutputCallResponse response;
  std::vector<size_t> sizes;
  while (reader->Read(&response)) sizes.push_back(response.payload().body().size());
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(sizes, (std::vector<size_t>{31415, 9, 2653, 58979}));
}

TEST_P(Contract, PingPong) {
  auto stream = stub_->FullDuplexCall(&context_);
  for (int size : {31415, 9, 2653, 58979}) {
    ASSERT_TRUE(stream->Write(Asking({size})));
    StreamingOutputCallResponse response;
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.payload().body().size(), static_cast<size_t>(size));
  }
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(Contract, EmptyStream) {
  auto stream = stub_->FullDuplexCall(&context_);
  stream->WritesDone();
  StreamingOutputCallResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_P(Contract, CancelAfterBegin) {
  StreamingInputCallResponse response;
  auto writer = stub_->StreamingInputCall(&context_, &response);
  context_.TryCancel();
  EXPECT_EQ(writer->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_P(Contract, CancelAfterFirstResponse) {
  auto stream = stub_->FullDuplexCall(&context_);
  ASSERT_TRUE(stream->Write(Asking({31415})));
  StreamingOutputCallResponse response;
  ASSERT_TRUE(stream->Read(&response));
  context_.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

TEST_P(Contract, TimeoutOnSleepingServer) {
  context_.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(50));
  auto stream = stub_->FullDuplexCall(&context_);
  StreamingOutputCallResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

TEST_P(Contract, CustomMetadata) {
  const std::string binary("\x0a\x0b\x00\x0a\xff", 5);
  context_.AddMetadata("x-grpc-test-echo-initial", "test_initial_metadata_value");
  context_.AddMetadata("x-grpc-test-echo-trailing-bin", binary);
  context_.AddMetadata("x-grpc-test-echo-trailing-bin", "second");
  SimpleResponse response;
  ASSERT_TRUE(stub_->UnaryCall(&context_, Large(), &response).ok());
  const auto& initial = context_.GetServerInitialMetadata();
  ASSERT_EQ(initial.count("x-grpc-test-echo-initial"), 1u);
  EXPECT_EQ(initial.find("x-grpc-test-echo-initial")->second, "test_initial_metadata_value");
  std::multiset<std::string> trailing;
  for (const auto& [key, value] : context_.GetServerTrailingMetadata()) {
    if (key == "x-grpc-test-echo-trailing-bin") trailing.emplace(value.data(), value.size());
  }
  EXPECT_EQ(trailing, (std::multiset<std::string>{binary, "second"}));
}

TEST_P(Contract, StatusCodeAndMessage) {
  SimpleRequest request;
  request.mutable_response_status()->set_code(2);
  request.mutable_response_status()->set_message("test status message");
  SimpleResponse response;
  const grpc::Status status = stub_->UnaryCall(&context_, request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(status.error_message(), "test status message");
  grpc::ClientContext second;
  auto stream = stub_->FullDuplexCall(&second);
  StreamingOutputCallRequest streaming = Asking({10});
  *streaming.mutable_response_status() = request.response_status();
  stream->Write(streaming);
  stream->WritesDone();
  StreamingOutputCallResponse message;
  EXPECT_TRUE(stream->Read(&message));
  const grpc::Status streamed = stream->Finish();
  EXPECT_EQ(streamed.error_code(), grpc::StatusCode::UNKNOWN);
  EXPECT_EQ(streamed.error_message(), "test status message");
}

TEST_P(Contract, SpecialStatusMessage) {
  const std::string message = "\t\ntest with whitespace\r\nand Unicode BMP ☺ and non-BMP 😈 100%\t\n";
  SimpleRequest request;
  request.mutable_response_status()->set_code(2);
  request.mutable_response_status()->set_message(message);
  SimpleResponse response;
  EXPECT_EQ(stub_->UnaryCall(&context_, request, &response).error_message(), message);
}

TEST_P(Contract, DetailsOfAStatusArrive) {
  SimpleRequest request;
  request.mutable_response_status()->set_code(9);
  request.mutable_response_status()->set_message("not now");
  context_.AddMetadata("x-test-details", "1");
  SimpleResponse response;
  const absl::Status status = FromGrpc(stub_->UnaryCall(&context_, request, &response));
  EXPECT_EQ(ReasonOf(status), "TEST_REASON");
  EXPECT_EQ(FactOf(status, "key"), "值");
}

TEST_P(Contract, UnimplementedMethodAndService) {
  grpc::testing::Empty response;
  EXPECT_EQ(stub_->UnimplementedCall(&context_, grpc::testing::Empty(), &response).error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
  grpc::ClientContext second;
  EXPECT_EQ(UnimplementedService::NewStub(channel_)
                ->UnimplementedCall(&second, grpc::testing::Empty(), &response)
                .error_code(),
            grpc::StatusCode::UNIMPLEMENTED);
}

TEST_P(Contract, FiveMebibytesAreTooMuch) {
  SimpleRequest request;
  request.mutable_payload()->set_body(std::string(5 << 20, 'x'));
  SimpleResponse response;
  EXPECT_EQ(stub_->UnaryCall(&context_, request, &response).error_code(),
            grpc::StatusCode::RESOURCE_EXHAUSTED);
  grpc::ClientContext second;
  EXPECT_TRUE(stub_->UnaryCall(&second, Large(), &response).ok());
}

TEST_P(Contract, AHundredStreamsAtOnce) {
  std::vector<std::unique_ptr<grpc::ClientContext>> contexts;
  std::vector<
      std::unique_ptr<grpc::ClientReaderWriter<StreamingOutputCallRequest, StreamingOutputCallResponse>>>
      streams;
  for (int i = 0; i < 100; ++i) {
    contexts.push_back(std::make_unique<grpc::ClientContext>());
    streams.push_back(stub_->FullDuplexCall(contexts.back().get()));
    ASSERT_TRUE(streams.back()->Write(Asking({i * 10})));
  }
  for (size_t i = 0; i < streams.size(); ++i) {
    StreamingOutputCallResponse response;
    ASSERT_TRUE(streams[i]->Read(&response));
    EXPECT_EQ(response.payload().body().size(), i * 10);
    streams[i]->WritesDone();
    EXPECT_TRUE(streams[i]->Finish().ok());
  }
}

TEST_P(Contract, ManyMebibytesFlowToASlowReader) {
  StreamingOutputCallRequest request;
  for (int i = 0; i < 32; ++i) request.add_response_parameters()->set_size(1 << 20);
  auto reader = stub_->StreamingOutputCall(&context_, request);
  StreamingOutputCallResponse response;
  int messages = 0;
  while (reader->Read(&response)) ++messages;
  EXPECT_TRUE(reader->Finish().ok());
  EXPECT_EQ(messages, 32);
}

}  // namespace
}  // namespace zhanqiao::interop
