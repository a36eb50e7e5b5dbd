#include "hub/access/grants.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

TEST(GrantRules, EachVerbLeadsFromItsStatesOnly) {
  const std::vector<std::pair<GrantVerb, v1::GrantState>> ways = {
      {GrantVerb::kSubmit, v1::GRANT_STATE_DRAFT},     {GrantVerb::kAccept, v1::GRANT_STATE_SUBMITTED},
      {GrantVerb::kPropose, v1::GRANT_STATE_ACCEPTED}, {GrantVerb::kDecide, v1::GRANT_STATE_ACCEPTED},
      {GrantVerb::kSuspend, v1::GRANT_STATE_ACTIVE},   {GrantVerb::kResume, v1::GRANT_STATE_SUSPENDED}};
  for (const auto& [verb, from] : ways) {
    for (int state = v1::GRANT_STATE_DRAFT; state <= v1::GRANT_STATE_EXPIRED; ++state) {
      EXPECT_EQ(CheckState(verb, static_cast<v1::GrantState>(state)).ok(), state == from) << state;
    }
  }
}

TEST(GrantRules, WhatIsOverCannotBeRevoked) {
  for (const auto over : {v1::GRANT_STATE_REVOKED, v1::GRANT_STATE_REJECTED, v1::GRANT_STATE_EXPIRED}) {
    EXPECT_EQ(ReasonOf(CheckState(GrantVerb::kRevoke, over)), "GRANT_STATE");
  }
  EXPECT_TRUE(CheckState(GrantVerb::kRevoke, v1::GRANT_STATE_ACTIVE).ok());
}

TEST(GrantRules, DeciderProposerAndApplicantAreThree) {
  v1::Grant grant;
  grant.set_applicant("x");
  EXPECT_FALSE(CheckFourEyes(grant, "p").ok()) << "nothing is proposed";
  grant.mutable_decision()->set_proposer("q");
  EXPECT_TRUE(CheckFourEyes(grant, "p").ok());
  EXPECT_EQ(ReasonOf(CheckFourEyes(grant, "q")), "FOUR_EYES");
  EXPECT_EQ(ReasonOf(CheckFourEyes(grant, "x")), "FOUR_EYES");
  grant.set_applicant("q");
  EXPECT_EQ(ReasonOf(CheckFourEyes(grant, "p")), "FOUR_EYES");
}

}  // namespace
}  // namespace zhanqiao::access
