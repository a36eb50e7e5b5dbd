// What the rules of sharing say, as data: which days count, the numbers in force, the questions of a risk assessment.
#pragma once

#include "catalog/base/policy.h"
#include "catalog/base/workdays.h"
#include "hub/access/risk_checklist.h"

namespace zhanqiao::access {

// A value; const use is thread-safe.
struct Rules {
  WorkCalendar calendar;    // Monday to Friday unless the city's holidays are loaded
  Policy policy;            // the built-in rows unless the city's table is loaded
  RiskChecklist checklist;  // none unless the city's is loaded
};

}  // namespace zhanqiao::access
