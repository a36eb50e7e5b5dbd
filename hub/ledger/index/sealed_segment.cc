#include "hub/ledger/index/sealed_segment.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cassert>
#include <cerrno>
#include <cstring>

#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "hub/ledger/index/varint.h"

namespace zhanqiao::ledger {
namespace {

constexpr std::string_view kMagic = "ZQX2";
constexpr size_t kHeaderBytes = 40;
constexpr size_t kChecksumBytes = 32;
constexpr uint32_t kBlock = 256;        // entries to a block of times
constexpr size_t kBlockBytes = 12;      // u64 time, u32 offset of the differences
constexpr uint32_t kBitmapFrom = 8192;  // places from which a bitmap is the shorter form
constexpr size_t kBitmapBytes = kSegmentEntries / 8;

void AppendU32(uint32_t number, std::string& out) {
  for (int shift = 0; shift < 32; shift += 8) out += static_cast<char>(number >> shift);
}
void AppendU64(uint64_t number, std::string& out) {
  for (int shift = 0; shift < 64; shift += 8) out += static_cast<char>(number >> shift);
}
// Little-endian numbers at a place the caller knows to be inside.
template <typename Number>
Number At(std::string_view bytes, size_t offset) {
  assert(offset + sizeof(Number) <= bytes.size());
  Number number = 0;
  for (size_t i = 0; i < sizeof(Number); ++i) {
    number |= static_cast<Number>(static_cast<Number>(static_cast<uint8_t>(bytes[offset + i])) << (8 * i));
  }
  return number;
}

std::string EncodeTimes(const std::vector<uint64_t>& times) {
  std::string blocks;
  std::string differences;
  for (size_t i = 0; i < times.size(); ++i) {
    if (i % kBlock == 0) {
      AppendU64(times[i], blocks);
      AppendU32(static_cast<uint32_t>(differences.size()), blocks);
    } else {
      AppendVarint(times[i] - times[i - 1], differences);
    }
  }
  return blocks + differences;
}

std::string EncodePosting(absl::Span<const uint16_t> places) {
  std::string out;
  AppendVarint(places.size(), out);
  if (places.size() >= kBitmapFrom) {
    const size_t start = out.size();
    out.resize(start + kBitmapBytes, '\0');
    for (const uint16_t place : places) {
      char& byte = out[start + place / 8];
      byte = static_cast<char>(byte | 1 << (place % 8));
    }
    return out;
  }
  uint32_t next = 0;
  for (const uint16_t place : places) {
    AppendVarint(place - next, out);
    next = place + 1u;
  }
  return out;
}

absl::Status Damaged(const std::filesystem::path& path) {
  return Fail(absl::StatusCode::kDataLoss, "INDEX_DAMAGED",
              "An index file of the ledger is damaged; it is built anew from the entries.",
              {{"file", path.string()}});
}

size_t BlocksIn(uint32_t count) {
  return (count + kBlock - 1) / kBlock;
}

}  // namespace

SegmentEncoder::SegmentEncoder(uint64_t number, const std::vector<uint64_t>& times_us)
    : SegmentEncoder(number, static_cast<uint32_t>(times_us.size()), EncodeTimes(times_us)) {}

SegmentEncoder::SegmentEncoder(uint64_t number, uint32_t count, std::string times)
    : number_(number), count_(count), times_(std::move(times)) {}

void SegmentEncoder::Add(std::string_view term, absl::Span<const uint16_t> places) {
  AddEncoded(term, EncodePosting(places));
}

void SegmentEncoder::AddEncoded(std::string_view term, std::string_view posting) {
  keys_ += term;
  postings_ += posting;
  key_ends_.push_back(static_cast<uint32_t>(keys_.size()));
  posting_ends_.push_back(static_cast<uint32_t>(postings_.size()));
}

std::string SegmentEncoder::Finish(std::string_view rollup) {
  const auto terms = static_cast<uint32_t>(key_ends_.size() - 1);
  std::string out(kMagic);
  AppendU32(count_, out);
  AppendU64(number_, out);
  AppendU32(terms, out);
  AppendU32(static_cast<uint32_t>(times_.size()), out);
  AppendU32(static_cast<uint32_t>(keys_.size()), out);
  AppendU32(static_cast<uint32_t>(postings_.size()), out);
  AppendU32(static_cast<uint32_t>(rollup.size()), out);
  AppendU32(0, out);
  assert(out.size() == kHeaderBytes);
  out += times_;
  for (const auto* ends : {&key_ends_, &posting_ends_}) {
    for (const uint32_t end : *ends) AppendU32(end, out);
  }
  out += keys_;
  out += postings_;
  out += rollup;
  out += Bytes(Sha256(out));
  return out;
}

absl::StatusOr<std::shared_ptr<const SealedSegment>> SealedSegment::Open(const std::filesystem::path& path,
                                                                         uint64_t number) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return Fail(absl::StatusCode::kNotFound, "INDEX_MISSING", "The index file of a segment is not there.",
                {{"file", path.string()}});
  }
  const auto unreadable = [&] {
    return Fail(absl::StatusCode::kUnavailable, "FILE_READ_FAILED",
                "An index file of the ledger cannot be read; check its rights and its disk.",
                {{"file", path.string()}});
  };
  if (fd < 0) return unreadable();
  struct stat info {};
  const bool known = fstat(fd, &info) == 0;
  const auto size = static_cast<size_t>(info.st_size);
  void* const mapped = known && size > 0 ? mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  close(fd);
  if (known && size == 0) return Damaged(path);
  if (mapped == MAP_FAILED) return unreadable();
  std::shared_ptr<SealedSegment> segment(new SealedSegment());
  segment->mapped_ = mapped;
  segment->bytes_ = {static_cast<const char*>(mapped), size};
  if (!segment->Parse(number)) return Damaged(path);
  return segment;
}

