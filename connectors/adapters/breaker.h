// Spares a sick source: after failures in a row its requests are refused at once, until a single one shows it
// is well.
#pragma once

#include <memory>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/clock.h"
#include "connectors/adapters/adapter.h"

namespace zhanqiao::connectors {

struct BreakerOptions {
  int failures_max = 5;                     // in a row: the next is refused
  absl::Duration pause = absl::Seconds(1);  // before one request may try; doubles with each that fails
  absl::Duration pause_max = absl::Seconds(30);
};

// Wraps the adapter of one resource. Failures are UNAVAILABLE and DEADLINE_EXCEEDED of the link source;
// anything else shows that the source is there. Open: UNAVAILABLE / SOURCE_UNAVAILABLE with the fact
// `breaker` and the time after which to try again. Thread-safe.
class Breaker final : public Adapter {
 public:
  Breaker(std::unique_ptr<Adapter> adapter, const Clock& clock, BreakerOptions options = {})
      : adapter_(std::move(adapter)), clock_(clock), options_(options) {}

  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;
  void AnswerAll(absl::Span<Asked> asked) const override;
  absl::StatusOr<std::vector<Violation>> Mismatches() const override { return adapter_->Mismatches(); }
  int waiting_max() const override { return adapter_->waiting_max(); }

 private:
  // OK if the source may be asked; the one that tries while others are refused is told so.
  absl::Status Admit(bool& trying) const;
  void Learn(const absl::Status& status, bool trying) const;

  const std::unique_ptr<Adapter> adapter_;
  const Clock& clock_;
  const BreakerOptions options_;
  mutable absl::Mutex mu_;                         // makes "may it be asked, who tries" one step
  mutable int failures_ ABSL_GUARDED_BY(mu_) = 0;  // in a row
  mutable bool trying_ ABSL_GUARDED_BY(mu_) = false;
  mutable absl::Duration pause_ ABSL_GUARDED_BY(mu_);
  mutable absl::Time closed_until_ ABSL_GUARDED_BY(mu_) = absl::InfinitePast();
};

// A factory whose adapters are wrapped. `clock` must outlive them.
AdapterFactory WithBreaker(AdapterFactory factory, const Clock& clock);

}  // namespace zhanqiao::connectors
