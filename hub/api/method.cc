#include "hub/api/method.h"

namespace zhanqiao::api {

absl::Status DecodeProto(std::string_view wire, google::protobuf::Message& message) {
  if (message.ParseFromArray(wire.data(), static_cast<int>(wire.size()))) return absl::OkStatus();
  return Fail(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
              "The bytes are not a message of the method's request type; build them from the published contract.",
              {{"link", std::string(kLinkCaller)},
               {"type", message.GetDescriptor()->full_name()},
               {"bytes", std::to_string(wire.size())},
               {"fix", "Send the protobuf wire format of this type; strings must be UTF-8."}});
}

absl::StatusOr<std::string> EncodeProto(const google::protobuf::Message& message) {
  return message.SerializeAsString();
}

edge::Metadata RefusalTrailers(const absl::Status& status) {
  std::string index = FactOf(status, "ledger_index");
  if (index.empty()) return {};
  return {{"zhanqiao-ledger-index", std::move(index)}};
}

Answer::~Answer() {
  if (!done_) return;
  Send(Fail(absl::StatusCode::kInternal, "ANSWER_LOST", "The hub lost the answer to this call; report it with the trace.",
            {{"link", std::string(kLinkHub)}}),
       {});
}

void Answer::Send(absl::StatusOr<std::string> body, edge::Metadata trailers) {
  if (!done_) return;
  Done done = std::exchange(done_, nullptr);
  done(std::move(body), std::move(trailers));
}

void Method::Run(Caller, Decode, Encode, Done done) const {
  done(Fail(absl::StatusCode::kUnimplemented, "METHOD_STREAMS", "This method streams; call it by gRPC.",
            {{"method", path}}),
       {});
}

std::unique_ptr<OpenStream> Method::Open(std::shared_ptr<StreamOutput> output) const {
  output->Finish(Fail(absl::StatusCode::kInternal, "METHOD_UNARY", "This method does not stream.", {{"method", path}}));
  return nullptr;
}

}  // namespace zhanqiao::api
