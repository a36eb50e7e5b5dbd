// From what is asked to what Xapian is asked. Nothing of the text is parsed as an operator: words become
// terms here, by hand, and nowhere else.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <xapian.h>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/search/providers.h"
#include "zhanqiao/v1/search.pb.h"

namespace zhanqiao::search {

// What a word weighs by where it stands. A word weighs as the best place it stands in, however often it
// stands there, so that a name always beats an abstract, and an abstract a 信息项.
inline constexpr double kCodeWeight = 32;
inline constexpr double kNameWeight = 16;
inline constexpr double kAbstractWeight = 4;
inline constexpr double kProviderWeight = 3;
inline constexpr double kFieldsWeight = 2;
inline constexpr double kWholeNameWeight = 1000;  // the text is the whole name

// The words of a request's text. INVALID_ARGUMENT / TEXT_INVALID, QUERY_TOO_LONG, QUERY_WORDLESS.
absl::StatusOr<std::vector<std::u32string>> WordsOf(std::string_view text);

// Which entries may be asked for at all. INVALID_ARGUMENT / FILTER_VALUE.
absl::StatusOr<Xapian::Query> FilterFor(const Caller& caller, const v1::SearchFilter& filter);

// All of `words`, each wherever it stands; everything when there are none.
Xapian::Query AllWords(std::string_view text, const std::vector<std::u32string>& words,
                       const Providers& providers);

// Some of `words`, by their grams; the rarer ones weigh more.
Xapian::Query SomeWords(const Xapian::Database& database, const std::vector<std::u32string>& words,
                        const Providers& providers);

// All of `words` in the name.
Xapian::Query InName(const std::vector<std::u32string>& words);

void SetOrder(v1::SearchOrder order, Xapian::Enquire& enquire);

}  // namespace zhanqiao::search
