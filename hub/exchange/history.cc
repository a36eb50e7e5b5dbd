#include "hub/exchange/history.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"

namespace zhanqiao::exchange {
namespace {

struct Standing {
  bool in_force = false;
  uint64_t revision = 0;
};

// 1: the log by itself.
void CheckLog(const std::vector<v1::LedgerEntry>& entries, std::vector<std::string>& wrong) {
  absl::flat_hash_map<std::string, Standing> grants;
  for (size_t index = 0; index < entries.size(); ++index) {
    const v1::LedgerEntry& entry = entries[index];
    if (entry.has_grant_event()) {
      grants[entry.grant_event().grant()] = {entry.grant_event().state() == "ACTIVE", entry.grant_event().revision()};
    }
    if (!entry.has_exchange()) continue;
    const Standing& standing = grants[entry.exchange().grant()];
    if (!standing.in_force || standing.revision != entry.exchange().grant_revision()) {
      wrong.push_back(absl::StrCat("entry ", index, " releases under ", entry.exchange().grant(), " at revision ",
                                   entry.exchange().grant_revision(), ", which was ", standing.in_force ? "" : "not ",
                                   "in force at revision ", standing.revision));
    }
  }
}

// 2: acts that did not overlap stand in the log as they happened.
void CheckOrder(const std::vector<const Act*>& acts, std::vector<std::string>& wrong) {
  std::vector<const Act*> by_answer;
  for (const Act* act : acts) {
    if (act->done) by_answer.push_back(act);
  }
  std::vector<const Act*> by_invocation = by_answer;
  std::sort(by_answer.begin(), by_answer.end(), [](const Act* a, const Act* b) { return a->answered < b->answered; });
  std::sort(by_invocation.begin(), by_invocation.end(), [](const Act* a, const Act* b) { return a->invoked < b->invoked; });
  uint64_t highest = 0;  // index among those answered before the act at hand began
  bool any = false;
  size_t next = 0;
  for (const Act* act : by_invocation) {
    for (; next < by_answer.size() && by_answer[next]->answered < act->invoked; ++next) {
      highest = std::max(highest, by_answer[next]->index);
      any = true;
    }
    if (any && act->index < highest) {
      wrong.push_back(absl::StrCat("entry ", act->index, " of ", act->grant, " stands before ", highest, ", which was answered before it began"));
    }
  }
}

// 3 and 4: what callers saw against what those who moved the grant saw. The moves of one grant follow each other.
void CheckCalls(const std::vector<const Act*>& acts, std::vector<std::string>& wrong) {
  std::vector<const Act*> moves;
  for (const Act* act : acts) {
    if (act->kind != Act::Kind::kCall && act->done) moves.push_back(act);
  }
  std::sort(moves.begin(), moves.end(), [](const Act* a, const Act* b) { return a->invoked < b->invoked; });
  for (const Act* call : acts) {
    if (call->kind != Act::Kind::kCall || (!call->done && !call->not_active)) continue;
    const Act* before = nullptr;  // the last move answered before the call began
    bool meanwhile = false;       // a move that overlaps the call
    for (const Act* move : moves) {
      if (move->answered < call->invoked) {
        before = move;
      } else if (move->invoked < call->answered) {
        meanwhile = true;
      }
    }
    if (before == nullptr || meanwhile) continue;
    if (call->done && before->kind == Act::Kind::kClose) {
      wrong.push_back(absl::StrCat("a call under ", call->grant, " (entry ", call->index, ") was admitted after its closing had been acknowledged (entry ",
                                   before->index, ")"));
    }
    if (call->not_active && before->kind == Act::Kind::kOpen) {
      wrong.push_back(absl::StrCat("a call under ", call->grant, " was refused while the grant was open throughout"));
    }
  }
}

}  // namespace

std::vector<std::string> CheckHistory(const std::vector<Act>& acts, const std::vector<v1::LedgerEntry>& entries) {
  std::vector<std::string> wrong;
  CheckLog(entries, wrong);
  absl::flat_hash_map<std::string, std::vector<const Act*>> by_grant;
  for (const Act& act : acts) by_grant[act.grant].push_back(&act);
  for (const auto& [grant, of_grant] : by_grant) {
    CheckOrder(of_grant, wrong);
    CheckCalls(of_grant, wrong);
  }
  return wrong;
}

}  // namespace zhanqiao::exchange
