#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/portal/openapi.h"
#include "hub/portal/test_portal.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;
using ::testing::Not;

class PortalPathsTest : public ::testing::Test, protected TestPortal {};

TEST_F(PortalPathsTest, ADatasetIsDownloadedInThreeForms) {
  const v1::Dataset dataset = Published();
  const auto csv = Get("/download/370200-gaj_parking/data.csv");
  EXPECT_EQ(csv.body, Parks());
  EXPECT_EQ(Header(csv, "content-disposition"),
            "attachment; filename=\"370200-gaj_parking-data.csv\"; "
            "filename*=UTF-8''%E5%81%9C%E8%BD%A6%E5%9C%BA%E5%90%8D%E5%BD%95.csv");
  const auto rows = json::parse(Get("/download/370200-gaj_parking/data.json").body);
  EXPECT_EQ(rows.at(2).at("spaces").as_int64(), 102);
  const auto xlsx = Get("/download/370200-gaj_parking/data.xlsx");
  EXPECT_EQ(xlsx.body.substr(0, 2), "PK");
  EXPECT_EQ(Get("/download/370200-gaj_parking/data.pdf").status, 404);
  EXPECT_EQ(Get("/download/370200-gaj_parking/other.csv").status, 404);
  EXPECT_EQ(Get("/download/../../etc/passwd.csv").status, 404);
}

TEST_F(PortalPathsTest, WhatIsWithdrawnOrRecalledIsGoneAtOnceAndSaysSo) {
  const std::string name = Published().name();
  ASSERT_EQ(Get("/download/370200-gaj_parking/data.csv").status, 200);
  Recall(name);
  EXPECT_FALSE(portal.Kept(Request("/download/370200-gaj_parking/data.csv")));
  const auto gone = Get("/download/370200-gaj_parking/data.csv");
  EXPECT_EQ(gone.status, 410);
  EXPECT_THAT(gone.body, HasSubstr("DATASET_RECALLED"));
  EXPECT_EQ(Get("/dataset/370200-gaj_parking.ttl").status, 410);
  EXPECT_EQ(Result("package_search").at("count").as_int64(), 0);
  const auto page = Get("/api/portal/dataset/370200-gaj_parking");
  EXPECT_EQ(json::parse(page.body).at("reason").as_string(), "含个人信息");
  EXPECT_THAT(Get("/feeds/dataset.rss").body, HasSubstr("【召回】停车场名录"));
}

TEST_F(PortalPathsTest, AnswersAreKeptUntilSomethingChanges) {
  Published();
  const std::string target = "/api/3/action/package_search?q=%E5%81%9C%E8%BD%A6";
  EXPECT_FALSE(portal.Kept(Request(target)));
  const auto first = Get(target);
  const auto kept = portal.Kept(Request(target));
  ASSERT_TRUE(kept);
  EXPECT_EQ(kept->body, first.body);
  EXPECT_EQ(portal.Kept(Request(target, {{"if-none-match", Header(first, "etag")}}))->status, 304);
  Published("second");
  EXPECT_FALSE(portal.Kept(Request(target)));
  EXPECT_EQ(Get(target, {{"if-none-match", Header(first, "etag")}}).status, 200);
}

TEST_F(PortalPathsTest, AnotherHostNeverSeesTheFirstOnesAddress) {
  Published();
  const std::string target = "/api/3/action/package_show?id=370200-gaj_parking";
  EXPECT_THAT(Get(target).body, HasSubstr("https://data.example.cn/"));
  edge::HttpRequest other = Request(target);
  other.headers = {{"host", "evil.example"}};
  const auto kept = portal.Kept(other);
  ASSERT_TRUE(kept);
  EXPECT_THAT(kept->body, HasSubstr("https://evil.example/"));
  EXPECT_THAT(portal.Kept(Request(target))->body, Not(HasSubstr("evil")));
}

TEST_F(PortalPathsTest, EveryAnswerKeepsItselfToItself) {
  Published();
  for (const char* target : {"/api/3/action/package_list", "/catalog.ttl", "/download/370200-gaj_parking/data.csv", "/nothing"}) {
    const auto response = Get(target);
    EXPECT_EQ(Header(response, "x-content-type-options"), "nosniff") << target;
    EXPECT_THAT(Header(response, "content-security-policy"), HasSubstr("default-src 'none'")) << target;
  }
}

