#include "hub/ledger/archive/ustar.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>

#include "catalog/base/error.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::ledger {
namespace {

std::string Small() {
  UstarWriter writer(1'795'000'000);
  writer.Add("checkpoint", "text\n");
  writer.Add("tile/0/x001/234", std::string(8192, 't'));
  writer.Add("empty", "");
  return std::move(writer).Finish();
}

TEST(UstarTest, GivesBackTheMembersThatWereAdded) {
  const std::string bytes = Small();
  const auto members = ListUstar(bytes);
  ASSERT_TRUE(members.ok()) << members.status();
  ASSERT_EQ(members->size(), 3u);
  EXPECT_EQ((*members)[0].name, "checkpoint");
  EXPECT_EQ(bytes.substr((*members)[0].offset, (*members)[0].size), "text\n");
  EXPECT_EQ((*members)[1].name, "tile/0/x001/234");
  EXPECT_EQ((*members)[2].size, 0u);
}

TEST(UstarTest, TarOpensIt) {
  const storage::TemporaryDirectory directory;
  const std::string file = (directory.path() / "a.tar").string();
  std::ofstream(file, std::ios::binary) << Small();
  const std::string unpack = "tar -C " + directory.path().string() + " -xf " + file;
  ASSERT_EQ(std::system(unpack.c_str()), 0);
  std::ifstream in(directory.path() / "checkpoint");
  std::string line;
  std::getline(in, line);
  EXPECT_EQ(line, "text");
  EXPECT_EQ(std::filesystem::file_size(directory.path() / "tile/0/x001/234"), 8192u);
}

TEST(UstarTest, EveryHeaderByteThatIsAlteredAndEveryCutIsFound) {
  const std::string bytes = Small();
  for (size_t at = 0; at < 512; ++at) {
    std::string altered = bytes;
    altered[at] = static_cast<char>(altered[at] ^ 0x01);
    EXPECT_EQ(ReasonOf(ListUstar(altered).status()), "ARCHIVE_FORM") << "byte " << at;
  }
  for (size_t size = 0; size < bytes.size(); size += 100) {
    EXPECT_EQ(ReasonOf(ListUstar(bytes.substr(0, size)).status()), "ARCHIVE_FORM") << "size " << size;
  }
}

}  // namespace
}  // namespace zhanqiao::ledger
