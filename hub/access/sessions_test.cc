#include "hub/access/sessions.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/access/session_gate.h"
#include "hub/access/test_accounts.h"

namespace zhanqiao::access {
namespace {

using ::testing::HasSubstr;
using Headers = std::vector<std::pair<std::string, std::string>>;

class SessionsTest : public ::testing::Test, protected TestAccounts {
 protected:
  std::string Begin(const std::string& person = kClerk) {
    storage::Commit commit;
    const auto begun = sessions.Begin(person, "password", "192.0.2.1", commit);
    EXPECT_EQ(sessions.Use(begun.token), std::nullopt);  // not before it is durable
    EXPECT_TRUE(pipeline.Run(std::move(commit)).ok());
    return begun.token;
  }
  bool Lives(const std::string& token) { return sessions.Use(token).has_value(); }
};

TEST_F(SessionsTest, IdleForHalfAnHourItIsOver) {
  const std::string token = Begin();
  for (int i = 0; i < 3; ++i) {
    clock.Advance(absl::Minutes(29));
    EXPECT_TRUE(Lives(token));
  }
  clock.Advance(absl::Minutes(30));
  EXPECT_FALSE(Lives(token));
}

TEST_F(SessionsTest, HoweverBusyItIsOverAfterTwelveHours) {
  const std::string token = Begin();
  for (int i = 0; i < 47; ++i) {
    clock.Advance(absl::Minutes(15));
    EXPECT_TRUE(Lives(token));
  }
  clock.Advance(absl::Minutes(15));
  EXPECT_FALSE(Lives(token));
}

TEST_F(SessionsTest, ItOutlivesARestartWithItsLastUseToAFewMinutes) {
  const std::string token = Begin();
  clock.Advance(absl::Minutes(20));
  ASSERT_TRUE(Lives(token));
  sessions.Sweep();
  ASSERT_TRUE(pipeline.Run({}).ok());  // behind what the sweep wrote
  clock.Advance(absl::Minutes(20));
  Sessions again(store, pipeline, clock, random, {});
  ASSERT_TRUE(again.Load().ok());
  EXPECT_TRUE(again.Use(token).has_value());
  clock.Advance(absl::Minutes(30));
  EXPECT_FALSE(again.Use(token).has_value());
}

TEST_F(SessionsTest, WhatIsOverLeavesTheStore) {
  Begin();
  clock.Advance(absl::Hours(1));
  sessions.Sweep();
  ASSERT_TRUE(pipeline.Run({}).ok());
  int rows = 0;
  ASSERT_TRUE(store.Scan(storage::Table::kMeta, "sessions/", "sessions0", [&](std::string_view, std::string_view) { return ++rows > 0; }).ok());
  EXPECT_EQ(rows, 0);
}

TEST_F(SessionsTest, TheSeventeenthEndsTheOneUsedLeastLately) {
  std::vector<std::string> tokens;
  for (int i = 0; i < 16; ++i) {
    tokens.push_back(Begin());
    clock.Advance(absl::Seconds(1));
  }
  EXPECT_TRUE(Lives(tokens[0]));
  storage::Commit commit;
  EXPECT_EQ(sessions.MakeRoom(kClerk, commit).size(), 1u);
  EXPECT_TRUE(sessions.MakeRoom(kApprover, commit).empty());
  EXPECT_TRUE(Lives(tokens[0]));
  EXPECT_FALSE(Lives(tokens[1]));
}

TEST_F(SessionsTest, NothingElseIsAToken) {
  const std::string token = Begin();
  for (const std::string& odd : {std::string(), token.substr(1), token + "0", std::string(64, '0')}) EXPECT_FALSE(Lives(odd));
}

class SessionGateTest : public SessionsTest {
 protected:
  std::string Reason(const Headers& headers) { return ReasonOf(gate.Resolve(headers, "192.0.2.1:1").status()); }
  const std::string token_ = Begin();
  const std::string cookie_ = "a=b; __Host-zhanqiao=" + token_ + "; c=d";
};

TEST_F(SessionGateTest, ABearerTokenNeedsNothingElse) {
  EXPECT_EQ(Reason({{"authorization", "Bearer " + token_}}), "");
  EXPECT_EQ(Reason({{"authorization", "bearer " + token_}}), "");
  EXPECT_EQ(Reason({{"authorization", "Basic " + token_}}), "CALLER_UNIDENTIFIED");
  EXPECT_EQ(Reason({{"authorization", "Bearer x"}}), "SESSION_UNKNOWN");
  EXPECT_EQ(Reason({}), "CALLER_UNIDENTIFIED");
}

TEST_F(SessionGateTest, ACookieCountsOnlyFromOurOwnPages) {
  EXPECT_EQ(Reason({{"cookie", cookie_}}), "CSRF_HEADER_MISSING");
  EXPECT_EQ(Reason({{"cookie", cookie_}, {"zhanqiao-csrf", "0"}}), "CSRF_HEADER_MISSING");
  EXPECT_EQ(Reason({{"cookie", cookie_}, {"zhanqiao-csrf", "1"}}), "");
  EXPECT_EQ(Reason({{"cookie", "a=b"}, {"cookie", "__Host-zhanqiao=" + token_}, {"zhanqiao-csrf", "1"}}), "");
  const Headers own = {{"cookie", cookie_}, {"zhanqiao-csrf", "1"}, {"host", "hub.example:7443"}};
  for (const auto& [name, value, reason] : {std::tuple{"origin", "https://hub.example:7443", ""},
                                            std::tuple{"origin", "https://evil.example", "ORIGIN_FOREIGN"},
                                            std::tuple{"origin", "http://hub.example:7443", "ORIGIN_FOREIGN"},
                                            std::tuple{"origin", "null", "ORIGIN_FOREIGN"},
                                            std::tuple{"sec-fetch-site", "same-origin", ""},
                                            std::tuple{"sec-fetch-site", "same-site", "ORIGIN_FOREIGN"},
                                            std::tuple{"sec-fetch-site", "cross-site", "ORIGIN_FOREIGN"}}) {
    Headers headers = own;
    headers.emplace_back(name, value);
    EXPECT_EQ(Reason(headers), reason) << name << " " << value;
  }
}

TEST_F(SessionGateTest, TheCookieStaysWithThisHostAndOutOfScripts) {
  EXPECT_EQ(SessionCookie("t"), "__Host-zhanqiao=t; Path=/; Secure; HttpOnly; SameSite=Strict");
  EXPECT_THAT(SessionCookie(""), HasSubstr("__Host-zhanqiao=; Max-Age=0;"));
}

TEST_F(SessionGateTest, WhatAPersonMayDoIsAskedEachTime) {
  const Headers headers = {{"authorization", "Bearer " + token_}};
  EXPECT_TRUE(gate.Resolve(headers, "")->HasRole("org_clerk"));
  Register(kClerk, {v1::ROLE_ORG_APPROVER});
  EXPECT_FALSE(gate.Resolve(headers, "")->HasRole("org_clerk"));
  Register(kClerk, {v1::ROLE_ORG_APPROVER}, v1::REGISTRATION_STATE_DISABLED);
  EXPECT_EQ(Reason(headers), "CALLER_DISABLED");
}

TEST(NetworkOfTest, IsTheHostOrTheSubscribersNetwork) {
  EXPECT_EQ(NetworkOf("192.0.2.7:51234"), "192.0.2.7");
  EXPECT_EQ(NetworkOf("[2001:db8:1:2:3:4:5:6]:443"), "2001:db8:1:2::/64");
  EXPECT_EQ(NetworkOf("[::ffff:192.0.2.7]:443"), "::ffff:192.0.2.7");
  EXPECT_EQ(NetworkOf("unix"), "unix");
}

TEST(SignInLimitsTest, ForgetsWhenTheWindowEndsAndHoldsABoundedNumber) {
  SimulatedClock clock(absl::FromUnixSeconds(1'800'000'000));
  SignInLimits limits(clock, {.failures_max = 2, .window = absl::Minutes(10), .networks_max = 2});
  limits.Failed("a");
  EXPECT_EQ(limits.Wait("a"), absl::ZeroDuration());
  clock.Advance(absl::Minutes(1));
  limits.Failed("a");
  EXPECT_EQ(limits.Wait("a"), absl::Minutes(9));
  limits.Failed("b");
  EXPECT_EQ(limits.Wait("c"), absl::Minutes(10));  // no place to count it
  EXPECT_EQ(limits.Wait("b"), absl::ZeroDuration());
  clock.Advance(absl::Minutes(9));
  EXPECT_EQ(limits.Wait("a"), absl::ZeroDuration());
  EXPECT_EQ(limits.Wait("c"), absl::ZeroDuration());
}

}  // namespace
}  // namespace zhanqiao::access
