#include "hub/oversight/datasets/open_data.h"

#include <gtest/gtest.h>

#include <fstream>

#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/oversight/datasets/uploads.h"

namespace zhanqiao::datasets {
namespace {

class OpenDataTest : public ::testing::Test {
 protected:
  std::unique_ptr<OpenData> Open(int64_t bytes_max = 1 << 20) {
    return OpenData::Open({.directory = directory_.path() / "data", .bytes_max = bytes_max}).value();
  }
  storage::TemporaryDirectory directory_;
};

TEST_F(OpenDataTest, WhatWasPutIsThereAfterAReopeningAndOnce) {
  const std::string digest = Open()->Put("甲,乙\n").value();
  EXPECT_EQ(digest, Bytes(Sha256("甲,乙\n")));
  const auto again = Open();
  EXPECT_EQ(**again->Get(digest), "甲,乙\n");
  EXPECT_EQ(again->bytes(), 8);
  EXPECT_TRUE(again->Put("甲,乙\n").ok());
  EXPECT_EQ(again->bytes(), 8);
}

TEST_F(OpenDataTest, AlteredBytesAreNeverGivenOut) {
  const std::string digest = Open()->Put("abc").value();
  std::ofstream(directory_.path() / "data" / ToHex(digest)) << "abd";
  EXPECT_EQ(ReasonOf(Open()->Get(digest).status()), "DATA_DAMAGED");
  const auto data = Open();
  EXPECT_TRUE(data->Put("abc").ok()) << "putting them again mends them";
  EXPECT_EQ(**data->Get(digest), "abc");
}

TEST_F(OpenDataTest, WhatIsDeletedIsGoneFromDiskAndCache) {
  const auto data = Open();
  const std::string digest = data->Put("abc").value();
  ASSERT_TRUE(data->Get(digest).ok());
  ASSERT_TRUE(data->Delete(digest).ok());
  EXPECT_EQ(ReasonOf(data->Get(digest).status()), "DATA_MISSING");
  EXPECT_EQ(data->bytes(), 0);
  EXPECT_TRUE(data->Delete(digest).ok());
}

TEST_F(OpenDataTest, ThereIsABound) {
  const auto data = Open(10);
  EXPECT_TRUE(data->Put("12345678").ok());
  EXPECT_EQ(ReasonOf(data->Put("12345").status()), "OPEN_DATA_FULL");
}

TEST_F(OpenDataTest, SweepingKeepsWhatIsNamed) {
  const auto data = Open();
  const std::string kept = data->Put("abc").value();
  const std::string idle = data->Put("defg").value();
  data->Sweep([&](std::string_view sha256) { return sha256 == kept; });
  EXPECT_TRUE(data->Read(kept).ok());
  EXPECT_FALSE(data->Read(idle).ok());
  EXPECT_EQ(data->bytes(), 3);
}

TEST(Uploads, PartsComeInOrderAndTheSenderIsToldWhereToGoOn) {
  SimulatedClock clock(absl::FromUnixSeconds(1'500'000'000));
  Uploads uploads(clock);
  EXPECT_EQ(*uploads.Add("a", 0, "abc"), 3);
  const auto wrong = uploads.Add("a", 2, "x").status();
  EXPECT_EQ(ReasonOf(wrong), "UPLOAD_OFFSET");
  EXPECT_EQ(FactOf(wrong, "expected"), "3");
  EXPECT_EQ(*uploads.Add("a", 3, "de"), 5);
  EXPECT_EQ(uploads.Take("a"), "abcde");
  EXPECT_EQ(uploads.Take("a"), "");
}

TEST(Uploads, BeginAnewAtZeroAndForgetTheIdle) {
  SimulatedClock clock(absl::FromUnixSeconds(1'500'000'000));
  Uploads uploads(clock, {.bytes_max = 10, .patience = absl::Minutes(30)});
  EXPECT_TRUE(uploads.Add("a", 0, "12345678").ok());
  EXPECT_EQ(ReasonOf(uploads.Add("b", 0, "1234").status()), "UPLOADS_BUSY");
  EXPECT_EQ(*uploads.Add("a", 0, "12"), 2);
  EXPECT_TRUE(uploads.Add("b", 0, "1234").ok());
  clock.Advance(absl::Minutes(31));
  EXPECT_TRUE(uploads.Add("c", 0, "1234567890").ok());
  EXPECT_EQ(uploads.Take("a"), "");
}

}  // namespace
}  // namespace zhanqiao::datasets
