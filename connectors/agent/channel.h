// The connection to the hub: mutual TLS, or plaintext that never leaves the machine.
#pragma once

#include <memory>
#include <string_view>

#include "absl/status/statusor.h"
#include "connectors/agent/agent.h"

namespace grpc {
class Channel;
}

namespace zhanqiao::connectors {

// True for 127.0.0.0/8, [::1], localhost and unix sockets.
bool IsLoopback(std::string_view address);

// A channel of its own connection. INVALID_ARGUMENT / TLS_REQUIRED for plaintext to another machine, NOT_FOUND /
// TLS_FILE_NOT_READABLE.
absl::StatusOr<std::shared_ptr<grpc::Channel>> ChannelTo(const AgentOptions& options);

}  // namespace zhanqiao::connectors
