#include "hub/access/risk_checklist.h"

#include <gtest/gtest.h>

#include <fstream>

#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

constexpr char kThree[] =
    "id,dimension,question,weight,critical,source\n"
    "basis,合法性,有法律依据,50,yes,PIPL Art. 13\n"
    "minimal,必要性,范围最小,30,no,PIPL Art. 6\n"
    "told,影响,已告知,20,no,PIPL Art. 17\n";

using Answers = google::protobuf::RepeatedPtrField<v1::RiskAnswer>;

void Answer(Answers& answers, const std::string& question, v1::RiskAnswerValue value, const std::string& mitigation = "") {
  auto& answer = *answers.Add();
  answer.set_question(question);
  answer.set_value(value);
  answer.set_mitigation(mitigation);
}

class RiskChecklistTest : public ::testing::Test {
 protected:
  Answers All(v1::RiskAnswerValue basis, v1::RiskAnswerValue minimal, v1::RiskAnswerValue told) {
    Answers answers;
    Answer(answers, "basis", basis, "补正");
    Answer(answers, "minimal", minimal, "删减字段");
    Answer(answers, "told", told, "公告");
    return answers;
  }
  const RiskChecklist checklist_ = RiskChecklist::FromCsv(kThree).value();
};

constexpr auto kMet = v1::RISK_ANSWER_VALUE_MET;
constexpr auto kPartly = v1::RISK_ANSWER_VALUE_PARTLY;
constexpr auto kNotMet = v1::RISK_ANSWER_VALUE_NOT_MET;
constexpr auto kNone = v1::RISK_ANSWER_VALUE_NOT_APPLICABLE;

TEST_F(RiskChecklistTest, TheScoreIsTheShareOfTheWeightsThatIsNotMet) {
  const auto score = [&](const Answers& answers) { return checklist_.Assess(answers, 30).value().score(); };
  EXPECT_EQ(score(All(kMet, kMet, kMet)), 0);
  EXPECT_EQ(score(All(kMet, kPartly, kMet)), 15);
  EXPECT_EQ(score(All(kMet, kNotMet, kMet)), 30);
  EXPECT_EQ(score(All(kMet, kNotMet, kNone)), 38) << "30 of 80, rounded up";
  EXPECT_EQ(score(All(kNotMet, kNotMet, kNotMet)), 100);
}

TEST_F(RiskChecklistTest, ItPassesWithinTheLimitUnlessACriticalQuestionIsNotMet) {
  const auto passed = [&](const Answers& answers, int max) { return checklist_.Assess(answers, max).value().passed(); };
  EXPECT_TRUE(passed(All(kMet, kNotMet, kMet), 30));
  EXPECT_FALSE(passed(All(kMet, kNotMet, kMet), 29));
  EXPECT_TRUE(passed(All(kPartly, kMet, kMet), 30));
  EXPECT_FALSE(passed(All(kNotMet, kMet, kMet), 100));
}

TEST_F(RiskChecklistTest, EveryQuestionIsAnsweredOnceAndWhatIsOpenHasAMitigation) {
  const auto reasons = [&](const Answers& answers) {
    std::vector<std::string> found;
    for (const auto& violation : ViolationsOf(checklist_.Assess(answers, 30).status())) {
      found.push_back(violation.reason + " " + violation.field);
    }
    return found;
  };
  Answers answers;
  Answer(answers, "basis", kNone);
  Answer(answers, "minimal", kPartly);
  Answer(answers, "minimal", kMet);
  Answer(answers, "whatever", kMet);
  EXPECT_EQ(reasons(answers),
            (std::vector<std::string>{"CRITICAL_APPLIES answers[0].value", "MITIGATION_REQUIRED answers[1].mitigation",
                                      "QUESTION_REPEATED answers[2].question", "QUESTION_UNKNOWN answers[3].question",
                                      "ANSWER_MISSING answers"}));
  answers = All(kMet, kMet, static_cast<v1::RiskAnswerValue>(99));
  EXPECT_EQ(reasons(answers), std::vector<std::string>{"ANSWER_REQUIRED answers[2].value"});
}

TEST_F(RiskChecklistTest, AFileIsReadOrItsWrongCellNamed) {
  const auto wrong = [](std::string rows) {
    const absl::Status status = RiskChecklist::FromCsv("id,dimension,question,weight,critical,source\n" + rows).status();
    EXPECT_EQ(ReasonOf(status), "CHECKLIST_INVALID") << rows;
    return FactOf(status, "row") + "/" + FactOf(status, "column");
  };
  EXPECT_EQ(wrong(""), "1/id");
  EXPECT_EQ(wrong("A b,d,q,1,no,s\n"), "2/id");
  EXPECT_EQ(wrong("a,d,q,1,no,s\na,d,q,1,no,s\n"), "3/id");
  EXPECT_EQ(wrong("a,d,q,0,no,s\n"), "2/weight");
  EXPECT_EQ(wrong("a,d,q,1,maybe,s\n"), "2/critical");
  EXPECT_EQ(wrong("a,d,q,1,no,\n"), "2/source");
  std::ifstream file(std::string(DEMO_DATA) + "/risk_checklist.csv", std::ios::binary);
  const std::string demo((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
  EXPECT_EQ(RiskChecklist::FromCsv(demo).value().questions().size(), 11u);
}

}  // namespace
}  // namespace zhanqiao::access
