#include "hub/portal/ckan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "hub/portal/test_portal.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

class CkanTest : public ::testing::Test, protected TestPortal {
 protected:
  // HTTP status and "__type" of a call that gives no result.
  std::pair<int, std::string> Failure(const std::string& call) {
    const auto response = Get("/api/3/action/" + call);
    json::object envelope = json::parse(response.body).as_object();
    EXPECT_FALSE(envelope["success"].as_bool());
    return {response.status, std::string(envelope["error"].as_object()["__type"].as_string())};
  }
  std::vector<std::string> Names(const std::string& call) {
    std::vector<std::string> names;
    const json::value result = Result(call);
    for (const json::value& one : result.at("results").as_array()) names.emplace_back(one.at("name").as_string());
    return names;
  }
};

TEST_F(CkanTest, TheEnvelopeIsCkans) {
  Published();
  const json::object envelope = Action("package_list");
  EXPECT_EQ(envelope.at("help").as_string(), "https://data.example.cn/api/3/action/help_show?name=package_list");
  EXPECT_TRUE(envelope.at("success").as_bool());
  EXPECT_EQ(json::serialize(envelope.at("result")), R"(["370200-gaj_parking"])");
  EXPECT_EQ(Get("/api/action/package_list").body, Get("/api/3/action/package_list").body);
  EXPECT_EQ(Get("/api/3").body, R"({"version": 3})");
}

TEST_F(CkanTest, ErrorsHaveCkansTypesAndStatuses) {
  EXPECT_EQ(Failure("package_show?id=nothing"), std::pair(404, std::string("Not Found Error")));
  EXPECT_EQ(Failure("package_show"), std::pair(409, std::string("Validation Error")));
  EXPECT_EQ(Failure("package_search?rows=many"), std::pair(409, std::string("Validation Error")));
  EXPECT_EQ(Failure("package_search?rows=-1"), std::pair(409, std::string("Validation Error")));
  EXPECT_EQ(Failure("package_search?fq=("), std::pair(400, std::string("Search Query Error")));
  EXPECT_EQ(Failure("package_search?sort=colour"), std::pair(400, std::string("Search Query Error")));
  const auto unknown = Get("/api/3/action/package_delete");
  EXPECT_EQ(unknown.status, 400);
  EXPECT_EQ(unknown.body, R"("Bad request: Action name not known: package_delete")");
  EXPECT_EQ(Post("/api/3/action/package_list", "{").status, 400);
  EXPECT_EQ(Post("/api/3/action/package_list", "[]").status, 400);
}

TEST_F(CkanTest, APackageHasEveryKeyAHarvesterReads) {
  const v1::Dataset dataset = Published();
  const json::object package = Result("package_show?id=370200-gaj_parking").as_object();
  for (const char* key : {"id", "name", "title", "notes", "url", "version", "author", "author_email", "maintainer", "maintainer_email",
                          "license_id", "license_title", "license_url", "isopen", "type", "state", "private", "owner_org", "organization",
                          "groups", "tags", "num_tags", "resources", "num_resources", "extras", "metadata_created", "metadata_modified",
                          "relationships_as_subject", "relationships_as_object", "creator_user_id"}) {
    EXPECT_NE(package.if_contains(key), nullptr) << key;
  }
  EXPECT_EQ(package.at("title").as_string(), "停车场名录");
  EXPECT_EQ(package.at("organization").at("name").as_string(), "370200-gaj");
  EXPECT_EQ(package.at("metadata_modified").as_string(), "2018-05-07T01:00:00.000000");
  ASSERT_EQ(package.at("resources").as_array().size(), 3u);
  const json::object csv = package.at("resources").at(0).as_object();
  EXPECT_EQ(csv.at("url").as_string(), "https://data.example.cn/download/370200-gaj_parking/data.csv");
  EXPECT_EQ(csv.at("hash").as_string(), "sha256:" + ToHex(dataset.current().distributions(0).sha256()));
  EXPECT_TRUE(csv.at("datastore_active").as_bool());
  const std::string id(package.at("id").as_string());
  EXPECT_EQ(json::serialize(Result("package_show?id=" + id)), json::serialize(json::value(package)));
  EXPECT_EQ(Result("resource_show?id=" + std::string(csv.at("id").as_string())).at("format").as_string(), "CSV");
}

