#include "hub/api/json.h"

#include <algorithm>
#include <array>
#include <boost/json.hpp>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/types/optional.h"
#include "catalog/base/error.h"
#include "google/protobuf/util/json_util.h"
#include "google/rpc/error_details.pb.h"
#include "hub/api/method_table.h"
#include "hub/api/whole_call.h"

namespace zhanqiao::api {
namespace {

constexpr std::array<ConnectCode, 17> kCodes = {{{"ok", 200},
                                                 {"canceled", 499},
                                                 {"unknown", 500},
                                                 {"invalid_argument", 400},
                                                 {"deadline_exceeded", 504},
                                                 {"not_found", 404},
                                                 {"already_exists", 409},
                                                 {"permission_denied", 403},
                                                 {"resource_exhausted", 429},
                                                 {"failed_precondition", 400},
                                                 {"aborted", 409},
                                                 {"out_of_range", 400},
                                                 {"unimplemented", 501},
                                                 {"internal", 500},
                                                 {"unavailable", 503},
                                                 {"data_loss", 500},
                                                 {"unauthenticated", 401}}};

std::string_view HeaderOf(const edge::Metadata& headers, std::string_view name) {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return {};
}

// The detail as people read it; null for a type this hub does not know.
template <typename Message>
boost::json::value DebugOf(const std::string& bytes) {
  Message message;
  std::string text;
  if (!message.ParseFromString(bytes)) return nullptr;
  if (!google::protobuf::util::MessageToJsonString(message, &text).ok()) return nullptr;
  boost::json::error_code failed;
  boost::json::value value = boost::json::parse(text, failed);
  return failed ? boost::json::value(nullptr) : value;
}

boost::json::object DetailOf(std::string_view url, const std::string& bytes) {
  const std::string_view type = url.substr(url.rfind('/') + 1);
  std::string value;
  absl::Base64Escape(bytes, &value);
  while (!value.empty() && value.back() == '=') value.pop_back();
  boost::json::value debug = nullptr;
  if (type == "google.rpc.ErrorInfo") debug = DebugOf<google::rpc::ErrorInfo>(bytes);
  if (type == "google.rpc.BadRequest") debug = DebugOf<google::rpc::BadRequest>(bytes);
  if (type == "google.rpc.RetryInfo") debug = DebugOf<google::rpc::RetryInfo>(bytes);
  boost::json::object detail = {{"type", boost::json::string(type)}, {"value", boost::json::string(value)}};
  if (!debug.is_null()) detail["debug"] = std::move(debug);
  return detail;
}

// What is wrong with `request` before its body is looked at, as (HTTP status, error).
struct Refusal {
  int http_status = 0;  // 0: nothing is wrong
  absl::Status status;
};

Refusal BadContentType() {
  return {415, Fail(absl::StatusCode::kInvalidArgument, "CONTENT_TYPE", "Send the request as application/json.",
                    {{"fix", "content-type: application/json (or application/proto)"}})};
}

Refusal CheckForm(const Method* method, const edge::HttpRequest& request, std::string_view type) {
  if (method == nullptr) {
    return {404, Fail(absl::StatusCode::kUnimplemented, "PATH_UNKNOWN",
                      "There is nothing at this path; calls are POST /{package.Service}/{Method}.")};
  }
  if (request.method != "POST") {
    return {405, Fail(absl::StatusCode::kUnimplemented, "VERB_UNKNOWN", "Calls are made with POST.")};
  }
  if (!method->unary() && !(method->whole && IsConnectStream(type))) {
    return {501, Fail(absl::StatusCode::kUnimplemented, "METHOD_STREAMS", "This method streams; call it by gRPC.",
                      {{"method", method->path}})};
  }
  const std::string_view version = HeaderOf(request.headers, "connect-protocol-version");
  if (!version.empty() && version != "1") {
    return {400, Fail(absl::StatusCode::kInvalidArgument, "PROTOCOL_VERSION",
                      "Only version 1 of the Connect protocol is spoken here.",
                      {{"field", "connect-protocol-version"}, {"fix", "Send 1, or leave the header out."}})};
  }
  const std::string_view coding = HeaderOf(request.headers, "content-encoding");
  if (!coding.empty() && coding != "identity") {
    return {501, Fail(absl::StatusCode::kUnimplemented, "CONTENT_ENCODING", "Send the body without compression.",
                      {{"fix", "Leave content-encoding out."}})};
  }
  if (request.body.size() > kJsonBodyBytesMax) {
    return {413, Fail(absl::StatusCode::kResourceExhausted, "MESSAGE_TOO_LARGE",
                      "The body is larger than the hub takes; split the request.",
                      {{"bytes_max", absl::StrCat(kJsonBodyBytesMax)}})};
  }
  return {};
}

// "application/json; charset=utf-8" to "application/json", in lower case; other charsets give nothing.
std::string MediaType(std::string_view value) {
  std::string type(value.substr(0, value.find(';')));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  std::string rest = value.size() > type.size() ? std::string(value.substr(type.size())) : "";
  const auto lower = [](std::string& text) {
    for (char& c : text) c = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  };
  lower(type);
  lower(rest);
  const size_t charset = rest.find("charset=");
  if (charset == std::string::npos) return type;
  std::string name = rest.substr(charset + 8);
  name.erase(std::remove(name.begin(), name.end(), '"'), name.end());
  return name.rfind("utf-8", 0) == 0 ? type : "";
}

// When the answer must be there: the edge's deadline, or sooner by connect-timeout-ms.
absl::StatusOr<absl::Time> DeadlineOf(const edge::HttpRequest& request, absl::Time now) {
  const std::string_view text = HeaderOf(request.headers, "connect-timeout-ms");
  if (text.empty()) return request.deadline;
  int64_t timeout_ms = 0;
  const bool digits = std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!digits || text.size() > 10 || !absl::SimpleAtoi(Absl(text), &timeout_ms)) {
    return BadField("TIMEOUT_INVALID", "connect-timeout-ms", "Send milliseconds as 1 to 10 decimal digits.");
  }
  return std::min(request.deadline, now + absl::Milliseconds(timeout_ms));
}

std::string_view TypeOf(const google::protobuf::Message& message) { return message.GetDescriptor()->full_name(); }

absl::Status NotJson(std::string_view why, const google::protobuf::Message& message) {
  return Fail(absl::StatusCode::kInvalidArgument, "REQUEST_MALFORMED",
              "The body is not the JSON of the method's request; build it from the published contract.",
              {{"link", std::string(kLinkCaller)}, {"type", std::string(TypeOf(message))}, {"fix", std::string(why)}});
}

bool IsFieldPath(std::string_view path) {
  return !path.empty() && path.size() <= 256 && std::all_of(path.begin(), path.end(), [](char c) {
    return c == '_' || c == '.' || c == '[' || c == ']' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
           (c >= 'A' && c <= 'Z');
  });
}

// The library's sentence "(conditions[0]) colour: Cannot find field." as a field and what is wrong with it.
absl::Status Explain(std::string_view sentence, const google::protobuf::Message& message) {
  const size_t colon = sentence.find(": ");
  std::string field(sentence.substr(0, colon));
  const size_t open = field.find('('), close = field.find(") ");
  if (open == 0 && close != std::string::npos) {
    const std::string parent = field.substr(1, close - 1), leaf = field.substr(close + 2);
    field = leaf.empty() ? parent : absl::StrCat(parent, ".", leaf);
  } else if (open == 0 && !field.empty() && field.back() == ')') {
    field = field.substr(1, field.size() - 2);
  }
  if (colon == std::string_view::npos || !IsFieldPath(field)) {
    return NotJson("Send one JSON object of the request type, UTF-8.", message);
  }
  const std::string_view why = sentence.substr(colon + 2);
  Facts facts = {{"link", std::string(kLinkCaller)}, {"type", std::string(TypeOf(message))}};
  if (why.rfind("Cannot find field", 0) == 0) {
    return BadField("FIELD_UNKNOWN", field, "The request type has no such field; leave it out or correct its name.",
                    std::move(facts));
  }
  return BadField("FIELD_INVALID", field,
                  "The value does not have the field's type: 64-bit integers are decimal strings, bytes are base64, "
                  "enumerations are their names.",
                  std::move(facts));
}

absl::StatusOr<std::string> EncodeEither(const google::protobuf::Message& message, bool binary) {
  return binary ? EncodeProto(message) : EncodeJson(message);
}

edge::HttpResponse Success(std::string body, const edge::Metadata& trailers, bool binary) {
  edge::HttpResponse response;
  response.headers = {{"content-type", binary ? "application/proto" : "application/json"}};
  // A cookie is no use to a browser under another name.
  for (const auto& [name, value] : trailers) response.headers.emplace_back(name == "set-cookie" ? name : "trailer-" + name, value);
  response.body = std::move(body);
  return response;
}

}  // namespace