absl::StatusOr<std::shared_ptr<const SealedSegment>> SealedSegment::FromBytes(std::string bytes,
                                                                              uint64_t number) {
  std::shared_ptr<SealedSegment> segment(new SealedSegment());
  segment->owned_ = std::move(bytes);
  segment->bytes_ = segment->owned_;
  if (!segment->Parse(number)) return Damaged("memory");
  return segment;
}

SealedSegment::~SealedSegment() {
  if (mapped_ != nullptr) munmap(mapped_, bytes_.size());
}

bool SealedSegment::Parse(uint64_t number) {
  if (bytes_.size() < kHeaderBytes + kChecksumBytes || !bytes_.starts_with(kMagic)) return false;
  const std::string_view content = bytes_.substr(0, bytes_.size() - kChecksumBytes);
  if (Bytes(Sha256(content)) != bytes_.substr(content.size())) return false;
  count_ = At<uint32_t>(content, 4);
  number_ = At<uint64_t>(content, 8);
  terms_ = At<uint32_t>(content, 16);
  const size_t sizes[] = {At<uint32_t>(content, 20), (size_t{terms_} + 1) * 4,  (size_t{terms_} + 1) * 4,
                          At<uint32_t>(content, 24), At<uint32_t>(content, 28), At<uint32_t>(content, 32)};
  std::string_view rest = content.substr(kHeaderBytes);
  std::string_view times;
  std::string_view* const parts[] = {&times, &key_ends_, &posting_ends_, &keys_, &postings_, &rollup_};
  for (size_t i = 0; i < std::size(parts); ++i) {
    if (sizes[i] > rest.size()) return false;
    *parts[i] = rest.substr(0, sizes[i]);
    rest.remove_prefix(sizes[i]);
  }
  const size_t block_bytes = BlocksIn(count_) * kBlockBytes;
  if (!rest.empty() || number_ != number || count_ > kSegmentEntries || times.size() < block_bytes)
    return false;
  blocks_ = times.substr(0, block_bytes);
  differences_ = times.substr(block_bytes);
  // Readers rely on the ends being in order and inside.
  for (const auto& [ends, size] :
       {std::pair(key_ends_, keys_.size()), std::pair(posting_ends_, postings_.size())}) {
    uint32_t before = 0;
    for (size_t at = 0; at < ends.size(); at += 4) {
      const auto end = At<uint32_t>(ends, at);
      if (end < before || end > size) return false;
      before = end;
    }
    if (before != size) return false;
  }
  return true;
}

std::string_view SealedSegment::Key(uint32_t ordinal) const {
  const auto begin = At<uint32_t>(key_ends_, size_t{ordinal} * 4);
  return keys_.substr(begin, At<uint32_t>(key_ends_, size_t{ordinal} * 4 + 4) - begin);
}

