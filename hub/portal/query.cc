#include "hub/portal/query.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/search/text.h"
#include "hub/portal/shelf.h"

namespace zhanqiao::portal {
namespace {

// Fields whose values are words of a text.
bool IsText(std::string_view field) { return field == "title" || field == "notes" || field == "text" || field == "title_en"; }

// The values of a field that is compared as a whole.
std::vector<std::string> ValuesOf(const Package& package, std::string_view field) {
  const v1::Dataset& dataset = package.dataset;
  if (field.substr(0, 7) == "extras_") field.remove_prefix(7);
  if (field.substr(0, 6) == "vocab_") field.remove_prefix(6);
  if (field == "organization") return {package.body.name};
  if (field == "owner_org") return {package.body.id};
  if (field == "id") return {package.id};
  if (field == "name") return {package.name};
  if (field == "title_string") return {dataset.title()};
  if (field == "license_id") return {dataset.license()};
  if (field == "res_format") return package.formats;
  if (field == "tags") return {dataset.tags().begin(), dataset.tags().end()};
  if (field == "update_cycle") return {package.frequency, std::string(FrequencyOf(dataset.update_cycle()).chinese)};
  if (field == "access_rights") return {dataset.access() == v1::DATASET_ACCESS_CONTROLLED ? "restricted" : "public"};
  if (field == "resource_code") return {catalog::ResourceCodeOf(dataset.resource()).value_or("")};
  if (field == "identifier") return {dataset.name()};
  if (field == "sample") return {dataset.sample() ? "true" : "false"};
  if (field == "state") return {"active"};
  if (field == "type" || field == "dataset_type" || field == "entity_type") return {field == "entity_type" ? "package" : "dataset"};
  if (field == "private" || field == "capacity") return {field == "private" ? "false" : "public"};
  if (field == "isopen") return {dataset.access() == v1::DATASET_ACCESS_PUBLIC ? "true" : "false"};
  std::vector<std::string> values;
  if (field == "groups") {
    for (const Party& theme : package.themes) values.push_back(theme.name);
  }
  return values;
}

std::optional<absl::Time> TimeFieldOf(const Package& package, std::string_view field) {
  if (field == "metadata_modified") return package.modified;
  if (field == "metadata_created") return package.created;
  const std::string* day = nullptr;
  if (field == "data_update_date" || field == "extras_data_update_date") day = &package.dataset.current().data_update_date();
  if (field == "issued" || field == "extras_issued") day = &package.dataset.issue_date();
  if (day == nullptr) return std::nullopt;
  const auto parsed = ParseDay(*day);
  if (!parsed.ok()) return std::nullopt;
  return absl::FromCivil(*parsed, Shanghai());
}

// "NOW", "NOW-7DAYS", "NOW/DAY-1MONTH", a date or a moment of ISO 8601.
std::optional<absl::Time> MomentOf(std::string text, absl::Time now) {
  absl::Time time;
  std::string problem;
  if (!absl::StartsWith(text, "NOW")) {
    if (absl::ParseTime("%Y-%m-%dT%H:%M:%E*SZ", text, &time, &problem) || absl::ParseTime("%Y-%m-%dT%H:%M:%E*S", text, &time, &problem) ||
        absl::ParseTime("%Y-%m-%d", text, &time, &problem)) {
      return time;
    }
    return std::nullopt;
  }
  time = now;
  std::string_view rest = std::string_view(text).substr(3);
  while (!rest.empty()) {
    const char sign = rest[0];
    size_t end = 1;
    while (end < rest.size() && rest[end] >= '0' && rest[end] <= '9') ++end;
    int count = 0;
    if (sign != '/' && !absl::SimpleAtoi(Absl(rest.substr(1, end - 1)), &count)) return std::nullopt;
    size_t stop = end;
    while (stop < rest.size() && rest[stop] >= 'A' && rest[stop] <= 'Z') ++stop;
    std::string_view unit = rest.substr(end, stop - end);
    if (unit.size() > 1 && unit.back() == 'S') unit.remove_suffix(1);
    absl::CivilSecond civil = absl::ToCivilSecond(time, absl::UTCTimeZone());
    if (sign == '/') {
      if (unit == "YEAR") civil = absl::CivilYear(civil);
      if (unit == "MONTH") civil = absl::CivilMonth(civil);
      if (unit == "DAY" || unit == "DATE") civil = absl::CivilDay(civil);
      if (unit == "HOUR") civil = absl::CivilHour(civil);
      time = absl::FromCivil(civil, absl::UTCTimeZone());
    } else {
      if (sign != '+' && sign != '-') return std::nullopt;
      if (sign == '-') count = -count;
      if (unit == "YEAR") time = absl::FromCivil(absl::CivilSecond(civil.year() + count, civil.month(), civil.day(), civil.hour(), civil.minute(), civil.second()), absl::UTCTimeZone());
      else if (unit == "MONTH") time = absl::FromCivil(absl::CivilSecond(civil.year(), civil.month() + count, civil.day(), civil.hour(), civil.minute(), civil.second()), absl::UTCTimeZone());
      else if (unit == "DAY") time += absl::Hours(24) * count;
      else if (unit == "HOUR") time += absl::Hours(count);
      else if (unit == "MINUTE") time += absl::Minutes(count);
      else return std::nullopt;
    }
    rest.remove_prefix(stop);
  }
  return time;
}

bool InRange(const Node& node, const Package& package, absl::Time now) {
  if (const auto time = TimeFieldOf(package, node.field)) {
    const auto from = node.value == "*" ? std::optional(absl::InfinitePast()) : MomentOf(node.value, now);
    const auto to = node.to == "*" ? std::optional(absl::InfiniteFuture()) : MomentOf(node.to, now);
    if (!from || !to) return false;
    return (node.from_included ? *time >= *from : *time > *from) && (node.to_included ? *time <= *to : *time < *to);
  }
  const auto values = ValuesOf(package, node.field);
  return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
    const bool above = node.value == "*" || (node.from_included ? value >= node.value : value > node.value);
    const bool below = node.to == "*" || (node.to_included ? value <= node.to : value < node.to);
    return above && below;
  });
}