ConnectCode ConnectCodeOf(absl::StatusCode code) {
  const auto index = static_cast<size_t>(code);
  return index < kCodes.size() ? kCodes[index] : kCodes[static_cast<size_t>(absl::StatusCode::kUnknown)];
}

edge::HttpResponse ErrorResponse(const absl::Status& status) {
  const ConnectCode code = ConnectCodeOf(status.code());
  boost::json::object error = {{"code", boost::json::string(code.name)},
                               {"message", boost::json::string(std::string(status.message()))}};
  boost::json::array details;
  status.ForEachPayload([&](absl::string_view type, const absl::Cord& payload) {
    details.push_back(DetailOf(Std(type), std::string(payload)));
  });
  if (!details.empty()) error["details"] = std::move(details);
  return {code.http_status, {{"content-type", "application/json"}}, boost::json::serialize(error)};
}

absl::Status DecodeJson(std::string_view text, google::protobuf::Message& message) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    return NotJson("Send one JSON object; {} where there is nothing to say.", message);
  }
  google::protobuf::util::JsonParseOptions options;
  const auto status =
      google::protobuf::util::JsonStringToMessage({text.data(), text.size()}, &message, options);
  if (status.ok()) return absl::OkStatus();
  return Explain({status.message().data(), status.message().size()}, message);
}

