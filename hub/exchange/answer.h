// A released answer as it leaves the hub: a v1.QueryResponse that is in wire format already, because every call makes
// one and most callers want the bytes. A value.
#pragma once

#include <cstdint>
#include <string>

#include "catalog/base/digest.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::exchange {

struct EncodedAnswer {
  std::string wire;    // v1.QueryResponse, with its receipt
  uint64_t index = 0;  // of the entry, as in the receipt
  Digest leaf{};
  int rows = 0;
  std::string next_cursor;  // of a chunk that is not the last

  v1::QueryResponse Decoded() const {
    v1::QueryResponse response;
    response.ParseFromString(wire);
    return response;
  }
};

}  // namespace zhanqiao::exchange
