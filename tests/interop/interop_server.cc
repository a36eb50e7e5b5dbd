// Serves TestService twice, on free loopback ports, and prints {"edge": PORT, "oracle": PORT}; ends when its
// standard input ends. For clients in other languages. With --bench PORT: only the edge, one thread, on that
// port.
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <string>

#include "catalog/base/log.h"
#include "hub/edge/server.h"
#include "tests/interop/test_service.h"

int main(int argc, char** argv) {
  namespace edge = zhanqiao::edge;
  zhanqiao::SetLogLevel(zhanqiao::LogLevel::kError);
  const bool bench = argc == 3 && std::strcmp(argv[1], "--bench") == 0;
  const auto dispatcher = zhanqiao::interop::MakeDispatcher();
  edge::ServerOptions options;
  options.threads = bench ? 1 : 2;
  edge::ListenerOptions listener;
  listener.address = bench ? "127.0.0.1:" + std::string(argv[2]) : "127.0.0.1:0";
  listener.tls = false;
  options.listeners = {listener};
  auto server = edge::Server::Start(options, *dispatcher);
  if (!server.ok()) {
    std::cerr << server.status() << "\n";
    return 1;
  }
  const auto service = zhanqiao::interop::MakeOracle();
  grpc::ServerBuilder builder;
  int oracle_port = 0;
  builder.AddChannelArgument(GRPC_ARG_ALLOW_REUSEPORT, 0);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &oracle_port);
  builder.RegisterService(service.get());
  const auto oracle = builder.BuildAndStart();
  const std::string address = (*server)->addresses().front();
  std::printf("{\"edge\": %s, \"oracle\": %d}\n", address.substr(address.rfind(':') + 1).c_str(),
              oracle_port);
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  // With a deadline: without one it waits for clients that have left their connection open.
  oracle->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(1));
  (*server)->Drain(absl::Seconds(2));
  return 0;
}
