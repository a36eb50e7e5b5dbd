// The JSON side of the method table: the Connect protocol's unary calls over HTTP/1.1 and HTTP/2.
//
//   POST /zhanqiao.v1.LedgerService/GetEntry
//   content-type: application/json
//   connect-timeout-ms: 5000            (optional, at most 10 digits)
//
// Field names are those of the contract (snake_case; lowerCamelCase is accepted too), 64-bit integers are strings,
// bytes are base64, defaults are left out, unknown fields are refused. `application/proto` carries the binary form.
// Errors have Connect's HTTP status and {"code":"permission_denied","message":…,"details":[{"type":
// "google.rpc.ErrorInfo","value":base64,"debug":{…}}]}. Trailers come as headers named "trailer-…", set-cookie as itself.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "hub/edge/dispatcher.h"

namespace zhanqiao::api {

class MethodTable;

inline constexpr size_t kJsonBodyBytesMax = 4 << 20;

// Answers a POST to a method of `table`. Unknown path: 404; another verb: 405; another content type: 415.
void HandleJson(MethodTable& table, edge::HttpRequest request, edge::HttpReply reply);

// `text` read into `message`. INVALID_ARGUMENT: FIELD_UNKNOWN or FIELD_INVALID naming the field, or REQUEST_MALFORMED.
absl::Status DecodeJson(std::string_view text, google::protobuf::Message& message);

absl::StatusOr<std::string> EncodeJson(const google::protobuf::Message& message);

// `status` as an HTTP answer.
edge::HttpResponse ErrorResponse(const absl::Status& status);

// Connect's name and HTTP status of a code: {"permission_denied", 403}.
struct ConnectCode {
  std::string_view name;
  int http_status;
};
ConnectCode ConnectCodeOf(absl::StatusCode code);

}  // namespace zhanqiao::api
