#include "catalog/sheets/headings.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/sheets/values.h"

namespace zhanqiao::sheets {
namespace {

constexpr size_t kRowsLookedAt = 30;
constexpr size_t kDepthMax = 3;
constexpr size_t kColumnsFoundMin = 2;

// Columns that people add and nobody needs.
bool IsIgnored(std::string_view heading) {
  static constexpr std::string_view kIgnored[] = {"序号", "编号", "行号", "NO", "问题"};
  return std::find(std::begin(kIgnored), std::end(kIgnored), heading) != std::end(kIgnored);
}

// A heading without what does not matter: "9、共享类型（必填）" is "共享类型".
std::string Bare(std::string_view text, bool parentheses) {
  std::string bare;
  int depth = 0;
  const std::string folded = Folded(text);
  for (size_t at = 0; at < folded.size();) {
    const auto starts = [&](std::string_view sign) { return std::string_view(folded).substr(at).starts_with(sign); };
    if (!parentheses && folded[at] == '(') ++depth;
    if (!parentheses && folded[at] == ')' && depth > 0) {
      --depth;
      ++at;
      continue;
    }
    size_t skip = 0;
    for (const std::string_view sign : {"(", ")", ":", "*", "/", ".", ",", "-", "_", "[", "]", "、", "。", "·", "“", "”", "《", "》"}) {
      if (starts(sign)) skip = sign.size();
    }
    if (skip == 0 && depth == 0) bare.push_back(folded[at]);
    at += std::max<size_t>(skip, 1);
  }
  const size_t letters = bare.find_first_not_of("0123456789");
  return letters == std::string::npos || parentheses ? bare : bare.substr(letters);
}

using Meanings = absl::flat_hash_map<std::string, int>;

std::string_view LastPart(std::string_view element) {
  const size_t dot = element.rfind('.');
  return dot == std::string_view::npos ? element : element.substr(dot + 1);
}

Meanings MeaningsOf(const SheetTable& table) {
  Meanings meanings;
  const auto add = [&](std::string_view heading, size_t column) {
    meanings.try_emplace(Bare(heading, true), static_cast<int>(column));
    meanings.try_emplace(Bare(heading, false), static_cast<int>(column));
  };
  for (size_t i = 0; i < table.columns.size(); ++i) add(table.columns[i].heading, i);
  for (size_t i = 0; i < table.columns.size(); ++i) {
    for (const std::string_view synonym : table.columns[i].synonyms) add(synonym, i);
  }
  // The contract's names, for programs.
  for (size_t i = 0; i < table.columns.size(); ++i) add(table.columns[i].element, i);
  for (size_t i = 0; i < table.columns.size(); ++i) add(LastPart(table.columns[i].element), i);
  return meanings;
}

const Meanings& Known(const SheetTable& table) {
  static absl::Mutex mu;
  static auto* const all = new absl::flat_hash_map<const SheetTable*, std::unique_ptr<const Meanings>>();
  absl::MutexLock lock(&mu);
  auto& known = (*all)[&table];
  if (known == nullptr) known = std::make_unique<const Meanings>(MeaningsOf(table));
  return *known;
}

// Heading rows as texts, with what stands over several columns written into each of them.
class Headings {
 public:
  Headings(const Sheet& sheet, const std::vector<Merge>& merges, size_t first, size_t depth) : texts_(depth) {
    for (size_t level = 0; level < depth; ++level) {
      const Row& row = sheet.rows[first + level];
      texts_[level].resize(static_cast<size_t>(sheet.columns()));
      for (int column = 0; column < sheet.columns(); ++column) {
        texts_[level][static_cast<size_t>(column)] = TextOf(row.at(column), sheet.csv);
      }
    }
    for (const Merge& merge : merges) {
      for (size_t level = 0; level < depth; ++level) Spread(merge, sheet.rows[first + level].number, level);
    }
    for (size_t level = 0; level + 1 < depth; ++level) SpreadRight(level);
  }

  // The heading of a column as it stands: the lowest text.
  const std::string& Lowest(int column) const {
    static const std::string kNone;
    for (size_t level = texts_.size(); level-- > 0;) {
      const std::string& text = texts_[level][static_cast<size_t>(column)];
      if (!text.empty()) return text;
    }
    return kNone;
  }

  // Which column of the table it is, or -1.
  int Meaning(int column, const Meanings& meanings) const {
    const auto find = [&](const std::string& text) {
      for (const bool parentheses : {true, false}) {
        const auto found = meanings.find(Bare(text, parentheses));
        if (found != meanings.end()) return found->second;
      }
      return -1;
    };
    int meaning = -1;
    // The more of the upper headings it takes along, the more certain it is.
    std::vector<std::string> parts;
    for (const auto& level : texts_) {
      const std::string& text = level[static_cast<size_t>(column)];
      if (!text.empty() && (parts.empty() || parts.back() != text)) parts.push_back(text);
    }
    for (size_t from = 0; from < parts.size() && meaning < 0; ++from) {
      std::string joined;
      for (size_t i = from; i < parts.size(); ++i) joined += parts[i];
      meaning = find(joined);
    }
    return meaning;
  }

