#include "hub/oversight/cleanup.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/clock.h"
#include "catalog/model/names.h"
#include "hub/oversight/likeness.h"

namespace zhanqiao::oversight {
namespace {

// A system as both rules look at it.
struct Candidate {
  const std::string* name = nullptr;
  const documents::Dated<v1::InformationSystem>* at = nullptr;
  std::vector<uint64_t> called;  // pieces of its name
  std::vector<uint64_t> does;    // of its function

  const v1::Inventory& inventory() const { return at->fact.inventory(); }
  std::string_view owner() const { return catalog::OrganizationOf(*name); }
};

bool IsIdle(const v1::Inventory& i) {
  return i.usage_frequency() == v1::USAGE_FREQUENCY_RARELY || i.usage_frequency() == v1::USAGE_FREQUENCY_NEVER ||
         i.construction_status() == v1::CONSTRUCTION_STATUS_OUT_OF_USE;
}

bool IsUntouched(const std::string& last, absl::CivilDay today) {
  const auto day = ParseDay(last);
  return day.ok() && today - *day > kUntouchedDays;
}

bool IsNotUpdated(const v1::Inventory& i, absl::CivilDay today) {
  return i.construction_status() >= v1::CONSTRUCTION_STATUS_NOT_UPDATED || IsUntouched(i.last_update_date(), today);
}

bool IsNotMaintained(const v1::Inventory& i, absl::CivilDay today) {
  return i.construction_status() >= v1::CONSTRUCTION_STATUS_NOT_MAINTAINED || IsUntouched(i.last_maintenance_date(), today);
}

bool IsOpenToRules(const v1::Inventory& i) {
  return !i.is_classified() && i.cleared_date().empty() && i.merged_date().empty() &&
         i.cleanup_class() <= v1::CLEANUP_CLASS_NORMAL;
}

// True if `a` should give way to `b`.
bool GivesWay(const Candidate& a, const Candidate& b) {
  const std::string& approved_a = a.inventory().approval_date();
  const std::string& approved_b = b.inventory().approval_date();
  if (approved_a != approved_b && !approved_a.empty() && !approved_b.empty()) return approved_a > approved_b;
  if (a.inventory().usage_frequency() != b.inventory().usage_frequency()) {
    return a.inventory().usage_frequency() > b.inventory().usage_frequency();
  }
  return *a.name > *b.name;
}

class Rules {
 public:
  Rules(const RecordsView& view, absl::CivilDay today) : view_(view), today_(today) {
    for (const auto& [name, history] : view.systems.all()) {
      const auto* newest = history.Newest({});
      if (newest == nullptr || newest->fact.inventory().is_classified()) continue;
      candidates_.push_back({.name = &name, .at = newest, .called = PiecesOf(newest->fact.display_name()),
                             .does = PiecesOf(newest->fact.function())});
    }
    for (size_t i = 0; i < candidates_.size(); ++i) {
      for (const uint64_t piece : candidates_[i].does) doing_[piece].push_back(i);
    }
  }

  std::vector<v1::CleanupProposal> Propose() {
    std::vector<v1::CleanupProposal> proposals;
    for (size_t i = 0; i < candidates_.size(); ++i) {
      if (!IsOpenToRules(candidates_[i].inventory())) continue;
      for (const bool zombie : {true, false}) {
        std::optional<v1::CleanupProposal> proposal = zombie ? Zombie(i) : Shadow(i);
        if (proposal && !IsJudged(*proposal, candidates_[i])) proposals.push_back(*std::move(proposal));
      }
    }
    return proposals;
  }

 private:
  // Those that share enough of what they do to be alike, with how much: found by the pieces they have in common.
  std::vector<std::pair<size_t, int>> AlikeInFunction(size_t self) const {
    absl::flat_hash_map<size_t, size_t> shared;
    uint64_t last = 0;
    for (const uint64_t piece : candidates_[self].does) {
      if (piece == last) continue;
      last = piece;
      size_t before = candidates_.size();
      for (const size_t other : doing_.at(piece)) {
        if (other != self && other != before) ++shared[other];
        before = other;
      }
    }
    std::vector<std::pair<size_t, int>> alike;
    for (const auto& [other, pieces] : shared) {
      // At least that many different pieces are needed; most pairs have far fewer.
      if (pieces * 4 < candidates_[self].does.size()) continue;
      const int percent = LikenessPercent(candidates_[self].does, candidates_[other].does);
      if (percent >= kLikenessMin) alike.emplace_back(other, percent);
    }
    std::sort(alike.begin(), alike.end(), [](const auto& a, const auto& b) {
      return a.second != b.second ? a.second > b.second : a.first < b.first;
    });
    return alike;
  }