absl::StatusOr<std::string> EncodeJson(const google::protobuf::Message& message) {
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  std::string text;
  if (google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return text;
  return Fail(absl::StatusCode::kInternal, "ANSWER_NOT_JSON", "The answer has no JSON form; call the method by gRPC.",
              {{"link", std::string(kLinkHub)}});
}

void HandleJson(MethodTable& table, edge::HttpRequest request, edge::HttpReply reply) {
  const std::string_view target = request.target;
  const Method* method = table.Find(target.substr(0, target.find('?')));
  const std::string type = MediaType(HeaderOf(request.headers, "content-type"));
  Refusal refusal = CheckForm(method, request, type);
  const bool whole = refusal.http_status == 0 && !method->unary();
  const bool binary = type == "application/proto";
  if (refusal.http_status == 0 && !whole && !binary && type != "application/json") refusal = BadContentType();
  if (refusal.http_status != 0) {
    edge::HttpResponse response = ErrorResponse(refusal.status);
    response.status = refusal.http_status;
    if (response.status == 405) response.headers.emplace_back("allow", "POST");
    if (response.status == 415) response.headers.emplace_back("accept-post", "application/json, application/proto");
    return reply(std::move(response));
  }
  const absl::StatusOr<absl::Time> deadline = DeadlineOf(request, table.now());
  if (!deadline.ok()) return reply(ErrorResponse(deadline.status()));
  if (whole) return CallWhole(table, *method, request, type, *deadline, std::move(reply));
  const std::string& body = request.body;
  const Encode encode = binary ? +[](const google::protobuf::Message& message) { return EncodeEither(message, true); }
                               : +[](const google::protobuf::Message& message) { return EncodeEither(message, false); };
  table.Run(
      *method, request.peer, request.headers, *deadline,
      [&body, binary](google::protobuf::Message& message) {
        return binary ? DecodeProto(body, message) : DecodeJson(body, message);
      },
      encode, [reply = std::move(reply), binary](absl::StatusOr<std::string> answer, edge::Metadata trailers) {
        if (answer.ok()) return reply(Success(*std::move(answer), trailers, binary));
        edge::HttpResponse response = ErrorResponse(answer.status());
        for (auto& [name, value] : trailers) response.headers.emplace_back("trailer-" + name, value);
        reply(std::move(response));
      });
}

}  // namespace zhanqiao::api
