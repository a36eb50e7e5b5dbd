#include "catalog/model/update_mask.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {
namespace {

google::protobuf::FieldMask Mask(std::initializer_list<const char*> paths) {
  google::protobuf::FieldMask mask;
  for (const char* path : paths) mask.add_paths(path);
  return mask;
}

v1::Resource Stored() {
  v1::Resource resource;
  resource.set_display_name("旧名");
  resource.set_abstract("旧摘要");
  resource.add_format_types("csv");
  resource.add_format_types("xls");
  resource.mutable_census()->set_storage_gb(1);
  resource.mutable_census()->set_open_gb(2);
  return resource;
}

TEST(ApplyUpdate, WithoutAMaskTheWholeIsReplaced) {
  for (const auto& mask : {Mask({}), Mask({"*"})}) {
    v1::Resource stored = Stored();
    v1::Resource asked;
    asked.set_display_name("新名");
    ASSERT_TRUE(ApplyUpdate(mask, asked, stored).ok());
    EXPECT_EQ(stored.SerializeAsString(), asked.SerializeAsString());
    EXPECT_TRUE(Names(mask, "abstract"));
  }
}

TEST(ApplyUpdate, OnlyNamedFieldsAreReplacedRepeatedOnesWhole) {
  v1::Resource stored = Stored();
  v1::Resource asked;
  asked.set_display_name("新名");
  asked.add_format_types("json");
  asked.set_open_condition("不被指名");
  asked.mutable_census()->set_storage_gb(9);
  ASSERT_TRUE(ApplyUpdate(Mask({"abstract", "format_types", "census.storage_gb"}), asked, stored).ok());
  EXPECT_EQ(stored.display_name(), "旧名");
  EXPECT_EQ(stored.abstract(), "");  // named and left out: cleared
  ASSERT_EQ(stored.format_types_size(), 1);
  EXPECT_EQ(stored.format_types(0), "json");
  EXPECT_EQ(stored.open_condition(), "");
  EXPECT_EQ(stored.census().storage_gb(), 9);
  EXPECT_EQ(stored.census().open_gb(), 2);
}

TEST(ApplyUpdate, RefusesPathsTheDocumentDoesNotHave) {
  for (const char* path : {"nosuch", "census.nosuch", "fields.length", ""}) {
    v1::Resource stored = Stored();
    const absl::Status status = ApplyUpdate(Mask({"abstract", path}), v1::Resource(), stored);
    EXPECT_EQ(ReasonOf(status), "UPDATE_MASK_INVALID") << path;
    EXPECT_EQ(stored.SerializeAsString(), Stored().SerializeAsString()) << path;
  }
}

TEST(Names, TakesAPathBelowAFieldForTheField) {
  EXPECT_TRUE(Names(Mask({"census.storage_gb"}), "census"));
  EXPECT_FALSE(Names(Mask({"census.storage_gb"}), "abstract"));
}

}  // namespace
}  // namespace zhanqiao::catalog