  v1::CleanupProposal About(const Candidate& candidate, v1::CleanupRule rule) const {
    v1::CleanupProposal proposal;
    proposal.set_system(*candidate.name);
    proposal.set_display_name(candidate.at->fact.display_name());
    proposal.set_rule(rule);
    proposal.set_etag(absl::StrCat("r", candidate.at->revision));
    return proposal;
  }
  static void Name(const Candidate& other, v1::CleanupProposal& proposal) {
    proposal.set_other(*other.name);
    proposal.set_other_display_name(other.at->fact.display_name());
  }

  std::optional<v1::CleanupProposal> Zombie(size_t self) const {
    const Candidate& candidate = candidates_[self];
    const v1::Inventory& inventory = candidate.inventory();
    if (!IsIdle(inventory) || !IsNotUpdated(inventory, today_) || !IsNotMaintained(inventory, today_)) return std::nullopt;
    v1::CleanupProposal proposal = About(candidate, v1::CLEANUP_RULE_ZOMBIE);
    for (const char* fact : {"IDLE", "NOT_UPDATED", "NOT_MAINTAINED", "REPLACEABLE"}) proposal.add_facts(fact);
    if (!inventory.substitute_system().empty()) {
      proposal.set_other(inventory.substitute_system());
      const auto* other = view_.systems.Find(inventory.substitute_system());
      const auto* newest = other == nullptr ? nullptr : other->Newest({});
      if (newest != nullptr) proposal.set_other_display_name(newest->fact.display_name());
      return proposal;
    }
    for (const auto& [other, percent] : AlikeInFunction(self)) {
      if (IsIdle(candidates_[other].inventory())) continue;
      if (candidates_[other].inventory().construction_status() != v1::CONSTRUCTION_STATUS_IN_USE) continue;
      Name(candidates_[other], proposal);
      proposal.set_likeness_percent(percent);
      return proposal;
    }
    return std::nullopt;
  }

  std::optional<v1::CleanupProposal> Shadow(size_t self) const {
    const Candidate& candidate = candidates_[self];
    for (const auto& [other, percent] : AlikeInFunction(self)) {
      const Candidate& against = candidates_[other];
      if (against.owner() == candidate.owner() || !GivesWay(candidate, against)) continue;
      if (!against.inventory().cleared_date().empty()) continue;
      const int named = LikenessPercent(candidate.called, against.called);
      if (named < kLikenessMin) continue;
      v1::CleanupProposal proposal = About(candidate, v1::CLEANUP_RULE_SHADOW);
      proposal.add_facts(named == 100 ? "SAME_NAME" : "SIMILAR_NAME");
      proposal.add_facts("SIMILAR_FUNCTION");
      proposal.set_likeness_percent((named + percent) / 2);
      Name(against, proposal);
      return proposal;
    }
    return std::nullopt;
  }

  // A dismissal holds until the system changes.
  bool IsJudged(const v1::CleanupProposal& proposal, const Candidate& candidate) const {
    const auto* history = view_.judgements.Find(JudgementName(proposal.system(), proposal.rule()));
    const auto* newest = history == nullptr ? nullptr : history->Newest({});
    return newest != nullptr && newest->fact.system_revision() == candidate.at->revision;
  }

  const RecordsView& view_;
  const absl::CivilDay today_;
  std::vector<Candidate> candidates_;  // in name order
  absl::flat_hash_map<uint64_t, std::vector<size_t>> doing_;  // who has a piece in its function
};

}  // namespace

std::string JudgementName(std::string_view system, v1::CleanupRule rule) {
  std::string id(system.substr(system.find('/') + 1));
  id = absl::StrReplaceAll(id, {{"/systems/", "~"}});
  const std::string word = absl::AsciiStrToLower(v1::CleanupRule_Name(rule).substr(sizeof "CLEANUP_RULE_" - 1));
  return absl::StrCat("cleanupJudgements/", word, "~", id);
}

std::vector<v1::CleanupProposal> ProposalsAmong(const RecordsView& view, absl::CivilDay today) {
  return Rules(view, today).Propose();
}

}  // namespace zhanqiao::oversight
