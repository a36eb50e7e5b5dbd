// A message from the hub on its own arena, and how far its requests are answered.
#pragma once

#include <cstdint>

#include "google/protobuf/arena.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// Shared by the session and the requests of it that wait in lanes.
struct Incoming {
  google::protobuf::Arena arena;
  v1::ConnectResponse* message = nullptr;
  int next = 0;
  int64_t at_ns = 0;  // when it was read
};

}  // namespace zhanqiao::connectors
