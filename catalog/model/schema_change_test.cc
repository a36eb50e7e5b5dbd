#include "catalog/model/schema_change.h"

#include <gtest/gtest.h>

#include <functional>

namespace zhanqiao::catalog {
namespace {

v1::Resource Schema() {
  v1::Resource resource;
  for (const char* name : {"id", "name", "note"}) {
    v1::Field* field = resource.add_fields();
    field->set_field(name);
    field->set_display_name(name);
    field->set_data_type(v1::DATA_TYPE_CHARACTER);
    field->set_length(10);
  }
  resource.mutable_fields(0)->set_key(true);
  return resource;
}

SchemaChange After(const std::function<void(v1::Resource&)>& change) {
  v1::Resource after = Schema();
  change(after);
  return CompareSchemas(Schema(), after);
}

TEST(CompareSchemas, TheSameFieldsAreIdenticalWhateverElseChanged) {
  EXPECT_EQ(After([](auto& after) { after.set_abstract("另一摘要"); }).verdict, v1::SCHEMA_COMPATIBILITY_IDENTICAL);
}

TEST(CompareSchemas, MoreIsCompatible) {
  const auto compatible = [](const std::function<void(v1::Resource&)>& change) {
    return After(change).verdict == v1::SCHEMA_COMPATIBILITY_COMPATIBLE;
  };
  EXPECT_TRUE(compatible([](auto& after) { after.add_fields()->set_field("more"); }));
  EXPECT_TRUE(compatible([](auto& after) { after.mutable_fields(1)->set_length(11); }));
  EXPECT_TRUE(compatible([](auto& after) { after.mutable_fields(1)->set_note("说明"); }));
  EXPECT_TRUE(compatible([](auto& after) { after.mutable_fields(1)->set_mask(v1::MASK_NAME); }));
  EXPECT_TRUE(compatible([](auto& after) { after.mutable_fields()->SwapElements(0, 1); }));
}

TEST(CompareSchemas, LessOrOtherBreaks) {
  const auto breaks = [](const std::function<void(v1::Resource&)>& change) {
    return After(change).verdict == v1::SCHEMA_COMPATIBILITY_BREAKING;
  };
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields()->RemoveLast(); }));
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields(1)->set_length(9); }));
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields(1)->set_data_type(v1::DATA_TYPE_MEMO); }));
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields(0)->set_key(false); }));
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields(1)->set_key(true); }));
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields(0)->set_person_key(true); }));
  EXPECT_TRUE(breaks([](auto& after) { after.mutable_fields(1)->set_field("renamed"); }));
}

TEST(CompareSchemas, NamesWhatWasAddedRemovedAndChanged) {
  const SchemaChange change = After([](auto& after) {
    after.mutable_fields()->DeleteSubrange(1, 1);
    after.mutable_fields(1)->set_length(20);
    after.add_fields()->set_field("more");
  });
  EXPECT_EQ(change.added, std::vector<std::string>{"more"});
  EXPECT_EQ(change.removed, std::vector<std::string>{"name"});
  EXPECT_EQ(change.changed, std::vector<std::string>{"note"});
}

}  // namespace
}  // namespace zhanqiao::catalog
