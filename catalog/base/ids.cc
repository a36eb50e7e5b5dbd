#include "catalog/base/ids.h"

#include <openssl/rand.h>

#include <array>
#include <cstdlib>
#include <cstring>

namespace zhanqiao {

void SystemRandom::Fill(void* out, size_t size) {
  // Without randomness no salt is secret: stopping is the only safe answer.
  if (RAND_bytes(static_cast<unsigned char*>(out), static_cast<int>(size)) != 1) std::abort();
}

void SeededRandom::Fill(void* out, size_t size) {
  auto* bytes = static_cast<unsigned char*>(out);
  while (size > 0) {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    z ^= z >> 31;
    const size_t part = size < sizeof z ? size : sizeof z;
    std::memcpy(bytes, &z, part);
    bytes += part;
    size -= part;
  }
}

std::string NewId(absl::Time now, Random& random) {
  static constexpr char kAlphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";
  std::array<unsigned char, 16> bytes{};
  const auto ms = static_cast<uint64_t>(absl::ToUnixMillis(now));
  for (size_t i = 0; i < 6; ++i) bytes[i] = static_cast<unsigned char>(ms >> (40 - 8 * i));
  random.Fill(bytes.data() + 6, 10);
  __extension__ unsigned __int128 value = 0;
  for (const unsigned char byte : bytes) value = value << 8 | byte;
  std::string id(26, '0');
  for (size_t i = 26; i-- > 0; value >>= 5) id[i] = kAlphabet[static_cast<size_t>(value & 31)];
  return id;
}

}  // namespace zhanqiao
