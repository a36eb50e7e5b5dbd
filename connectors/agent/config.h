// The connector's configuration: one TOML file, read strictly. Unknown keys are errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/agent/agent.h"

namespace zhanqiao::connectors {

// [[resources]]
struct ResourceConfig {
  std::string resource;       // resources/{code with "/" written "~"}
  std::string adapter;        // "csv"
  std::string file;           // of the csv adapter
};

struct ConnectorConfig {
  AgentOptions agent;         // hub, credits, [tls]
  std::string name;           // appears in logs and in the hub's list of connectors
  std::vector<ResourceConfig> resources;
};

// Reads `toml`; relative paths are taken from `base_dir`. INVALID_ARGUMENT / CONFIG_INVALID with the facts
// `line`, `key` and `expected`.
absl::StatusOr<ConnectorConfig> ParseConnectorConfig(std::string_view toml, std::string_view base_dir);

// The same from a file; NOT_FOUND / CONFIG_NOT_READABLE.
absl::StatusOr<ConnectorConfig> LoadConnectorConfig(const std::string& path);

// The adapters it names.
std::map<std::string, AdapterFactory> AdaptersOf(const ConnectorConfig& config);

}  // namespace zhanqiao::connectors
