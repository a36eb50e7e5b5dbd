#include "hub/console/district_map.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::console {
namespace {

constexpr char kSquare[] = R"({"type":"Polygon","coordinates":[[[120.3,36.1],[120.4,36.1],[120.4,36.2],[120.3,36.1]]]})";

std::string Feature(std::string_view properties, std::string_view geometry = kSquare) {
  return absl::StrCat(R"({"type":"Feature","properties":)", Absl(properties), R"(,"geometry":)", Absl(geometry), "}");
}
std::string Map(std::string_view features) {
  return absl::StrCat(R"({"type":"FeatureCollection","approval":"样例(2018)0001号","features":[)", Absl(features), "]}");
}
std::string Expected(std::string map) { return FactOf(CheckedMap(std::move(map)).status(), "expected"); }

TEST(DistrictMapTest, AMapOfDistrictsIsTakenAsItIs) {
  const std::string map = Map(absl::StrCat(Feature(R"({"code":"370202","name":"市南区"})"), ",", Feature(R"({"adcode":370203,"name":"市北区"})")));
  EXPECT_EQ(CheckedMap(map).value(), map);
}

TEST(DistrictMapTest, AMultiPolygonIsTaken) {
  EXPECT_TRUE(CheckedMap(Map(Feature(R"({"code":"370202","name":"x"})", R"({"type":"MultiPolygon","coordinates":[[[[1,1],[2,1],[2,2],[1,1]]]]})"))).ok());
}

TEST(DistrictMapTest, WhatIsWrongIsSaidWithTheFeaturesNumber) {
  const std::string good = Feature(R"({"code":"370202","name":"市南区"})");
  const absl::Status twice = CheckedMap(Map(absl::StrCat(good, ",", good))).status();
  EXPECT_EQ(ReasonOf(twice), "MAP_INVALID");
  EXPECT_EQ(FactOf(twice, "feature"), "1");
  EXPECT_EQ(Expected(Map(Feature(R"({"code":"37","name":"x"})"))), "properties.code: the six digits of a division");
  EXPECT_EQ(Expected(Map(Feature(R"({"code":"370202"})"))), "properties.name");
  EXPECT_EQ(Expected("{"), "a GeoJSON FeatureCollection");
  EXPECT_EQ(Expected(Map("")), "`features`: at least one district");
}

TEST(DistrictMapTest, RingsAreClosedAndLieOnTheEarth) {
  for (const char* ring : {"[[1,1],[2,1],[2,2]]", "[[1,1],[2,1],[2,2],[1,2]]", "[[1,1],[2,1],[2,200],[1,1]]", "[[1,1],[2,\"x\"],[2,2],[1,1]]", "[]"}) {
    const std::string geometry = absl::StrCat(R"({"type":"Polygon","coordinates":[)", ring, "]}");
    EXPECT_EQ(Expected(Map(Feature(R"({"code":"370202","name":"x"})", geometry))),
              "a Polygon or MultiPolygon of closed rings in degrees of longitude and latitude")
        << ring;
  }
}

TEST(DistrictMapTest, AMapWithoutTheNumberOfItsReviewIsNotShown) {
  EXPECT_EQ(ReasonOf(CheckedMap(absl::StrCat(R"({"type":"FeatureCollection","features":[)", Feature(R"({"code":"370202","name":"x"})"), "]}")).status()),
            "MAP_INVALID");
}

}  // namespace
}  // namespace zhanqiao::console