TEST_F(PortalPathsTest, HostileTextsStayTexts) {
  const std::string hostile = "<script>alert(1)</script>\"'&]]>-->";
  Offered("bad", [&](v1::Dataset& dataset) {
    dataset.set_title(hostile);
    dataset.set_description(absl::StrCat(hostile, "\n=HYPERLINK(\"http://x\")"));
    dataset.set_title_en(hostile);
    dataset.mutable_contact()->set_unit(hostile);
    dataset.clear_themes();
    dataset.add_themes("<b>\"x\"");
  });
  for (const char* target : {"/catalog.xml", "/dataset/370200-gaj_bad.xml", "/feeds/dataset.rss", "/sitemap.xml"}) {
    EXPECT_THAT(Get(target).body, Not(HasSubstr("<script"))) << target;
  }
  for (const char* target : {"/catalog.jsonld", "/data.json", "/api/3/action/package_show?id=370200-gaj_bad", "/api/portal/dataset/370200-gaj_bad"}) {
    json::error_code failed;
    json::parse(Get(target).body, failed);
    EXPECT_FALSE(failed) << target;
    EXPECT_THAT(Header(Get(target), "content-type"), HasSubstr("json")) << target;
  }
  const std::string disposition = Header(Get("/download/370200-gaj_bad/data.csv"), "content-disposition");
  EXPECT_THAT(disposition, Not(HasSubstr("<")));
  EXPECT_EQ(std::count(disposition.begin(), disposition.end(), '"'), 2);
}

TEST_F(PortalPathsTest, ASampleSaysSoEverywhere) {
  Offered("sample", [](v1::Dataset& dataset) { dataset.set_sample(true); });
  EXPECT_THAT(Header(Get("/download/370200-gaj_sample/data.csv"), "content-disposition"), HasSubstr("%E6%A0%B7%E4%BE%8B"));
  EXPECT_THAT(Get("/feeds/dataset.rss").body, HasSubstr("（样例）"));
  EXPECT_TRUE(json::parse(Get("/api/portal/dataset/370200-gaj_sample").body).at("sample").as_bool());
}

TEST_F(PortalPathsTest, TheCatalogueComesInPagesAndSince) {
  for (int i = 0; i < 101; ++i) Published(absl::StrCat("d", i));
  const std::string first = Get("/catalog.ttl").body;
  EXPECT_THAT(first, HasSubstr("hydra:totalItems \"101\""));
  EXPECT_THAT(first, HasSubstr("hydra:nextPage \"https://data.example.cn/catalog.ttl?page=2\""));
  const std::string second = Get("/catalog.ttl?page=2").body;
  EXPECT_THAT(second, Not(HasSubstr("hydra:nextPage")));
  const auto datasets = [](const std::string& text) {
    size_t count = 0;
    for (size_t at = text.find("rdf:type <http://www.w3.org/ns/dcat#Dataset>"); at != std::string::npos; at = text.find("rdf:type <http://www.w3.org/ns/dcat#Dataset>", at + 1)) ++count;
    return count;
  };
  EXPECT_EQ(datasets(first), 100u);
  EXPECT_EQ(datasets(second), 1u);
  EXPECT_EQ(datasets(Get("/catalog.ttl?modified_since=2019-01-01").body), 0u);
  EXPECT_EQ(Get("/catalog.ttl?page=0").status, 400);
}

TEST_F(PortalPathsTest, FormsAreNegotiated) {
  Published();
  EXPECT_EQ(Header(Get("/dataset/370200-gaj_parking", {{"accept", "application/ld+json"}}), "content-type"), "application/ld+json; charset=utf-8");
  EXPECT_EQ(Header(Get("/dataset/370200-gaj_parking", {{"accept", "text/turtle;q=0.9"}}), "content-type"), "text/turtle; charset=utf-8");
  EXPECT_EQ(Header(Get("/catalog", {{"accept", "application/rdf+xml"}}), "content-type"), "application/rdf+xml; charset=utf-8");
}

