#include "hub/hub.h"

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/api/json.h"
#include "hub/console/district_map.h"

namespace zhanqiao {

namespace {

namespace fs = std::filesystem;

edge::ListenerOptions ToListener(const ListenerConfig& config) {
  edge::ListenerOptions options;
  options.name = config.name;
  options.address = config.address;
  options.tls = config.tls;
  options.certificate_file = config.certificate;
  options.key_file = config.key;
  options.client_ca_file = config.client_ca;
  options.client_certificate = config.client_certificate == "required"   ? edge::ClientCertificate::kRequired
                               : config.client_certificate == "optional" ? edge::ClientCertificate::kOptional
                                                                         : edge::ClientCertificate::kNone;
  options.identity = config.identity;
  return options;
}

}  // namespace

// Pages lie under every path that is nothing else; a call to an RPC that does not exist is answered as one.
absl::Status Hub::ServeConsole() {
  if (config_.console.directory.empty()) return absl::OkStatus();
  console_ = TRY(console::StaticFiles::Load(config_.console.directory));
  const std::string& map = config_.console.map;
  std::string drawn = "null";
  if (!map.empty()) {
    drawn = TRY(ReadText(map, "MAP_NOT_READABLE", "The map of the districts cannot be read."));
    drawn = TRY(console::CheckedMap(std::move(drawn)));
  }
  console_->Add("/console/map.geojson", "application/geo+json", std::move(drawn));
  table_.HttpUnder("/", [this](edge::HttpRequest request, edge::HttpReply reply) {
    if (request.method == "POST") return api::HandleJson(table_, std::move(request), std::move(reply));
    reply(console_->Answer(request));
  });
  return absl::OkStatus();
}

absl::Status Hub::Listen() {
  edge::ServerOptions options;
  options.limits.http_body_bytes_max = api::kJsonBodyBytesMax;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  options.threads = config_.threads > 0 ? config_.threads : std::max(1, cores / 2);
  options.clock = &clock_;
  options.identified = [this](const edge::Peer& peer) { certificates_.Connected(peer.uris, peer.fingerprint, peer.not_after); };
  for (const auto& listener : config_.listeners) options.listeners.push_back(ToListener(listener));
  server_ = TRY(edge::Server::Start(std::move(options), table_));
  if (config_.metrics_address.empty()) return absl::OkStatus();
  edge::ServerOptions metrics;
  metrics.threads = 1;
  ListenerConfig listener;
  listener.name = "metrics";
  listener.address = config_.metrics_address;
  listener.tls = false;
  metrics.listeners.push_back(ToListener(listener));
  metrics_server_ = TRY(edge::Server::Start(std::move(metrics), metrics_dispatcher_));
  return absl::OkStatus();
}

// {"hub":"127.0.0.1:7443","metrics":"127.0.0.1:9464"}: written whole, so that a reader never sees half of it.
absl::Status Hub::WritePortFile() const {
  std::string json = "{";
  const std::vector<std::string> addresses = server_->addresses();
  for (size_t i = 0; i < addresses.size(); ++i) {
    Log(LogLevel::kInfo, "listening", {{"listener", config_.listeners[i].name}, {"address", addresses[i]}});
    absl::StrAppend(&json, i ? "," : "", "\"", config_.listeners[i].name, "\":\"", addresses[i], "\"");
  }
  if (metrics_server_) absl::StrAppend(&json, ",\"metrics\":\"", metrics_server_->addresses().front(), "\"");
  json += "}\n";
  if (config_.port_file.empty()) return absl::OkStatus();
  const std::string fresh = config_.port_file + ".new";
  std::ofstream(fresh) << json;
  std::error_code error;
  fs::rename(fresh, config_.port_file, error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "PORT_FILE_NOT_WRITABLE", "The port file cannot be written.",
                {{"port_file", config_.port_file}});
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao
