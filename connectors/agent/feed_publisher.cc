#include "connectors/agent/feed_publisher.h"

#include <grpcpp/client_context.h>

#include <chrono>

#include "catalog/base/error.h"

namespace zhanqiao::connectors {
namespace {

constexpr int kPatienceMs = 30'000;

}  // namespace

absl::Status PublishTo(v1::FeedService::StubInterface& stub, const v1::PublishRequest& request) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(kPatienceMs));
  const auto stream = stub.Publish(&context);
  v1::PublishRequest numbered = request;
  numbered.set_number(1);
  v1::PublishResponse response;
  const bool acknowledged = stream->Write(numbered) && stream->Read(&response) && response.number() == 1;
  stream->WritesDone();
  while (stream->Read(&response)) {
  }
  const absl::Status status = FromGrpc(stream->Finish());
  if (!status.ok()) return status;
  if (acknowledged) return absl::OkStatus();
  return Fail(absl::StatusCode::kInternal, "PROTOCOL_BROKEN",
              "The hub ended the stream without acknowledging.", {{"link", std::string(kLinkHub)}});
}

}  // namespace zhanqiao::connectors