 private:
  void Spread(const Merge& merge, int row, size_t level) {
    if (row < merge.first_row || row > merge.last_row) return;
    const auto width = static_cast<int>(texts_[level].size());
    if (merge.first_column >= width) return;
    // The text stands in the first row of the range; below it the range is the same heading.
    const std::string text = row == merge.first_row ? texts_[level][static_cast<size_t>(merge.first_column)] : std::string();
    for (int column = merge.first_column + 1; column <= std::min(merge.last_column, width - 1); ++column) {
      if (texts_[level][static_cast<size_t>(column)].empty()) texts_[level][static_cast<size_t>(column)] = text;
    }
  }

  // CSV has no merged ranges: what is blank above a heading belongs to the heading left of it.
  void SpreadRight(size_t level) {
    for (size_t column = 1; column < texts_[level].size(); ++column) {
      const bool below = !texts_[level + 1][column].empty() && !texts_[level + 1][column - 1].empty();
      if (texts_[level][column].empty() && below) texts_[level][column] = texts_[level][column - 1];
    }
  }

  std::vector<std::vector<std::string>> texts_;  // by level, then column
};

size_t Count(const Headings& headings, int columns, const Meanings& meanings) {
  std::vector<int> found;
  for (int column = 0; column < columns; ++column) {
    const int meaning = headings.Meaning(column, meanings);
    if (meaning >= 0) found.push_back(meaning);
  }
  std::sort(found.begin(), found.end());
  return static_cast<size_t>(std::unique(found.begin(), found.end()) - found.begin());
}

void Describe(const Headings& headings, int columns, const SheetTable& table, Layout& layout) {
  layout.column_of.assign(table.columns.size(), -1);
  layout.meaning_of.assign(static_cast<size_t>(columns), -1);
  layout.headings.resize(static_cast<size_t>(columns));
  const Meanings& meanings = Known(table);
  for (int column = 0; column < columns; ++column) {
    const std::string& heading = headings.Lowest(column);
    layout.headings[static_cast<size_t>(column)] = heading;
    const int meaning = headings.Meaning(column, meanings);
    if (meaning < 0) {
      const std::string bare = Bare(heading, false);
      if (!bare.empty() && !IsIgnored(bare)) {
        layout.problems.push_back({layout.heading_row, column, SentenceOf("COLUMN_UNKNOWN")});
      }
      continue;
    }
    int& place = layout.column_of[static_cast<size_t>(meaning)];
    if (place >= 0) {
      layout.problems.push_back({layout.heading_row, column, SentenceOf("COLUMN_REPEATED", ColumnLetters(place))});
      continue;
    }
    place = column;
    layout.meaning_of[static_cast<size_t>(column)] = meaning;
  }
  for (size_t i = 0; i < table.columns.size(); ++i) {
    if (!table.columns[i].required || layout.column_of[i] >= 0) continue;
    layout.problems.push_back({layout.heading_row, -1, SentenceOf("COLUMN_MISSING", table.columns[i].heading)});
  }
}

}  // namespace

absl::StatusOr<Layout> FindHeading(const Sheet& sheet, const SheetTable& table) {
  const Meanings& meanings = Known(table);
  const size_t rows = std::min(sheet.rows.size(), kRowsLookedAt);
  std::vector<Merge> merges;  // those that may touch the heading
  for (const Merge& merge : sheet.merges) {
    if (rows > 0 && merge.first_row <= sheet.rows[rows - 1].number && merge.first_column != merge.last_column) {
      merges.push_back(merge);
    }
  }
  size_t best = 0;
  size_t best_first = 0;
  size_t best_depth = 1;
  for (size_t first = 0; first < rows; ++first) {
    for (size_t depth = 1; depth <= kDepthMax && first + depth <= rows; ++depth) {
      const size_t found = Count(Headings(sheet, merges, first, depth), sheet.columns(), meanings);
      if (found > best) {
        best = found;
        best_first = first;
        best_depth = depth;
      }
    }
  }
  if (best < std::min(kColumnsFoundMin, table.columns.size())) {
    return Fail(absl::StatusCode::kInvalidArgument, "HEADING_NOT_FOUND",
                "No heading of this kind of sheet is found in its first rows; take the template, or name the worksheet.",
                {{"sheet", sheet.name}, {"expected", std::string(table.title)}});
  }
  Layout layout;
  layout.first_data = best_first + best_depth;
  layout.heading_row = sheet.rows[layout.first_data - 1].number;
  Describe(Headings(sheet, merges, best_first, best_depth), sheet.columns(), table, layout);
  return layout;
}

}  // namespace zhanqiao::sheets
