#include "connectors/agent/adapters.h"

#include <sys/stat.h>

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "connectors/adapters/breaker.h"
#include "connectors/adapters/csv/csv.h"
#include "connectors/adapters/http/http.h"
#include "connectors/adapters/hub/hub.h"
#include "connectors/adapters/odbc/odbc.h"
#include "connectors/adapters/postgres/postgres.h"
#include "connectors/adapters/settings.h"
#include "connectors/adapters/sql/sql_adapter.h"
#include "connectors/agent/channel.h"

namespace zhanqiao::connectors {
namespace {

using MakeFactory = std::function<AdapterFactory(const ResourceConfig&)>;  // of one source

// The one line of a file of a secret, which nobody else may read; empty without a file.
absl::StatusOr<std::string> Secret(const std::string& path) {
  if (path.empty()) return "";
  std::string text = TRY(ReadSettingsFile(path));
  struct stat state {};
  if (stat(path.c_str(), &state) != 0 || (state.st_mode & 077) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SECRET_READABLE",
                "A file of a secret can be read by others; give it mode 0600.", {{"file", path}});
  }
  return std::string(absl::StripAsciiWhitespace(text));
}

AdapterFactory CsvOf(const ResourceConfig& resource) {
  CsvOptions options;
  options.file = resource.file;
  options.folder = resource.folder;
  options.sheet = resource.sheet;
  options.newest = resource.files == "newest";
  options.gb18030 = resource.encoding == "gb18030";
  options.mapping = resource.mapping;
  return CsvFiles(std::move(options));
}

absl::StatusOr<MakeFactory> SqlOf(const SourceConfig& source) {
  const std::string password = TRY(Secret(source.password_file));
  std::shared_ptr<SqlDatabase> database;
  if (source.adapter == "postgres") {
    database = PostgresDatabase(source.connection, password, source.connections);
  } else {
    database = OdbcDatabase(source.connection, password, *FindDialect(source.dialect), source.connections);
  }
  return [database](const ResourceConfig& resource) { return SqlResource(database, resource.mapping); };
}

absl::StatusOr<MakeFactory> HttpOf(const SourceConfig& source) {
  HttpOptions options;
  options.url = source.url;
  options.tls = {source.ca, source.certificate, source.key};
  options.token_url = source.token_url;
  options.client_id = source.client_id;
  options.client_secret = TRY(Secret(source.client_secret_file));
  options.scope = source.scope;
  options.connections = source.connections;
  const std::shared_ptr<HttpSource> service = TRY(OpenHttpSource(std::move(options)));
  return [service](const ResourceConfig& resource) { return HttpResource(service, resource.mapping); };
}

absl::StatusOr<MakeFactory> UpstreamOf(const SourceConfig& source) {
  AgentOptions dial;
  dial.hub = source.url;
  if (!source.ca.empty()) dial.tls = TlsFiles{source.ca, source.certificate, source.key, ""};
  const std::shared_ptr<grpc::Channel> channel = TRY(ChannelTo(dial));
  return [channel, calls = source.connections](const ResourceConfig& resource) {
    return UpstreamResource(channel, {resource.grant, resource.matter, calls});
  };
}

absl::StatusOr<MakeFactory> FactoryOf(const SourceConfig& source) {
  if (source.adapter == "http") return HttpOf(source);
  if (source.adapter == "hub") return UpstreamOf(source);
  return SqlOf(source);
}

absl::StatusOr<BeginCapture> CaptureOf(const CaptureConfig& config, const ConnectorConfig& all, const MakeFactory& make,
                                       const Clock& clock) {
  const std::string feed = absl::StrCat("feeds/", config.resource.substr(config.resource.find('/') + 1));
  if (config.method == "replication") {
    const auto source = std::find_if(all.sources.begin(), all.sources.end(),
                                     [&](const SourceConfig& one) { return one.name == config.source; });
    ReplicationCaptureOptions options;
    options.feed = feed;
    options.state = config.state;
    options.source = {source->connection, TRY(Secret(source->password_file)), config.slot, config.publication};
    return ByReplication(std::move(options), config.mapping, absl::Seconds(config.pause_seconds));
  }
  CaptureOptions options;
  options.feed = feed;
  options.changed = config.changed;
  options.state = config.state;
  options.margin = absl::Seconds(config.margin_seconds);
  ResourceConfig resource;
  resource.resource = config.resource;
  resource.mapping = config.mapping;
  return ByChangedColumn(std::move(options), make(resource), clock);
}

}  // namespace

absl::StatusOr<Adapters> AdaptersOf(const ConnectorConfig& config, const Clock& clock) {
  std::map<std::string, MakeFactory> sources;
  for (const SourceConfig& source : config.sources) {
    auto factory = FactoryOf(source);
    if (!factory.ok()) return WithFact(factory.status(), "source", source.name);
    sources.emplace(source.name, *std::move(factory));
  }
  Adapters adapters;
  for (const ResourceConfig& one : config.resources) {
    adapters.resources.emplace(
        one.resource, one.source.empty() ? CsvOf(one) : WithBreaker(sources.at(one.source)(one), clock));
  }
  for (const CaptureConfig& one : config.captures) {
    adapters.captures.emplace_back(one, TRY(CaptureOf(one, config, sources.at(one.source), clock)));
  }
  return adapters;
}

}  // namespace zhanqiao::connectors