TEST_F(CkanTest, ParametersComeByQueryFormAndJson) {
  Published();
  const std::string expected = Get("/api/3/action/package_show?id=370200-gaj_parking").body;
  EXPECT_EQ(Post("/api/3/action/package_show", R"({"id":"370200-gaj_parking"})").body, expected);
  EXPECT_EQ(Post("/api/action/package_show", "id=370200-gaj_parking", "application/x-www-form-urlencoded").body, expected);
  const auto facets = Post("/api/action/package_search", R"({"rows":0,"facet.field":["tags","organization"]})");
  EXPECT_EQ(json::parse(facets.body).at("result").at("search_facets").as_object().size(), 2u);
}

TEST_F(CkanTest, HarvestersPagesNeitherOverlapNorLeaveOut) {
  for (int i = 0; i < 25; ++i) Published(absl::StrCat("d", i));
  std::set<std::string> seen;
  std::string last;
  for (int start = 0;; start += 10) {
    const auto names = Names(absl::StrCat("package_search?rows=10&sort=id+asc&start=", start));
    if (names.empty()) break;
    for (const std::string& name : names) EXPECT_TRUE(seen.insert(name).second) << name;
  }
  EXPECT_EQ(seen.size(), 25u);
  EXPECT_EQ(Result("package_search").at("results").as_array().size(), 10u);
  EXPECT_EQ(Result("package_search?rows=0").at("count").as_int64(), 25);
}

TEST_F(CkanTest, FacetsCountWhatWasFound) {
  Published("a");
  Offered("b", [](v1::Dataset& dataset) { dataset.add_tags("泊位"); });
  const json::value result = Result(R"(package_search?facet.field=["tags","res_format"]&rows=0)");
  const json::array& tags = result.at("search_facets").at("tags").at("items").as_array();
  ASSERT_EQ(tags.size(), 2u);
  EXPECT_EQ(tags[0].at("name").as_string(), "停车场");
  EXPECT_EQ(tags[0].at("count").as_int64(), 2);
  EXPECT_EQ(result.at("facets").at("res_format").at("CSV").as_int64(), 2);
  EXPECT_EQ(Result(R"(package_search?facet.field=["tags"]&facet.limit=1)").at("search_facets").at("tags").at("items").as_array().size(), 1u);
  EXPECT_EQ(Result(R"(package_search?facet.field=["tags"]&facet.mincount=2)").at("search_facets").at("tags").at("items").as_array().size(), 1u);
}

TEST_F(CkanTest, BodiesThemesTagsAndLicencesAreListedAndShown) {
  Published();
  EXPECT_EQ(json::serialize(Result("organization_list")), R"(["370200-gaj"])");
  EXPECT_EQ(Result("organization_list?all_fields=true").at(0).at("package_count").as_int64(), 1);
  EXPECT_EQ(Result("organization_show?id=370200-gaj&include_datasets=true").at("packages").as_array().size(), 1u);
  EXPECT_EQ(json::serialize(Result("group_list")), R"(["public-service"])");
  EXPECT_EQ(Result("group_show?id=public-service").at("title").as_string(), "公共服务");
  EXPECT_EQ(json::serialize(Result("tag_list")), R"(["停车场"])");
  EXPECT_EQ(Result("tag_show?id=%E5%81%9C%E8%BD%A6%E5%9C%BA&include_datasets=1").at("packages").as_array().size(), 1u);
  EXPECT_EQ(Result("license_list").as_array().size(), Licenses().size());
  EXPECT_EQ(Result("status_show").at("site_url").as_string(), "https://data.example.cn");
  for (const std::string& action : Ckan::Actions()) EXPECT_FALSE(Result("help_show?name=" + action).as_string().empty());
}

class DatastoreTest : public CkanTest {
 protected:
  DatastoreTest() {
    Published();
    id_ = std::string(Result("package_show?id=370200-gaj_parking").at("resources").at(0).at("id").as_string());
  }
  json::value Rows(const std::string& more) { return Result("datastore_search?resource_id=" + id_ + more); }
  std::string id_;
};

