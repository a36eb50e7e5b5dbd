#include "hub/exchange/session.h"

#include <algorithm>

#include "catalog/base/wire.h"

namespace zhanqiao::exchange {
namespace {

// Appends the request as an element of RequestBatch.queries. Written by hand: it is made for every call, and all but
// the conditions is the same for every call under the plan.
void AppendQuery(const Flight& flight, uint64_t number, absl::Time now, std::string& batch) {
  static thread_local std::string query;
  query.clear();
  WireWriter wire(query);
  wire.Varint(v1::ConnectorQuery::kNumberFieldNumber, number);
  query += flight.plan->query_head;
  for (const auto& condition : flight.request.conditions()) {
    wire.Length(v1::ConnectorQuery::kConditionsFieldNumber, condition.ByteSizeLong());
    condition.AppendToString(&query);
  }
  query += flight.plan->query_conditions;
  wire.Varint(v1::ConnectorQuery::kRowLimitFieldNumber, static_cast<uint64_t>(flight.row_limit));
  const int64_t left_ms = absl::ToInt64Milliseconds(flight.deadline - now);
  wire.Bytes(v1::ConnectorQuery::kCommitmentFieldNumber, Bytes(flight.commitment));
  wire.Varint(v1::ConnectorQuery::kTimeoutMsFieldNumber, static_cast<uint64_t>(std::clamp<int64_t>(left_ms, 1, 3600'000)));
  if (flight.chunk != nullptr) {
    wire.Varint(v1::ConnectorQuery::kChunkFieldNumber, 1);
    wire.Bytes(v1::ConnectorQuery::kCursorFieldNumber, flight.chunk->cursor);
  }
  WireWriter(batch).Message(v1::RequestBatch::kQueriesFieldNumber, query);
}

std::string RequestsMessage(std::string_view batch) {
  std::string message;
  message.reserve(batch.size() + 16);
  WireWriter(message).Message(v1::ConnectResponse::kRequestsFieldNumber, batch);
  return message;
}

}  // namespace

Session::Session(std::string connector, std::vector<std::string> resources, int credits, Options options,
                 std::function<void()> kick)
    : connector_(std::move(connector)), resources_(std::move(resources)), options_(options), kick_(std::move(kick)),
      credits_(credits) {}

bool Session::Ask(std::unique_ptr<Flight>& flight) {
  {
    absl::MutexLock lock(&mu_);
    if (closed_ || waiting_.size() - waiting_from_ >= options_.waiting_max) return false;
    flight->connector = connector_;
    next_deadline_ = std::min(next_deadline_, flight->deadline);
    const uint64_t number = next_number_++;
    waiting_.push_back(number);
    pending_[number].flight = std::move(flight);
    load_.fetch_add(1, std::memory_order_relaxed);
    if (kicked_ || credits_ <= 0) return true;
    kicked_ = true;
  }
  kick_();
  return true;
}

std::vector<std::string> Session::Collect(absl::Time now) {
  std::vector<std::string> messages;
  absl::MutexLock lock(&mu_);
  kicked_ = false;
  if (closed_) return messages;
  if (!cancelled_.empty()) {
    v1::ConnectResponse cancels;
    for (const uint64_t number : cancelled_) cancels.mutable_cancels()->add_numbers(number);
    messages.push_back(cancels.SerializeAsString());
    cancelled_.clear();
  }
  std::string batch;
  int queries = 0;
  while (credits_ > 0 && waiting_from_ < waiting_.size()) {
    const uint64_t number = waiting_[waiting_from_++];
    const auto found = pending_.find(number);
    if (found == pending_.end()) continue;  // expired while it waited
    if (queries == options_.batch_max) {
      messages.push_back(RequestsMessage(batch));
      batch.clear();
      queries = 0;
    }
    found->second.sent = true;
    found->second.flight->sent = now;
    AppendQuery(*found->second.flight, number, now, batch);
    ++queries;
    --credits_;
  }
  if (queries > 0) messages.push_back(RequestsMessage(batch));
  if (waiting_from_ == waiting_.size()) {
    waiting_.clear();
    waiting_from_ = 0;
  } else if (waiting_from_ > 4096) {
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(waiting_from_));
    waiting_from_ = 0;
  }
  return messages;
}

std::unique_ptr<Flight> Session::Answered(uint64_t number) {
  std::unique_ptr<Flight> flight;
  bool kick = false;
  {
    absl::MutexLock lock(&mu_);
    const auto found = pending_.find(number);
    if (found == pending_.end() || !found->second.sent) return nullptr;  // no credit for inventions
    flight = std::move(found->second.flight);
    pending_.erase(found);
    load_.fetch_sub(1, std::memory_order_relaxed);
    ++credits_;
    kick = !kicked_ && !closed_ && waiting_from_ < waiting_.size();
    if (kick) kicked_ = true;
  }
  if (kick) kick_();
  return flight;
}

void Session::AddCredits(int credits) {
  {
    absl::MutexLock lock(&mu_);
    credits_ = std::min<int64_t>(credits_ + credits, 65536);
    if (kicked_ || closed_ || credits_ <= 0 || waiting_from_ >= waiting_.size()) return;
    kicked_ = true;
  }
  kick_();
}

std::vector<std::unique_ptr<Flight>> Session::Expired(absl::Time now) {
  std::vector<std::unique_ptr<Flight>> expired;
  bool kick = false;
  {
    absl::MutexLock lock(&mu_);
    if (now < next_deadline_) return expired;
    next_deadline_ = absl::InfiniteFuture();
    for (auto at = pending_.begin(); at != pending_.end();) {
      const auto here = at++;
      if (here->second.flight->deadline > now) {
        next_deadline_ = std::min(next_deadline_, here->second.flight->deadline);
        continue;
      }
      if (here->second.sent) {
        cancelled_.push_back(here->first);
        ++credits_;
      }
      expired.push_back(std::move(here->second.flight));
      pending_.erase(here);
    }
    load_.fetch_sub(expired.size(), std::memory_order_relaxed);
    kick = !cancelled_.empty() && !kicked_ && !closed_;
    if (kick) kicked_ = true;
  }
  if (kick) kick_();
  return expired;
}

std::vector<std::unique_ptr<Flight>> Session::Close() {
  std::vector<std::unique_ptr<Flight>> left;
  absl::MutexLock lock(&mu_);
  closed_ = true;
  for (auto& [number, pending] : pending_) left.push_back(std::move(pending.flight));
  pending_.clear();
  load_.store(0, std::memory_order_relaxed);
  return left;
}

}  // namespace zhanqiao::exchange
