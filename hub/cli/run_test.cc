#include <gtest/gtest.h>

#include <boost/json.hpp>

#include <filesystem>
#include <sstream>

#include "hub/cli/commands.h"
#include "hub/cli/files.h"
#include "hub/cli/resources.h"

namespace zhanqiao::cli {
namespace {

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome Zq(const std::vector<std::string>& arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Outcome run;
  run.code = RunZq(arguments, out, err);
  run.out = out.str();
  run.err = err.str();
  return run;
}

class ZqTest : public testing::Test {
 protected:
  void SetUp() override {
    for (const char* name : {"ZQ_HUB", "ZQ_CA", "ZQ_CERT", "ZQ_KEY", "ZQ_STORE", "ZQ_VKEY"}) ::unsetenv(name);
    directory_ = std::filesystem::path(testing::TempDir()) /
                 testing::UnitTest::GetInstance()->current_test_info()->name();
    std::filesystem::remove_all(directory_);
    std::filesystem::create_directories(directory_);
  }
  std::string Path(const std::string& name) const { return (directory_ / name).string(); }
  void MakeAuthority() { ASSERT_EQ(Zq({"cert", "ca", "--out", Path("ca"), "--name", "CA"}).code, kExitOk); }

  std::filesystem::path directory_;
};

TEST_F(ZqTest, AWrongCommandLineIsAUsageErrorWithAFix) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{},
        {"nonsense"},
        {"grant"},
        {"grant", "get"},
        {"org", "list", "--no-such"},
        {"ledger", "entry", "minus"},
        {"query", "--grant", "x"},
        {"resource", "withdraw", "308001/1"},
        {"notice", "list"},
        {"table", "import", "classification", "x.csv"},
        {"person", "create", "n", "--display-name", "x", "--role", "king"}}) {
    const Outcome run = Zq(arguments);
    EXPECT_EQ(run.code, kExitUsage);
    EXPECT_EQ(run.out, "");
    EXPECT_NE(run.err.find("USAGE"), std::string::npos) << run.err;
    EXPECT_NE(run.err.find("--help"), std::string::npos) << run.err;
  }
}

TEST_F(ZqTest, HelpIsNoError) {
  for (const std::vector<std::string>& arguments :
       {std::vector<std::string>{"--help"}, {"grant", "--help"}, {"ledger", "verify", "--help"}}) {
    const Outcome run = Zq(arguments);
    EXPECT_EQ(run.code, kExitOk);
    EXPECT_NE(run.out.find("zq"), std::string::npos);
    EXPECT_EQ(run.err, "");
  }
}

TEST_F(ZqTest, WithoutAnIdentityTheMissingOptionIsNamed) {
  const Outcome run = Zq({"org", "list"});
  EXPECT_EQ(run.code, kExitUsage);
  EXPECT_NE(run.err.find("--ca"), std::string::npos);
  EXPECT_NE(run.err.find("ZQ_CA"), std::string::npos);
}

TEST_F(ZqTest, ErrorsAreOneJsonObjectWhenJsonIsAskedFor) {
  const Outcome run = Zq({"cert", "show", Path("missing.crt"), "--json"});
  EXPECT_EQ(run.code, kExitFailed);
  const auto error = boost::json::parse(run.err).at("error");
  EXPECT_EQ(error.at("reason").as_string(), "FILE_NOT_READABLE");
  EXPECT_EQ(error.at("facts").at("file").as_string(), Path("missing.crt"));
  EXPECT_EQ(boost::json::parse(Zq({"nonsense", "--json"}).err).at("error").at("reason").as_string(), "USAGE");
}

TEST_F(ZqTest, AHubThatDoesNotAnswerHasItsOwnExitCode) {
  MakeAuthority();
  ASSERT_EQ(Zq({"cert", "issue", "--authority", Path("ca"), "--out", Path("a"), "--subject",
                "organizations/370200-SJJ/persons/auditor"})
                .code,
            kExitOk);
  // Port 1 of loopback: nothing listens there, so the refusal is immediate.
  const Outcome run = Zq({"org", "list", "--hub", "127.0.0.1:1", "--ca", Path("ca.crt"), "--cert", Path("a.crt"),
                      "--key", Path("a.key"), "--timeout-ms", "5000"});
  EXPECT_EQ(run.code, kExitUnreachable);
  EXPECT_NE(run.err.find("No hub answers at 127.0.0.1:1"), std::string::npos) << run.err;
}

