// The configuration of `zq witness serve`: a TOML file, each key also a flag.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace zhanqiao::cli {

struct WitnessConfig {
  std::string name;                       // name: key name of the witness, a URL without schema
  std::string key;                        // key: PEM file (zq witness keygen)
  std::string state;                      // state: directory that keeps what it saw
  std::string listen = "127.0.0.1:7470";  // listen: address and port; port 0 chooses a free one
  std::vector<std::string> logs;          // logs: verifier keys of the logs it follows
  std::string certificate;                // certificate: PEM file; with private_key: TLS
  std::string private_key;                // private_key: PEM file
  std::string port_file;                  // port_file: the bound address is written here
};

// Fills `config` from `file`; relative paths are taken from its folder. INVALID_ARGUMENT / CONFIG_INVALID
// (facts: line, key, expected), NOT_FOUND / FILE_NOT_READABLE.
absl::Status LoadWitnessConfig(const std::string& file, WitnessConfig& config);

}  // namespace zhanqiao::cli
