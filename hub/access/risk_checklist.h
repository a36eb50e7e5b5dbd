// The checklist of the sharing risk assessment (共享风险评估) as data, and how its answers make a score.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/repeated_field.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

// A value; const use is thread-safe.
class RiskChecklist {
 public:
  // No questions: nothing can be assessed, and so no grant of personal items approved.
  RiskChecklist() = default;

  // Questions as CSV with the heading `id,dimension,question,weight,critical,source`; weight 1 to 100, critical yes or
  // no. INVALID_ARGUMENT / CHECKLIST_INVALID (facts: row = line of the file, column, expected).
  static absl::StatusOr<RiskChecklist> FromCsv(std::string_view csv);

  const std::vector<v1::RiskQuestion>& questions() const { return questions_; }
  const std::string& sha256() const { return sha256_; }  // of the CSV, 32 bytes

  // The answers with score, checklist and whether they pass within `score_max`. The score is the share of the weights
  // of the questions that apply that is not met, in percent, rounded up: a doubt counts against sharing.
  // INVALID_ARGUMENT with every wrong answer (paths `answers[i]…`): ANSWER_MISSING, QUESTION_UNKNOWN,
  // QUESTION_REPEATED, ANSWER_REQUIRED, MITIGATION_REQUIRED, TEXT_INVALID, CRITICAL_APPLIES.
  absl::StatusOr<v1::RiskAssessment> Assess(const google::protobuf::RepeatedPtrField<v1::RiskAnswer>& answers,
                                            int score_max) const;

 private:
  std::vector<v1::RiskQuestion> questions_;
  std::string sha256_;
};

}  // namespace zhanqiao::access
