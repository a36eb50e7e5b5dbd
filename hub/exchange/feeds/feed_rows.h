// The rows of a feed in the store and what is in them. Formats: FORMAT.md. Pure but for the reads; thread-safe by
// having no state.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "catalog/storage/store.h"
#include "hub/exchange/at_rest/payload_keys.h"
#include "zhanqiao/v1/feed.pb.h"

namespace zhanqiao::exchange {

inline constexpr std::string_view kFeedNames = "feeds/";
inline constexpr size_t kKeyDigestBytes = 16;

// Keys of rows. `code` is that of the resource as in feeds/{code}.
std::string SegmentKey(std::string_view code, uint64_t first_offset);            // Table::kSegments
std::string PublishedKey(std::string_view code, std::string_view key_digest);    // Table::kPublished
std::string FeedKey(std::string_view code);                                      // Table::kFeeds, v1.StoredFeed
std::string CursorKey(std::string_view code, std::string_view consumer, std::string_view subscription);
std::string CursorsOf(std::string_view code);                                    // prefix of a feed's cursors

// The consumer and the subscription of a cursor's key; nothing for other keys.
struct CursorName {
  std::string consumer;
  std::string subscription;
};
std::optional<CursorName> CursorNameIn(std::string_view key);

// Records published together, as they are stored.
struct Segment {
  uint64_t first = 0;
  size_t bytes = 0;  // of the row's value
  v1::StoredSegment stored;
  uint64_t last() const { return first + stored.count() - 1; }
  absl::Time time() const { return absl::FromUnixMicros(static_cast<int64_t>(stored.time_us())); }
};

// DATA_LOSS / FEED_DAMAGED for a row that is none.
absl::StatusOr<Segment> ParseSegment(std::string_view key, std::string_view value);

// The segment that holds `offset`, or nothing if that offset is not kept.
absl::StatusOr<std::optional<Segment>> FindSegment(const storage::Reader& reader, std::string_view code, uint64_t offset);

// The first offset of the first segment published at `time` or after; `ends.next_offset()` if there is none. Times never
// decrease in a feed, so this reads a segment for each halving of the feed.
absl::StatusOr<uint64_t> OffsetAt(const storage::Reader& reader, std::string_view code, const v1::StoredFeed& ends,
                                  absl::Time time);

// Seals `batch` (v1.RecordBatch in wire format) into `segment`, whose other members are set.
absl::Status SealInto(std::string_view code, std::string_view batch, const PayloadKeys& keys, Random& random,
                      Segment& segment);
// The records of `segment`. DATA_LOSS / FEED_DAMAGED, PAYLOAD_KEY_MISSING.
absl::StatusOr<v1::RecordBatch> Unseal(std::string_view code, const Segment& segment, const PayloadKeys& keys);

}  // namespace zhanqiao::exchange
