#include "hub/cli/receipts.h"

#include <google/protobuf/util/json_util.h>

#include <filesystem>

#include "absl/strings/ascii.h"
#include "catalog/base/digest.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {

absl::Status WriteJsonFile(const std::string& path, const google::protobuf::Message& message) {
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  if (!google::protobuf::util::MessageToJsonString(message, &json, options).ok()) {
    return Fail(absl::StatusCode::kInternal, "JSON_FAILED", "The message could not be written; report this.");
  }
  return WriteFile(path, json, 0600);
}

absl::Status ReadJsonFile(const std::string& path, google::protobuf::Message& message) {
  const std::string json = TRY(ReadFile(path));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &message);
  if (parsed.ok()) return absl::OkStatus();
  return Fail(absl::StatusCode::kInvalidArgument, "JSON_UNREADABLE",
              "The file is not the JSON that is needed here.",
              {{"file", path}, {"problem", parsed.message().as_string()}});
}

absl::StatusOr<v1::Receipt> FetchReceipt(Session& session, uint64_t index) {
  v1::GetReceiptRequest request;
  request.set_index(index);
  return session.Call(&v1::ReceiptService::Stub::GetReceipt, request);
}

absl::StatusOr<v1::RecordBatch> ReadRecords(const std::string& path) {
  v1::QueryResponse response;
  const absl::Status read = ReadJsonFile(path, response);
  if (read.ok() && response.has_records()) return response.records();
  v1::RecordBatch batch;
  TRY(ReadJsonFile(path, batch));
  return batch;
}

v1::QueryRequest Explicit(v1::QueryRequest request,
                          const google::protobuf::RepeatedPtrField<std::string>& granted) {
  if (request.fields().empty()) *request.mutable_fields() = granted;
  if (request.row_limit() == 0) request.set_row_limit(100);
  return request;
}

absl::StatusOr<std::string> SigningKeyArgument(const std::string& text) {
  std::error_code ignored;
  const std::string base64 = std::filesystem::is_regular_file(text, ignored) ? TRY(ReadFile(text)) : text;
  const auto key = FromBase64(Std(absl::StripAsciiWhitespace(base64)));
  if (key.ok() && key->size() == 32) return *key;
  return BadField("SIGNING_KEY_SIZE", "--signing-key",
                  "Give the .pub file of zq cert signing-key, or its text.");
}

}  // namespace zhanqiao::cli
