#include "hub/access/directory.h"

#include <gtest/gtest.h>

#include "hub/access/test_city.h"

namespace zhanqiao::access {
namespace {

class DirectoryTest : public ::testing::Test {
 protected:
  Presented System() {
    Presented presented;
    presented.identities = {"https://elsewhere.example", "zhanqiao://qingdao/org/370200-ZWFWB/system/approval"};
    presented.fingerprint = kFingerprint;
    presented.not_after = city_.clock.Now() + absl::Hours(1);
    return presented;
  }
  std::string ReasonFor(const Presented& presented) {
    const auto caller = city_.directory.Resolve(presented);
    EXPECT_EQ(FactOf(caller.status(), "link"), "caller");
    return ReasonOf(caller.status());
  }
  TestCity city_;
};

TEST_F(DirectoryTest, ARegisteredSystemIsKnownByItsCertificate) {
  const auto caller = city_.directory.Resolve(System());
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->kind, SubjectKind::kSystem);
  EXPECT_EQ(caller->subject, kSystem);
  EXPECT_EQ(caller->organization, "organizations/370200-ZWFWB");
  EXPECT_EQ(caller->revision, 1u);
}

TEST_F(DirectoryTest, NotExactlyOneIdentityIsNobody) {
  Presented none = System();
  none.identities.pop_back();
  EXPECT_EQ(ReasonFor(none), "CALLER_UNIDENTIFIED");
  Presented two = System();
  two.identities.push_back("zhanqiao://qingdao/org/370200-GAJ/connector/a");
  EXPECT_EQ(ReasonFor(two), "CALLER_UNIDENTIFIED");
  for (const std::string uri : {"zhanqiao://", "zhanqiao://qingdao/org/370200-ZWFWB/system/", "zhanqiao://qingdao/org/x/system/a",
                                "zhanqiao://qingdao/org/370200-ZWFWB/robot/a", "zhanqiao://jinan/org/370200-ZWFWB/system/approval",
                                "zhanqiao://qingdao/org/370200-ZWFWB/system/approval/x"}) {
    Presented odd = System();
    odd.identities = {uri};
    EXPECT_EQ(ReasonFor(odd), "CALLER_UNIDENTIFIED") << uri;
  }
}

TEST_F(DirectoryTest, AnUnknownSystemIsUnregistered) {
  Presented presented = System();
  presented.identities = {"zhanqiao://qingdao/org/370200-ZWFWB/system/nobody"};
  EXPECT_EQ(ReasonFor(presented), "CALLER_UNREGISTERED");
}

TEST_F(DirectoryTest, TheNextMessageAfterARevocationIsRefused) {
  ASSERT_TRUE(city_.directory.Resolve(System()).ok());
  v1::RevokeCertificateRequest request;
  request.set_fingerprint(kFingerprint);
  request.set_reason("私钥泄露");
  ASSERT_TRUE(city_.service.RevokeCertificate(city_.security(), request).ok());
  EXPECT_EQ(ReasonFor(System()), "CERTIFICATE_REVOKED");
}

TEST_F(DirectoryTest, ACertificateExpiresWhileItsConnectionLives) {
  const Presented presented = System();
  ASSERT_TRUE(city_.directory.Resolve(presented).ok());
  city_.clock.Advance(absl::Hours(2));
  EXPECT_EQ(ReasonFor(presented), "CERTIFICATE_EXPIRED");
}

TEST_F(DirectoryTest, AStreamAsksForItsCallerAgainWithoutANewMessage) {
  Caller caller = city_.directory.Resolve(System()).value();
  caller.trace = "trace";
  const auto again = city_.directory.Again(caller);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->subject, kSystem);
  EXPECT_EQ(again->trace, "trace");
  EXPECT_EQ(again->not_after, System().not_after);
  city_.clock.Advance(absl::Hours(2));
  const absl::Status ended = city_.directory.Again(caller).status();
  EXPECT_EQ(ReasonOf(ended), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(FactOf(ended, "identity"), caller.identity);
}

TEST_F(DirectoryTest, ADisabledSystemIsRefusedFromTheNextMessageOn) {
  auto system = TestCity::System(kSystem);
  system.set_state(v1::REGISTRATION_STATE_DISABLED);
  city_.Put(kSystem, system);
  EXPECT_EQ(ReasonFor(System()), "CALLER_DISABLED");
}

}  // namespace
}  // namespace zhanqiao::access
