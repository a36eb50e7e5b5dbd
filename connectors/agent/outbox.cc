#include "connectors/agent/outbox.h"

#include <utility>

namespace zhanqiao::connectors {
namespace {
constexpr size_t kSpareMax = 8;
}

void Outgoing::Reset() {
  arena_.Reset();
  message_ = google::protobuf::Arena::CreateMessage<v1::ConnectRequest>(&arena_);
  bytes_ = 0;
  lines_.clear();
}

std::unique_ptr<Outgoing> Outbox::Fresh() {
  if (spare_.empty()) return std::make_unique<Outgoing>();
  auto outgoing = std::move(spare_.back());
  spare_.pop_back();
  return outgoing;
}

std::unique_ptr<Outgoing> Outbox::Open() {
  if (waiting_.empty() || waiting_.back()->control() || !waiting_.back()->HasRoom()) return Fresh();
  auto outgoing = std::move(waiting_.back());
  waiting_.pop_back();
  bytes_ -= outgoing->bytes();
  return outgoing;
}

void Outbox::Put(std::unique_ptr<Outgoing> outgoing) {
  bytes_ += outgoing->bytes();
  waiting_.push_back(std::move(outgoing));
}

std::unique_ptr<Outgoing> Outbox::Next() {
  if (waiting_.empty()) return nullptr;
  auto outgoing = std::move(waiting_.front());
  waiting_.pop_front();
  bytes_ -= outgoing->bytes();
  return outgoing;
}

void Outbox::Recycle(std::unique_ptr<Outgoing> outgoing) {
  if (spare_.size() >= kSpareMax || outgoing->bytes() > Outgoing::kBytesMax) return;
  outgoing->Reset();
  spare_.push_back(std::move(outgoing));
}

}  // namespace zhanqiao::connectors
