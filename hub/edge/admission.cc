#include "hub/edge/admission.h"

#include <utility>

namespace zhanqiao::edge {

uint64_t Admission::Admit(const std::string& address, std::function<void()> give_way) {
  std::function<void()> oldest;
  uint64_t ticket = 0;
  {
    absl::MutexLock lock(&mu_);
    if (entries_.size() >= limits_.connections_max) return 0;
    if (!address.empty()) {
      Address& from = addresses_[address];
      if (from.pending.size() >= limits_.handshakes_per_address_max) {
        oldest = std::exchange(entries_[from.pending.begin()->first].give_way, nullptr);
        from.pending.erase(from.pending.begin());
      } else if (from.open >= limits_.connections_per_address_max) {
        if (from.pending.empty()) return 0;
        oldest = std::exchange(entries_[from.pending.begin()->first].give_way, nullptr);
        from.pending.erase(from.pending.begin());
      }
      ++from.open;
      from.pending.emplace(last_ticket_ + 1, true);
    }
    ticket = ++last_ticket_;
    entries_.emplace(ticket, Entry{address, "", std::move(give_way)});
  }
  if (oldest) oldest();
  return ticket;
}

void Admission::Settle(uint64_t ticket) {
  absl::MutexLock lock(&mu_);
  const auto entry = entries_.find(ticket);
  if (entry == entries_.end()) return;
  entry->second.give_way = nullptr;
  const auto from = addresses_.find(entry->second.address);
  if (from != addresses_.end()) from->second.pending.erase(ticket);
}

bool Admission::Identify(uint64_t ticket, const std::string& identity) {
  absl::MutexLock lock(&mu_);
  const auto entry = entries_.find(ticket);
  if (entry == entries_.end()) return false;
  size_t& open = identities_[identity];
  if (open >= limits_.connections_per_identity_max) return false;
  ++open;
  entry->second.identity = identity;
  return true;
}

void Admission::Leave(uint64_t ticket) {
  absl::MutexLock lock(&mu_);
  const auto entry = entries_.find(ticket);
  if (entry == entries_.end()) return;
  const auto from = addresses_.find(entry->second.address);
  if (from != addresses_.end()) {
    from->second.pending.erase(ticket);
    if (--from->second.open == 0) addresses_.erase(from);
  }
  const auto identity = identities_.find(entry->second.identity);
  if (!entry->second.identity.empty() && identity != identities_.end() && --identity->second == 0) {
    identities_.erase(identity);
  }
  entries_.erase(entry);
}

uint64_t Admission::open() const {
  absl::MutexLock lock(&mu_);
  return entries_.size();
}

bool Admission::AwaitEmpty(absl::Duration patience) const {
  mu_.LockWhenWithTimeout(absl::Condition(this, &Admission::IsEmpty), patience);
  const bool empty = entries_.empty();
  mu_.Unlock();
  return empty;
}

}  // namespace zhanqiao::edge
