// Shows where the words of a query stand in a text: as pieces, matched or not. No markup: whoever shows it
// decides how.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "google/protobuf/repeated_field.h"
#include "zhanqiao/v1/search.pb.h"

namespace zhanqiao::search {

using Segments = google::protobuf::RepeatedPtrField<v1::TextSegment>;

// What to look for: runs of Chinese anywhere, words where a word begins. Immutable.
class Highlighter {
 public:
  // `words` as QueryWords gives them. `by_grams`: pairs of characters are marked instead of whole runs.
  Highlighter(const std::vector<std::u32string>& words, bool by_grams);

  // All of `text`; whether anything matched.
  bool Whole(std::string_view text, Segments& into) const;
  // At most `points` code points of `text` from a little before the first match; "…" stands where it was cut.
  bool Snippet(std::string_view text, size_t points, Segments& into) const;

 private:
  struct Needle {
    std::u32string text;
    bool ideographs;
  };
  // For each code point of `points`, whether it belongs to a match.
  std::vector<bool> Marks(std::u32string_view points) const;

  std::vector<Needle> needles_;
};

}  // namespace zhanqiao::search
