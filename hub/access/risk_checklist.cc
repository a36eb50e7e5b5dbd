#include "hub/access/risk_checklist.h"

#include "absl/container/flat_hash_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kMitigationMax = 500;

absl::Status BadRow(int line, std::string_view column, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "CHECKLIST_INVALID", "The checklist has a mistake at the named cell.",
              {{"row", absl::StrCat(line)}, {"column", std::string(column)}, {"expected", std::string(expected)}});
}

// What is wrong with one answer to `question`, if anything.
void CheckAnswer(const v1::RiskQuestion& question, const v1::RiskAnswer& answer, const std::string& path,
                 std::vector<Violation>& wrong) {
  if (!v1::RiskAnswerValue_IsValid(answer.value()) || answer.value() == v1::RISK_ANSWER_VALUE_UNSPECIFIED) {
    wrong.push_back({path + ".value", "ANSWER_REQUIRED", "Say whether it is met, partly met, not met or does not apply."});
    return;
  }
  if (question.critical() && answer.value() == v1::RISK_ANSWER_VALUE_NOT_APPLICABLE) {
    wrong.push_back({path + ".value", "CRITICAL_APPLIES", "A critical question always applies; answer it."});
  }
  const bool open = answer.value() == v1::RISK_ANSWER_VALUE_PARTLY || answer.value() == v1::RISK_ANSWER_VALUE_NOT_MET;
  if (open && answer.mitigation().empty()) {
    wrong.push_back({path + ".mitigation", "MITIGATION_REQUIRED", "What is not met in full needs a mitigation; write it."});
  }
  if (!CheckText(path + ".mitigation", answer.mitigation(), kMitigationMax, false).ok()) {
    wrong.push_back({path + ".mitigation", "TEXT_INVALID", "Give UTF-8 text without control characters, at most 500 code points."});
  }
}

}  // namespace

absl::StatusOr<RiskChecklist> RiskChecklist::FromCsv(std::string_view csv) {
  const CsvTable table = TRY(ParseCsv(csv));
  if (table.header != std::vector<std::string>{"id", "dimension", "question", "weight", "critical", "source"}) {
    return BadRow(1, "id", "the heading id,dimension,question,weight,critical,source");
  }
  RiskChecklist checklist;
  for (const CsvRow& row : table.rows) {
    v1::RiskQuestion question;
    question.set_id(row.cells[0]);
    question.set_dimension(row.cells[1]);
    question.set_question(row.cells[2]);
    question.set_source(row.cells[5]);
    int weight = 0;
    if (!IsSubjectId(question.id())) return BadRow(row.line, "id", "[a-z0-9-], at most 63");
    for (const auto& other : checklist.questions_) {
      if (other.id() == question.id()) return BadRow(row.line, "id", "each id once");
    }
    if (question.dimension().empty()) return BadRow(row.line, "dimension", "a word");
    if (question.question().empty()) return BadRow(row.line, "question", "a question");
    if (!absl::SimpleAtoi(row.cells[3], &weight) || weight < 1 || weight > 100) return BadRow(row.line, "weight", "1 to 100");
    if (row.cells[4] != "yes" && row.cells[4] != "no") return BadRow(row.line, "critical", "yes or no");
    if (question.source().empty()) return BadRow(row.line, "source", "where the question comes from");
    question.set_weight(weight);
    question.set_critical(row.cells[4] == "yes");
    checklist.questions_.push_back(std::move(question));
  }
  if (checklist.questions_.empty()) return BadRow(1, "id", "at least one question");
  checklist.sha256_ = std::string(Bytes(Sha256(csv)));
  return checklist;
}

absl::StatusOr<v1::RiskAssessment> RiskChecklist::Assess(
    const google::protobuf::RepeatedPtrField<v1::RiskAnswer>& answers, int score_max) const {
  absl::flat_hash_map<std::string, const v1::RiskAnswer*> given;
  std::vector<Violation> wrong;
  for (int i = 0; i < answers.size(); ++i) {
    const std::string path = absl::StrCat("answers[", i, "]");
    const v1::RiskQuestion* asked = nullptr;
    for (const auto& question : questions_) {
      if (question.id() == answers[i].question()) asked = &question;
    }
    if (asked == nullptr) {
      wrong.push_back({path + ".question", "QUESTION_UNKNOWN", "The checklist has no such question; see ListRiskQuestions."});
    } else if (!given.emplace(asked->id(), &answers[i]).second) {
      wrong.push_back({path + ".question", "QUESTION_REPEATED", "The question is answered twice; answer it once."});
    } else {
      CheckAnswer(*asked, answers[i], path, wrong);
    }
  }
  for (const auto& question : questions_) {
    if (given.contains(question.id())) continue;
    wrong.push_back({"answers", "ANSWER_MISSING", absl::StrCat("The question ", question.id(), " is not answered; answer it.")});
  }
  TRY(BadFields(wrong));
  int weights = 0;
  int open_halves = 0;  // of the weights
  bool critical_open = false;
  for (const auto& question : questions_) {
    const v1::RiskAnswerValue value = given[question.id()]->value();
    if (value == v1::RISK_ANSWER_VALUE_NOT_APPLICABLE) continue;
    weights += question.weight();
    if (value == v1::RISK_ANSWER_VALUE_PARTLY) open_halves += question.weight();
    if (value != v1::RISK_ANSWER_VALUE_NOT_MET) continue;
    open_halves += 2 * question.weight();
    critical_open = critical_open || question.critical();
  }
  v1::RiskAssessment assessment;
  *assessment.mutable_answers() = answers;
  const int score = weights == 0 ? 0 : (open_halves * 50 + weights - 1) / weights;
  assessment.set_score(score);
  assessment.set_score_max(score_max);
  assessment.set_passed(!critical_open && score <= score_max);
  assessment.set_checklist_sha256(sha256_);
  return assessment;
}

}  // namespace zhanqiao::access
