#include "hub/ledger/archive/ustar.h"

#include <algorithm>
#include <array>
#include <cassert>

#include "absl/strings/str_format.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

constexpr size_t kBlock = 512;
constexpr size_t kNameMax = 100;
constexpr size_t kChecksumAt = 148;

size_t Padding(uint64_t size) {
  return (kBlock - size % kBlock) % kBlock;
}

using Header = std::array<char, kBlock>;

void Put(Header& header, size_t at, std::string_view text) {
  assert(at + text.size() <= header.size());
  std::copy(text.begin(), text.end(), header.begin() + static_cast<std::ptrdiff_t>(at));
}

std::string HeaderOf(std::string_view name, uint64_t size, int64_t time_s) {
  Header header{};
  Put(header, 0, name);
  Put(header, 100, "0000644");
  Put(header, 108, "0000000");
  Put(header, 116, "0000000");
  Put(header, 124, absl::StrFormat("%011o", size));
  Put(header, 136, absl::StrFormat("%011o", time_s));
  Put(header, kChecksumAt, "        ");
  Put(header, 156, "0");
  Put(header, 257, std::string_view("ustar\00000", 8));
  uint32_t sum = 0;
  for (const char c : header) sum += static_cast<uint8_t>(c);
  Put(header, kChecksumAt, absl::StrFormat("%06o", sum));
  Put(header, kChecksumAt + 6, std::string_view("\0 ", 2));
  return {header.data(), header.size()};
}

absl::Status Malformed() {
  return Fail(absl::StatusCode::kDataLoss, "ARCHIVE_FORM",
              "An archive file is damaged or was not written by this program; take another copy of it.");
}

bool Octal(std::string_view digits, uint64_t& number) {
  number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '7') return false;
    number = number << 3 | static_cast<uint64_t>(digit - '0');
  }
  return true;
}

}  // namespace

void UstarWriter::Add(std::string_view name, std::string_view content) {
  assert(!name.empty() && name.size() <= kNameMax);
  bytes_ += HeaderOf(name, content.size(), time_s_);
  bytes_ += content;
  bytes_.append(Padding(content.size()), '\0');
}

std::string UstarWriter::Finish() && {
  bytes_.append(2 * kBlock, '\0');
  return std::move(bytes_);
}

absl::StatusOr<std::vector<UstarMember>> ListUstar(std::string_view bytes) {
  std::vector<UstarMember> members;
  const std::string end(2 * kBlock, '\0');
  uint64_t at = 0;
  while (bytes.substr(at) != end) {
    if (bytes.size() - at < kBlock) return Malformed();
    const std::string_view header = bytes.substr(at, kBlock);
    UstarMember member;
    member.name = std::string(header.substr(0, std::min(header.find('\0'), kNameMax)));
    member.offset = at + kBlock;
    uint64_t time = 0;
    if (!Octal(header.substr(124, 11), member.size) || !Octal(header.substr(136, 11), time))
      return Malformed();
    // Writing the header again compares every field at once.
    if (member.name.empty() || HeaderOf(member.name, member.size, static_cast<int64_t>(time)) != header) {
      return Malformed();
    }
    const uint64_t rest = bytes.size() - member.offset;
    if (member.size > rest || member.size + Padding(member.size) > rest) return Malformed();
    const std::string_view padding = bytes.substr(member.offset + member.size, Padding(member.size));
    if (padding.find_first_not_of('\0') != std::string_view::npos) return Malformed();
    at = member.offset + member.size + padding.size();
    members.push_back(std::move(member));
  }
  return members;
}

}  // namespace zhanqiao::ledger
