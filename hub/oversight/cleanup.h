// Rules that propose what to clear and what to merge (plan 二（二）). A rule proposes, a person decides.
//
// Zombie (僵尸): idle (使用频度 偶尔 or 不使用, or 停用), not updated and not maintained for a year (or 停更, 停运维), and its
// function replaceable: a 功能替代系统 is named, or a system in use is at least 60 % alike in what it does.
// Shadow (影子): at least 60 % alike another body's system in name and in what it does; of the two the one that was approved
// later, or (without dates) is used less, or comes later in name order. Classified, cleared and already classed systems are
// left out.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "hub/oversight/records.h"

namespace zhanqiao::oversight {

inline constexpr int kLikenessMin = 60;     // percent
inline constexpr int kUntouchedDays = 365;  // without update or maintenance

// What both rules propose today of everything known now, in name order of the systems, zombies before shadows; judged
// proposals are left out.
std::vector<v1::CleanupProposal> ProposalsAmong(const RecordsView& view, absl::CivilDay today);

// cleanupJudgements/{rule}~{code}~{id}.
std::string JudgementName(std::string_view system, v1::CleanupRule rule);

}  // namespace zhanqiao::oversight
