#include "hub/portal/query.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>

#include "hub/portal/test_portal.h"

namespace zhanqiao::portal {
namespace {

class QueryTest : public ::testing::Test, protected TestPortal {
 protected:
  QueryTest() {
    Offered("parking", [](v1::Dataset& dataset) { dataset.set_title("停车场名录"); });
    clock.Advance(absl::Hours(24));
    Offered("buses", [](v1::Dataset& dataset) {
      dataset.set_title("公交线路");
      dataset.set_title_en("Bus lines");
      dataset.set_description("全市公交线路与站点，含停车换乘。");
      dataset.clear_tags();
      dataset.add_tags("公交");
      dataset.clear_themes();
      dataset.add_themes("城乡建设");
    });
    shelf_ = std::make_unique<ShelfKeeper>(documents, catalog);
    if (!shelf_->Follow().ok()) std::abort();
  }
  // Ids of the datasets found, without the body.
  std::set<std::string> Found(const std::string& q, const std::vector<std::string>& filters = {}) {
    const auto shelf = shelf_->Newest();
    const auto hits = Find(q, filters, *shelf, clock.Now());
    EXPECT_TRUE(hits.ok()) << hits.status();
    std::set<std::string> names;
    for (const Hit& hit : hits.value_or(std::vector<Hit>())) {
      const std::string& name = shelf->packages()[hit.position]->name;
      names.insert(name.substr(name.find('_') + 1));
    }
    return names;
  }
  const std::set<std::string> kBoth = {"buses", "parking"};
  const std::set<std::string> kParking = {"parking"};
  const std::set<std::string> kBuses = {"buses"};
  const std::set<std::string> kNone;
  std::unique_ptr<ShelfKeeper> shelf_;
};

TEST_F(QueryTest, EverythingIsFoundByNothingAndByStars) {
  for (const char* q : {"", " ", "*", "*:*"}) EXPECT_EQ(Found(q), kBoth) << q;
}

TEST_F(QueryTest, PartsOfChineseWordsAreFound) {
  EXPECT_EQ(Found("公交"), kBuses);
  EXPECT_EQ(Found("车场"), kParking);
  EXPECT_EQ(Found("停车"), kBoth);
  EXPECT_EQ(Found("地铁"), kNone);
  EXPECT_EQ(Found("bus"), kBuses);
  EXPECT_EQ(Found("停车 公交"), kBuses) << "of two words both";
}

TEST_F(QueryTest, ATitleWeighsMoreThanADescription) {
  const auto shelf = shelf_->Newest();
  const auto hits = Find("停车", {}, *shelf, clock.Now()).value();
  for (const Hit& hit : hits) {
    EXPECT_EQ(hit.score, shelf->packages()[hit.position]->name.find("parking") != std::string::npos ? 4 : 1);
  }
}

TEST_F(QueryTest, HarvestersFiltersAreUnderstood) {
  EXPECT_EQ(Found("*:*", {"organization:370200-gaj"}), kBoth);
  EXPECT_EQ(Found("*:*", {"-organization:370200-gaj"}), kNone);
  EXPECT_EQ(Found("", {"organization:nobody OR organization:370200-gaj"}), kBoth);
  EXPECT_EQ(Found("", {"groups:construction"}), kBuses);
  EXPECT_EQ(Found("", {"groups:(construction OR public-service)"}), kBoth);
  EXPECT_EQ(Found("", {"tags:公交"}), kBuses);
  EXPECT_EQ(Found("", {"+tags:\"公交\" -groups:health"}), kBuses);
  EXPECT_EQ(Found("", {"res_format:csv AND NOT tags:公交"}), kParking);
  EXPECT_EQ(Found("", {"name:370200-gaj_park*"}), kParking);
  EXPECT_EQ(Found("", {"nothing_known:x"}), kNone);
  EXPECT_EQ(Found("title:公交 OR title:名录"), kBoth);
  EXPECT_EQ(Found("notes:换乘"), kBuses);
}

TEST_F(QueryTest, DateRangesAreInclusiveOrNotAndKnowNow) {
  EXPECT_EQ(Found("", {"metadata_modified:[2018-05-08T00:00:00Z TO *]"}), kBuses);
  EXPECT_EQ(Found("", {"metadata_modified:[* TO 2018-05-08]"}), kParking);
  EXPECT_EQ(Found("", {"metadata_modified:[NOW-1DAY TO NOW]"}), kBoth);
  EXPECT_EQ(Found("", {"metadata_modified:{NOW-1DAY TO NOW]"}), kBuses);
  EXPECT_EQ(Found("", {"metadata_modified:[NOW/DAY TO *]"}), kBuses);
  EXPECT_EQ(Found("", {"metadata_modified:[yesterday TO *]"}), kNone);
}

TEST_F(QueryTest, WhatCannotBeReadIsRefusedAtItsPlace) {
  for (const char* q : {"(", "a)", "organization:", "\"open", "metadata_modified:[1 2]", "-", "()", "OR"}) {
    EXPECT_EQ(ReasonOf(ParseQuery(q).status()), "QUERY_SYNTAX") << q;
  }
  EXPECT_FALSE(ParseQuery(std::string(1000, '(')).ok());
  EXPECT_FALSE(ParseQuery(std::string(1000, '-')).ok());
}

}  // namespace
}  // namespace zhanqiao::portal
