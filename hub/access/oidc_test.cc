#include "hub/access/oidc.h"

extern "C" {
#include <cjose/cjose.h>
}

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <map>

#include "hub/access/test_accounts.h"

namespace zhanqiao::access {
namespace {

namespace json = boost::json;
using ::testing::HasSubstr;

constexpr char kIssuer[] = "https://id.qingdao.example/oidc";

// A key pair a provider signs with.
class SigningKey {
 public:
  SigningKey(std::string alg, std::string id) : alg_(std::move(alg)), id_(std::move(id)) {
    cjose_err error{};
    jwk_ = alg_.front() == 'E' ? cjose_jwk_create_EC_random(CJOSE_JWK_EC_P_256, &error)
           : alg_.front() == 'H' ? cjose_jwk_create_oct_random(256, &error)
                                 : cjose_jwk_create_RSA_random(2048, reinterpret_cast<const uint8_t*>("\1\0\1"), 3, &error);
    EXPECT_TRUE(cjose_jwk_set_kid(jwk_, id_.data(), id_.size(), &error));
  }
  ~SigningKey() { cjose_jwk_release(jwk_); }
  SigningKey(const SigningKey&) = delete;
  SigningKey& operator=(const SigningKey&) = delete;

  json::value Public() const {
    cjose_err error{};
    char* const text = cjose_jwk_to_json(jwk_, false, &error);
    json::value value = json::parse(text);
    free(text);
    return value;
  }
  std::string Sign(const json::object& claims) const {
    cjose_err error{};
    cjose_header_t* const header = cjose_header_new(&error);
    cjose_header_set(header, CJOSE_HDR_ALG, alg_.c_str(), &error);
    cjose_header_set(header, CJOSE_HDR_KID, id_.c_str(), &error);
    const std::string text = json::serialize(claims);
    cjose_jws_t* const jws = cjose_jws_sign(jwk_, header, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &error);
    EXPECT_NE(jws, nullptr) << error.message;
    const char* exported = nullptr;
    cjose_jws_export(jws, &exported, &error);
    std::string token(exported);
    cjose_jws_release(jws);
    cjose_header_release(header);
    return token;
  }

 private:
  const std::string alg_, id_;
  cjose_jwk_t* jwk_ = nullptr;
};

// A provider in memory: what it answers is the test's to say.
class FakeIssuer {
 public:
  explicit FakeIssuer(const Clock& clock) : clock_(clock) { keys.push_back(std::make_unique<SigningKey>("RS256", "k1")); }

  json::object Claims() const {
    const int64_t now = absl::ToUnixSeconds(clock_.Now());
    return {{"iss", kIssuer}, {"sub", "zhang-san"}, {"aud", "zhanqiao"}, {"exp", now + 300}, {"iat", now}, {"nonce", nonce}};
  }
  absl::StatusOr<http::Response> Answer(const http::Request& request) {
    ++asked[request.url.path];
    if (!reachable) return Fail(absl::StatusCode::kUnavailable, "HTTP_UNREACHABLE", "x", {{"cause", "timeout"}});
    if (request.url.path == "/oidc/.well-known/openid-configuration") {
      return http::Response{200, "application/json",
                            json::serialize(json::object{{"issuer", issuer},
                                                         {"authorization_endpoint", "https://id.qingdao.example/oidc/auth"},
                                                         {"token_endpoint", "https://id.qingdao.example/oidc/token"},
                                                         {"jwks_uri", "https://id.qingdao.example/oidc/jwks"}})};
    }
    if (request.url.path == "/oidc/jwks") {
      json::array all;
      for (const auto& key : keys) all.push_back(key->Public());
      return http::Response{200, "application/json", json::serialize(json::object{{"keys", all}})};
    }
    last_token_request = request;
    if (request.body.find("code=good&") == std::string::npos) return http::Response{400, "application/json", "{\"error\":\"invalid_grant\"}"};
    return http::Response{200, "application/json",
                          json::serialize(json::object{{"access_token", "a"}, {"token_type", "bearer"}, {"id_token", token}})};
  }

  std::vector<std::unique_ptr<SigningKey>> keys;
  std::string issuer = kIssuer;
  std::string nonce = "n-1";
  std::string token;
  bool reachable = true;
  std::map<std::string, int> asked;
  http::Request last_token_request;

