// A sealed segment's index as one sorted, immutable file (FORMAT.md), mapped into memory and checked when
// opened.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "hub/ledger/index/segment.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::ledger {

// Puts the bytes of a segment together. Terms are added in bytewise order.
class SegmentEncoder {
 public:
  SegmentEncoder(uint64_t number, const std::vector<uint64_t>& times_us);
  void Add(std::string_view term, absl::Span<const uint16_t> places);
  // A posting already in its encoded form, as another segment file holds it.
  void AddEncoded(std::string_view term, std::string_view posting);
  std::string Finish(std::string_view rollup);

 private:
  friend class SealedSegment;
  SegmentEncoder(uint64_t number, uint32_t count, std::string times);
  const uint64_t number_;
  const uint32_t count_;
  std::string times_;  // blocks and differences
  std::vector<uint32_t> key_ends_{0};
  std::vector<uint32_t> posting_ends_{0};
  std::string keys_;
  std::string postings_;
};

class SealedSegment final : public Segment {
 public:
  // Maps the file and checks every byte of it against its checksum. DATA_LOSS / INDEX_DAMAGED (fact: file)
  // when it is not a whole segment file of `number`; NOT_FOUND / INDEX_MISSING; UNAVAILABLE /
  // FILE_READ_FAILED.
  static absl::StatusOr<std::shared_ptr<const SealedSegment>> Open(const std::filesystem::path& path,
                                                                   uint64_t number);
  // The same from bytes in memory.
  static absl::StatusOr<std::shared_ptr<const SealedSegment>> FromBytes(std::string bytes, uint64_t number);
  ~SealedSegment() override;
  SealedSegment(const SealedSegment&) = delete;
  SealedSegment& operator=(const SealedSegment&) = delete;

  uint64_t number() const override { return number_; }
  uint32_t count() const override { return count_; }
  uint32_t CountOf(std::string_view term) const override;
  void AddTo(std::string_view term, Matches& out) const override;
  uint32_t FirstAt(uint64_t time_us) const override;
  void VisitRollups(VisitRollup visit) const override;

  // The bytes of the same segment without some terms.
  std::string Without(absl::Span<const std::string> terms) const;
  // The bytes of the same segment without all terms of a field.
  std::string WithoutField(IndexField field) const;
  std::string_view bytes() const { return bytes_; }

 private:
  SealedSegment() = default;
  bool Parse(uint64_t number);
  std::string_view Key(uint32_t ordinal) const;
  std::string_view Posting(uint32_t ordinal) const;
  std::string_view Find(std::string_view term) const;  // its posting, or empty
  uint64_t TimeAt(uint32_t place) const;

  std::string owned_;       // the bytes, unless they are mapped
  void* mapped_ = nullptr;  // the file, unless it is owned
  std::string_view bytes_;
  uint64_t number_ = 0;
  uint32_t count_ = 0;
  uint32_t terms_ = 0;
  std::string_view blocks_;       // 12 bytes for each 256 entries
  std::string_view differences_;  // varints
  std::string_view key_ends_;     // u32 for each term and one more
  std::string_view posting_ends_;
  std::string_view keys_;
  std::string_view postings_;
  std::string_view rollup_;
};

}  // namespace zhanqiao::ledger
