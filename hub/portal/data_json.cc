// /data.json: DCAT-US 1.1 as cities publish it, without the fields only federal bodies have.
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "catalog/base/clock.h"
#include "hub/portal/dcat.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

constexpr size_t kRightsMax = 255;  // bytes; cut between characters

std::string Cut(std::string text) {
  if (text.size() <= kRightsMax) return text;
  size_t end = kRightsMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  text.resize(end);
  return text;
}

json::object DistributionOf(const Package& package, const File& file) {
  const v1::Distribution& one = *file.distribution;
  json::object distribution = {{"@type", "dcat:Distribution"},
                               {"title", one.title().empty() ? package.dataset.title() : one.title()},
                               {"format", file.format}};
  if (one.address().empty()) {
    distribution["downloadURL"] = file.address;
    distribution["mediaType"] = file.media;
    distribution["describedBy"] = absl::StrCat(std::string(1, kSite), "/dictionary/", package.name, "/", one.id(), ".json");
    distribution["describedByType"] = "application/json";
  } else {
    distribution["accessURL"] = one.address();
  }
  return distribution;
}

json::object DatasetOf(const Package& package, const std::string& email) {
  const v1::Dataset& dataset = package.dataset;
  const bool controlled = dataset.access() == v1::DATASET_ACCESS_CONTROLLED;
  json::array keywords;
  for (const std::string& tag : dataset.tags()) keywords.push_back(json::string(tag));
  if (keywords.empty()) keywords.push_back(json::string(package.body.title));
  json::array themes, distributions;
  for (const Party& theme : package.themes) themes.push_back(json::string(theme.title));
  for (const File& file : package.files) distributions.push_back(DistributionOf(package, file));
  const std::string mail = dataset.contact().email().empty() ? email : dataset.contact().email();
  json::object one = {
      {"@type", "dcat:Dataset"},
      {"identifier", package.id},
      {"title", dataset.title()},
      {"description", dataset.description()},
      {"keyword", std::move(keywords)},
      {"modified", absl::FormatTime("%Y-%m-%dT%H:%M:%SZ", package.modified, absl::UTCTimeZone())},
      {"issued", dataset.issue_date()},
      {"publisher", {{"@type", "org:Organization"}, {"name", package.body.title}}},
      {"contactPoint", {{"@type", "vcard:Contact"}, {"fn", dataset.contact().unit()}, {"hasEmail", absl::StrCat("mailto:", mail)}}},
      {"accessLevel", controlled ? "restricted public" : "public"},
      {"license", json::string(LicenseOf(dataset.license()).url)},
      {"landingPage", absl::StrCat(std::string(1, kSite), "/dataset/", package.name)},
      {"language", {"zh-CN"}},
      {"distribution", std::move(distributions)}};
  if (controlled) one["rights"] = Cut("有条件开放：向提供部门申请后获取。Given on request by the provider.");
  const std::string_view iso = FrequencyOf(dataset.update_cycle()).iso;
  if (!iso.empty()) one["accrualPeriodicity"] = json::string(iso);
  if (!themes.empty()) one["theme"] = std::move(themes);
  if (!dataset.spatial().empty()) one["spatial"] = dataset.spatial();
  if (!dataset.temporal_start().empty() && !dataset.temporal_end().empty()) {
    one["temporal"] = absl::StrCat(dataset.temporal_start(), "/", dataset.temporal_end());
  }
  return one;
}

}  // namespace

Page DataJson(const Shelf& shelf, const std::string& email) {
  json::array datasets;
  for (const PackagePtr& package : shelf.packages()) datasets.push_back(DatasetOf(*package, email));
  Page page;
  page.body = json::serialize(json::object{{"@context", "https://project-open-data.cio.gov/v1.1/schema/catalog.jsonld"},
                                           {"@id", absl::StrCat(std::string(1, kSite), "/data.json")},
                                           {"@type", "dcat:Catalog"},
                                           {"conformsTo", "https://project-open-data.cio.gov/v1.1/schema"},
                                           {"describedBy", "https://project-open-data.cio.gov/v1.1/schema/catalog.json"},
                                           {"dataset", std::move(datasets)}});
  return page;
}

}  // namespace zhanqiao::portal
