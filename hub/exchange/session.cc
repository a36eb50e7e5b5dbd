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
  if (flight.probed) wire.Varint(v1::ConnectorQuery::kProbeFieldNumber, 1);
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

namespace {

std::string_view ConsumerOf(const Flight& flight) {
  return flight.grant == nullptr ? std::string_view() : std::string_view(flight.grant->consumer);
}

}  // namespace

bool Session::Ask(std::unique_ptr<Flight>& flight) {
  {
    absl::MutexLock lock(&mu_);
    const size_t waiting_now = waiting();
    if (closed_ || waiting_now >= options_.waiting_max) return false;
    const bool scarce = credits_ <= 0 || lined_up_ > 0;
    if (scarce) {
      const std::string_view consumer = ConsumerOf(*flight);
      const auto line = lines_.find(absl::string_view(consumer.data(), consumer.size()));
      const size_t places = line == lines_.end() ? 0 : line->second->numbers.size();
      if (places >= options_.waiting_max - waiting_now) return false;
    }
    flight->connector = connector_;
    next_deadline_ = std::min(next_deadline_, flight->deadline);
    const uint64_t number = next_number_++;
    pending_[number].flight = std::move(flight);
    if (scarce) {
      LineUp(number);
    } else {
      waiting_.push_back(number);
    }
    load_.fetch_add(1, std::memory_order_relaxed);
    if (kicked_ || credits_ <= 0) return true;
    kicked_ = true;
  }
  kick_();
  return true;
}

void Session::LineUp(uint64_t number) {
  const auto found = pending_.find(number);
  if (found == pending_.end()) return;  // expired while it waited
  const Flight& flight = *found->second.flight;
  std::unique_ptr<Line>& line = lines_[std::string(ConsumerOf(flight))];
  if (line == nullptr) line = std::make_unique<Line>();
  line->weight = flight.grant == nullptr ? 1 : flight.grant->weight;
  if (line->numbers.empty()) {
    line->turn = line->weight;
    turns_.push_back(line.get());
  }
  line->numbers.push_back(number);
  ++lined_up_;
}

uint64_t Session::TakeNext() {
  if (waiting_from_ < waiting_.size()) return waiting_[waiting_from_++];
  if (turns_.empty()) return 0;
  Line* line = turns_.front();
  const uint64_t number = line->numbers.front();
  line->numbers.pop_front();
  --lined_up_;
  if (line->numbers.empty()) {
    turns_.pop_front();
    if (turns_.empty()) lines_.clear();
  } else if (--line->turn <= 0) {
    line->turn = line->weight;
    turns_.pop_front();
    turns_.push_back(line);
  }
  return number;
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
  while (credits_ > 0) {
    const uint64_t number = TakeNext();
    if (number == 0) break;
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
  // What is left waits for credits: from now on by consumer.
  while (waiting_from_ < waiting_.size()) LineUp(waiting_[waiting_from_++]);
  waiting_.clear();
  waiting_from_ = 0;
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
    kick = !kicked_ && !closed_ && waiting() > 0;
    if (kick) kicked_ = true;
  }
  if (kick) kick_();
  return flight;
}

void Session::AddCredits(int credits) {
  {
    absl::MutexLock lock(&mu_);
    credits_ = std::min<int64_t>(credits_ + credits, 65536);
    if (kicked_ || closed_ || credits_ <= 0 || waiting() == 0) return;
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
