#include "hub/access/sign_ins.h"

#include <gtest/gtest.h>

#include "hub/access/test_city.h"

namespace zhanqiao::access {
namespace {

class SignInsTest : public ::testing::Test {
 protected:
  // The sign-ins written since the last call.
  std::vector<v1::SignIn> Written() {
    EXPECT_TRUE(city_.pipeline.Run({}).ok());  // what was submitted before is durable now
    std::vector<v1::SignIn> fresh;
    const auto entries = city_.Entries();
    for (; next_ < entries.size(); ++next_) {
      if (entries[next_].has_sign_in()) fresh.push_back(entries[next_].sign_in());
    }
    return fresh;
  }
  Caller Clerk(std::string address = "10.0.0.7:5000") const {
    Caller caller = city_.clerk();
    caller.fingerprint = kFingerprint;
    caller.address = std::move(address);
    return caller;
  }
  TestCity city_;
  SignIns sign_ins_{city_.pipeline, city_.clock};
  size_t next_ = 0;
};

TEST_F(SignInsTest, APersonIsWrittenOnceForEachCertificatePlaceAndDay) {
  sign_ins_.Seen(Clerk());
  sign_ins_.Seen(Clerk());
  sign_ins_.Seen(Clerk("10.0.0.7:5001"));
  const auto first = Written();
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0].person(), city_.clerk().subject);
  EXPECT_EQ(first[0].method(), "certificate");
  EXPECT_EQ(first[0].address(), "10.0.0.7");
  EXPECT_EQ(first[0].fingerprint(), kFingerprint);
  EXPECT_FALSE(first[0].refused());
  sign_ins_.Seen(Clerk("10.0.0.8:5000"));
  EXPECT_EQ(Written().size(), 1u);
  city_.clock.Advance(absl::Hours(24));
  sign_ins_.Seen(Clerk());
  EXPECT_EQ(Written().size(), 1u);
}

TEST_F(SignInsTest, SystemsAreNot) {
  sign_ins_.Seen(city_.SystemCaller());
  EXPECT_TRUE(Written().empty());
}

TEST_F(SignInsTest, ARefusedPersonIsWrittenAsRefused) {
  Presented presented;
  presented.identities = {"zhanqiao://qingdao/org/370200-GAJ/person/nobody"};
  presented.address = "[::1]:700";
  sign_ins_.Refused(presented);
  sign_ins_.Refused(presented);
  const auto written = Written();
  ASSERT_EQ(written.size(), 1u);
  EXPECT_TRUE(written[0].refused());
  EXPECT_EQ(written[0].person(), "organizations/370200-GAJ/persons/nobody");
  EXPECT_EQ(written[0].address(), "[::1]");
  presented.identities = {"zhanqiao://qingdao/org/370200-GAJ/system/none"};
  sign_ins_.Refused(presented);
  EXPECT_TRUE(Written().empty());
}

}  // namespace
}  // namespace zhanqiao::access
