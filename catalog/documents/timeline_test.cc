#include "catalog/documents/timeline.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

#include "absl/strings/str_cat.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::documents {
namespace {

const absl::CivilDay kJune30(2018, 6, 30);

v1::Organization Named(std::string_view display_name) {
  v1::Organization organization;
  organization.set_display_name(std::string(display_name));
  return organization;
}

class TimelineTest : public ::testing::Test {
 protected:
  TimelineTest() { reader_.Keep(bodies_); }
  // Records `display_name` as the body's, from `effective` on (nothing: from today), and gives its position.
  uint64_t Record(std::string_view display_name, std::optional<absl::CivilDay> effective = {}) {
    Change change = Put(kName, Canonical(Named(display_name)), {}, effective);
    change.type = v1::Organization::descriptor()->full_name();
    return hub_.documents.Apply(Changing(std::move(change))).value().front().known_at;
  }
  void Remove() {
    Change change = Delete(kName);
    change.type = v1::Organization::descriptor()->full_name();
    ASSERT_TRUE(hub_.documents.Apply(Changing(std::move(change))).ok());
  }
  void Today(int month, int day) { clock_.Set(absl::FromCivil(absl::CivilSecond(2018, month, day, 10, 0, 0), Shanghai())); }
  const History<v1::Organization>& Body() {
    EXPECT_TRUE(reader_.CatchUp().ok());
    return *bodies_.Find(kName);
  }
  static std::string NameOf(const History<v1::Organization>::Entry* entry) {
    return entry == nullptr ? "(none)" : entry->fact.display_name();
  }

  static constexpr char kName[] = "organizations/370200-FGW";
  storage::MemoryStore store_;
  SimulatedClock clock_{absl::FromCivil(absl::CivilSecond(2018, 1, 2, 10, 0, 0), Shanghai())};
  SeededRandom random_{7};
  LowerHub hub_{store_, clock_, random_};
  Timeline<v1::Organization> bodies_;
  ChangeReader reader_{hub_.documents};
};

TEST_F(TimelineTest, WhatStandsOnADayIsWhatHeldThen) {
  Record("old");
  Today(7, 3);
  Record("new");
  EXPECT_EQ(NameOf(Body().Standing(kJune30, {})), "old");
  EXPECT_EQ(NameOf(Body().Standing(absl::CivilDay(2018, 7, 3), {})), "new");
  EXPECT_EQ(NameOf(Body().Standing(absl::CivilDay(2018, 1, 1), {})), "(none)");
  EXPECT_EQ(NameOf(Body().Newest({})), "new");
}

TEST_F(TimelineTest, WhatWasRecordedLaterWasNotKnownBefore) {
  const uint64_t first = Record("old");
  Today(7, 3);
  Record("new", kJune30);
  EXPECT_EQ(NameOf(Body().Standing(kJune30, {})), "new");
  EXPECT_EQ(NameOf(Body().Standing(kJune30, {.known_at = first, .before = {}})), "old");
  const absl::Time july = absl::FromCivil(absl::CivilDay(2018, 7, 1), Shanghai());
  EXPECT_EQ(NameOf(Body().Standing(kJune30, {.known_at = {}, .before = july})), "old");
  EXPECT_EQ(NameOf(Body().Newest({.known_at = {}, .before = july})), "old");
  EXPECT_EQ(reader_.PositionAt({.known_at = {}, .before = july}), first);
  EXPECT_GT(reader_.PositionAt({}), first);
}

TEST_F(TimelineTest, WhatIsDeletedIsNotThereAndWasThereBefore) {
  Record("old");
  Today(7, 3);
  Remove();
  EXPECT_EQ(Body().Newest({}), nullptr);
  EXPECT_EQ(NameOf(Body().Standing(kJune30, {})), "old");
  EXPECT_EQ(Body().Standing(absl::CivilDay(2018, 7, 3), {}), nullptr);
}

TEST_F(TimelineTest, TheChangeThatMadeItSoBeginsTheUnbrokenRun) {
  Record("a");
  Record("b");
  Record("a");
  const uint64_t made = Record("b");
  Record("b");
  const auto is_b = [](const auto& entry) { return entry.fact.display_name() == "b"; };
  const auto& body = Body();
  EXPECT_EQ(body.Since(*body.Newest({}), is_b).known_at, made);
}

TEST_F(TimelineTest, AgreesWithTheStoreOnEveryDayAndPosition) {
  std::mt19937 random(20180630);
  std::vector<uint64_t> positions;
  for (int i = 0; i < 60; ++i) {
    Today(1 + i / 5, 1 + i % 28);
    if (i % 13 == 12) {
      Remove();
      continue;
    }
    std::optional<absl::CivilDay> effective;
    if (random() % 2 == 0) effective = absl::CivilDay(2018, 1, 1) + static_cast<int>(random() % 400);
    positions.push_back(Record(absl::StrCat(i), effective));
  }
  const auto& body = Body();
  for (int i = 0; i < 500; ++i) {
    const absl::CivilDay day = absl::CivilDay(2018, 1, 1) + static_cast<int>(random() % 420);
    const uint64_t known_at = positions[random() % positions.size()];
    const auto stored = hub_.documents.Get(kName, {.as_of = day, .known_at = known_at});
    const std::string told = stored.ok() ? stored->As<v1::Organization>()->display_name() : "(none)";
    EXPECT_EQ(NameOf(body.Standing(day, {.known_at = known_at, .before = {}})), told) << FormatDay(day) << " " << known_at;
  }
}

TEST_F(TimelineTest, ADocumentOfAnotherTypeThanItSaysIsAnErrorThatStays) {
  Change change = Put(kName, "\xFF");
  change.type = v1::Organization::descriptor()->full_name();
  ASSERT_TRUE(hub_.documents.Apply(Changing(std::move(change))).ok());
  EXPECT_EQ(ReasonOf(reader_.CatchUp()), "DOCUMENT_TYPE");
  EXPECT_EQ(ReasonOf(reader_.CatchUp()), "DOCUMENT_TYPE");
}

}  // namespace
}  // namespace zhanqiao::documents
