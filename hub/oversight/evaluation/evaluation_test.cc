#include <gmock/gmock.h>

#include "hub/oversight/evaluation/evaluation_service.h"
#include "hub/oversight/evaluation/formula.h"
#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::optional<double> Value(std::string_view text, double x = 0) {
  const auto formula = Formula::Parse(text);
  EXPECT_TRUE(formula.ok()) << text << formula.status();
  return formula.ok() ? formula->Evaluate([x](const std::string&) { return x; }) : std::nullopt;
}

TEST(Formula, ReckonsAsOneLearnsItAtSchool) {
  EXPECT_EQ(Value("1 + 2 * 3 - 8 / 4"), 5);
  EXPECT_EQ(Value("(1 + 2) * -3"), -9);
  EXPECT_EQ(Value("min(2, max(x, 1))", 7), 2);
  EXPECT_EQ(Value("2 - 1 - 1"), 0);
  EXPECT_EQ(Value("0.5 * x", 3), 1.5);
}

TEST(Formula, ADivisionByZeroHasNoValue) {
  EXPECT_EQ(Value("1 / x"), std::nullopt);
  EXPECT_EQ(Value("0 / (x - x)", 5), std::nullopt);
}

TEST(Formula, MistakesAreNamedByPosition) {
  for (const char* text : {"", "1 +", "(1", "1 2", "min(1)", "min(1,2", "system('x')", "A", "1..2", "1.", "x = 1", "*1"}) {
    EXPECT_EQ(ReasonOf(Formula::Parse(text).status()), "FORMULA_INVALID") << text;
  }
  EXPECT_EQ(FactOf(Formula::Parse("1 + $").status(), "position"), "4");
}

TEST(Formula, NeitherDepthNorLengthIsWithoutEnd) {
  EXPECT_EQ(ReasonOf(Formula::Parse(std::string(200, '(') + "1" + std::string(200, ')')).status()), "FORMULA_INVALID");
  EXPECT_EQ(ReasonOf(Formula::Parse(std::string(501, '1')).status()), "FORMULA_INVALID");
  EXPECT_EQ(ReasonOf(Formula::Parse(std::string(300, '-') + "1").status()), "FORMULA_INVALID");
}

class EvaluationTest : public OfficeCity, public ::testing::Test {
 protected:
  static void Add(v1::IndicatorSystem& system, const std::string& id, double weight, const std::string& formula, double full_at,
                  double zero_at = 0) {
    v1::Indicator& indicator = *system.add_indicators();
    indicator.set_id(id);
    indicator.set_display_name("指标" + id);
    indicator.set_weight(weight);
    indicator.set_formula(formula);
    indicator.set_zero_at(zero_at);
    indicator.set_full_at(full_at);
  }
  // 60 points for sharing entries, 40 for reports in time.
  static v1::IndicatorSystem Simple(const std::string& from = "2018-01-01") {
    v1::IndicatorSystem system;
    system.set_name("indicatorSystems/y2018");
    system.set_display_name("2018 年评价指标体系");
    system.set_from_date(from);
    Add(system, "provide", 60, "catalogue_published", 4);
    Add(system, "report", 40, "reports_on_time / reports_due", 1);
    return system;
  }
  absl::StatusOr<v1::IndicatorSystem> Store(const v1::IndicatorSystem& system) {
    v1::PutIndicatorSystemRequest request;
    *request.mutable_indicator_system() = system;
    return services.evaluations().PutIndicatorSystem(OfficeOne(), request);
  }
  absl::StatusOr<v1::Evaluation> Get(const Caller& caller, const std::string& organization = "") {
    v1::GetEvaluationRequest request;
    request.set_name("evaluations/2018");
    request.set_organization(organization);
    return services.evaluations().GetEvaluation(caller, request);
  }
  absl::StatusOr<v1::Evaluation> Propose() {
    v1::ProposeEvaluationRequest request;
    request.set_name("evaluations/2018");
    return services.evaluations().ProposeEvaluation(OfficeOne(), request);
  }
  absl::StatusOr<v1::Evaluation> Publish(const Caller& caller) {
    v1::PublishEvaluationRequest request;
    request.set_name("evaluations/2018");
    request.set_advice("继续推进");
    return services.evaluations().PublishEvaluation(caller, request);
  }
  absl::StatusOr<v1::Evaluation> Object(const std::string& code, const std::string& indicator = "") {
    v1::ObjectToScoreRequest request;
    request.set_name("evaluations/2018");
    request.set_indicator(indicator);
    request.set_reason("漏计");
    return services.evaluations().ObjectToScore(ApproverOf(code), request);
  }
  absl::StatusOr<v1::Evaluation> Answer(int objection, bool upheld, double adjustment) {
    v1::AnswerScoreObjectionRequest request;
    request.set_name("evaluations/2018");
    request.set_objection(objection);
    request.set_upheld(upheld);
    request.set_adjustment(adjustment);
    request.set_answer("已核");
    return services.evaluations().AnswerScoreObjection(OfficeTwo(), request);
  }
  static std::vector<std::string> Reasons(const absl::Status& status) {
    std::vector<std::string> reasons;
    for (const Violation& violation : ViolationsOf(status)) reasons.push_back(violation.reason);
    return reasons;
  }
};

