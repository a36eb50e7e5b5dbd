#include "hub/ledger/archive/part.h"

#include <gtest/gtest.h>

#include <map>

#include "absl/strings/str_cat.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

using Files = std::map<std::string, std::string>;

class PartTest : public testing::Test {
 protected:
  absl::StatusOr<Files> FilesOf(uint64_t from, uint64_t to) {
    const SignedCheckpointPtr checkpoint = log_.Sign();
    Part part{from, to, checkpoint->note, log_.key().ToText() + "\n", PolicyOf(log_.key())};
    const PartReader reader = TRY(PartReader::Open(log_.store(), entries_, std::vector{log_.key()}, std::move(part)));
    Files files;
    for (size_t i = 0; i < reader.paths().size(); ++i) files[reader.paths()[i]] = TRY(reader.Read(i));
    return files;
  }
  absl::StatusOr<PartReport> Verify(const Files& files) {
    return VerifyPart(
        [&](std::string_view path) -> absl::StatusOr<std::string> {
          const auto found = files.find(std::string(path));
          if (found == files.end()) return absl::NotFoundError("");
          return found->second;
        },
        std::vector{log_.key()}, [this](uint64_t index, std::string_view) { seen_.push_back(index); });
  }
  TestLog log_;
  StoreEntries entries_{log_.store()};
  std::vector<uint64_t> seen_;
};

TEST_F(PartTest, ProvesItselfForEverySizeAroundTheBordersOfTiles) {
  for (const uint64_t size : {1, 2, 255, 256, 257, 511, 512, 513, 2000}) {
    log_.GrowTo(size);
    for (uint64_t from = 0; from < size; from += 256) {
      const uint64_t to = std::min<uint64_t>(size, from + 512);
      const auto files = FilesOf(from, to);
      ASSERT_TRUE(files.ok()) << files.status();
      seen_.clear();
      const auto report = Verify(*files);
      ASSERT_TRUE(report.ok()) << size << " from " << from << ": " << report.status();
      EXPECT_EQ(report->checkpoint.size, size);
      ASSERT_EQ(seen_.size(), to - from);
      EXPECT_EQ(seen_.front(), from);
      EXPECT_EQ(seen_.back(), to - 1);
    }
  }
}

TEST_F(PartTest, ARangeDeepInALogOfThreeLevelsProvesItself) {
  log_.GrowTo(66'000);
  for (const uint64_t from : {uint64_t{0}, uint64_t{30'720}, uint64_t{65'536}}) {
    const auto files = FilesOf(from, from + 256);
    ASSERT_TRUE(files.ok()) << files.status();
    EXPECT_TRUE(Verify(*files).ok());
    EXPECT_LE(files->size(), 11u);  // a handful of tiles, not those of the whole log
  }
}

TEST_F(PartTest, EveryAlteredOrMissingFileIsNamed) {
  log_.GrowTo(1000);
  const Files files = FilesOf(256, 768).value();
  for (const auto& [path, content] : files) {
    Files altered = files;
    altered.erase(path);
    if (path == kKeysFile || path == kPolicyFile) continue;  // for readers; the proof does not rest on them
    EXPECT_EQ(FactOf(Verify(altered).status(), "problem"), "FILE_MISSING") << path;
    for (size_t at = 0; at < content.size(); at += std::max<size_t>(1, content.size() / 37)) {
      altered[path] = content;
      altered[path][at] = static_cast<char>(altered[path][at] ^ 0x01);
      EXPECT_EQ(ReasonOf(Verify(altered).status()), "PART_UNPROVED") << path << " byte " << at;
    }
    altered[path] = content.substr(0, content.size() - 1);
    EXPECT_EQ(ReasonOf(Verify(altered).status()), "PART_UNPROVED") << path << " cut";
  }
}

TEST_F(PartTest, AnAlteredEntryIsNamedByItsIndex) {
  log_.GrowTo(1000);
  Files files = FilesOf(256, 512).value();
  std::string& bundle = files["tile/entries/001"];
  bundle[40] = static_cast<char>(bundle[40] ^ 0x01);
  const absl::Status status = Verify(files).status();
  EXPECT_EQ(FactOf(status, "problem"), "ENTRY_ALTERED");
  EXPECT_EQ(FactOf(status, "index"), "256");
}

TEST_F(PartTest, RangesOffTheBordersAreRefused) {
  log_.GrowTo(1000);
  EXPECT_EQ(ReasonOf(FilesOf(1, 256).status()), "RANGE_INVALID");
  EXPECT_EQ(ReasonOf(FilesOf(0, 100).status()), "RANGE_INVALID");
  EXPECT_EQ(ReasonOf(FilesOf(256, 256).status()), "RANGE_INVALID");
  EXPECT_EQ(ReasonOf(FilesOf(0, 1024).status()), "RANGE_INVALID");
}

}  // namespace
}  // namespace zhanqiao::ledger
