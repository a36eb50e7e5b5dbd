// Variable-length numbers: seven bits a byte, least significant first, the high bit set on all but the last.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zhanqiao::ledger {

inline void AppendVarint(uint64_t number, std::string& out) {
  while (number >= 0x80) {
    out += static_cast<char>(number | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

// Takes one number off the front. False, and nothing is promised of the rest, when it is cut short or too
// long.
inline bool TakeVarint(std::string_view& in, uint64_t& number) {
  number = 0;
  for (int shift = 0; shift < 64 && !in.empty(); shift += 7) {
    const auto byte = static_cast<uint8_t>(in.front());
    in.remove_prefix(1);
    number |= static_cast<uint64_t>(byte & 0x7F) << shift;
    if (byte < 0x80) return true;
  }
  return false;
}

inline void AppendBytes(std::string_view bytes, std::string& out) {
  AppendVarint(bytes.size(), out);
  out += bytes;
}

inline bool TakeBytes(std::string_view& in, std::string& bytes) {
  uint64_t size = 0;
  if (!TakeVarint(in, size) || size > in.size()) return false;
  bytes.assign(in.substr(0, size));
  in.remove_prefix(size);
  return true;
}

}  // namespace zhanqiao::ledger