TEST_F(PortalPathsTest, UseIsCountedAndSurvives) {
  const std::string name = Published().name();
  Get("/download/370200-gaj_parking/data.csv");
  portal.Kept(Request("/download/370200-gaj_parking/data.csv"));
  Get("/api/3/action/package_show?id=370200-gaj_parking");
  ASSERT_TRUE(portal.Flush().ok());
  Get("/download/370200-gaj_parking/data.json");
  ASSERT_TRUE(portal.Flush().ok());
  Usage again(documents, clock);
  ASSERT_TRUE(again.Load().ok());
  EXPECT_EQ(again.Of(name).downloads, 3);
  EXPECT_EQ(again.Of(name).views, 1);
  EXPECT_EQ(documents.History("portalUsage/2018-05-07", 10, "").value().versions.size(), 2u);
}

TEST_F(PortalPathsTest, TheExchangeIsOpenDataToo) {
  EXPECT_EQ(json::serialize(json::parse(Get("/statistics/exchange.json").body)),
            R"({"rows":[{"month":"2018-04","provider":"370200-GAJ","provider_name":"单位","exchanges":7,"rows":70}]})");
  EXPECT_THAT(Get("/statistics/exchange.csv").body, HasSubstr("2018-04,370200-GAJ,单位,7,70\r\n"));
}

TEST_F(PortalPathsTest, MalformedTargetsAreRefused) {
  for (const char* target : {"/api/3/action/package_list?q=%zz", "/dataset/%00", "/dataset/%ff", "/dataset/%7f"}) {
    EXPECT_EQ(Get(target).status, 400) << target;
  }
  EXPECT_EQ(Get("/api/3/action/package_list?q=" + std::string(5000, 'a')).status, 400);
  EXPECT_EQ(Post("/data.json", "{}").status, 405);
}

TEST_F(PortalPathsTest, OpenApiRefersToNothingThatIsMissing) {
  const json::object& document = OpenApiDocument();
  EXPECT_EQ(document.at("openapi").as_string(), "3.1.0");
  const json::object& schemas = document.at("components").at("schemas").as_object();
  const std::string text = json::serialize(document);
  const std::string mark = "#/components/schemas/";
  for (size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const size_t from = at + mark.size();
    const std::string name = text.substr(from, text.find('"', from) - from);
    EXPECT_NE(schemas.if_contains(name), nullptr) << name;
  }
  EXPECT_NE(document.at("paths").as_object().if_contains("/zhanqiao.v1.DatasetService/CountDatasets"), nullptr);
}

TEST_F(PortalPathsTest, OpenApiSaysWhatTheContractSays) {
  const json::object& schemas = OpenApiDocument().at("components").at("schemas").as_object();
  size_t fields = 0;
  size_t described = 0;
  for (const auto& [name, schema] : schemas) {
    const json::value* const properties = schema.as_object().if_contains("properties");
    if (properties == nullptr) continue;
    for (const auto& [field, said] : properties->as_object()) {
      ++fields;
      described += said.as_object().contains("description") ? 1 : 0;
    }
  }
  EXPECT_GT(described, fields / 2);
  const json::object& size = schemas.at("zhanqiao.v1.ListNoticesRequest").at("properties").at("page_size").as_object();
  EXPECT_EQ(size.at("description").as_string(), "0 means 50; more than 1000 means 1000.");
  const json::object& call = OpenApiDocument().at("paths").at("/zhanqiao.v1.NoticeService/MarkNoticeRead").at("post").as_object();
  EXPECT_THAT(std::string(call.at("description").as_string()), HasSubstr("Notes who read a notice first"));
}

TEST_F(PortalPathsTest, FileNamesAreSafe) {
  EXPECT_EQ(Disposition("a/b\\c:\"d\"\r\n", "x", "csv"), "attachment; filename=\"x.csv\"; filename*=UTF-8''abcd.csv");
  EXPECT_EQ(Disposition("...", "x", "csv"), "attachment; filename=\"x.csv\"; filename*=UTF-8''x.csv");
  EXPECT_EQ(Disposition("\xE2\x80\xAE" "fdp", "x", "csv"), "attachment; filename=\"x.csv\"; filename*=UTF-8''fdp.csv");
}

}  // namespace
}  // namespace zhanqiao::portal