TEST_F(EvaluationTest, AnIndicatorSystemIsCheckedWhole) {
  v1::IndicatorSystem system = Simple();
  system.mutable_indicators(0)->set_weight(50);
  system.mutable_indicators(0)->set_formula("wishes + 1");
  system.mutable_indicators(1)->set_formula("1 +");
  EXPECT_THAT(Reasons(Store(system).status()), ElementsAre("FIGURE_UNKNOWN", "FORMULA_INVALID", "WEIGHTS_NOT_100"));
}

TEST_F(EvaluationTest, WithoutASystemNothingIsScored) {
  EXPECT_EQ(ReasonOf(Get(OfficeOne()).status()), "NO_INDICATOR_SYSTEM");
  Store(Simple("2018-06-01")).value();
  EXPECT_EQ(ReasonOf(Get(OfficeOne()).status()), "NO_INDICATOR_SYSTEM") << "it is May";
}

TEST_F(EvaluationTest, AScoreOpensToItsInputs) {
  Store(Simple()).value();
  Today(5, 30);
  Submit("2018-05").value();
  Today(6, 5);
  const v1::Evaluation evaluation = Get(OfficeOne(), kGaj).value();
  ASSERT_THAT(evaluation.scores(), SizeIs(1));
  const v1::BodyScore& score = evaluation.scores(0);
  EXPECT_EQ(score.score(), 70);  // 2 of 4 entries: 30 of 60; 1 of 1 report: 40
  EXPECT_EQ(score.rank(), 1);
  EXPECT_EQ(score.indicators(0).inputs(0).figure(), "catalogue_published");
  EXPECT_EQ(score.indicators(0).inputs(0).value(), 2);
  EXPECT_THAT(score.indicators(0).explanation(), HasSubstr("= 30.00"));
  EXPECT_THAT(score.advice(), HasSubstr("指标provide（失 30.00 分）"));
}

TEST_F(EvaluationTest, WhatDoesNotApplyLeavesItsWeightToTheOthers) {
  v1::IndicatorSystem system = Simple();
  system.mutable_indicators(1)->set_formula("systems_on_cloud / systems_on_cloud_of");
  Store(system).value();
  const v1::BodyScore score = Get(OfficeOne(), kGaj).value().scores(0);
  EXPECT_FALSE(score.indicators(1).applies());
  EXPECT_EQ(score.score(), 50);
}

TEST_F(EvaluationTest, LessCanBeBetter) {
  v1::IndicatorSystem system = Simple();
  system.clear_indicators();
  Add(system, "missing", 100, "reports_missing", 0, 4);
  Store(system).value();
  Today(6, 5);
  EXPECT_EQ(Get(OfficeOne(), kGaj).value().scores(0).score(), 75);  // May is missing
}

TEST_F(EvaluationTest, BeforePublicationABodySeesItsOwnScore) {
  Store(Simple()).value();
  Propose().value();
  EXPECT_THAT(Get(OfficeOne()).value().scores(), SizeIs(3));
  const v1::Evaluation own = Get(ClerkOf("370202")).value();
  ASSERT_THAT(own.scores(), SizeIs(1));
  EXPECT_EQ(own.scores(0).organization(), kShinan);
  EXPECT_EQ(ReasonOf(Get(ClerkOf("370202"), kGaj).status()), "ROLE_REQUIRED");
}

TEST_F(EvaluationTest, WhatWasProposedStaysThoughTheFactsMove) {
  Store(Simple()).value();
  const double before = Propose().value().scores(0).score();
  Put("resources/306001~000009", Entry("resources/306001~000009", v1::SHARE_TYPE_CONDITIONAL));
  EXPECT_EQ(Get(OfficeOne()).value().scores(0).score(), before);
  v1::GetEvaluationRequest anew;
  anew.set_name("evaluations/2018");
  anew.set_recompute(true);
  EXPECT_GT(services.evaluations().GetEvaluation(OfficeOne(), anew).value().scores(0).score(), before);
}

TEST_F(EvaluationTest, ObjectionsAreAnsweredBeforeTwoPeoplePublish) {
  Store(Simple()).value();
  Propose().value();
  EXPECT_EQ(ReasonOf(Object("370202", "wishes").status()), "INDICATOR_UNKNOWN");
  Object("370202", "provide").value();
  EXPECT_EQ(ReasonOf(Publish(OfficeOne()).status()), "FOUR_EYES");
  EXPECT_EQ(FactOf(Publish(OfficeTwo()).status(), "objection"), "1");
  EXPECT_EQ(ReasonOf(Answer(1, false, 5).status()), "ADJUSTMENT_INVALID");
  const v1::Evaluation answered = Answer(1, true, 99).value();
  EXPECT_EQ(answered.scores(0).organization(), kShinan) << "ranked anew";
  EXPECT_EQ(answered.scores(0).score(), 0) << "the computed score stays";
  EXPECT_EQ(answered.scores(0).final_score(), 99);
  EXPECT_EQ(ReasonOf(Answer(1, true, 1).status()), "EVALUATION_STATE");
  EXPECT_EQ(Publish(OfficeTwo()).value().state(), v1::EVALUATION_STATE_PUBLISHED);
  EXPECT_THAT(Get(ClerkOf("370202")).value().scores(), SizeIs(3)) << "open to all now";
  EXPECT_EQ(ReasonOf(Object("370202").status()), "EVALUATION_STATE");
}

}  // namespace
}  // namespace zhanqiao::oversight
