#include "hub/exchange/feeds/feed_rows.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::exchange {
namespace {

using storage::BigEndian;
using storage::Table;

constexpr char kZero = '\0';

std::string Joined(std::string_view code, std::string_view rest) {
  std::string key;
  key.reserve(code.size() + 1 + rest.size());
  key.append(code);
  key += kZero;
  key.append(rest);
  return key;
}

absl::Status Damaged(std::string_view what) {
  return Fail(absl::StatusCode::kDataLoss, "FEED_DAMAGED", "Stored records of a feed are damaged; restore the last backup.",
              {{"link", std::string(kLinkHub)}, {"what", std::string(what)}});
}

// What a sealed segment is bound to: it opens nowhere else.
std::string ContextOf(std::string_view code, const Segment& segment) {
  return absl::StrCat("ZQF1", Absl(Joined(code, BigEndian(segment.first))), BigEndian(segment.stored.count()),
                      BigEndian(segment.stored.time_us()));
}

}  // namespace

std::string SegmentKey(std::string_view code, uint64_t first_offset) { return Joined(code, BigEndian(first_offset)); }
std::string PublishedKey(std::string_view code, std::string_view key_digest) { return Joined(code, key_digest); }
std::string FeedKey(std::string_view code) { return absl::StrCat("feed/", Absl(code)); }
std::string CursorsOf(std::string_view code) { return absl::StrCat("cursor/", Absl(Joined(code, ""))); }

std::string CursorKey(std::string_view code, std::string_view consumer, std::string_view subscription) {
  return absl::StrCat(CursorsOf(code), Absl(Joined(consumer, subscription)));
}

std::optional<CursorName> CursorNameIn(std::string_view key) {
  const size_t code_end = key.find(kZero);
  if (code_end == std::string_view::npos) return std::nullopt;
  const size_t consumer_end = key.find(kZero, code_end + 1);
  if (consumer_end == std::string_view::npos) return std::nullopt;
  return CursorName{std::string(key.substr(code_end + 1, consumer_end - code_end - 1)),
                    std::string(key.substr(consumer_end + 1))};
}

absl::StatusOr<Segment> ParseSegment(std::string_view key, std::string_view value) {
  Segment segment;
  if (key.size() < 9 || !segment.stored.ParseFromArray(value.data(), static_cast<int>(value.size())) ||
      segment.stored.count() == 0) {
    return Damaged("segment");
  }
  segment.first = storage::FromBigEndian(key.substr(key.size() - 8));
  segment.bytes = value.size();
  return segment;
}

absl::StatusOr<std::optional<Segment>> FindSegment(const storage::Reader& reader, std::string_view code, uint64_t offset) {
  absl::StatusOr<std::optional<Segment>> found = std::optional<Segment>();
  TRY(reader.ScanBackwards(Table::kSegments, SegmentKey(code, 0), SegmentKey(code, offset + 1),
                           [&](std::string_view key, std::string_view value) {
                             auto segment = ParseSegment(key, value);
                             if (!segment.ok()) found = segment.status();
                             if (segment.ok() && segment->last() >= offset) found = *std::move(segment);
                             return false;
                           }));
  return found;
}

absl::StatusOr<uint64_t> OffsetAt(const storage::Reader& reader, std::string_view code, const v1::StoredFeed& ends,
                                  absl::Time time) {
  uint64_t low = ends.earliest_offset();  // all before it is earlier than `time`
  uint64_t high = ends.next_offset();     // from here on nothing is earlier
  while (low < high) {
    const std::optional<Segment> segment = TRY(FindSegment(reader, code, low + (high - low) / 2));
    if (!segment) return Damaged("a segment is missing");
    if (segment->time() < time) {
      low = segment->last() + 1;
    } else {
      high = segment->first;
    }
  }
  return low;
}

absl::Status SealInto(std::string_view code, std::string_view batch, const PayloadKeys& keys, Random& random,
                      Segment& segment) {
  const PayloadKeys::Numbered newest = TRY(keys.Newest());
  segment.stored.set_key_id(newest.id);
  segment.stored.set_sealed(newest.key.Seal(batch, ContextOf(code, segment), random));
  return absl::OkStatus();
}

absl::StatusOr<v1::RecordBatch> Unseal(std::string_view code, const Segment& segment, const PayloadKeys& keys) {
  const SealKey key = TRY(keys.Find(segment.stored.key_id()));
  const absl::StatusOr<std::string> plain = key.Open(segment.stored.sealed(), ContextOf(code, segment));
  v1::RecordBatch batch;
  if (!plain.ok() || !batch.ParseFromString(*plain) || batch.rows_size() != static_cast<int>(segment.stored.count())) {
    return Damaged("records");
  }
  return batch;
}

}  // namespace zhanqiao::exchange