 private:
  const Clock& clock_;
};

class OidcProviderTest : public ::testing::Test {
 protected:
  void SetUp() override { issuer_.token = issuer_.keys.front()->Sign(issuer_.Claims()); }
  std::string Rule(const std::string& token) {
    issuer_.token = token;
    const auto subject = provider_->Redeem("good", "n-1", "verifier");
    if (subject.ok()) {
      EXPECT_EQ(*subject, "zhang-san");
      return "";
    }
    EXPECT_EQ(ReasonOf(subject.status()), "OIDC_TOKEN_REFUSED");
    return FactOf(subject.status(), "rule");
  }
  std::string RuleWith(std::string_view claim, json::value value) {
    json::object claims = issuer_.Claims();
    claims[{claim.data(), claim.size()}] = std::move(value);
    return Rule(issuer_.keys.front()->Sign(claims));
  }
  static std::string Segments(const json::object& header, const json::object& claims, std::string_view signature) {
    return ToBase64Url(json::serialize(header)) + "." + ToBase64Url(json::serialize(claims)) + "." + std::string(signature);
  }
  int64_t Now() const { return absl::ToUnixSeconds(clock_.Now()); }

  SimulatedClock clock_{absl::FromUnixSeconds(1'800'000'000)};
  FakeIssuer issuer_{clock_};
  std::unique_ptr<OidcProvider> provider_ =
      OidcProvider::Create({.issuer = kIssuer, .client_id = "zhanqiao", .client_secret = "s&cret", .redirect_uri = "https://hub.example/sign-in"},
                           [this](const http::Request& request) { return issuer_.Answer(request); }, clock_)
          .value();
};

TEST_F(OidcProviderTest, SendsThePersonWithStateNonceAndPkce) {
  // RFC 7636 appendix B: the challenge of this verifier.
  const auto url = provider_->AuthorizationUrl("st ate", "n-1", "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
  ASSERT_TRUE(url.ok()) << url.status();
  EXPECT_EQ(*url,
            "https://id.qingdao.example/oidc/auth?response_type=code&client_id=zhanqiao&redirect_uri=https%3A%2F%2Fhub.example%2Fsign-in"
            "&scope=openid&state=st%20ate&nonce=n-1&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256");
}

TEST_F(OidcProviderTest, TakesATokenThatHoldsAndAuthenticatesItself) {
  EXPECT_EQ(Rule(issuer_.token), "");
  EXPECT_EQ(issuer_.last_token_request.method, "POST");
  EXPECT_THAT(issuer_.last_token_request.body, HasSubstr("code_verifier=verifier"));
  const std::pair<std::string, std::string> basic = {"authorization", "Basic " + ToBase64("zhanqiao:s%26cret")};
  EXPECT_THAT(issuer_.last_token_request.headers, ::testing::Contains(basic));
}

TEST_F(OidcProviderTest, EveryClaimIsChecked) {
  EXPECT_EQ(RuleWith("iss", "https://evil.example"), "iss");
  EXPECT_EQ(RuleWith("aud", "another"), "aud");
  EXPECT_EQ(RuleWith("aud", json::array{"another"}), "aud");
  EXPECT_EQ(RuleWith("aud", json::array{"zhanqiao", "another"}), "aud");
  EXPECT_EQ(RuleWith("aud", json::array{"zhanqiao"}), "");
  EXPECT_EQ(RuleWith("exp", Now() - 60), "exp");
  EXPECT_EQ(RuleWith("exp", Now() - 59), "");  // a minute of clocks
  EXPECT_EQ(RuleWith("exp", "soon"), "exp");
  EXPECT_EQ(RuleWith("iat", Now() + 120), "iat");
  EXPECT_EQ(RuleWith("nbf", Now() + 120), "iat");
  EXPECT_EQ(RuleWith("nonce", "n-2"), "nonce");
  EXPECT_EQ(RuleWith("nonce", nullptr), "nonce");
  EXPECT_EQ(RuleWith("sub", ""), "claim");
  EXPECT_EQ(RuleWith("sub", 7), "claim");
}

TEST_F(OidcProviderTest, AnAlteredTokenIsRefused) {
  const std::string good = issuer_.token;
  const size_t dot = good.find('.');
  json::object claims = issuer_.Claims();
  claims["sub"] = "li-si";
  const size_t last = good.rfind('.');
  EXPECT_EQ(Rule(good.substr(0, dot + 1) + ToBase64Url(json::serialize(claims)) + good.substr(last)), "signature");
  EXPECT_EQ(Rule(SigningKey("RS256", "k1").Sign(issuer_.Claims())), "signature");
  EXPECT_EQ(Rule(good.substr(0, last + 1)), "signature");
  for (const std::string& odd : {std::string(), std::string("a.b"), good + ".x", good.substr(1), std::string(20'000, 'x')}) {
    EXPECT_EQ(Rule(odd + (odd.empty() ? "." : "")), "form") << odd;
  }
}

TEST_F(OidcProviderTest, OnlySignaturesOfTheProvidersKeysCount) {
  EXPECT_EQ(Rule(Segments({{"alg", "none"}}, issuer_.Claims(), "")), "alg");
  EXPECT_EQ(Rule(Segments({{"alg", "None"}, {"kid", "k1"}}, issuer_.Claims(), "AAAA")), "alg");
  EXPECT_EQ(Rule(Segments({{"alg", "RS256"}, {"kid", "k1"}, {"crit", json::array{"x"}}}, issuer_.Claims(), "AAAA")), "form");
  EXPECT_EQ(Rule(Segments({{"alg", "RS256"}, {"kid", "k1"}}, issuer_.Claims(), "AAAA")), "signature");
  // The provider's public key used as a shared secret.
  EXPECT_EQ(Rule(SigningKey("HS256", "k1").Sign(issuer_.Claims())), "alg");
  // A key of another kind than the algorithm's.
  EXPECT_EQ(Rule(SigningKey("ES256", "k1").Sign(issuer_.Claims())), "key");
}

TEST_F(OidcProviderTest, TakesTheCommonAlgorithms) {
  for (const char* alg : {"RS256", "RS512", "PS256", "ES256"}) {
    issuer_.keys.clear();
    issuer_.keys.push_back(std::make_unique<SigningKey>(alg, alg));
    clock_.Advance(absl::Hours(2));
    EXPECT_EQ(Rule(issuer_.keys.front()->Sign(issuer_.Claims())), "") << alg;
  }
}

TEST_F(OidcProviderTest, NewKeysAreFetchedWhenATokenNeedsThemButNotByEveryInvention) {
  EXPECT_EQ(Rule(issuer_.token), "");
  EXPECT_EQ(Rule(issuer_.token), "");
  EXPECT_EQ(issuer_.asked["/oidc/jwks"], 1);
  EXPECT_EQ(issuer_.asked["/oidc/.well-known/openid-configuration"], 1);
  clock_.Advance(absl::Minutes(5));
  issuer_.keys.insert(issuer_.keys.begin(), std::make_unique<SigningKey>("ES256", "k2"));
  EXPECT_EQ(Rule(issuer_.keys.front()->Sign(issuer_.Claims())), "");
  EXPECT_EQ(issuer_.asked["/oidc/jwks"], 2);
  const SigningKey invented("ES256", "k3");
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Rule(invented.Sign(issuer_.Claims())), "key");
  EXPECT_EQ(issuer_.asked["/oidc/jwks"], 2);
  clock_.Advance(absl::Minutes(1));
  EXPECT_EQ(Rule(invented.Sign(issuer_.Claims())), "key");
  EXPECT_EQ(issuer_.asked["/oidc/jwks"], 3);
}

TEST_F(OidcProviderTest, ARetiredKeySignsNoMoreWithinTheHour) {
  EXPECT_EQ(Rule(issuer_.token), "");
  const auto retired = std::move(issuer_.keys.front());
  issuer_.keys.front() = std::make_unique<SigningKey>("RS256", "k2");
  clock_.Advance(absl::Hours(1));
  EXPECT_EQ(Rule(retired->Sign(issuer_.Claims())), "key");
}

TEST_F(OidcProviderTest, AProviderThatIsAwayIsNotAskedByEveryone) {
  issuer_.reachable = false;
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ReasonOf(provider_->AuthorizationUrl("s", "n", "v").status()), "OIDC_UNREACHABLE");
  EXPECT_EQ(issuer_.asked["/oidc/.well-known/openid-configuration"], 1);
  issuer_.reachable = true;
  clock_.Advance(absl::Seconds(5));
  EXPECT_TRUE(provider_->AuthorizationUrl("s", "n", "v").ok());
}

TEST_F(OidcProviderTest, AnIssuerThatNamesItselfOtherwiseIsRefused) {
  issuer_.issuer = "https://id.qingdao.example";
  EXPECT_EQ(ReasonOf(provider_->AuthorizationUrl("s", "n", "v").status()), "OIDC_ANSWER_WRONG");
}

TEST(OidcIssuerTest, PlainHttpIsForLoopbackOnly) {
  const SystemClock clock;
  for (const auto& [issuer, taken] : {std::pair{"https://id.example", true}, std::pair{"http://127.0.0.1:4593/api/oidc", true},
                                      std::pair{"http://id.example", false}, std::pair{"ftp://id.example", false}, std::pair{"", false}}) {
    EXPECT_EQ(OidcProvider::Create({.issuer = issuer, .client_id = "", .client_secret = "", .redirect_uri = ""}, nullptr, clock).ok(), taken) << issuer;
  }
}

// Signing in through the provider, with the service on top.
class OidcSignInTest : public OidcProviderTest {
 protected:
  OidcSignInTest() : city_(provider_.get()) {
    clock_.Set(city_.clock.Now());
    city_.Open(kClerk);
  }
  void Link(const std::string& subject) {
    v1::LinkOidcSubjectRequest request;
    request.set_person(kClerk);
    request.set_subject(subject);
    ASSERT_TRUE(city_.people->LinkOidcSubject(city_.security_admin(), request).ok());
  }
  static std::string Parameter(const std::string& url, const std::string& name) {
    const size_t at = url.find("&" + name + "=") + name.size() + 2;
    return url.substr(at, url.find('&', at) - at);
  }
  v1::FinishOidcSignInRequest Came(const std::string& code = "good") {
    const auto begun = city_.people->GetOidcSignIn(TestAccounts::Nobody(), {}).value();
    issuer_.nonce = Parameter(begun.authorization_url(), "nonce");
    issuer_.token = issuer_.keys.front()->Sign(issuer_.Claims());
    v1::FinishOidcSignInRequest request;
    request.set_attempt(begun.attempt());
    request.set_state(Parameter(begun.authorization_url(), "state"));
    request.set_code(code);
    return request;
  }
  std::string Reason(const v1::FinishOidcSignInRequest& request) {
    return ReasonOf(city_.people->FinishOidcSignIn(TestAccounts::Nobody(), request).status());
  }
  TestAccounts city_;
};

TEST_F(OidcSignInTest, ALinkedPersonSignsIn) {
  Link("zhang-san");
  const auto response = city_.people->FinishOidcSignIn(TestAccounts::Nobody(), Came());
  ASSERT_TRUE(response.ok()) << response.status();
  const Caller caller = city_.As(response->token());
  EXPECT_EQ(caller.subject, kClerk);
  EXPECT_THAT(caller.roles, ::testing::ElementsAre("org_clerk"));  // those of the registration, whatever the provider says
  EXPECT_EQ(response->session().method(), "oidc");
  EXPECT_EQ(city_.Entries().back().sign_in().method(), "oidc");
}

TEST_F(OidcSignInTest, NobodyElseDoes) {
  EXPECT_EQ(Reason(Came()), "SIGN_IN_REFUSED");
  EXPECT_EQ(city_.SignInsRefused().back(), "OIDC_SUBJECT_UNKNOWN");
  Link("zhang-san");
  Link("");
  EXPECT_EQ(Reason(Came()), "SIGN_IN_REFUSED");
  Link("zhang-san");
  city_.Register(kClerk, {v1::ROLE_ORG_CLERK}, v1::REGISTRATION_STATE_DISABLED);
  EXPECT_EQ(Reason(Came()), "SIGN_IN_REFUSED");
  EXPECT_EQ(city_.SignInsRefused().back(), "PERSON_DISABLED");
}

TEST_F(OidcSignInTest, StateCodeAndTimeMustFit) {
  Link("zhang-san");
  EXPECT_EQ(Reason(Came("stolen")), "SIGN_IN_REFUSED");
  EXPECT_EQ(city_.SignInsRefused().back(), "OIDC_TOKEN_REFUSED");
  auto request = Came();
  request.set_state("of another attempt");
  EXPECT_EQ(Reason(request), "SIGN_IN_REFUSED");
  request = Came();
  const auto other = Came();  // whose nonce the token now has
  EXPECT_EQ(Reason(request), "SIGN_IN_REFUSED");
  request = Came();
  request.set_attempt(request.attempt().substr(1));
  EXPECT_EQ(Reason(request), "SIGN_IN_REFUSED");
  request = Came();
  city_.clock.Advance(absl::Minutes(10));
  EXPECT_EQ(Reason(request), "SIGN_IN_REFUSED");
}

TEST_F(OidcSignInTest, OneSubjectOpensOneAccount) {
  Link("zhang-san");
  city_.Open(kApprover);
  v1::LinkOidcSubjectRequest request;
  request.set_person(kApprover);
  request.set_subject("zhang-san");
  EXPECT_EQ(ReasonOf(city_.people->LinkOidcSubject(city_.security_admin(), request).status()), "OIDC_SUBJECT_TAKEN");
  Link("");
  EXPECT_TRUE(city_.people->LinkOidcSubject(city_.security_admin(), request).ok());
}

}  // namespace
}  // namespace zhanqiao::access
