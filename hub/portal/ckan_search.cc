// CKAN's actions that search.
#include <algorithm>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/search/text.h"
#include "hub/portal/ckan.h"
#include "hub/portal/query.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

constexpr int64_t kRowsMax = 1000;

CkanError BadQuery(std::string_view message) { return {400, "Search Query Error", {{"message", json::string(message)}}, ""}; }

// A whole number from 0; nothing and `error` set otherwise.
int64_t Natural(const CkanParams& params, std::string_view name, int64_t absent, std::optional<CkanError>& error) {
  auto number = params.Whole(name, absent);
  if (auto* wrong = std::get_if<CkanError>(&number)) {
    if (!error) error = std::move(*wrong);
    return absent;
  }
  const int64_t value = std::get<int64_t>(number);
  if (value < 0 && !error) error = CkanInvalid(name, "Must be a natural number");
  return value;
}

// Orders hits as `sort` says: "field asc, field desc". Hits equal in all of it keep the order of ids.
class Order {
 public:
  static std::optional<Order> Of(const std::string& sort, const Usage& usage) {
    Order order(usage);
    for (const absl::string_view part : absl::StrSplit(sort, ',')) {
      const std::vector<std::string> words = absl::StrSplit(part, ' ', absl::SkipEmpty());
      if (words.empty() || words.size() > 2) return std::nullopt;
      const std::string direction = words.size() == 2 ? absl::AsciiStrToLower(words[1]) : "asc";
      static const auto* const known = new std::map<std::string, int>{
          {"score", 0}, {"id", 1},    {"name", 2},          {"title", 3},       {"title_string", 3}, {"metadata_modified", 4},
          {"metadata_created", 5},    {"views_total", 6},   {"views_recent", 6}, {"popularity", 6}};
      const auto field = known->find(words[0]);
      if (field == known->end() || (direction != "asc" && direction != "desc")) return std::nullopt;
      order.keys_.push_back({field->second, direction == "desc"});
    }
    return order;
  }
  bool operator()(const Hit& a, const Hit& b, const Shelf& shelf) const {
    for (const auto& [field, descending] : keys_) {
      const int compared = Compare(field, a, b, shelf);
      if (compared != 0) return descending ? compared > 0 : compared < 0;
    }
    return a.position < b.position;
  }
  bool by_usage() const {
    return std::any_of(keys_.begin(), keys_.end(), [](const auto& key) { return key.first == 6; });
  }

 private:
  explicit Order(const Usage& usage) : usage_(&usage) {}
  template <typename T>
  static int Sign(const T& a, const T& b) {
    return a < b ? -1 : b < a ? 1 : 0;
  }
  int Compare(int field, const Hit& a, const Hit& b, const Shelf& shelf) const {
    const Package& one = *shelf.packages()[a.position];
    const Package& other = *shelf.packages()[b.position];
    switch (field) {
      case 0:
        return Sign(a.score, b.score);
      case 1:
        return Sign(one.id, other.id);
      case 2:
        return Sign(one.name, other.name);
      case 3:
        return Sign(one.dataset.title(), other.dataset.title());
      case 4:
        return Sign(one.modified, other.modified);
      case 5:
        return Sign(one.created, other.created);
      default:
        return Sign(usage_->Of(one.dataset.name()).downloads, usage_->Of(other.dataset.name()).downloads);
    }
  }
  const Usage* usage_;
  std::vector<std::pair<int, bool>> keys_;
};

