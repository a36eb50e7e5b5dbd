#include "hub/access/grants.h"

#include <gtest/gtest.h>

#include <set>

#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

TEST(GrantRules, EachVerbLeadsFromItsStatesOnly) {
  const std::vector<std::pair<GrantVerb, std::set<int>>> ways = {
      {GrantVerb::kSubmit, {v1::GRANT_STATE_DRAFT}},
      {GrantVerb::kAccept, {v1::GRANT_STATE_SUBMITTED}},
      {GrantVerb::kAssess, {v1::GRANT_STATE_ACCEPTED, v1::GRANT_STATE_ESCALATED}},
      {GrantVerb::kPropose, {v1::GRANT_STATE_ACCEPTED, v1::GRANT_STATE_ESCALATED}},
      {GrantVerb::kDecide, {v1::GRANT_STATE_ACCEPTED, v1::GRANT_STATE_ESCALATED}},
      {GrantVerb::kEscalate, {v1::GRANT_STATE_REJECTED}},
      {GrantVerb::kSuspend, {v1::GRANT_STATE_ACTIVE, v1::GRANT_STATE_APPROVED}},
      {GrantVerb::kResume, {v1::GRANT_STATE_SUSPENDED}},
      {GrantVerb::kRenew, {v1::GRANT_STATE_APPROVED, v1::GRANT_STATE_ACTIVE, v1::GRANT_STATE_EXPIRED}}};
  for (const auto& [verb, from] : ways) {
    for (int state = v1::GRANT_STATE_DRAFT; state <= v1::GRANT_STATE_EXPIRED; ++state) {
      EXPECT_EQ(CheckState(verb, static_cast<v1::GrantState>(state)).ok(), from.contains(state)) << state;
    }
  }
  EXPECT_EQ(FactOf(CheckState(GrantVerb::kDecide, v1::GRANT_STATE_DRAFT), "expected"), "ACCEPTED,ESCALATED");
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
  EXPECT_TRUE(CheckFourEyes(grant, "p", "a").ok());
  EXPECT_EQ(ReasonOf(CheckFourEyes(grant, "p", "q")), "FOUR_EYES") << "in the place of who proposed";
  EXPECT_EQ(ReasonOf(CheckFourEyes(grant, "p", "x")), "FOUR_EYES");
  grant.set_applicant("q");
  EXPECT_EQ(ReasonOf(CheckFourEyes(grant, "p")), "FOUR_EYES");
}

}  // namespace
}  // namespace zhanqiao::access
