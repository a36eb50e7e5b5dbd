#include "catalog/documents/version_row.h"

#include <gtest/gtest.h>

#include "catalog/base/digest.h"

namespace zhanqiao::documents {
namespace {

Version Example() {
  Version version;
  version.name = std::string("tasks/1");
  version.revision = 2;
  version.type = std::string("T");
  version.actor = std::string("a");
  version.reason = std::string("b");
  version.document = std::string("d");
  version.effective = absl::CivilDay(1970, 1, 3);
  version.known_at = 5;
  version.change_time = absl::FromUnixMicros(7);
  return version;
}

TEST(VersionRow, TheExampleOfTheFormatHolds) {
  EXPECT_EQ(ToHex(VersionKey("tasks/1", 2)), "767461736b732f31000000000000000002");
  EXPECT_EQ(ToHex(EncodeVersion(Example())),
            "01000000000000000005000000000000000700000002000000015400000001610000000162"
            "64");
}

TEST(VersionRow, ARowComesBackAsItWas) {
  for (const bool deleted : {false, true}) {
    Version version = Example();
    version.deleted = deleted;
    version.effective = absl::CivilDay(1949, 10, 1);
    version.change_time = absl::FromUnixMicros(-5);
    const auto back = DecodeVersion(VersionKey(version.name, version.revision), EncodeVersion(version));
    ASSERT_TRUE(back.ok());
    EXPECT_EQ(back->name, version.name);
    EXPECT_EQ(back->revision, 2u);
    EXPECT_EQ(back->deleted, deleted);
    EXPECT_EQ(back->effective, version.effective);
    EXPECT_EQ(back->known_at, 5u);
    EXPECT_EQ(back->change_time, version.change_time);
    EXPECT_EQ(back->type + back->actor + back->reason + back->document, "Tabd");
  }
}

TEST(VersionRow, ACutOrForeignRowIsRefused) {
  const std::string key = VersionKey("tasks/1", 2);
  const std::string row = EncodeVersion(Example());
  for (size_t size = 0; size < row.size() - 1; ++size) {
    EXPECT_EQ(ReasonOf(DecodeVersion(key, row.substr(0, size)).status()), "DOCUMENT_ROW") << size;
  }
  std::string later_format = row;
  later_format[0] = 2;
  EXPECT_FALSE(DecodeVersion(key, later_format).ok());
  EXPECT_FALSE(DecodeVersion("hname", row).ok());
  EXPECT_FALSE(DecodeVersion("", row).ok());
}

}  // namespace
}  // namespace zhanqiao::documents
