#include "connectors/agent/sources.h"

#include <chrono>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"

namespace zhanqiao::connectors {
namespace {

std::string SchemaOf(const v1::Resource& entry) {
  std::string text;
  for (const auto& field : entry.fields()) absl::StrAppend(&text, field.SerializeAsString(), "\x1E");
  return text;
}

void LogFailure(const std::string& resource, const absl::Status& status) {
  LogStatus(LogLevel::kError, "source_not_loaded", WithFact(status, "resource", resource));
  for (const Violation& bad : ViolationsOf(status)) {
    Log(LogLevel::kError, "source_cell_wrong",
        {{"resource", resource}, {"cell", bad.field}, {"reason", bad.reason}, {"description", bad.description}});
  }
}

// What callers learn of a source that could not be loaded: that it is down, not what is in it.
absl::Status NotLoaded(const absl::Status& why) {
  return Fail(absl::StatusCode::kUnavailable, "SOURCE_UNAVAILABLE",
              "The department's data source is not loaded; its operator finds the reason in the connector's log.",
              {{"link", std::string(kLinkSource)}, {"cause", ReasonOf(why)}});
}

absl::Status NotServed(const std::string& resource) {
  return Fail(absl::StatusCode::kNotFound, "RESOURCE_NOT_SERVED", "This connector does not serve the entry.",
              {{"link", std::string(kLinkConnector)}, {"resource", resource}});
}

}  // namespace

void SetError(const absl::Status& status, v1::ConnectorReply& reply) {
  google::rpc::Status& error = *reply.mutable_error();
  if (error.ParseFromString(ToDetails(status)) && error.code() != 0) return;
  error.set_code(static_cast<int>(status.code()));
  error.set_message(std::string(status.message()));
}

void Sources::Load(const google::protobuf::RepeatedPtrField<v1::Resource>& entries) {
  absl::flat_hash_map<std::string, Source> loaded;
  for (const v1::Resource& entry : entries) {
    const auto factory = factories_.find(entry.name());
    if (factory == factories_.end()) {
      Log(LogLevel::kWarning, "entry_without_adapter", {{"resource", entry.name()}});
      continue;
    }
    std::string schema = SchemaOf(entry);
    const auto old = sources_.find(entry.name());
    if (old != sources_.end() && old->second.adapter.ok() && old->second.schema == schema) {
      loaded.emplace(entry.name(), std::move(old->second));
      continue;
    }
    auto adapter = factory->second(entry);
    if (!adapter.ok()) LogFailure(entry.name(), adapter.status());
    loaded.emplace(entry.name(), Source{std::move(schema), std::move(adapter)});
  }
  for (const auto& [name, unused] : factories_) {
    if (!loaded.contains(name)) Log(LogLevel::kWarning, "resource_not_named_by_hub", {{"resource", name}});
  }
  sources_ = std::move(loaded);
}

size_t Sources::Answer(const v1::ConnectorQuery& query, size_t bytes_max, v1::ConnectorReply& reply) const {
  const auto start = std::chrono::steady_clock::now();
  const auto source = sources_.find(query.resource());
  absl::Status status;
  if (source == sources_.end()) {
    status = NotServed(query.resource());
  } else if (!source->second.adapter.ok()) {
    status = NotLoaded(source->second.adapter.status());
  } else {
    status = (*source->second.adapter)->Answer(query, reply);
  }
  size_t bytes = status.ok() ? reply.ByteSizeLong() : 0;
  if (bytes > bytes_max) {
    status = Fail(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE",
                  "The answer is larger than a connector sends; ask for fewer rows or fields.",
                  {{"link", std::string(kLinkConnector)}, {"limit_bytes", absl::StrCat(bytes_max)}});
  }
  if (!status.ok()) {
    reply.Clear();
    SetError(status, reply);
    bytes = reply.ByteSizeLong();
  }
  reply.set_number(query.number());
  const auto took = std::chrono::steady_clock::now() - start;
  reply.set_source_us(static_cast<int32_t>(std::chrono::duration_cast<std::chrono::microseconds>(took).count()));
  return bytes;
}

}  // namespace zhanqiao::connectors
