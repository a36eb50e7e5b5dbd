// A department system in C++: applies for a grant, asks, streams, subscribes, verifies its receipt.
// Needs grpc++, protobuf and OpenSSL, and the contract compiled with protoc and its gRPC plugin.
// Usage: example-client HUB RESOURCE CONSUMER FIELD,… KEY, with ZQ_CA ZQ_CERT ZQ_KEY and ZQ_VKEY in the environment. The first
// field is the key that is asked for. Prints one JSON object.
#include <grpcpp/grpcpp.h>

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "proof.h"
#include "zhanqiao/v1/access.grpc.pb.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"
#include "zhanqiao/v1/feed.grpc.pb.h"
#include "zhanqiao/v1/receipt.grpc.pb.h"

namespace v1 = zhanqiao::v1;

namespace {

constexpr int kRequests = 100;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) throw std::runtime_error(std::string(name) + " is not set");
  return value;
}

std::string File(const char* name) {
  std::ifstream file(Environment(name), std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

void Check(const grpc::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.error_message());
}

// One unary call.
template <typename Stub, typename Request, typename Response>
Response Call(Stub& stub, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*), const Request& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(10));
  Response response;
  Check((stub.*method)(&context, request, &response));
  return response;
}

// A grant of an unconditional resource is active at once; others wait for their provider's two approvers.
v1::Grant Apply(const std::shared_ptr<grpc::Channel>& channel, const std::string& resource, const std::string& consumer,
                const std::string& fields) {
  v1::AccessService::Stub stub(channel);
  v1::CreateGrantRequest create;
  v1::Grant& grant = *create.mutable_grant();
  grant.set_consumer(consumer);
  grant.set_resource(resource);
  grant.set_purpose("接口示例");
  std::istringstream names(fields);
  for (std::string name; std::getline(names, name, ',');) grant.add_fields()->set_field(name);
  v1::SubmitGrantRequest submit;
  submit.set_name(Call(stub, &v1::AccessService::Stub::CreateGrant, create).name());
  return Call(stub, &v1::AccessService::Stub::SubmitGrant, submit);
}

v1::QueryRequest Question(const v1::Grant& grant, const std::string& key) {
  v1::QueryRequest request;
  request.set_grant(grant.name());
  request.set_matter("例-0001");
  v1::Condition& condition = *request.add_conditions();
  condition.set_field(grant.fields(0).field());
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text(key);
  return request;
}

// Many numbered requests on one stream; answers come in any order, several in a message.
size_t Stream(v1::ExchangeService::Stub& stub, const v1::QueryRequest& query) {
  grpc::ClientContext context;
  const auto stream = stub.QueryStream(&context);
  std::thread asking([&] {
    for (int number = 1; number <= kRequests; ++number) {
      v1::QueryStreamRequest request;
      request.add_queries()->set_number(static_cast<uint64_t>(number));
      *request.mutable_queries(0)->mutable_query() = query;
      if (!stream->Write(request)) break;
    }
    stream->WritesDone();
  });
  std::set<uint64_t> answered;
  std::string refused;
  for (v1::QueryStreamResponse response; stream->Read(&response);) {
    for (const auto& answer : response.answers()) {
      if (answer.has_error()) refused = answer.error().message();
      answered.insert(answer.number());
    }
  }
  asking.join();
  Check(stream->Finish());
  if (!refused.empty()) throw std::runtime_error(refused);
  return answered.size();
}

struct Received {
  std::string keys;  // a JSON list
  uint64_t acknowledged = 0;
};

// Reads the feed to its end and acknowledges each delivery; the cursor is durable once the hub says so.
Received Subscribe(const std::shared_ptr<grpc::Channel>& channel, const v1::Grant& grant) {
  v1::FeedService::Stub stub(channel);
  grpc::ClientContext context;
  const auto stream = stub.Subscribe(&context);
  v1::SubscribeRequest start;
  start.mutable_start()->set_grant(grant.name());
  start.mutable_start()->set_subscription("cpp");
  start.mutable_start()->set_matter("例-0002");
  stream->Write(start);
  Received received;
  for (v1::SubscribeResponse response; stream->Read(&response);) {
    if (response.has_delivery()) {
      const auto& delivery = response.delivery();
      for (const auto& row : delivery.records().rows()) {
        received.keys += (received.keys.empty() ? "\"" : ", \"") + row.values(0).text() + "\"";
      }
      v1::SubscribeRequest acknowledge;
      acknowledge.mutable_acknowledge()->set_offset(delivery.through_offset());
      stream->Write(acknowledge);
      if (delivery.lag() == 0) received.acknowledged = delivery.through_offset();
    } else if (response.has_acknowledged() && response.acknowledged().offset() == received.acknowledged) {
      break;
    }
  }
  stream->WritesDone();
  Check(stream->Finish());
  return received;
}

void Run(char** arguments) {
  grpc::SslCredentialsOptions tls;
  tls.pem_root_certs = File("ZQ_CA");
  tls.pem_cert_chain = File("ZQ_CERT");
  tls.pem_private_key = File("ZQ_KEY");
  const auto channel = grpc::CreateChannel(arguments[1], grpc::SslCredentials(tls));
  const v1::Grant grant = Apply(channel, arguments[2], arguments[3], arguments[4]);
  const v1::QueryRequest question = Question(grant, arguments[5]);
  v1::ExchangeService::Stub exchange(channel);
  const v1::QueryResponse answer = Call(exchange, &v1::ExchangeService::Stub::Query, question);
  v1::ReceiptService::Stub receipts(channel);
  v1::GetReceiptRequest get;
  get.set_index(answer.receipt().index());
  const v1::Receipt receipt = Call(receipts, &v1::ReceiptService::Stub::GetReceipt, get);
  const bool verified = VerifyReceipt(receipt.entry(), receipt.proof(), Environment("ZQ_VKEY")) == answer.receipt().index();
  const size_t streamed = Stream(exchange, question);
  const Received received = Subscribe(channel, grant);
  std::cout << "{\"grant\": \"" << grant.name() << "\", \"rows\": " << answer.records().rows_size()
            << ", \"streamed\": " << streamed << ", \"received\": [" << received.keys
            << "], \"acknowledged\": " << received.acknowledged << ", \"verified\": " << (verified ? "true" : "false") << "}\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  try {
    Run(argv);
  } catch (const std::exception& problem) {
    std::cerr << problem.what() << "\n";
    return 1;
  }
}