TEST_F(DatastoreTest, RowsComeTypedWithTheirFields) {
  const json::value result = Rows("");
  EXPECT_EQ(result.at("total").as_int64(), 3);
  EXPECT_EQ(json::serialize(result.at("records").at(0)), R"({"_id":1,"park":"停车场0","district":"市北区","spaces":100})");
  EXPECT_EQ(result.at("fields").at(0).at("id").as_string(), "_id");
  EXPECT_EQ(result.at("fields").at(3).at("type").as_string(), "int");
  EXPECT_EQ(result.at("fields").at(3).at("info").at("label").as_string(), "泊位数");
}

TEST_F(DatastoreTest, RowsAreFilteredSearchedSortedAndPaged) {
  EXPECT_EQ(Rows("&filters={\"district\":\"%E5%B8%82%E5%8C%97%E5%8C%BA\"}").at("total").as_int64(), 2);
  EXPECT_EQ(Rows("&filters={\"spaces\":[100,101]}").at("total").as_int64(), 2);
  EXPECT_EQ(Rows("&q=%E5%B8%82%E5%8D%97").at("total").as_int64(), 1);
  EXPECT_EQ(Rows("&sort=spaces+desc&limit=1").at("records").at(0).at("spaces").as_int64(), 102);
  EXPECT_EQ(Rows("&offset=2").at("records").as_array().size(), 1u);
  EXPECT_EQ(Rows("&fields=district&distinct=true").at("records").as_array().size(), 2u);
  EXPECT_EQ(json::serialize(Rows("&records_format=lists&limit=1&fields=park,spaces").at("records")), R"([["停车场0",100]])");
  EXPECT_EQ(Rows("&records_format=csv&limit=1&fields=park,spaces").at("records").as_string(), "停车场0,100\n");
  EXPECT_TRUE(Rows("&limit=1").at("next_page").is_string());
  EXPECT_TRUE(Rows("").at("next_page").is_null());
}

TEST_F(DatastoreTest, WhatIsNotInTheTableIsAValidationError) {
  const auto type = [&](const std::string& more) { return Failure("datastore_search?resource_id=" + id_ + more); };
  EXPECT_EQ(type("&filters={\"colour\":1}").first, 409);
  EXPECT_EQ(type("&filters={").first, 409);
  EXPECT_EQ(type("&sort=colour").first, 409);
  EXPECT_EQ(type("&fields=colour").first, 409);
  EXPECT_EQ(type("&records_format=xml").first, 409);
  EXPECT_EQ(Failure("datastore_search?resource_id=nothing").first, 404);
  EXPECT_EQ(Failure("datastore_search").first, 409);
}

TEST_F(CkanTest, DataGivenOnRequestAreDescribedAndNotGiven) {
  const std::string name = Created("ill", datasets::kConditionalEntry).name();
  Uploaded(name, Parks(), ParkColumns());
  Released(name);
  const json::value package = Result("package_show?id=370200-gaj_ill");
  EXPECT_FALSE(package.at("isopen").as_bool());
  const std::string id(package.at("resources").at(0).at("id").as_string());
  EXPECT_EQ(Failure("datastore_search?resource_id=" + id), std::pair(403, std::string("Authorization Error")));
  EXPECT_EQ(Get("/download/370200-gaj_ill/data.csv").status, 403);
}

TEST_F(CkanTest, JsonpTakesNamesOnly) {
  const auto response = Get("/api/3/action/package_list?callback=app.take");
  EXPECT_EQ(Header(response, "content-type"), "application/javascript; charset=utf-8");
  EXPECT_EQ(response.body.substr(0, 13), "/**/app.take(");
  for (const char* bad : {"alert(1)", "a;b", "%3Cscript%3E", "1a"}) {
    EXPECT_EQ(Get(absl::StrCat("/api/3/action/package_list?callback=", bad)).status, 400) << bad;
  }
}

}  // namespace
}  // namespace zhanqiao::portal
