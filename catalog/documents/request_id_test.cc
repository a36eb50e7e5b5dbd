#include "catalog/documents/request_id.h"

#include <gtest/gtest.h>

#include <thread>

#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::documents {
namespace {

class RequestIdTest : public testing::Test {
 protected:
  ~RequestIdTest() override { hub_.pipeline.Stop(); }

  absl::StatusOr<Version> Create(const std::string& name, const std::string& request_id) {
    const std::string key = RequestKey("thing", "organizations/A/persons/clerk", request_id);
    return CreateOnce(hub_.documents, key, Changing(Put(name, name, 0)));
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1'500'000'000)};
  SystemRandom random_;  // thread-safe
  storage::MemoryStore store_;
  LowerHub hub_{store_, clock_, random_};
};

TEST_F(RequestIdTest, ASecondCreationUnderOneIdGivesWhatTheFirstMade) {
  const auto first = Create("things/1", "a");
  ASSERT_TRUE(first.ok()) << first.status();
  const uint64_t entries = hub_.sequencer.size();
  const auto second = Create("things/2", "a");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->name, "things/1");
  EXPECT_EQ(hub_.sequencer.size(), entries);
  EXPECT_FALSE(hub_.documents.Get("things/2").ok());
}

TEST_F(RequestIdTest, WithoutAnIdEveryCreationStandsForItself) {
  ASSERT_TRUE(Create("things/1", "").ok());
  EXPECT_EQ(ReasonOf(Create("things/1", "").status()), "DOCUMENT_EXISTS");
  EXPECT_FALSE(MadeBefore(hub_.documents, "")->has_value());
}

TEST_F(RequestIdTest, ANameThatIsTakenByAnotherRequestIsStillRefused) {
  ASSERT_TRUE(Create("things/1", "a").ok());
  EXPECT_EQ(ReasonOf(Create("things/1", "b").status()), "DOCUMENT_EXISTS");
}

TEST_F(RequestIdTest, IdsBelongToTheirSubjectAndKind) {
  const std::string key = RequestKey("thing", "a", "1");
  EXPECT_NE(key, RequestKey("thing", "b", "1"));
  EXPECT_NE(key, RequestKey("other", "a", "1"));
  EXPECT_NE(key, RequestKey("thing", "a", "2"));
  EXPECT_EQ(RequestKey("thing", "a", ""), "");
}

TEST_F(RequestIdTest, OfManyAtOnceOneMakes) {
  std::vector<std::string> made(8);
  std::vector<std::thread> threads;
  for (size_t i = 0; i < made.size(); ++i) {
    threads.emplace_back([&, i] { made[i] = Create("things/" + std::to_string(i), "same").value().name; });
  }
  for (auto& thread : threads) thread.join();
  for (const auto& name : made) EXPECT_EQ(name, made[0]);
}

TEST(CheckRequestId, TakesOneShortLine) {
  EXPECT_TRUE(CheckRequestId("").ok());
  EXPECT_TRUE(CheckRequestId(std::string(64, 'x')).ok());
  EXPECT_EQ(ReasonOf(CheckRequestId(std::string(65, 'x'))), "TEXT_TOO_LONG");
  EXPECT_EQ(ReasonOf(CheckRequestId("a\nb")), "TEXT_UNCLEAN");
}

}  // namespace
}  // namespace zhanqiao::documents
