// CKAN's actions that list and show.
#include <algorithm>
#include <numeric>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "catalog/base/text.h"
#include "catalog/search/text.h"
#include "hub/portal/ckan.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

constexpr int64_t kListMax = 1000;
constexpr int64_t kFullListMax = 25;

// A page of a list by `limit` and `offset`; an error for a negative one.
struct Span {
  size_t from = 0;
  size_t to = 0;
  std::optional<CkanError> error;
};

Span SpanOf(const CkanParams& params, size_t size, int64_t limit_absent) {
  int64_t numbers[2] = {limit_absent, 0};
  const std::string_view names[2] = {"limit", "offset"};
  for (int i = 0; i < 2; ++i) {
    auto number = params.Whole(names[i], numbers[i]);
    if (auto* error = std::get_if<CkanError>(&number)) return {0, 0, std::move(*error)};
    numbers[i] = std::get<int64_t>(number);
    if (numbers[i] < 0) return {0, 0, CkanInvalid(names[i], "Must be a natural number")};
  }
  const size_t from = std::min(size, static_cast<size_t>(numbers[1]));
  return {from, from + std::min(size - from, static_cast<size_t>(numbers[0])), std::nullopt};
}

bool ByName(const Shelf::Counted& a, const Shelf::Counted& b) { return a.party.name < b.party.name; }

// Bodies or themes in the order asked for: "name asc" (default), "title", "package_count", each asc or desc.
std::vector<Shelf::Counted> Sorted(std::vector<Shelf::Counted> parties, const std::string& sort) {
  std::sort(parties.begin(), parties.end(), ByName);
  if (absl::StartsWith(sort, "package_count")) {
    std::stable_sort(parties.begin(), parties.end(), [](const auto& a, const auto& b) { return a.packages < b.packages; });
  } else if (absl::StartsWith(sort, "title")) {
    std::stable_sort(parties.begin(), parties.end(), [](const auto& a, const auto& b) { return a.party.title < b.party.title; });
  }
  if (absl::EndsWith(sort, "desc")) std::reverse(parties.begin(), parties.end());
  return parties;
}

CkanResult PartyList(const CkanParams& params, const std::vector<Shelf::Counted>& all, bool bodies) {
  const bool full = params.Flag("all_fields", false);
  const std::vector<Shelf::Counted> sorted = Sorted(all, params.Text("sort"));
  Span span = SpanOf(params, sorted.size(), full ? kFullListMax : kListMax);
  if (span.error) return *std::move(span.error);
  json::array list;
  for (size_t i = span.from; i < span.to; ++i) {
    const Shelf::Counted& one = sorted[i];
    if (!full) {
      list.push_back(json::string(one.party.name));
    } else {
      list.push_back(bodies ? OrganizationJson(one.party, one.packages, one.created) : GroupJson(one.party, one.packages));
    }
  }
  return json::value(std::move(list));
}

std::string Joined(const std::vector<PackagePtr>& packages, size_t from, size_t to) {
  std::string text = "[";
  for (size_t i = from; i < to; ++i) absl::StrAppend(&text, i > from ? "," : "", packages[i]->json);
  return text + "]";
}

template <typename Keep>
std::vector<PackagePtr> Those(const Shelf& shelf, const Keep& keep) {
  std::vector<PackagePtr> kept;
  std::copy_if(shelf.packages().begin(), shelf.packages().end(), std::back_inserter(kept), keep);
  return kept;
}

CkanResult PartyShow(const CkanParams& params, const std::vector<Shelf::Counted>& all, const Shelf& shelf, bool bodies) {
  const std::string id = params.Text("id");
  if (id.empty()) return CkanInvalid("id", "Missing value");
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& one) { return one.party.name == id || one.party.id == id; });
  if (found == all.end()) return CkanNotFound();
  json::object shown = bodies ? OrganizationJson(found->party, found->packages, found->created) : GroupJson(found->party, found->packages);
  shown["extras"] = json::array();
  shown["users"] = json::array();
  shown["tags"] = json::array();
  shown["groups"] = json::array();
  if (!params.Flag("include_datasets", false)) return json::value(std::move(shown));
  const auto packages = Those(shelf, [&](const PackagePtr& package) {
    return bodies ? package->body.id == found->party.id
                  : std::any_of(package->themes.begin(), package->themes.end(), [&](const Party& theme) { return theme.id == found->party.id; });
  });
  std::string text = json::serialize(shown);
  text.pop_back();
  return absl::StrCat(text, ",\"packages\":", Joined(packages, 0, std::min<size_t>(packages.size(), kListMax)), "}");
}

}  // namespace

CkanResult Ckan::StatusShow(const CkanParams&, const Shelf&) {
  return json::value({{"site_title", "青岛公共数据开放平台（栈桥）"},
                      {"site_description", "Open data of Qingdao's public bodies"},
                      {"site_url", std::string(1, kSite)},
                      {"error_emails_to", nullptr},
                      {"locale_default", "zh_Hans_CN"},
                      {"extensions", {"dcat", "datastore"}},
                      {"ckan_version", "2.11.0"}});
}

