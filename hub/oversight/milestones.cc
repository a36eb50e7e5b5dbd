#include "hub/oversight/milestones.h"

namespace zhanqiao::oversight {

absl::Span<const Milestone> Milestones() {
  static const Milestone kMilestones[] = {
      {v1::MEASURE_CLOUD_MIGRATION_RATIO, absl::CivilDay(2018, 6, 30), 0.70, "二（一）: 2018年6月底前70%"},
      {v1::MEASURE_CLOUD_MIGRATION_RATIO, absl::CivilDay(2018, 12, 31), 1.00, "二（一）: 2018年底前基本完成"},
      {v1::MEASURE_SYSTEMS_INTEGRATED, absl::CivilDay(2018, 6, 30), 1.00, "二（二）: 2018年6月底前"},
      {v1::MEASURE_ZOMBIE_SYSTEMS_CLEARED, absl::CivilDay(2018, 3, 31), 1.00, "二（二）: 2018年3月底前基本完成清理"},
      {v1::MEASURE_PRIVATE_NETWORKS_MIGRATED, absl::CivilDay(2018, 12, 31), 1.00, "二（七）: 2018年底前"},
      {v1::MEASURE_INTERNET_EXITS_MERGED, absl::CivilDay(2018, 6, 30), 1.00, "二（七）: 2018年6月底前"},
      {v1::MEASURE_PORTALS_MERGED, absl::CivilDay(2018, 6, 30), 1.00, "二（四）: 2018年6月底前"},
  };
  return kMilestones;
}

std::optional<Milestone> MilestoneAt(v1::Measure measure, absl::CivilDay day) {
  std::optional<Milestone> last;
  for (const Milestone& milestone : Milestones()) {
    if (milestone.measure != measure) continue;
    last = milestone;
    if (milestone.date >= day) break;
  }
  return last;
}

}  // namespace zhanqiao::oversight
