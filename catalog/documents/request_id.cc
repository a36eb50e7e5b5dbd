#include "catalog/documents/request_id.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/identifiers.h"
#include "google/protobuf/wrappers.pb.h"

namespace zhanqiao::documents {

absl::Status CheckRequestId(std::string_view request_id) {
  if (!IsCleanText(request_id) || request_id.find_first_of("\r\n\t") != std::string_view::npos) {
    return BadField("TEXT_UNCLEAN", "request_id", "Holds malformed UTF-8, a line break or control characters.");
  }
  if (CodePoints(request_id) > 64) {
    return BadField("TEXT_TOO_LONG", "request_id", "Give at most 64 characters, for example a UUID.");
  }
  return absl::OkStatus();
}

std::string RequestKey(std::string_view kind, std::string_view subject, std::string_view request_id) {
  if (request_id.empty()) return {};
  return absl::StrCat(Absl(kind), "Requests/", ToHex(Bytes(Sha256(subject, "\n", request_id))));
}

absl::StatusOr<std::optional<Version>> MadeBefore(const DocumentStore& store, std::string_view key) {
  if (key.empty()) return std::optional<Version>();
  const auto remembered = store.Get(key);
  if (remembered.status().code() == absl::StatusCode::kNotFound) return std::optional<Version>();
  if (!remembered.ok()) return remembered.status();
  const auto name = TRY(remembered->As<google::protobuf::StringValue>());
  Version made = TRY(store.Get(name.value()));
  return std::optional<Version>(std::move(made));
}

Change Remember(std::string_view key, std::string_view name) {
  google::protobuf::StringValue made;
  made.set_value(std::string(name));
  Change change;
  change.name = std::string(key);
  change.type = made.GetDescriptor()->full_name();
  change.document = Canonical(made);
  change.expected_revision = 0;
  return change;
}

absl::StatusOr<Version> CreateOnce(DocumentStore& store, std::string_view key, Transaction transaction) {
  if (!key.empty()) transaction.changes.push_back(Remember(key, transaction.changes.at(0).name));
  auto versions = store.Apply(std::move(transaction));
  if (versions.ok()) return std::move(versions->at(0));
  if (versions.status().code() == absl::StatusCode::kAlreadyExists && !key.empty()) {
    std::optional<Version> made = TRY(MadeBefore(store, key));
    if (made) return *std::move(made);
  }
  return versions.status();
}

}  // namespace zhanqiao::documents
