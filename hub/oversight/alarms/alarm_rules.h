// What of a day's use is out of the ordinary (proto/zhanqiao/v1/alarm.proto): rules over one day's releases, with thresholds
// of the policy table. Pure: a day goes in, alarms come out, the same each time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "catalog/base/policy.h"
#include "zhanqiao/v1/alarm.pb.h"

namespace zhanqiao::oversight {

// One release, as the ledger tells it.
struct ReleaseSeen {
  uint64_t index = 0;
  absl::Time time;
  std::string consumer;  // system
  std::string resource;
  uint32_t rows = 0;
  bool bulk = false;                  // a chunk of a fetch, a feed or a file: no question of its own
  std::vector<std::string> persons;   // keyed tokens; never shown
};

// A day's releases in log order, and what each system released on average a day before (over the days it used anything).
struct DaySeen {
  absl::CivilDay day;
  std::vector<ReleaseSeen> releases;
  std::map<std::string, double> mean_before;  // by system; absent: it never did
};

// FAILED_PRECONDITION / POLICY_MISSING. Names are those of the alarms' documents, so that a day looked at again gives the
// same ones.
absl::StatusOr<std::vector<v1::Alarm>> AlarmsOf(const DaySeen& seen, const Policy& policy);

}  // namespace zhanqiao::oversight
