#include "catalog/search/query.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/model/names.h"
#include "catalog/search/terms.h"
#include "catalog/search/text.h"

namespace zhanqiao::search {
namespace {

using Xapian::Query;

constexpr size_t kTextPointsMax = 200;
constexpr size_t kWordsMax = 16;
constexpr int kFilterValuesMax = 200;
constexpr size_t kOrganizationsPrefix = sizeof "organizations/" - 1;

struct Place {
  std::string_view prefix;
  double weight;
};
constexpr Place kPlaces[] = {
    {kInName, kNameWeight}, {kInAbstract, kAbstractWeight}, {kInFields, kFieldsWeight}};

Query Weighing(double weight, const Query& query) {
  return Query(Query::OP_SCALE_WEIGHT, query, weight);
}

// All grams in one place. One of them carries the weight, the others only decide.
Query InPlace(const Place& place, const std::vector<std::string>& grams) {
  std::vector<Query> terms;
  for (const std::string& gram : grams) terms.emplace_back(Term(place.prefix, gram));
  if (terms.size() == 1) return Weighing(place.weight, terms.front());
  const Query others(Query::OP_AND, terms.begin() + 1, terms.end());
  return Weighing(place.weight, Query(Query::OP_FILTER, terms.front(), others));
}

void AddProviders(std::u32string_view word, const Providers& providers, std::vector<Query>& ways) {
  std::vector<Query> terms;
  for (const std::string& code : providers.Matching(word)) terms.emplace_back(Term(kProvider, code));
  if (!terms.empty())
    ways.push_back(Weighing(kProviderWeight, Query(Query::OP_MAX, terms.begin(), terms.end())));
}

Query OneWord(const std::u32string& word, const Providers& providers) {
  std::vector<Query> ways;
  const std::vector<std::string> grams = QueryGrams(word);
  for (const Place& place : kPlaces) ways.push_back(InPlace(place, grams));
  const std::string code = CodeKey(ToUtf8(word));
  if (code.size() >= 2) ways.push_back(Weighing(kCodeWeight, Query(Term(kCode, code))));
  AddProviders(word, providers, ways);
  return Query(Query::OP_MAX, ways.begin(), ways.end());
}

absl::Status BadFilter(std::string_view field, std::string_view expected) {
  return BadField("FILTER_VALUE", absl::StrCat("filter.", Absl(field)), expected);
}

class FilterBuilder {
 public:
  // Any of `terms`; nothing asked when there are none.
  void AnyOf(const std::vector<std::string>& terms) {
    if (terms.empty()) return;
    const std::vector<Query> queries(terms.begin(), terms.end());
    Add(Query(Query::OP_OR, queries.begin(), queries.end()));
  }
  void Add(const Query& query) { all_.push_back(query); }
  Query Take() const { return Query(Query::OP_AND, all_.begin(), all_.end()); }