// Reads a query from left to right.
class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<std::unique_ptr<Node>> Whole() {
    std::unique_ptr<Node> node = TRY(Either("", 0));
    if (at_ != text_.size()) return Wrong();
    return node;
  }

 private:
  using Parsed = absl::StatusOr<std::unique_ptr<Node>>;
  static constexpr int kDepthMax = 32;

  absl::Status Wrong() const {
    return Fail(absl::StatusCode::kInvalidArgument, "QUERY_SYNTAX", "The query cannot be read at the named position.", {{"at", absl::StrCat(at_)}});
  }
  void Blanks() {
    while (at_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
  }
  // Takes `word` if it stands here as a word of its own.
  bool Takes(std::string_view word) {
    Blanks();
    if (text_.substr(at_, word.size()) != word) return false;
    const size_t after = at_ + word.size();
    if (after < text_.size() && !absl::ascii_isspace(static_cast<unsigned char>(text_[after])) && text_[after] != '(') return false;
    at_ = after;
    return true;
  }
  bool AtEnd() {
    Blanks();
    return at_ == text_.size() || text_[at_] == ')';
  }

  Parsed Either(const std::string& field, int depth) {
    auto either = std::make_unique<Node>();
    either->kind = Node::Kind::kOr;
    do {
      either->parts.push_back(TRY(Both(field, depth)));
    } while (Takes("OR") || Takes("||"));
    if (either->parts.size() == 1) return std::move(either->parts[0]);
    return either;
  }

  Parsed Both(const std::string& field, int depth) {
    auto both = std::make_unique<Node>();
    both->kind = Node::Kind::kAnd;
    while (!AtEnd()) {
      const size_t before = at_;
      if (Takes("OR") || Takes("||")) {
        at_ = before;
        break;
      }
      if (Takes("AND") || Takes("&&")) continue;
      both->parts.push_back(TRY(One(field, depth)));
    }
    if (both->parts.empty()) return Wrong();
    if (both->parts.size() == 1) return std::move(both->parts[0]);
    return both;
  }

  Parsed One(const std::string& field, int depth) {
    if (depth > kDepthMax) return Wrong();
    const bool word_not = Takes("NOT");
    Blanks();
    const bool minus = !word_not && at_ < text_.size() && (text_[at_] == '-' || text_[at_] == '!');
    if (minus || (at_ < text_.size() && text_[at_] == '+')) ++at_;
    if (word_not || minus) {
      auto negated = std::make_unique<Node>();
      negated->kind = Node::Kind::kNot;
      negated->parts.push_back(TRY(One(field, depth + 1)));
      return negated;
    }
    if (at_ == text_.size()) return Wrong();
    if (text_[at_] == '(') {
      ++at_;
      std::unique_ptr<Node> inner = TRY(Either(field, depth + 1));
      Blanks();
      if (at_ == text_.size() || text_[at_] != ')') return Wrong();
      ++at_;
      return inner;
    }
    return Clause(field, depth);
  }

  // A value, or field:value.
  Parsed Clause(const std::string& field, int depth) {
    if (text_[at_] == '[' || text_[at_] == '{') return field.empty() ? Parsed(Wrong()) : Range(field);
    if (text_[at_] == '"') return Value(field, TRY(Quoted()), false);
    const size_t start = at_;
    std::string value;
    while (at_ < text_.size() && !absl::ascii_isspace(static_cast<unsigned char>(text_[at_])) && text_[at_] != ')' && text_[at_] != '(' &&
           text_[at_] != '"') {
      if (text_[at_] == ':' && field.empty() && at_ > start) {
        ++at_;
        return Named(value, depth);
      }
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_++]);
    }
    if (at_ == start) return Wrong();
    return Value(field, std::move(value), true);
  }

  Parsed Named(const std::string& name, int depth) {
    if (at_ == text_.size() || absl::ascii_isspace(static_cast<unsigned char>(text_[at_]))) return Wrong();
    if (text_[at_] == '(') return One(name, depth + 1);
    return Clause(name, depth);
  }

  absl::StatusOr<std::string> Quoted() {
    std::string value;
    for (++at_; at_ < text_.size() && text_[at_] != '"'; ++at_) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) ++at_;
      value.push_back(text_[at_]);
    }
    if (at_ == text_.size()) return Wrong();
    ++at_;
    return value;
  }

  Parsed Range(const std::string& field) {
    auto range = std::make_unique<Node>();
    range->kind = Node::Kind::kRange;
    range->field = field;
    range->from_included = text_[at_] == '[';
    const size_t end = text_.find_first_of("]}", at_);
    if (end == std::string_view::npos) return Wrong();
    range->to_included = text_[end] == ']';
    const std::string inside(text_.substr(at_ + 1, end - at_ - 1));
    const size_t middle = inside.find(" TO ");
    if (middle == std::string::npos) return Wrong();
    const auto trimmed = [](std::string part) {
      absl::StripAsciiWhitespace(&part);
      part.erase(std::remove(part.begin(), part.end(), '"'), part.end());
      return part;
    };
    range->value = trimmed(inside.substr(0, middle));
    range->to = trimmed(inside.substr(middle + 4));
    if (range->value.empty() || range->to.empty()) return Wrong();
    at_ = end + 1;
    return range;
  }

  static Parsed Value(const std::string& field, std::string value, bool bare) {
    auto node = std::make_unique<Node>();
    node->field = field;
    const bool everything = bare && value == "*";
    if (everything && (field.empty() || field == "*")) return node;
    if (field.empty() || IsText(field)) {
      node->kind = Node::Kind::kWord;
      if (bare) value.erase(std::remove(value.begin(), value.end(), '*'), value.end());
    } else if (bare && !value.empty() && value.back() == '*') {
      node->kind = Node::Kind::kPrefix;
      value.pop_back();
    } else {
      node->kind = Node::Kind::kEquals;
    }
    node->value = std::move(value);
    return node;
  }

  const std::string_view text_;
  size_t at_ = 0;
};

