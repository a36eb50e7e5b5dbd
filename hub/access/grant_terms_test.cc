#include "hub/access/grant_terms.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/access/test_city.h"

namespace zhanqiao::access {
namespace {

class GrantTermsTest : public ::testing::Test {
 protected:
  GrantTermsTest() {
    grant_ = city_.Apply(kResidence).grant();
    grant_.mutable_fields(0)->set_mask(v1::MASK_NAME);
    grant_.set_start_date("2027-01-01");
    grant_.set_daily_rows_max(100);
  }
  std::string Wrong(const v1::GrantTerms& terms) {
    const absl::Status status = CheckTerms(terms, grant_, resource_);
    return ReasonOf(status) + " " + FactOf(status, "field");
  }
  TestCity city_;
  v1::Grant grant_;
  const v1::Resource resource_ = TestCity::Entry(kResidence, v1::SHARE_TYPE_CONDITIONAL);
};

TEST_F(GrantTermsTest, MasksAreOnlyEverStronger) {
  EXPECT_TRUE(AtLeastAsStrong(v1::MASK_ALL, v1::MASK_NAME));
  EXPECT_TRUE(AtLeastAsStrong(v1::MASK_NAME, v1::MASK_NAME));
  EXPECT_TRUE(AtLeastAsStrong(v1::MASK_NAME, v1::MASK_UNSPECIFIED));
  EXPECT_FALSE(AtLeastAsStrong(v1::MASK_NAME, v1::MASK_ALL));
  EXPECT_FALSE(AtLeastAsStrong(v1::MASK_UNSPECIFIED, v1::MASK_NAME));
  EXPECT_FALSE(AtLeastAsStrong(v1::MASK_MOBILE, v1::MASK_ID_NUMBER)) << "neither shows less than the other";
}

TEST_F(GrantTermsTest, WhatIsLeftOutStaysAsAppliedFor) {
  EXPECT_TRUE(CheckTerms({}, grant_, resource_).ok());
  EXPECT_EQ(Narrowed(grant_, {}).SerializeAsString(), grant_.SerializeAsString());
}

TEST_F(GrantTermsTest, ADecisionGrantsLessAndNeverMore) {
  v1::GrantTerms less;
  less.add_fields()->set_field("name");
  less.mutable_fields(0)->set_mask(v1::MASK_ALL);
  less.set_start_date("2027-02-01");
  less.set_end_date("2027-06-30");
  less.set_daily_rows_max(50);
  less.set_daily_persons_max(10);
  auto& condition = *less.add_row_conditions();
  condition.set_field("district");
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text("市南区");
  ASSERT_TRUE(CheckTerms(less, grant_, resource_).ok()) << CheckTerms(less, grant_, resource_);
  const v1::Grant made = Narrowed(grant_, less);
  EXPECT_EQ(TermsOf(made).SerializeAsString(), less.SerializeAsString());

  const auto with = [&](auto change) {
    v1::GrantTerms more = less;
    change(more);
    return Wrong(more);
  };
  EXPECT_EQ(with([](auto& terms) { terms.mutable_fields(0)->set_field("district"); }), "TERMS_EXCEED terms.fields[0].field");
  EXPECT_EQ(with([](auto& terms) { terms.mutable_fields(0)->clear_mask(); }), "TERMS_EXCEED terms.fields[0].mask");
  EXPECT_EQ(with([](auto& terms) { terms.set_start_date("2026-12-31"); }), "TERMS_EXCEED terms.start_date");
  EXPECT_EQ(with([](auto& terms) { terms.set_end_date("2028-01-01"); }), "TERMS_EXCEED terms.end_date");
  EXPECT_EQ(with([](auto& terms) { terms.set_daily_rows_max(101); }), "TERMS_EXCEED terms.daily_rows_max");
  EXPECT_EQ(with([](auto& terms) { terms.set_rate_per_second(-1); }), "QUOTA_INVALID terms.rate_per_second");
  EXPECT_EQ(with([](auto& terms) { terms.set_end_date("2027-01-31"); }), "TERM_INVALID terms.end_date");
  EXPECT_EQ(with([](auto& terms) { *terms.add_fields() = terms.fields(0); }), "FIELD_REPEATED terms.fields[1].field");
  EXPECT_EQ(with([](auto& terms) { terms.mutable_row_conditions(0)->set_field("address"); }),
            "CONDITION_FIELD terms.row_conditions[0].field");
}

}  // namespace
}  // namespace zhanqiao::access