 private:
  std::vector<Query> all_;
};

template <typename Values, typename TermOf>
absl::Status AddTexts(const Values& values, std::string_view field, std::string_view expected, TermOf term_of,
                      FilterBuilder& filter) {
  if (values.size() > kFilterValuesMax) return BadFilter(field, "Give at most 200 values.");
  std::vector<std::string> terms;
  for (const auto& value : values) {
    terms.push_back(term_of(value));
    if (terms.back().empty()) return BadFilter(field, expected);
  }
  filter.AnyOf(terms);
  return absl::OkStatus();
}

template <typename Values>
absl::Status AddEnums(const Values& values, std::string_view field, std::string_view prefix,
                      const google::protobuf::EnumDescriptor* type, FilterBuilder& filter) {
  return AddTexts(
      values, field, "Give values of the enum other than UNSPECIFIED.",
      [&](int value) {
        return value == 0 || type->FindValueByNumber(value) == nullptr ? std::string() : Term(prefix, value);
      },
      filter);
}

std::string CodeOf(std::string_view organization) {
  return std::string(organization.substr(kOrganizationsPrefix));
}

std::string DigitsTerm(std::string_view digits, size_t size) {
  const bool right = digits.size() == size &&
                     std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  return right ? Term(kClass, digits) : std::string();
}

std::string BaseTerm(std::string_view name) {
  const auto found = std::find(std::begin(kBaseDatabases) + 1, std::end(kBaseDatabases), name);
  return found == std::end(kBaseDatabases)
             ? std::string()
             : Term(kBaseDatabase, static_cast<int>(found - std::begin(kBaseDatabases)));
}

// Entries `caller` may see: the published ones, those of the own body, all for the office.
void AddVisible(const Caller& caller, bool states_given, FilterBuilder& filter) {
  const Query published(Term(kState, v1::RESOURCE_STATE_PUBLISHED));
  if (!caller.HasRole("office")) {
    Query own;
    if (catalog::IsOrganizationName(caller.organization))
      own = Query(Term(kProvider, CodeOf(caller.organization)));
    filter.Add(Query(Query::OP_OR, published, own));
  }
  if (states_given) return;
  std::vector<std::string> alive;
  for (const int state :
       {v1::RESOURCE_STATE_DRAFT, v1::RESOURCE_STATE_SUBMITTED, v1::RESOURCE_STATE_PUBLISHED}) {
    alive.push_back(Term(kState, state));
  }
  filter.AnyOf(alive);
}

}  // namespace

absl::StatusOr<std::vector<std::u32string>> WordsOf(std::string_view text) {
  // Bytes first: whatever is sent, only a short text is looked at closely.
  if (text.size() > 4 * kTextPointsMax || (IsCleanText(text) && CodePoints(text) > kTextPointsMax)) {
    return BadField("QUERY_TOO_LONG", "text", "Longer than 200 characters; search for a few words.");
  }
  if (!IsCleanText(text))
    return BadField("TEXT_INVALID", "text", "Send valid UTF-8 without control characters.");
  std::vector<std::u32string> words = QueryWords(text);
  if (words.size() > kWordsMax)
    return BadField("QUERY_TOO_LONG", "text", "More than 16 words; search for fewer.");
  if (words.empty() && text.find_first_not_of(' ') != std::string_view::npos) {
    return BadField("QUERY_WORDLESS", "text",
                    "Has neither characters nor letters nor digits; send a word, or nothing for all.");
  }
  return words;
}

absl::StatusOr<Xapian::Query> FilterFor(const Caller& caller, const v1::SearchFilter& filter) {
  FilterBuilder built;
  TRY(AddTexts(
      filter.providers(), "providers", "Give organizations/{code}.",
      [](const std::string& name) {
        return catalog::IsOrganizationName(name) ? Term(kProvider, CodeOf(name)) : std::string();
      },
      built));
  TRY(AddTexts(
      filter.classes(), "classes", "Give 类, one digit.",
      [](const std::string& digits) { return DigitsTerm(digits, 1); }, built));
  TRY(AddTexts(
      filter.items(), "items", "Give 类 and 项, three digits.",
      [](const std::string& digits) { return DigitsTerm(digits, 3); }, built));
  TRY(AddTexts(filter.base_databases(), "base_databases",
               "Give 自然人, 法人, 公共信用, 空间地理 or 行政执法.", BaseTerm, built));
  TRY(AddEnums(filter.share_types(), "share_types", kShareType, v1::ShareType_descriptor(), built));
  TRY(AddEnums(filter.open_types(), "open_types", kOpenType, v1::OpenType_descriptor(), built));
  TRY(AddEnums(filter.update_cycles(), "update_cycles", kUpdateCycle, v1::UpdateCycle_descriptor(), built));
  TRY(AddEnums(filter.format_categories(), "format_categories", kFormatCategory,
               v1::FormatCategory_descriptor(), built));
  TRY(AddEnums(filter.states(), "states", kState, v1::ResourceState_descriptor(), built));
  AddVisible(caller, filter.states_size() > 0, built);
  return built.Take();
}

Xapian::Query AllWords(std::string_view text, const std::vector<std::u32string>& words,
                       const Providers& providers) {
  if (words.empty()) return Query::MatchAll;
  std::vector<Query> all;
  for (const std::u32string& word : words) all.push_back(OneWord(word, providers));
  const Query found(Query::OP_AND, all.begin(), all.end());
  return Query(Query::OP_AND_MAYBE, found, Weighing(kWholeNameWeight, Query(WholeNameTerm(text))));
}

Xapian::Query SomeWords(const Xapian::Database& database, const std::vector<std::u32string>& words,
                        const Providers& providers) {
  std::vector<Query> some;
  const double documents = database.get_doccount() + 1.0;
  for (const std::u32string& word : words) {
    for (const std::string& gram : QueryGrams(word)) {
      std::vector<Query> ways;
      for (const Place& place : kPlaces) {
        const std::string term = Term(place.prefix, gram);
        const double rarity = std::log(documents / (database.get_termfreq(term) + 1.0)) + 1;
        ways.push_back(Weighing(place.weight * rarity, Query(term)));
      }
      some.emplace_back(Query::OP_MAX, ways.begin(), ways.end());
    }
    AddProviders(word, providers, some);
  }
  return Query(Query::OP_OR, some.begin(), some.end());
}

Xapian::Query InName(const std::vector<std::u32string>& words) {
  std::vector<Query> all;
  for (const std::u32string& word : words) all.push_back(InPlace(kPlaces[0], QueryGrams(word)));
  return Query(Query::OP_AND, all.begin(), all.end());
}

void SetOrder(v1::SearchOrder order, Xapian::Enquire& enquire) {
  switch (order) {
    case v1::SEARCH_ORDER_NAME:
      return enquire.set_sort_by_value(kNameSlot, false);
    case v1::SEARCH_ORDER_RELEASE_DATE:
      return enquire.set_sort_by_value(kReleaseSlot, false);
    case v1::SEARCH_ORDER_UPDATE:
      return enquire.set_sort_by_value(kUpdateSlot, false);
    default:
      return enquire.set_sort_by_relevance_then_value(kOrderSlot, false);
  }
}

}  // namespace zhanqiao::search
