#include "hub/edge/deadlines.h"

namespace zhanqiao::edge {

void Expiring::Unlink() {
  if (link_ == nullptr) return;
  *link_ = next_;
  if (next_ != nullptr) next_->link_ = link_;
  --*count_;
  link_ = nullptr;
  next_ = nullptr;
}

Deadlines::~Deadlines() {
  for (Expiring* head : slots_) {
    while (head != nullptr) {
      Expiring* next = head->next_;
      head->Unlink();
      head = next;
    }
  }
}

size_t Deadlines::SlotOf(SteadyTime time) const {
  return static_cast<size_t>(time.time_since_epoch() / kTick) % kSlots;
}

void Deadlines::Set(Expiring& expiring, SteadyTime due) {
  expiring.Unlink();
  if (count_ == 0) swept_ = std::max(swept_, std::min(due, std::chrono::steady_clock::now()));
  if (due < swept_) due = swept_;
  expiring.due_ = due;
  Expiring** slot = &slots_[SlotOf(due)];
  expiring.next_ = *slot;
  if (expiring.next_ != nullptr) expiring.next_->link_ = &expiring.next_;
  expiring.link_ = slot;
  expiring.count_ = &count_;
  *slot = &expiring;
  ++count_;
}

void Deadlines::Expire(size_t slot, SteadyTime now) {
  // An expiry may unlink any other entry, so the walk starts again after each.
  for (Expiring* entry = slots_[slot]; entry != nullptr;) {
    if (entry->due_ > now) {
      entry = entry->next_;
      continue;
    }
    entry->Unlink();
    entry->OnExpired();
    entry = slots_[slot];
  }
}

void Deadlines::Advance(SteadyTime now) {
  const auto turn = kTick * kSlots;
  if (now - swept_ > turn) swept_ = now - turn;
  // The slot of `swept_` is visited again: entries due later within the same tick are still there.
  for (SteadyTime at = swept_;; at += kTick) {
    Expire(SlotOf(at), now);
    if (SlotOf(at) == SlotOf(now)) break;
  }
  swept_ = now;
}

}  // namespace zhanqiao::edge
