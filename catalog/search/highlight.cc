#include "catalog/search/highlight.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/search/text.h"

namespace zhanqiao::search {
namespace {

constexpr size_t kLeadPoints = 12;  // shown before the first match

bool Any(const std::vector<bool>& marks) {
  return std::find(marks.begin(), marks.end(), true) != marks.end();
}

// The code points [begin, end) of `text` as pieces of equal mark.
void Append(std::string_view text, const Folded& folded, const std::vector<bool>& marks, size_t begin,
            size_t end, Segments& into) {
  for (size_t at = begin; at < end;) {
    size_t next = at + 1;
    while (next < end && marks[next] == marks[at]) ++next;
    v1::TextSegment& segment = *into.Add();
    segment.set_text(std::string(text.substr(folded.at[at], folded.at[next] - folded.at[at])));
    segment.set_match(marks[at]);
    at = next;
  }
}

void AppendCut(Segments& into) {
  into.Add()->set_text("…");
}

}  // namespace

Highlighter::Highlighter(const std::vector<std::u32string>& words, bool by_grams) {
  for (const std::u32string& word : words) {
    for (const Piece& piece : PiecesOf(word)) {
      const std::u32string run = word.substr(piece.begin, piece.end - piece.begin);
      if (!by_grams || !piece.ideographs || run.size() < 3) {
        needles_.push_back({run, piece.ideographs});
        continue;
      }
      for (size_t i = 0; i + 1 < run.size(); ++i) needles_.push_back({run.substr(i, 2), true});
    }
  }
}

std::vector<bool> Highlighter::Marks(std::u32string_view points) const {
  std::vector<bool> marks(points.size(), false);
  for (const Needle& needle : needles_) {
    for (size_t at = points.find(needle.text); at != std::u32string_view::npos;
         at = points.find(needle.text, at + 1)) {
      if (!needle.ideographs && at > 0 && IsLetter(points[at - 1])) continue;
      std::fill_n(marks.begin() + static_cast<std::ptrdiff_t>(at), needle.text.size(), true);
    }
  }
  return marks;
}

bool Highlighter::Whole(std::string_view text, Segments& into) const {
  const Folded folded = Fold(text);
  const std::vector<bool> marks = Marks(folded.points);
  Append(text, folded, marks, 0, marks.size(), into);
  return Any(marks);
}

bool Highlighter::Snippet(std::string_view text, size_t points, Segments& into) const {
  const Folded folded = Fold(text);
  const std::vector<bool> marks = Marks(folded.points);
  const size_t first = static_cast<size_t>(std::find(marks.begin(), marks.end(), true) - marks.begin());
  size_t begin = 0;
  if (marks.size() > points && first < marks.size() && first > kLeadPoints) {
    begin = std::min(first - kLeadPoints, marks.size() - points);
  }
  const size_t end = std::min(marks.size(), begin + points);
  if (begin > 0) AppendCut(into);
  Append(text, folded, marks, begin, end, into);
  if (end < marks.size()) AppendCut(into);
  return Any(marks);
}

}  // namespace zhanqiao::search