CkanResult Ckan::PackageList(const CkanParams& params, const Shelf& shelf) {
  std::vector<std::string> names;
  for (const PackagePtr& package : shelf.packages()) names.push_back(package->name);
  std::sort(names.begin(), names.end());
  Span span = SpanOf(params, names.size(), static_cast<int64_t>(names.size()));
  if (span.error) return *std::move(span.error);
  json::array list;
  for (size_t i = span.from; i < span.to; ++i) list.push_back(json::string(names[i]));
  return json::value(std::move(list));
}

CkanResult Ckan::CurrentPackageList(const CkanParams& params, const Shelf& shelf) {
  std::vector<PackagePtr> packages = shelf.packages();
  std::stable_sort(packages.begin(), packages.end(), [](const auto& a, const auto& b) { return a->modified > b->modified; });
  Span span = SpanOf(params, packages.size(), 20);
  if (span.error) return *std::move(span.error);
  return Joined(packages, span.from, std::min(span.to, span.from + kListMax));
}

CkanResult Ckan::PackageShow(const CkanParams& params, const Shelf& shelf) {
  std::string id = params.Text("id");
  if (id.empty()) id = params.Text("name_or_id");
  if (id.empty()) return CkanInvalid("name_or_id", "Missing value");
  const PackagePtr package = shelf.Find(id);
  if (package == nullptr) return CkanNotFound();
  return CkanResult(package->json).As(Use::kView, package->dataset.name());
}

CkanResult Ckan::ResourceShow(const CkanParams& params, const Shelf& shelf) {
  const std::string id = params.Text("id");
  if (id.empty()) return CkanInvalid("id", "Missing value");
  const auto [package, file] = shelf.FindFile(id);
  if (package == nullptr) return CkanNotFound("Resource was not found.");
  return json::value(ResourceJson(*package, *file, static_cast<size_t>(file - package->files.data())));
}

CkanResult Ckan::OrganizationList(const CkanParams& params, const Shelf& shelf) { return PartyList(params, shelf.bodies(), true); }
CkanResult Ckan::OrganizationShow(const CkanParams& params, const Shelf& shelf) { return PartyShow(params, shelf.bodies(), shelf, true); }
CkanResult Ckan::GroupList(const CkanParams& params, const Shelf& shelf) { return PartyList(params, shelf.themes(), false); }
CkanResult Ckan::GroupShow(const CkanParams& params, const Shelf& shelf) { return PartyShow(params, shelf.themes(), shelf, false); }

CkanResult Ckan::TagList(const CkanParams& params, const Shelf& shelf) {
  const std::string query = params.Text("query").empty() ? params.Text("q") : params.Text("query");
  const std::u32string folded = search::Fold(query).points;
  json::array list;
  for (const auto& [tag, count] : shelf.tags()) {
    if (search::Fold(tag).points.find(folded) == std::u32string::npos) continue;
    if (params.Flag("all_fields", false)) {
      list.push_back(TagJson(tag));
    } else {
      list.push_back(json::string(tag));
    }
  }
  return json::value(std::move(list));
}

CkanResult Ckan::TagShow(const CkanParams& params, const Shelf& shelf) {
  const std::string id = params.Text("id");
  if (id.empty()) return CkanInvalid("id", "Missing value");
  for (const auto& [tag, count] : shelf.tags()) {
    if (tag != id && TagJson(tag)["id"].as_string() != id) continue;
    if (!params.Flag("include_datasets", false)) return json::value(TagJson(tag));
    const auto packages = Those(shelf, [&, wanted = tag](const PackagePtr& package) {
      const auto& tags = package->dataset.tags();
      return std::find(tags.begin(), tags.end(), wanted) != tags.end();
    });
    std::string text = json::serialize(TagJson(tag));
    text.pop_back();
    return absl::StrCat(text, ",\"packages\":", Joined(packages, 0, std::min<size_t>(packages.size(), kListMax)), "}");
  }
  return CkanNotFound();
}

CkanResult Ckan::LicenseList(const CkanParams&, const Shelf&) {
  json::array list;
  for (const License& one : Licenses()) {
    list.push_back({{"id", json::string(one.id)},
                    {"title", json::string(one.title)},
                    {"url", json::string(one.url)},
                    {"status", "active"},
                    {"od_conformance", "approved"},
                    {"domain_data", true},
                    {"domain_content", true},
                    {"domain_software", false},
                    {"is_generic", false}});
  }
  return json::value(std::move(list));
}

CkanResult Ckan::HelpShow(const CkanParams& params, const Shelf&) {
  const std::string name = params.Text("name");
  if (name.empty()) return CkanInvalid("name", "Missing value");
  for (const Action& action : Table()) {
    if (action.name == name) return json::value(json::string(action.help));
  }
  return CkanNotFound(absl::StrCat("Action function not found"));
}

}  // namespace zhanqiao::portal
