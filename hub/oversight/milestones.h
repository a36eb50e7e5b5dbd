// What the plan (青政办发〔2017〕40号) wants of each measure, and by when.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/types/span.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::oversight {

struct Milestone {
  v1::Measure measure;
  absl::CivilDay date;
  double target;            // ratio
  std::string_view source;  // where the plan says it
};

// Every milestone, by measure and date.
absl::Span<const Milestone> Milestones();

// The next milestone of `measure` on or after `day`; after the last, the last. Nothing where the plan states no number.
std::optional<Milestone> MilestoneAt(v1::Measure measure, absl::CivilDay day);

// Open datasets the plan strives for by 2018-12-31 (二（四）, 争取).
inline constexpr int kOpenDatasetsTarget = 1400;

}  // namespace zhanqiao::oversight
