#include "catalog/search/search_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/search/facets.h"
#include "catalog/search/highlight.h"
#include "catalog/search/page_token.h"
#include "catalog/search/query.h"
#include "catalog/search/terms.h"
#include "catalog/search/text.h"

namespace zhanqiao::search {
namespace {

constexpr uint32_t kPageDefault = 20;
constexpr uint32_t kPageMax = 200;
constexpr uint32_t kDepthMax = 10'000;  // hits that can be paged through
constexpr uint32_t kDrift =
    100;  // hits looked through around the start of a page for where the last one ended
constexpr size_t kSnippetPoints = 80;
constexpr int kFieldsShown = 5;
constexpr int kSuggestionsDefault = 10;
constexpr int kSuggestionsMax = 50;

absl::StatusOr<uint32_t> PageSizeOf(int requested) {
  if (requested < 0) return BadField("PAGE_SIZE_INVALID", "page_size", "Send a number from 0 to 200.");
  return requested == 0 ? kPageDefault : std::min(static_cast<uint32_t>(requested), kPageMax);
}

// What was found on one state of the index.
struct Found {
  std::vector<std::string> names;  // of the page, in order
  uint32_t first_rank = 0;         // of the first of them
  int64_t total = 0;
  bool relaxed = false;
  std::vector<v1::Facet> facets;
};

struct Asked {
  std::vector<std::u32string> words;
  Xapian::Query filter;
  PageStart start;
  uint32_t page_size = 0;
};

Xapian::Enquire EnquireFor(const Xapian::Database& database, const Xapian::Query& query, const Asked& asked,
                           v1::SearchOrder order) {
  Xapian::Enquire enquire(database);
  enquire.set_weighting_scheme(Xapian::CoordWeight());
  enquire.set_query(Xapian::Query(Xapian::Query::OP_FILTER, query, asked.filter));
  SetOrder(order, enquire);
  return enquire;
}

// The names of the page within `window`, whose first hit has the rank `first`.
void TakePage(const Xapian::MSet& window, uint32_t first, const Asked& asked, Found& found) {
  std::vector<std::string> names;
  for (auto hit = window.begin(); hit != window.end(); ++hit) names.push_back(hit.get_document().get_data());
  uint32_t skip = std::min<uint32_t>(asked.start.rank - first, static_cast<uint32_t>(names.size()));
  const auto last = std::find(names.begin(), names.end(), asked.start.last);
  if (last != names.end()) skip = static_cast<uint32_t>(last - names.begin()) + 1;
  found.first_rank = first + skip;
  const size_t end = std::min<size_t>(names.size(), size_t{skip} + asked.page_size);
  found.names.assign(names.begin() + skip, names.begin() + static_cast<std::ptrdiff_t>(end));
}

Found Find(const Xapian::Database& database, const Xapian::Query& query, const Asked& asked,
           const v1::SearchResourcesRequest& request, const Providers& providers) {
  Xapian::Enquire enquire = EnquireFor(database, query, asked, request.order());
  FacetCounts counts;
  if (request.facets()) enquire.add_matchspy(&counts);
  const uint32_t drift = asked.start.last.empty() ? 0 : kDrift;
  const uint32_t first = asked.start.rank - std::min(asked.start.rank, drift);
  // All matches are looked at, so that the total and the facets are exact.
  const Xapian::MSet window =
      enquire.get_mset(first, asked.page_size + 2 * drift, std::max(database.get_doccount(), 1u));
  Found found;
  found.total = window.get_matches_estimated();
  TakePage(window, first, asked, found);
  if (request.facets()) found.facets = counts.Facets(providers);
  return found;
}

// Whether the newest version, which may be newer than the index, is still for `caller`.
bool MaySee(const Caller& caller, const v1::Resource& resource) {
  return resource.state() == v1::RESOURCE_STATE_PUBLISHED || caller.HasRole("office") ||
         (!caller.organization.empty() && resource.provider() == caller.organization);
}

}  // namespace

SearchService::SearchService(SearchIndex& index, const catalog::Catalog& catalog, const Providers& providers)
    : index_(index), catalog_(catalog), providers_(providers) {}

v1::SearchHit SearchService::HitOf(const v1::Resource& resource, const Highlighter& highlighter) const {
  v1::SearchHit hit;
  hit.set_name(resource.name());
  hit.set_resource_code(resource.resource_code());
  highlighter.Whole(resource.display_name(), *hit.mutable_display_name());
  highlighter.Snippet(resource.abstract(), kSnippetPoints, *hit.mutable_abstract());
  for (const v1::Field& field : resource.fields()) {
    v1::TextSegments shown;
    if (hit.fields_size() < kFieldsShown &&
        highlighter.Whole(field.display_name(), *shown.mutable_segments())) {
      *hit.add_fields() = std::move(shown);
    }
  }
  hit.set_provider(resource.provider());
  hit.set_provider_display_name(
      providers_.NameOf(resource.provider().substr(resource.provider().find('/') + 1)));
  hit.set_share_type(resource.share_type());
  hit.set_open_type(resource.open_type());
  hit.set_update_cycle(resource.update_cycle());
  hit.set_format_category(resource.format_category());
  hit.set_base_database(resource.base_database());
  hit.set_state(resource.state());
  hit.set_release_date(resource.release_date());
  hit.set_legacy_code(resource.legacy_code());
  return hit;
}

absl::StatusOr<v1::SearchResourcesResponse> SearchService::SearchResources(
    const Caller& caller, const v1::SearchResourcesRequest& request) {
  Asked asked;
  asked.words = TRY(WordsOf(request.text()));
  asked.filter = TRY(FilterFor(caller, request.filter()));
  asked.page_size = TRY(PageSizeOf(request.page_size()));
  asked.start = TRY(PageStartOf(caller, request));
  if (asked.start.rank >= kDepthMax) {
    return BadField("PAGE_TOO_DEEP", "page_token",
                    "Pages end after 10,000 hits; narrow the search with words or filters.");
  }
  Found found;
  const uint64_t reached =
      TRY(index_.Read(request.min_ledger_index(), caller.deadline, [&](const Xapian::Database& database) {
        found = Find(database, AllWords(request.text(), asked.words, providers_), asked, request, providers_);
        if (found.total > 0 || asked.words.empty()) return;
        found = Find(database, SomeWords(database, asked.words, providers_), asked, request, providers_);
        found.relaxed = found.total > 0;
      }));
  v1::SearchResourcesResponse response;
  const Highlighter highlighter(asked.words, found.relaxed);
  for (const std::string& name : found.names) {
    const auto resource = catalog_.FindResource(name);
    if (resource != nullptr && MaySee(caller, *resource))
      *response.add_hits() = HitOf(*resource, highlighter);
  }
  response.set_total_size(found.total);
  for (v1::Facet& facet : found.facets) *response.add_facets() = std::move(facet);
  response.set_relaxed(found.relaxed);
  response.set_ledger_index(reached);
  const PageStart next{found.first_rank + static_cast<uint32_t>(found.names.size()),
                       found.names.empty() ? "" : found.names.back()};
  if (!found.names.empty() && next.rank < found.total)
    response.set_next_page_token(TokenFor(caller, request, next));
  return response;
}

absl::StatusOr<v1::SuggestTermsResponse> SearchService::SuggestTerms(const Caller& caller,
                                                                     const v1::SuggestTermsRequest& request) {
  if (request.page_size() < 0)
    return BadField("PAGE_SIZE_INVALID", "page_size", "Send a number from 0 to 50.");
  const int most =
      request.page_size() == 0 ? kSuggestionsDefault : std::min(request.page_size(), kSuggestionsMax);
  Asked asked;
  asked.words = TRY(WordsOf(request.text()));
  asked.filter = TRY(FilterFor(caller, {}));
  v1::SuggestTermsResponse response;
  if (asked.words.empty()) return response;
  const auto add = [&](std::string text, std::string name) {
    if (response.suggestions_size() >= most) return;
    v1::Suggestion& suggestion = *response.add_suggestions();
    suggestion.set_text(std::move(text));
    suggestion.set_name(std::move(name));
  };
  if (asked.words.size() == 1) {
    for (const std::string& code : providers_.Matching(asked.words.front()))
      add(providers_.NameOf(code), "organizations/" + code);
  }
  std::vector<std::string> names;
  TRY(index_.Read(0, caller.deadline, [&](const Xapian::Database& database) {
    names.clear();
    Xapian::Enquire enquire = EnquireFor(database, InName(asked.words), asked, v1::SEARCH_ORDER_RELEVANCE);
    const Xapian::MSet best = enquire.get_mset(0, static_cast<Xapian::doccount>(most));
    for (auto hit = best.begin(); hit != best.end(); ++hit) names.push_back(hit.get_document().get_data());
  }));
  for (const std::string& name : names) {
    const auto resource = catalog_.FindResource(name);
    if (resource != nullptr && MaySee(caller, *resource)) add(resource->display_name(), name);
  }
  return response;
}

}  // namespace zhanqiao::search