// What a package is counted under in one facet: name and display name.
std::vector<std::pair<std::string, std::string>> FacetValues(const Package& package, std::string_view field) {
  std::vector<std::pair<std::string, std::string>> values;
  const v1::Dataset& dataset = package.dataset;
  if (field == "organization") values.emplace_back(package.body.name, package.body.title);
  if (field == "owner_org") values.emplace_back(package.body.id, package.body.title);
  if (field == "groups") {
    for (const Party& theme : package.themes) values.emplace_back(theme.name, theme.title);
  }
  if (field == "tags") {
    for (const std::string& tag : dataset.tags()) values.emplace_back(tag, tag);
  }
  if (field == "res_format") {
    for (const std::string& format : package.formats) values.emplace_back(format, format);
  }
  if (field == "license_id") values.emplace_back(dataset.license(), std::string(LicenseOf(dataset.license()).title));
  if (field == "update_cycle") values.emplace_back(package.frequency, std::string(FrequencyOf(dataset.update_cycle()).chinese));
  if (field == "access_rights") {
    const bool controlled = dataset.access() == v1::DATASET_ACCESS_CONTROLLED;
    values.emplace_back(controlled ? "restricted" : "public", controlled ? "有条件开放" : "无条件开放");
  }
  return values;
}

struct Facets {
  json::object counts;    // CKAN's old form
  json::object detailed;  // search_facets
};

Facets CountFacets(const std::vector<std::string>& fields, const std::vector<Hit>& hits, const Shelf& shelf, int64_t limit, int64_t least) {
  Facets facets;
  for (const std::string& field : fields) {
    std::map<std::string, std::pair<int64_t, std::string>> counts;
    for (const Hit& hit : hits) {
      for (auto& [name, display] : FacetValues(*shelf.packages()[hit.position], field)) {
        auto& one = counts[name];
        ++one.first;
        one.second = std::move(display);
      }
    }
    std::vector<std::pair<std::string, std::pair<int64_t, std::string>>> sorted(counts.begin(), counts.end());
    std::stable_sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.second.first > b.second.first; });
    json::object old;
    json::array items;
    for (const auto& [name, one] : sorted) {
      if (one.first < least || (limit >= 0 && static_cast<int64_t>(items.size()) >= limit)) break;
      old[name] = one.first;
      items.push_back({{"name", name}, {"display_name", one.second}, {"count", one.first}});
    }
    facets.detailed[field] = {{"title", field}, {"items", std::move(items)}};
    facets.counts[field] = std::move(old);
  }
  return facets;
}

}  // namespace

CkanResult Ckan::PackageSearch(const CkanParams& params, const Shelf& shelf) {
  std::optional<CkanError> error;
  const int64_t rows = Natural(params, "rows", 10, error);
  const int64_t start = Natural(params, "start", 0, error);
  const int64_t least = Natural(params, "facet.mincount", 1, error);
  auto limit = params.Whole("facet.limit", 50);
  if (auto* wrong = std::get_if<CkanError>(&limit)) return std::move(*wrong);
  if (error) return *std::move(error);
  const std::string q = params.Text("q");
  std::vector<std::string> filters = params.List("fq_list");
  if (!params.Text("fq").empty()) filters.push_back(params.Text("fq"));
  auto hits = Find(q, filters, shelf, clock_.Now());
  if (!hits.ok()) return BadQuery(absl::StrCat("Search Query is invalid: the query cannot be read at character ", FactOf(hits.status(), "at")));
  const std::string sort = params.Text("sort").empty() ? "score desc, metadata_modified desc" : params.Text("sort");
  const auto order = Order::Of(sort, usage_);
  if (!order) return BadQuery("Invalid \"sort\" parameter");
  std::sort(hits->begin(), hits->end(), [&](const Hit& a, const Hit& b) { return (*order)(a, b, shelf); });
  const bool counted = params.Flag("facet", true);
  const Facets facets =
      counted ? CountFacets(params.List("facet.field"), *hits, shelf, std::get<int64_t>(limit), least) : Facets();
  const size_t from = std::min<size_t>(hits->size(), static_cast<size_t>(start));
  const size_t to = from + std::min<size_t>(hits->size() - from, static_cast<size_t>(std::min(rows, kRowsMax)));
  std::string text = absl::StrCat("{\"count\": ", hits->size(), ", \"sort\": ", json::serialize(json::value(json::string(sort))),
                                  ", \"facets\": ", json::serialize(facets.counts), ", \"results\": [");
  for (size_t i = from; i < to; ++i) absl::StrAppend(&text, i > from ? "," : "", shelf.packages()[(*hits)[i].position]->json);
  absl::StrAppend(&text, "], \"search_facets\": ", json::serialize(facets.detailed), "}");
  CkanResult result = CkanResult(std::move(text)).As(Use::kSearch, "");
  result.keep = !order->by_usage() && !SpeaksOfNow(q) && std::none_of(filters.begin(), filters.end(), [](const auto& one) { return SpeaksOfNow(one); });
  return result;
}

