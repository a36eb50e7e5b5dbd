// EvaluationService (proto/zhanqiao/v1/evaluation.proto). Methods block until durable: call from a worker thread.
// Thread-safe.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "hub/access/rules.h"
#include "hub/oversight/evaluation/scores.h"
#include "hub/oversight/facts/exchanges.h"
#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"
#include "hub/oversight/tasks/task_service.h"
#include "zhanqiao/v1/evaluation.pb.h"

namespace zhanqiao::oversight {

class EvaluationService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const Records& records;
    const Exchanges& exchanges;
    const TaskService& tasks;
    const Clock& clock;
    Random& random;
    std::function<uint64_t()> position;  // of the newest entry of the ledger
    CountOpenDatasets open_datasets;     // may be empty
  };
  explicit EvaluationService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::IndicatorSystem> PutIndicatorSystem(const Caller&, const v1::PutIndicatorSystemRequest&);
  absl::StatusOr<v1::IndicatorSystem> GetIndicatorSystem(const Caller&, const v1::GetIndicatorSystemRequest&);
  absl::StatusOr<v1::Evaluation> GetEvaluation(const Caller&, const v1::GetEvaluationRequest&);
  absl::StatusOr<v1::Evaluation> ProposeEvaluation(const Caller&, const v1::ProposeEvaluationRequest&);
  absl::StatusOr<v1::Evaluation> ObjectToScore(const Caller&, const v1::ObjectToScoreRequest&);
  absl::StatusOr<v1::Evaluation> AnswerScoreObjection(const Caller&, const v1::AnswerScoreObjectionRequest&);
  absl::StatusOr<v1::Evaluation> PublishEvaluation(const Caller&, const v1::PublishEvaluationRequest&);

 private:
  // FAILED_PRECONDITION / NO_INDICATOR_SYSTEM (fact: date).
  absl::StatusOr<v1::IndicatorSystem> SystemOn(absl::CivilDay day) const;
  absl::StatusOr<v1::Evaluation> Compute(int year, std::string_view as_of, std::optional<uint64_t> known_at) const;
  absl::StatusOr<FormulaFigures> CountBeside(const FigureScope& scope) const;
  absl::StatusOr<v1::Evaluation> Held(int year, v1::EvaluationState state, std::string_view etag, uint64_t& revision) const;
  absl::StatusOr<v1::Evaluation> Store(const Caller& caller, v1::Evaluation evaluation, uint64_t revision, std::string_view reason,
                                       std::string_view notice, const std::vector<std::string>& told);
  absl::CivilDay Today() const { return CivilDayOf(parts_.clock.Now()); }

  const Parts parts_;
};

}  // namespace zhanqiao::oversight
