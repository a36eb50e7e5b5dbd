// The connector's configuration: one TOML file, read strictly. Unknown keys are errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
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
  std::string signing_key;    // PEM file of the Ed25519 key answers are signed with; empty: they are not
  std::string journal;        // file of digests of what was answered; empty: none
  int journal_mb_max = 256;   // of one file, MiB; then it is put aside and a new one begins
  std::vector<ResourceConfig> resources;
};

// Reads `toml`; relative paths are taken from `base_dir`. INVALID_ARGUMENT / CONFIG_INVALID with the facts
// `line`, `key` and `expected`.
absl::StatusOr<ConnectorConfig> ParseConnectorConfig(std::string_view toml, std::string_view base_dir);

// The same from a file; NOT_FOUND / CONFIG_NOT_READABLE.
absl::StatusOr<ConnectorConfig> LoadConnectorConfig(const std::string& path);

// The seal for its answers, or null if it asks for neither signatures nor a journal. Fails as Ed25519Key::Open and
// Journal::Open. `clock` must outlive it.
absl::StatusOr<std::shared_ptr<const AnswerSeal>> SealOf(const ConnectorConfig& config, const Clock& clock);

// The adapters it names.
std::map<std::string, AdapterFactory> AdaptersOf(const ConnectorConfig& config);

}  // namespace zhanqiao::connectors