CkanResult Ckan::PackageAutocomplete(const CkanParams& params, const Shelf& shelf) {
  std::optional<CkanError> error;
  const int64_t limit = Natural(params, "limit", 10, error);
  if (error) return *std::move(error);
  const std::u32string folded = search::Fold(params.Text("q")).points;
  if (folded.empty()) return CkanInvalid("q", "Missing value");
  json::array list;
  for (const PackagePtr& package : shelf.packages()) {
    if (static_cast<int64_t>(list.size()) == limit) break;
    const bool title = search::Fold(package->dataset.title()).points.find(folded) != std::u32string::npos;
    const bool name = search::Fold(package->name).points.find(folded) != std::u32string::npos;
    if (!title && !name) continue;
    list.push_back({{"name", package->name},
                    {"title", package->dataset.title()},
                    {"match_field", title ? "title" : "name"},
                    {"match_displayed", title ? absl::StrCat(package->dataset.title(), " (", package->name, ")") : package->name}});
  }
  return json::value(std::move(list));
}

CkanResult Ckan::FormatAutocomplete(const CkanParams& params, const Shelf& shelf) {
  std::optional<CkanError> error;
  const int64_t limit = Natural(params, "limit", 5, error);
  if (error) return *std::move(error);
  const std::string wanted = absl::AsciiStrToUpper(params.Text("q"));
  std::map<std::string, int> counts;
  for (const PackagePtr& package : shelf.packages()) {
    for (const std::string& format : package->formats) {
      if (absl::StrContains(format, wanted)) ++counts[format];
    }
  }
  json::array list;
  for (const auto& [format, count] : counts) {
    if (static_cast<int64_t>(list.size()) < limit) list.push_back(json::string(absl::AsciiStrToLower(format)));
  }
  return json::value(std::move(list));
}

CkanResult Ckan::ResourceSearch(const CkanParams& params, const Shelf& shelf) {
  std::optional<CkanError> error;
  const int64_t offset = Natural(params, "offset", 0, error);
  const int64_t limit = Natural(params, "limit", 1000, error);
  if (error) return *std::move(error);
  std::vector<std::pair<std::string, std::u32string>> terms;
  for (const std::string& query : params.List("query")) {
    const size_t colon = query.find(':');
    if (colon == std::string::npos) return CkanInvalid("query", "Must be <field>:<value> pair(s)");
    terms.emplace_back(query.substr(0, colon), search::Fold(query.substr(colon + 1)).points);
  }
  if (terms.empty()) return CkanInvalid("query", "Missing value");
  json::array found;
  int64_t count = 0;
  for (const PackagePtr& package : shelf.packages()) {
    for (size_t i = 0; i < package->files.size(); ++i) {
      json::object resource = ResourceJson(*package, package->files[i], i);
      const bool all = std::all_of(terms.begin(), terms.end(), [&](const auto& term) {
        const auto* value = resource.if_contains(term.first);
        if (value == nullptr || !value->is_string()) return false;
        const std::u32string text = search::Fold(std::string(value->as_string())).points;
        // Digests are found by their beginning, everything else by a part.
        return term.first == "hash" ? text.rfind(term.second, 0) == 0 : text.find(term.second) != std::u32string::npos;
      });
      if (!all) continue;
      if (count++ < offset || static_cast<int64_t>(found.size()) >= std::min(limit, kRowsMax)) continue;
      found.push_back(std::move(resource));
    }
  }
  return json::value({{"count", count}, {"results", std::move(found)}});
}

}  // namespace zhanqiao::portal
