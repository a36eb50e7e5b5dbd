// The provider without a hub: its own gRPC C++ callback server, unary Query only.
#pragma once

#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::bench {

struct DirectOptions {
  std::string listen;      // plain TCP, host:port; empty: none
  std::string tls_listen;  // mutual TLS, host:port; empty: none
  std::string certificate, key, client_ca;  // PEM files for tls_listen
};

class DirectServer {
 public:
  // Null when an address cannot be bound or a file cannot be read.
  static std::unique_ptr<DirectServer> Start(const DirectOptions& options);
  virtual ~DirectServer() = default;
  virtual int port() const = 0;      // bound; 0: none
  virtual int tls_port() const = 0;
};

}  // namespace zhanqiao::bench