bool MatchesWord(const Node& node, const Shelf& shelf, size_t position) {
  for (const std::u32string& word : search::QueryWords(node.value)) {
    if (!shelf.HasWord(position, node.field.empty() ? "text" : node.field, word)) return false;
  }
  return true;
}

// How many of `count` words must be found.
size_t WordsNeeded(size_t count) {
  if (count <= 2) return count;
  return count <= 5 ? count - 1 : count * 4 / 5;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Node>> ParseQuery(std::string_view text) {
  if (absl::StripAsciiWhitespace(Absl(text)).empty()) return std::make_unique<Node>();
  return Parser(text).Whole();
}

bool Matches(const Node& node, const Shelf& shelf, size_t position, absl::Time now) {
  const auto holds = [&](const std::unique_ptr<Node>& part) { return Matches(*part, shelf, position, now); };
  const Package& package = *shelf.packages()[position];
  switch (node.kind) {
    case Node::Kind::kAll:
      return true;
    case Node::Kind::kAnd:
      return std::all_of(node.parts.begin(), node.parts.end(), holds);
    case Node::Kind::kOr:
      return std::any_of(node.parts.begin(), node.parts.end(), holds);
    case Node::Kind::kNot:
      return !holds(node.parts[0]);
    case Node::Kind::kWord:
      return MatchesWord(node, shelf, position);
    case Node::Kind::kRange:
      return InRange(node, package, now);
    case Node::Kind::kPrefix:
    case Node::Kind::kEquals: {
      const auto values = ValuesOf(package, node.field);
      return std::any_of(values.begin(), values.end(), [&](const std::string& value) {
        return node.kind == Node::Kind::kEquals ? absl::EqualsIgnoreCase(value, node.value) : absl::StartsWithIgnoreCase(value, node.value);
      });
    }
  }
  return false;
}

bool SpeaksOfNow(std::string_view text) { return text.find("NOW") != std::string_view::npos; }

absl::StatusOr<std::vector<Hit>> Find(std::string_view q, const std::vector<std::string>& filters, const Shelf& shelf, absl::Time now) {
  std::vector<std::unique_ptr<Node>> conditions;
  for (const std::string& filter : filters) conditions.push_back(TRY(ParseQuery(filter)));
  std::unique_ptr<Node> asked = TRY(ParseQuery(q));
  std::vector<std::u32string> words;
  const auto take = [&](std::unique_ptr<Node> part) {
    if (part->kind != Node::Kind::kWord || !part->field.empty()) return conditions.push_back(std::move(part));
    for (std::u32string& word : search::QueryWords(part->value)) words.push_back(std::move(word));
  };
  if (asked->kind == Node::Kind::kAnd) {
    for (auto& part : asked->parts) take(std::move(part));
  } else {
    take(std::move(asked));
  }
  const size_t needed = WordsNeeded(words.size());
  std::map<uint32_t, std::pair<size_t, int>> found;  // words found and their weights, by position
  for (const std::u32string& word : words) {
    for (const auto& [position, weight] : shelf.WithWord(word)) {
      ++found[position].first;
      found[position].second += weight;
    }
  }
  std::vector<Hit> hits;
  const auto consider = [&](uint32_t position, int score) {
    const bool all = std::all_of(conditions.begin(), conditions.end(),
                                 [&](const std::unique_ptr<Node>& node) { return Matches(*node, shelf, position, now); });
    if (all) hits.push_back({position, score});
  };
  if (words.empty()) {
    for (uint32_t i = 0; i < shelf.packages().size(); ++i) consider(i, 1);
  } else {
    for (const auto& [position, one] : found) {
      if (one.first >= needed) consider(position, one.second);
    }
  }
  return hits;
}

}  // namespace zhanqiao::portal
