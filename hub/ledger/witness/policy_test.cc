#include "hub/ledger/witness/policy.h"

#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/merkle.h"

namespace zhanqiao::ledger {
namespace {

std::unique_ptr<Signer> SignerOf(std::string name, char seed) {
  return *Ed25519FileSigner::FromSeed(std::string(32, seed), std::move(name));
}

std::string Log() { return "log " + VerifierKeyOf(*SignerOf("ledger.example/zhanqiao", 7)).ToText() + "\n"; }
std::string WitnessLine(const std::string& name, char seed) {
  return absl::StrCat("witness ", name, " ", CosignerKeyOf(*SignerOf(name + ".example", seed)).ToText(), "\n");
}
// The example of C2SP tlog-policy.
std::string TwoLevels() {
  std::string text = Log();
  for (char i = 1; i <= 3; ++i) text += WitnessLine(absl::StrCat("X", int{i}), i);
  text += "group X-witnesses 2 X1 X2 X3\n";
  for (char i = 1; i <= 3; ++i) text += WitnessLine(absl::StrCat("Y", int{i}), static_cast<char>(10 + i));
  return text + "group Y-witnesses any Y1 Y2 Y3\ngroup X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n";
}

std::string Line(const std::string& text) {
  const auto policy = Policy::Parse(text);
  EXPECT_EQ(ReasonOf(policy.status()), "POLICY_INVALID") << text;
  return FactOf(policy.status(), "line");
}

TEST(Policy, TwoLevelsOfGroups) {
  const Policy policy = *Policy::Parse(TwoLevels());
  EXPECT_EQ(policy.logs().size(), 1u);
  ASSERT_EQ(policy.witnesses().size(), 6u);
  EXPECT_TRUE(policy.MetBy({true, true, false, false, false, true}));
  EXPECT_TRUE(policy.MetBy({true, true, true, true, true, true}));
  EXPECT_FALSE(policy.MetBy({true, true, true, false, false, false}));
  EXPECT_FALSE(policy.MetBy({true, false, false, true, true, true}));
}

TEST(Policy, AQuorumOfOneAndOfNone) {
  const Policy one = *Policy::Parse(WitnessLine("a", 1) + "quorum a");
  EXPECT_TRUE(one.MetBy({true}));
  EXPECT_FALSE(one.MetBy({false}));
  const Policy none = *Policy::Parse("quorum none\n");
  EXPECT_TRUE(none.MetBy(std::vector<bool>()));
}

TEST(Policy, BlanksCommentsAndNamesOfAnyScriptAreAllowed) {
  const std::string key = CosignerKeyOf(*SignerOf("w.example", 1)).ToText();
  const auto policy = Policy::Parse("  # 审计局与纪委\n\n\t witness  审计局\t" + key + " https://w.example/sub  \n quorum 审计局 ");
  ASSERT_TRUE(policy.ok()) << FactOf(policy.status(), "line");
  EXPECT_EQ(policy->witnesses()[0].name, "审计局");
  EXPECT_EQ(policy->witnesses()[0].url, "https://w.example/sub");
}

TEST(Policy, MistakesAreNamedByTheirLine) {
  const std::string a = WitnessLine("a", 1);
  const std::string b = WitnessLine("b", 2);
  EXPECT_EQ(Line(""), "1");
  EXPECT_EQ(Line(a), "1") << "no quorum";
  EXPECT_EQ(Line(a + "quorum b\n"), "2") << "unknown";
  EXPECT_EQ(Line("quorum a\n" + a), "1") << "defined later";
  EXPECT_EQ(Line(a + "quorum a\nquorum a\n"), "3") << "twice";
  EXPECT_EQ(Line(a + a + "quorum a\n"), "2") << "same name and key";
  EXPECT_EQ(Line(a + WitnessLine("b", 1) + "quorum a\n"), "2") << "same key";
  EXPECT_EQ(Line(Log() + Log() + "quorum none\n"), "2") << "same log";
  EXPECT_EQ(Line(WitnessLine("none", 1) + "quorum none\n"), "1") << "reserved";
  EXPECT_EQ(Line(a + b + "group g 0 a b\nquorum g\n"), "3");
  EXPECT_EQ(Line(a + b + "group g 3 a b\nquorum g\n"), "3");
  EXPECT_EQ(Line(a + b + "group g +1 a b\nquorum g\n"), "3");
  EXPECT_EQ(Line(a + b + "group g any\nquorum g\n"), "3");
  EXPECT_EQ(Line(a + b + "group g any a a\nquorum g\n"), "3") << "member twice";
  EXPECT_EQ(Line(a + b + "group g any a\ngroup h all a b\nquorum h\n"), "4") << "member of two groups";
  EXPECT_EQ(Line(a + "group g any g\nquorum g\n"), "2") << "member of itself";
  EXPECT_EQ(Line("witness a nonsense\nquorum a\n"), "1");
  EXPECT_EQ(Line("witness a " + VerifierKeyOf(*SignerOf("x", 1)).ToText() + "\nquorum a\n"), "1") << "key of a log";
  EXPECT_EQ(Line("log " + CosignerKeyOf(*SignerOf("x", 1)).ToText() + "\nquorum none\n"), "1") << "key of a witness";
  EXPECT_EQ(Line("wittness a b\nquorum none\n"), "1");
  EXPECT_EQ(Line("quorum none\r\n"), "0") << "control character";
}

TEST(Policy, ManyOfEachAreTaken) {
  std::string text;
  for (int i = 0; i < 32; ++i) {
    absl::StrAppend(&text, WitnessLine(absl::StrCat("w", i), static_cast<char>(i + 1)), "group g", i, " all w", i, "\n");
  }
  EXPECT_TRUE(Policy::Parse(text + "quorum g31\n").ok());
}

// A checkpoint of the log, cosigned by the witnesses of `seeds`.
std::string Cosigned(std::initializer_list<std::pair<const char*, char>> witnesses, std::string origin = "ledger.example/zhanqiao") {
  const Checkpoint checkpoint{std::move(origin), 1, EmptyRoot()};
  Note note = *ParseNote(*SignNote(checkpoint.ToText(), *SignerOf(checkpoint.origin, 7)));
  for (const auto& [name, seed] : witnesses) {
    note.signatures.push_back(*Cosign(note.text, *SignerOf(std::string(name) + ".example", seed), 1'795'000'000));
  }
  return note.ToText();
}

TEST(Policy, ACheckpointIsGoodWhenItsLogAndTheQuorumSignedIt) {
  const Policy policy = *Policy::Parse(TwoLevels());
  const auto good = VerifyUnderPolicy(Cosigned({{"X1", 1}, {"X3", 3}, {"Y2", 12}}), policy);
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->names, (std::vector<std::string>{"X1", "X3", "Y2"}));
  EXPECT_EQ(ReasonOf(VerifyUnderPolicy(Cosigned({{"X1", 1}, {"Y2", 12}}), policy).status()), "QUORUM_NOT_MET");
  EXPECT_EQ(ReasonOf(VerifyUnderPolicy(Cosigned({{"X1", 1}, {"X1", 1}, {"Y2", 12}}), policy).status()), "QUORUM_NOT_MET")
      << "nobody counts twice";
  EXPECT_EQ(ReasonOf(VerifyUnderPolicy(Cosigned({{"X1", 1}, {"X2", 9}, {"Y2", 12}}), policy).status()), "QUORUM_NOT_MET")
      << "a namesake is a stranger";
  EXPECT_EQ(ReasonOf(VerifyUnderPolicy(Cosigned({}, "elsewhere.example"), policy).status()), "CHECKPOINT_ORIGIN");
}

}  // namespace
}  // namespace zhanqiao::ledger
