#include "catalog/base/error.h"

#include "absl/strings/str_cat.h"
#include "google/protobuf/any.pb.h"
#include "google/rpc/error_details.pb.h"

namespace zhanqiao {
namespace {

constexpr char kErrorInfo[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequest[] = "type.googleapis.com/google.rpc.BadRequest";
constexpr char kRetryInfo[] = "type.googleapis.com/google.rpc.RetryInfo";

template <typename Message>
Message PayloadOf(const absl::Status& status, std::string_view type) {
  Message message;
  if (const auto payload = status.GetPayload(Absl(type))) message.ParseFromString(std::string(*payload));
  return message;
}

}  // namespace

absl::Status Fail(absl::StatusCode code, std::string_view reason, std::string_view message, Facts facts) {
  absl::Status status(code, Absl(message));
  google::rpc::ErrorInfo info;
  info.set_reason(std::string(reason));
  info.set_domain("zhanqiao");
  for (auto& [name, value] : facts) (*info.mutable_metadata())[name] = std::move(value);
  status.SetPayload(kErrorInfo, absl::Cord(info.SerializeAsString()));
  return status;
}

namespace {

// INVALID_ARGUMENT with the reason of the first violation and all of them as a BadRequest.
absl::Status Malformed(const std::vector<Violation>& violations, Facts facts) {
  absl::Status status = Fail(absl::StatusCode::kInvalidArgument, violations[0].reason,
                             violations.size() == 1 ? "The request is malformed; correct the named field."
                                                    : "The request is malformed; correct the named fields.",
                             std::move(facts));
  google::rpc::BadRequest bad;
  for (const Violation& violation : violations) {
    auto* wrong = bad.add_field_violations();
    wrong->set_field(violation.field);
    wrong->set_reason(violation.reason);
    wrong->set_description(violation.description);
  }
  status.SetPayload(kBadRequest, absl::Cord(bad.SerializeAsString()));
  return status;
}

}  // namespace

absl::Status BadField(std::string_view reason, std::string_view field, std::string_view description,
                      Facts facts) {
  facts.emplace_back("field", field);
  return Malformed({{std::string(field), std::string(reason), std::string(description)}}, std::move(facts));
}

absl::Status BadFields(const std::vector<Violation>& violations) {
  if (violations.empty()) return absl::OkStatus();
  return Malformed(violations,
                   {{"field", violations[0].field}, {"violations", absl::StrCat(violations.size())}});
}

std::vector<Violation> ViolationsOf(const absl::Status& status) {
  std::vector<Violation> violations;
  const auto bad = PayloadOf<google::rpc::BadRequest>(status, kBadRequest);
  for (const auto& wrong : bad.field_violations()) {
    violations.push_back({wrong.field(), wrong.reason(), wrong.description()});
  }
  return violations;
}

absl::Status WithFact(absl::Status status, std::string_view name, std::string_view value) {
  auto info = PayloadOf<google::rpc::ErrorInfo>(status, kErrorInfo);
  info.set_domain("zhanqiao");
  (*info.mutable_metadata())[std::string(name)] = std::string(value);
  status.SetPayload(kErrorInfo, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status WithRetryAfter(absl::Status status, int delay_ms) {
  google::rpc::RetryInfo retry;
  retry.mutable_retry_delay()->set_seconds(delay_ms / 1000);
  retry.mutable_retry_delay()->set_nanos(delay_ms % 1000 * 1'000'000);
  status.SetPayload(kRetryInfo, absl::Cord(retry.SerializeAsString()));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  return PayloadOf<google::rpc::ErrorInfo>(status, kErrorInfo).reason();
}

std::string FactOf(const absl::Status& status, std::string_view name) {
  const auto info = PayloadOf<google::rpc::ErrorInfo>(status, kErrorInfo);
  const auto fact = info.metadata().find(std::string(name));
  return fact == info.metadata().end() ? "" : fact->second;
}

std::string ToDetails(const absl::Status& status) {
  google::rpc::Status wire;
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    auto* detail = wire.add_details();
    detail->set_type_url(std::string(type));
    detail->set_value(std::string(payload));
  });
  if (wire.details().empty()) return "";
  wire.set_code(static_cast<int>(status.code()));
  wire.set_message(std::string(status.message()));
  return wire.SerializeAsString();
}

absl::Status FromDetails(absl::StatusCode code, std::string_view message, std::string_view details) {
  absl::Status status(code, Absl(message));
  google::rpc::Status wire;
  if (!wire.ParseFromString(std::string(details))) return status;
  for (const auto& detail : wire.details()) status.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  return status;
}

}  // namespace zhanqiao
