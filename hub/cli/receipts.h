// Receipts as files, and the messages they open to.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "hub/cli/session.h"
#include "zhanqiao/v1/exchange.pb.h"
#include "zhanqiao/v1/receipt.grpc.pb.h"

namespace zhanqiao::cli {

// `message` as protobuf JSON in the file `path`, mode 0600: receipts hold salts, answers hold records.
absl::Status WriteJsonFile(const std::string& path, const google::protobuf::Message& message);
// INVALID_ARGUMENT / JSON_UNREADABLE (facts: file, problem).
absl::Status ReadJsonFile(const std::string& path, google::protobuf::Message& message);

// The receipt of an entry, as the hub gives it to this caller.
absl::StatusOr<v1::Receipt> FetchReceipt(Session& session, uint64_t index);

// The records in a file: a saved answer (QueryResponse) or rows alone (RecordBatch).
absl::StatusOr<v1::RecordBatch> ReadRecords(const std::string& path);

// A request with what the hub would fill in: the fields of `grant` if it names none, the row limit 100.
v1::QueryRequest Explicit(v1::QueryRequest request,
                          const google::protobuf::RepeatedPtrField<std::string>& granted);

// A public key from the file zq cert signing-key writes ({prefix}.pub), or its base64 text; 32 bytes.
absl::StatusOr<std::string> SigningKeyArgument(const std::string& text);

}  // namespace zhanqiao::cli