TEST_F(ZqTest, CertificatesAreMadeIssuedAndShown) {
  MakeAuthority();
  const Outcome issued = Zq({"--json", "cert", "issue", "--authority", Path("ca"), "--out", Path("s"),
                         "--subject", "organizations/370200-ZWFWB/systems/approval"});
  ASSERT_EQ(issued.code, kExitOk) << issued.err;
  const Outcome shown = Zq({"cert", "show", Path("s.crt"), "--json"});
  ASSERT_EQ(shown.code, kExitOk) << shown.err;
  EXPECT_EQ(shown.out, issued.out);
  const auto facts = boost::json::parse(shown.out);
  EXPECT_EQ(facts.at("uris").at(0).as_string(), "zhanqiao://qingdao/org/370200-ZWFWB/system/approval");
  EXPECT_EQ(facts.at("name").as_string(), "organizations/370200-ZWFWB/systems/approval");
  EXPECT_NE(Zq({"cert", "show", Path("s.crt")}).out.find("zhanqiao://qingdao"), std::string::npos);
  EXPECT_EQ(Zq({"cert", "issue", "--authority", Path("ca"), "--out", Path("h"), "--server", "--dns",
                "localhost", "--ip", "127.0.0.1"})
                .code,
            kExitOk);
  EXPECT_EQ(Zq({"cert", "issue", "--authority", Path("ca"), "--out", Path("x")}).code, kExitFailed);
}

TEST_F(ZqTest, ResidentsAreTheSameEveryTime) {
  ASSERT_EQ(Zq({"demo", "residents", "--out", Path("a.csv"), "--count", "10"}).code, kExitOk);
  ASSERT_EQ(Zq({"demo", "residents", "--out", Path("b.csv"), "--count", "10"}).code, kExitOk);
  EXPECT_EQ(*ReadFile(Path("a.csv")), *ReadFile(Path("b.csv")));
}

TEST_F(ZqTest, AnExportOfAMissingStoreSaysSo) {
  const Outcome run = Zq({"ledger", "export", "--offline", "--store", Path("nothing"), "--dir", Path("out")});
  EXPECT_EQ(run.code, kExitFailed);
  EXPECT_NE(run.err.find("STORE_MISSING"), std::string::npos) << run.err;
}

TEST(ResourcesTest, EntriesComeFromAnArrayAnObjectOrAList) {
  for (const char* text :
       {R"([{"resource_code":"308001370200/000001"}])", R"({"resourceCode":"308001370200/000001"})",
        R"({"resources":[{"resource_code":"308001370200/000001"}]})"}) {
    const auto parsed = ParseResources(text);
    ASSERT_TRUE(parsed.ok()) << text << parsed.status();
    ASSERT_EQ(parsed->resources_size(), 1) << text;
    EXPECT_EQ(parsed->resources(0).resource_code(), "308001370200/000001");
  }
  EXPECT_EQ(ReasonOf(ParseResources(R"([{"no_such_element":1}])").status()), "RESOURCES_UNREADABLE");
}

TEST(ResourcesTest, ConditionsAreTypedByTheEntry) {
  v1::Resource resource;
  const auto add = [&](const char* name, v1::DataType type) {
    auto* field = resource.add_fields();
    field->set_field(name);
    field->set_data_type(type);
  };
  add("sector", v1::DATA_TYPE_CHARACTER);
  add("no", v1::DATA_TYPE_INTEGER);
  add("open", v1::DATA_TYPE_LOGICAL);
  EXPECT_EQ(ConditionIn(resource, "sector=能源")->value().text(), "能源");
  EXPECT_EQ(ConditionIn(resource, "no=-7")->value().integer(), -7);
  EXPECT_TRUE(ConditionIn(resource, "open=true")->value().logical());
  EXPECT_EQ(ReasonOf(ConditionIn(resource, "no=7a").status()), "VALUE_TYPE");
  EXPECT_EQ(ReasonOf(ConditionIn(resource, "open=ja").status()), "VALUE_TYPE");
  EXPECT_EQ(ReasonOf(ConditionIn(resource, "absent=x").status()), "FIELD_UNKNOWN");
  const std::pair<const char*, v1::Comparison> kForms[] = {
      {"no=7", v1::COMPARISON_EQUALS},           {"no<7", v1::COMPARISON_LESS},
      {"no<=7", v1::COMPARISON_LESS_OR_EQUAL},   {"no>7", v1::COMPARISON_GREATER},
      {"no>=7", v1::COMPARISON_GREATER_OR_EQUAL}, {"sector^=能", v1::COMPARISON_PREFIX}};
  for (const auto& [text, comparison] : kForms) EXPECT_EQ(ConditionIn(resource, text)->comparison(), comparison) << text;
  EXPECT_EQ(ConditionIn(resource, "sector=a=b")->value().text(), "a=b");
  for (const char* text : {"no", "=7", "no^7", ""}) EXPECT_EQ(ReasonOf(ConditionIn(resource, text).status()), "CONDITION_FORM") << text;
}

TEST(ArgumentsTest, ShortFormsStandForResourceNames) {
  EXPECT_EQ(OrganizationArgument("370200-FGW"), "organizations/370200-FGW");
  EXPECT_EQ(OrganizationArgument("organizations/370200-FGW"), "organizations/370200-FGW");
  EXPECT_EQ(ResourceArgument("308001370200/000001"), "resources/308001370200~000001");
  EXPECT_EQ(ResourceArgument("resources/308001370200~000001"), "resources/308001370200~000001");
  EXPECT_EQ(GrantArgument("01hx"), "grants/01hx");
  EXPECT_EQ(GrantArgument("grants/01hx"), "grants/01hx");
}

}  // namespace
}  // namespace zhanqiao::cli
