// bench-provider: the same records served directly (--listen, --tls-listen) or through a hub (--hub).
#include <CLI/CLI.hpp>
#include <csignal>
#include <iostream>
#include <thread>

#include "catalog/base/ids.h"
#include "connectors/adapters/memory/table.h"
#include "connectors/agent/agent.h"
#include "tests/bench/provider/direct_server.h"
#include "tests/bench/provider/records.h"

namespace {

using zhanqiao::connectors::Adapter;

absl::StatusOr<std::unique_ptr<Adapter>> MakeTable(const zhanqiao::v1::Resource& entry) {
  return std::make_unique<zhanqiao::connectors::Table>(entry, zhanqiao::bench::Records());
}

void WaitForTheEnd(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app("Serves the bench's records directly, or through a hub as a connector.");
  zhanqiao::bench::DirectOptions direct;
  zhanqiao::connectors::AgentOptions agent;
  zhanqiao::connectors::TlsFiles tls;
  std::string resource = "resources/308001999999~000001";
  app.add_option("--listen", direct.listen, "plain gRPC server, host:port");
  app.add_option("--tls-listen", direct.tls_listen, "mutual TLS gRPC server, host:port");
  app.add_option("--client-ca", direct.client_ca, "authorities of clients, PEM");
  app.add_option("--certificate", direct.certificate, "own certificate, PEM");
  app.add_option("--key", direct.key, "own key, PEM");
  app.add_option("--hub", agent.hub, "hub to serve as a connector, host:port");
  app.add_option("--resource", resource, "entry to serve")->capture_default_str();
  app.add_option("--credits", agent.credits, "requests in flight")->capture_default_str();
  app.add_option("--ca", tls.ca, "authorities of the hub, PEM: dial it with mutual TLS");
  app.add_option("--server-name", tls.server_name, "name in the hub's certificate");
  CLI11_PARSE(app, argc, argv);

  sigset_t signals;  // blocked before any thread starts
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigaddset(&signals, SIGINT);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);

  std::unique_ptr<zhanqiao::bench::DirectServer> server;
  if (!direct.listen.empty() || !direct.tls_listen.empty()) {
    server = zhanqiao::bench::DirectServer::Start(direct);
    if (server == nullptr) return 1;
    std::cout << "{\"port\":" << server->port() << ",\"tls_port\":" << server->tls_port() << "}" << std::endl;
  }
  if (agent.hub.empty()) {
    WaitForTheEnd(signals);
    return 0;
  }
  if (!tls.ca.empty()) {
    tls.certificate = direct.certificate;
    tls.key = direct.key;
    agent.tls = tls;
  }
  agent.backoff_max = absl::Seconds(1);
  zhanqiao::SystemRandom random;
  zhanqiao::connectors::Agent connector(agent, {{resource, MakeTable}}, random);
  std::thread serving([&connector] { connector.Run(); });
  WaitForTheEnd(signals);
  connector.Stop();
  serving.join();
  return 0;
}
