// Writes what the portal gives to machines into a directory (PORTAL_FORMS, or a temporary one), for validators written by
// others: forms_test.py runs this and looks at the files.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "catalog/storage/temporary_directory.h"
#include "hub/portal/test_portal.h"

namespace zhanqiao::portal {
namespace {

TEST(PortalForms, AreWrittenForOutsideValidators) {
  TestPortal city;
  city.Published();
  city.Offered("hostile", [](v1::Dataset& dataset) {
    dataset.set_title("<b>\"停车\" & 'x'</b> \\");
    dataset.set_description("第一行\n第二行 ]]> <script>");
    dataset.mutable_contact()->set_email("kf@example.gov.cn");
    dataset.mutable_contact()->set_phone("+86 (532) 8591-1001");
    dataset.set_temporal_start("2017-01-01");
    dataset.set_temporal_end("2017-12-31");
    dataset.set_spatial("370202");
    dataset.add_themes("没有编码的主题");
    dataset.set_sample(true);
  });
  const std::string name = city.Created("ill", datasets::kConditionalEntry).name();
  city.Uploaded(name, TestPortal::Parks(), TestPortal::ParkColumns());
  city.Released(name);
  storage::TemporaryDirectory temporary;
  const char* const given = std::getenv("PORTAL_FORMS");
  const std::filesystem::path directory = given == nullptr ? temporary.path() : std::filesystem::path(given);
  const std::pair<const char*, const char*> forms[] = {{"/catalog.ttl", "catalog.ttl"},
                                                       {"/catalog.xml", "catalog.xml"},
                                                       {"/catalog.jsonld", "catalog.jsonld"},
                                                       {"/dataset/370200-gaj_hostile.ttl", "dataset.ttl"},
                                                       {"/dataset/370200-gaj_hostile.xml", "dataset.xml"},
                                                       {"/dataset/370200-gaj_hostile.jsonld", "dataset.jsonld"},
                                                       {"/data.json", "data.json"},
                                                       {"/feeds/dataset.rss", "feed.rss"},
                                                       {"/sitemap.xml", "sitemap.xml"},
                                                       {"/openapi.json", "openapi.json"},
                                                       {"/download/370200-gaj_hostile/data.xlsx", "data.xlsx"},
                                                       {"/api/3/action/package_search?rows=1000", "search.json"}};
  for (const auto& [path, file] : forms) {
    const auto response = city.Get(path);
    ASSERT_EQ(response.status, 200) << path;
    ASSERT_FALSE(response.body.empty()) << path;
    std::ofstream(directory / file, std::ios::binary) << response.body;
  }
}

}  // namespace
}  // namespace zhanqiao::portal