std::string_view SealedSegment::Posting(uint32_t ordinal) const {
  const auto begin = At<uint32_t>(posting_ends_, size_t{ordinal} * 4);
  return postings_.substr(begin, At<uint32_t>(posting_ends_, size_t{ordinal} * 4 + 4) - begin);
}

std::string_view SealedSegment::Find(std::string_view term) const {
  uint32_t low = 0;
  uint32_t high = terms_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (Key(middle) < term) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low < terms_ && Key(low) == term ? Posting(low) : std::string_view();
}

uint32_t SealedSegment::CountOf(std::string_view term) const {
  std::string_view posting = Find(term);
  uint64_t count = 0;
  return TakeVarint(posting, count) ? static_cast<uint32_t>(count) : 0;
}

void SealedSegment::AddTo(std::string_view term, Matches& out) const {
  std::string_view posting = Find(term);
  uint64_t count = 0;
  if (!TakeVarint(posting, count)) return;
  if (count >= kBitmapFrom) {
    if (posting.size() != kBitmapBytes) return;
    for (size_t word = 0; word < kBitmapBytes / 8; ++word) out.AddWord(word, At<uint64_t>(posting, word * 8));
    return;
  }
  uint64_t next = 0;
  for (uint64_t gap = 0; count > 0 && TakeVarint(posting, gap); --count) {
    next += gap;
    if (next >= count_) return;
    out.Add(static_cast<uint32_t>(next++));
  }
}

uint64_t SealedSegment::TimeAt(uint32_t place) const {
  const size_t block = place / kBlock;
  uint64_t time = At<uint64_t>(blocks_, block * kBlockBytes);
  const auto offset = At<uint32_t>(blocks_, block * kBlockBytes + 8);
  std::string_view rest = differences_.substr(std::min<size_t>(offset, differences_.size()));
  for (uint32_t i = 0; i < place % kBlock; ++i) {
    uint64_t difference = 0;
    if (!TakeVarint(rest, difference)) break;
    time += difference;
  }
  return time;
}

uint32_t SealedSegment::FirstAt(uint64_t time_us) const {
  // Times never decrease: first by blocks, then within the one before.
  uint32_t low = 0;
  uint32_t high = count_;
  while (low < high) {
    const uint32_t middle = low + (high - low) / 2;
    if (TimeAt(middle) < time_us) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

void SealedSegment::VisitRollups(VisitRollup visit) const {
  DecodeRollup(rollup_, visit);
}

std::string SealedSegment::Without(absl::Span<const std::string> terms) const {
  SegmentEncoder encoder(number_, count_, std::string(blocks_) + std::string(differences_));
  for (uint32_t i = 0; i < terms_; ++i) {
    const std::string_view key = Key(i);
    if (std::find(terms.begin(), terms.end(), key) == terms.end()) encoder.AddEncoded(key, Posting(i));
  }
  return encoder.Finish(rollup_);
}

std::string SealedSegment::WithoutField(IndexField field) const {
  SegmentEncoder encoder(number_, count_, std::string(blocks_) + std::string(differences_));
  for (uint32_t i = 0; i < terms_; ++i) {
    const std::string_view key = Key(i);
    if (!key.starts_with(static_cast<char>(field))) encoder.AddEncoded(key, Posting(i));
  }
  return encoder.Finish(rollup_);
}

int64_t Matches::NextFrom(uint32_t place) const {
  for (size_t word = place / 64; word < words_.size(); ++word) {
    const uint64_t bits = words_[word] & (word == place / 64 ? ~uint64_t{0} << (place % 64) : ~uint64_t{0});
    if (bits != 0) return static_cast<int64_t>(word * 64) + std::countr_zero(bits);
  }
  return -1;
}

int64_t Matches::LastBelow(uint32_t place) const {
  if (place == 0) return -1;
  const uint32_t last = place - 1;
  for (size_t word = last / 64 + 1; word-- > 0;) {
    const uint64_t mask =
        word == last / 64 && last % 64 != 63 ? (uint64_t{1} << (last % 64 + 1)) - 1 : ~uint64_t{0};
    const uint64_t bits = words_[word] & mask;
    if (bits != 0) return static_cast<int64_t>(word * 64) + 63 - std::countl_zero(bits);
  }
  return -1;
}

}  // namespace zhanqiao::ledger
