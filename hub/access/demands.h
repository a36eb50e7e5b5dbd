// Demands for data nobody offers yet (proto/zhanqiao/v1/demand.proto): rules over one demand.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/workdays.h"
#include "catalog/model/catalog.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/demand.pb.h"

namespace zhanqiao::access {

inline constexpr std::string_view kDemands = "demands/";

// INVALID_ARGUMENT naming the wrong field of what is needed.
absl::Status CheckNeed(const v1::CreateDemandRequest& request);

// INVALID_ARGUMENT naming what does not exist or is too much.
absl::Status CheckMatch(const v1::MatchDemandRequest& request, const catalog::Catalog& catalog);

// INVALID_ARGUMENT naming the wrong field of an answer given on `today`.
absl::Status CheckAnswer(const v1::AnswerDemandRequest& request, const catalog::Catalog& catalog,
                         absl::CivilDay today);

// FAILED_PRECONDITION / DEMAND_STATE (facts: state, expected) unless the demand is in one of `states`.
absl::Status CheckDemandState(const v1::Demand& demand, std::initializer_list<v1::DemandState> states);

bool IsMatchedTo(const v1::Demand& demand, std::string_view organization);
bool HasAnswered(const v1::Demand& demand, std::string_view organization);

// Its consumer, the bodies it is matched to, office and auditor.
bool MaySee(const Caller& caller, const v1::Demand& demand);

// `demand` with its days counted to `day`, or to the last answer once all have answered.
v1::Demand Counted(v1::Demand demand, const WorkCalendar& calendar, absl::CivilDay day);

// What in an organisation's name or duty speaks for it: "name", "duty" or "" for nothing. Pairs of characters
// that are common to all bodies (青岛, 管理, …) do not count.
std::string_view WhyMatches(const v1::Organization& organization, std::string_view need);

}  // namespace zhanqiao::access
