// The connector's configuration: one TOML file, read strictly. Unknown keys are errors.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "connectors/agent/agent.h"

namespace zhanqiao::connectors {

// [[sources]]: a data source that several resources share. What each adapter needs of it: README of connectors.
struct SourceConfig {
  std::string name;
  std::string adapter;            // "postgres", "odbc", "http" or "hub"
  std::string connection;         // postgres: libpq connection string; odbc: ODBC connection string
  std::string dialect;            // odbc: how its SQL is written (sql/dialect.h)
  std::string password_file;      // one line, mode 0600; kept out of the connection string
  int connections = 4;            // open at once, at most
  std::string url;                // http: "https://host:port"; hub: host:port
  std::string ca;                 // http, hub: PEM of the authorities it is trusted by; empty: the system's
  std::string certificate, key;   // http, hub: PEM of our own
  std::string token_url;          // http: where OAuth2 client credentials are exchanged for a token
  std::string client_id;
  std::string client_secret_file; // one line, mode 0600
  std::string scope;
};

// [[resources]]
struct ResourceConfig {
  std::string resource;           // resources/{code with "/" written "~"}
  std::string adapter;            // "csv"; or
  std::string source;             // the name of a [[sources]]
  std::string file, folder;       // csv: one of them
  std::string sheet;              // csv, of workbooks: the worksheet; empty: the first that is shown
  std::string files = "newest";   // csv, of a folder: "newest" or "all"
  std::string encoding = "utf-8"; // csv: or "gb18030"
  std::string mapping;            // mapping file; optional for csv
  std::string grant, matter;      // hub: the grant it is asked under there, and the matter that is logged
};

// [[captures]]: changed rows of a source that are published to the resource's feed.
struct CaptureConfig {
  std::string resource;
  std::string method = "changed";  // by the column that tells when; or "replication", of a postgres source
  std::string source;             // a database
  std::string mapping;            // its key: the column that tells when, then those that identify a row
  std::string changed;            // changed: the 信息项 that tells when
  std::string slot;               // replication: the slot, [a-z0-9_], made on the first start
  std::string publication;        // replication: that the table's owner made
  std::string state;              // file that holds how far it has come; of a replication: that its slot was made
  int pause_seconds = 5;          // between looks; of a replication: how long a stop may have to wait
  int margin_seconds = 10;        // rows younger than this wait for transactions that end late
};

struct ConnectorConfig {
  AgentOptions agent;         // hub, credits, [tls]
  std::string name;           // appears in logs and in the hub's list of connectors
  std::string signing_key;    // PEM file of the Ed25519 key answers are signed with; empty: they are not
  std::string journal;        // file of digests of what was answered; empty: none
  int journal_mb_max = 256;   // of one file, MiB; then it is put aside and a new one begins
  std::vector<SourceConfig> sources;
  std::vector<ResourceConfig> resources;
  std::vector<CaptureConfig> captures;
};

// Reads `toml`; relative paths are taken from `base_dir`. INVALID_ARGUMENT / CONFIG_INVALID with the facts
// `line`, `key` and `expected`.
absl::StatusOr<ConnectorConfig> ParseConnectorConfig(std::string_view toml, std::string_view base_dir);

// The same from a file; NOT_FOUND / CONFIG_NOT_READABLE.
absl::StatusOr<ConnectorConfig> LoadConnectorConfig(const std::string& path);

// The seal for its answers, or null if it asks for neither signatures nor a journal. Fails as Ed25519Key::Open and
// Journal::Open. `clock` must outlive it.
absl::StatusOr<std::shared_ptr<const AnswerSeal>> SealOf(const ConnectorConfig& config, const Clock& clock);

}  // namespace zhanqiao::connectors
