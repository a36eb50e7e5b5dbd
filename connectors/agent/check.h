// What an operator sees before a connector goes into service: does every source fit its entry, and what will
// consumers get of it?
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/adapters/adapter.h"
#include "connectors/agent/agent.h"

namespace zhanqiao::connectors {

// One resource as it was found.
struct ResourceCheck {
  std::string resource;
  std::string display_name;
  absl::Status status;                // the source was read, and everything fits
  std::vector<Violation> mismatches;  // all of them, also such as do not keep it from being served
  v1::RecordBatch sample;             // rows with every field masked by the entry's own mask
};

// Makes the adapter of `entry`, asks what does not fit, and reads at most `rows` rows.
ResourceCheck CheckResource(const v1::Resource& entry, const AdapterFactory& factory, int rows);

// The entry called `name` as the hub has it, asked with the connector's certificate. Fails as
// CatalogService.GetResource or with UNAVAILABLE of the link hub.
absl::StatusOr<v1::Resource> EntryFromHub(const AgentOptions& options, const std::string& name);

// Entries from a file: a Resource, or a list of them, in protobuf JSON (what `zq resource get --json`
// prints). NOT_FOUND / CONFIG_NOT_READABLE, INVALID_ARGUMENT / ENTRY_INVALID.
absl::StatusOr<std::vector<v1::Resource>> EntriesFromFile(const std::string& path);

// For people, and for programs: {"resources": [{"resource", "ok", "reason", "message", "mismatches",
// "fields", "rows"}]}.
std::string ToText(const std::vector<ResourceCheck>& checks);
std::string ToJson(const std::vector<ResourceCheck>& checks);

}  // namespace zhanqiao::connectors
