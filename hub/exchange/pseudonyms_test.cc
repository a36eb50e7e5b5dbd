#include <gtest/gtest.h>

#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

class PseudonymsTest : public ::testing::Test {
 protected:
  static std::shared_ptr<const access::GrantInForce> Grant(const std::string& name, v1::Mask mask) {
    auto grant = std::make_shared<access::GrantInForce>();
    grant->name = name;
    grant->fields = {{"name", mask}};
    grant->masks["name"] = mask;
    return grant;
  }
  // The value released of 欧阳建国 under the grant.
  std::string Released(const std::string& grant, v1::Mask mask, const SealKey* key) {
    const auto plan = MakePlan(Grant(grant, mask), resource_, {}, key);
    EXPECT_TRUE(plan.ok()) << plan.status();
    v1::RecordBatch answer;
    answer.set_schema_fingerprint((*plan)->fingerprint);
    answer.add_fields("name");
    answer.add_rows()->add_values()->set_text("欧阳建国");
    const auto released = CheckAnswer(**plan, v1::QueryRequest(), 10, answer);
    EXPECT_TRUE(released.ok()) << released.status();
    EXPECT_NE(released->answer_bytes, released->released());
    v1::RecordBatch out;
    EXPECT_TRUE(out.ParseFromString(released->records));
    return out.rows(0).values(0).text();
  }

  const SealKey key_{std::string(32, 'p')};
  const SealKey other_{std::string(32, 'q')};
  std::shared_ptr<const v1::Resource> resource_ = [] {
    auto resource = std::make_shared<v1::Resource>();
    resource->set_name(std::string(access::kResidence));
    auto& field = *resource->add_fields();
    field.set_field("name");
    field.set_data_type(v1::DATA_TYPE_CHARACTER);
    return resource;
  }();
};

TEST_F(PseudonymsTest, OnePersonIsOnePseudonymUnderAGrantAndAnotherUnderTheNext) {
  const std::string one = Released("grants/1", v1::MASK_PSEUDONYM, &key_);
  EXPECT_EQ(one.size(), 32u);
  EXPECT_EQ(Released("grants/1", v1::MASK_PSEUDONYM, &key_), one);
  EXPECT_NE(Released("grants/2", v1::MASK_PSEUDONYM, &key_), one) << "two consumers cannot join what they got";
  EXPECT_NE(Released("grants/1", v1::MASK_PSEUDONYM, &other_), one) << "it hangs on the hub's key";
}

TEST_F(PseudonymsTest, AHubWithoutAKeyReleasesStars) {
  EXPECT_EQ(Released("grants/1", v1::MASK_PSEUDONYM, nullptr), "****");
}

TEST_F(PseudonymsTest, DisplayFormsAreReleasedAsGranted) {
  EXPECT_EQ(Released("grants/1", v1::MASK_NAME_DISPLAY, &key_), "欧阳*国");
  EXPECT_EQ(Released("grants/1", v1::MASK_NAME, &key_), "欧阳**");
}

}  // namespace
}  // namespace zhanqiao::exchange
