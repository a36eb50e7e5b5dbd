// What harvesters and people ask in CKAN's `q` and `fq`: the part of Solr's language they use. Words, phrases, field:value,
// field:(a OR b), field:[from TO to], AND, OR, NOT, + and -, parentheses, * at the end of a value.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace zhanqiao::portal {

class Shelf;

// One node of a query.
struct Node {
  enum class Kind { kAll, kAnd, kOr, kNot, kWord, kEquals, kPrefix, kRange };
  Kind kind = Kind::kAll;
  std::string field;                        // of words: where; empty: anywhere
  std::string value;                        // a word, a value, a prefix
  std::string to;                           // of a range
  bool from_included = true;
  bool to_included = true;
  std::vector<std::unique_ptr<Node>> parts;
};

// INVALID_ARGUMENT / QUERY_SYNTAX (fact: at) for what the language does not have.
absl::StatusOr<std::unique_ptr<Node>> ParseQuery(std::string_view text);

// Whether the package at `position` fulfils `node`. `now` is what NOW means.
bool Matches(const Node& node, const Shelf& shelf, size_t position, absl::Time now);

// True if the query speaks of NOW: its answer changes by itself.
bool SpeaksOfNow(std::string_view text);

// The packages `q` finds, with their scores: all (score 1) for "", "*" and "*:*". Bare words count as CKAN's dismax does: of
// one or two all, of three to five all but one, of more four fifths; everything else must hold.
struct Hit {
  uint32_t position = 0;
  int score = 1;
};
absl::StatusOr<std::vector<Hit>> Find(std::string_view q, const std::vector<std::string>& filters, const Shelf& shelf, absl::Time now);

}  // namespace zhanqiao::portal
