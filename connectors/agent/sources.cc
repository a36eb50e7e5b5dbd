#include "connectors/agent/sources.h"

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
    Source source;
    source.schema = std::move(schema);
    if (!adapter.ok()) {
      source.adapter = adapter.status();
    } else {
      std::shared_ptr<const Adapter> shared = *std::move(adapter);
      if (shared->waiting_max() > 0) source.lane = std::make_shared<Lane>(shared);
      source.adapter = std::move(shared);
    }
    loaded.emplace(entry.name(), std::move(source));
  }
  for (const auto& [name, unused] : factories_) {
    if (!loaded.contains(name)) Log(LogLevel::kWarning, "resource_not_named_by_hub", {{"resource", name}});
  }
  sources_ = std::move(loaded);
}

absl::Status Sources::Find(const std::string& resource, const Source*& source) const {
  const auto found = sources_.find(resource);
  if (found == sources_.end()) return NotServed(resource);
  if (!found->second.adapter.ok()) return NotLoaded(found->second.adapter.status());
  source = &found->second;
  return absl::OkStatus();
}

size_t CloseReply(const v1::ConnectorQuery& query, absl::Status status, size_t bytes_max, v1::ConnectorReply& reply) {
  size_t bytes = status.ok() ? reply.ByteSizeLong() : 0;
  if (bytes > bytes_max) {
    status = Fail(absl::StatusCode::kResourceExhausted, "ANSWER_TOO_LARGE",
                  "The answer is larger than a connector sends; ask for fewer rows or fields.",
                  {{"link", std::string(kLinkConnector)}, {"limit_bytes", absl::StrCat(bytes_max)}});
  }
  if (!status.ok() || query.probe()) {  // of a probe no row leaves
    const int32_t source_us = reply.source_us();
    reply.Clear();
    reply.set_source_us(source_us);
    if (!status.ok()) SetError(status, reply);
    bytes = reply.ByteSizeLong();
  }
  reply.set_number(query.number());
  return bytes;
}

}  // namespace zhanqiao::connectors
