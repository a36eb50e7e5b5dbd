// Protobuf wire format written by hand, for the few messages that are made for every call: a release's ledger entry
// and a connector's request. Fields are written in the order of the calls; defaults are left out, as the canonical
// form wants it (LedgerEntry, ledger.proto). Whoever writes a message this way has a test that protobuf reads the same.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zhanqiao {

// Appends fields to a string that must outlive it. Not thread-safe.
class WireWriter {
 public:
  explicit WireWriter(std::string& out) : out_(out) {}

  // uint32, uint64, int32 and int64 that are not negative, bool, enum.
  void Varint(int field, uint64_t value) {
    if (value == 0) return;
    Number(static_cast<uint64_t>(field) << 3);
    Number(value);
  }
  // string, bytes.
  void Bytes(int field, std::string_view bytes) {
    if (!bytes.empty()) Message(field, bytes);
  }
  // An embedded message or an element of a repeated field: written even if empty.
  void Message(int field, std::string_view bytes) {
    Length(field, bytes.size());
    out_.append(bytes);
  }
  // Tag and length of what the caller appends next.
  void Length(int field, size_t bytes) {
    Number(static_cast<uint64_t>(field) << 3 | 2);
    Number(bytes);
  }

 private:
  void Number(uint64_t value) {
    char bytes[10];
    size_t size = 0;
    for (; value > 0x7F; value >>= 7) bytes[size++] = static_cast<char>(value | 0x80);
    bytes[size++] = static_cast<char>(value);
    out_.append(bytes, size);
  }

  std::string& out_;
};

}  // namespace zhanqiao
