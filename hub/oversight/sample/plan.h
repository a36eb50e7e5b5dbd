// What the parts of the sample share: the changes they make, and numbers that follow from names.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "catalog/documents/document_store.h"
#include "hub/oversight/sample/sample_year.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::oversight {

inline constexpr std::string_view kSampleMark = "【样例】";

// The changes of the year as they are thought of, in any order.
class SamplePlan {
 public:
  template <typename Message>
  void Record(absl::CivilDay day, const Message& message) {
    changes_.push_back({day, message.name(), std::string(Message::descriptor()->full_name()), documents::Canonical(message)});
  }
  // In the order of days; of one day in the order they were recorded.
  std::vector<SampleChange> Take();

 private:
  std::vector<SampleChange> changes_;
};

// Numbers that follow from a text: the same every time.
class Draw {
 public:
  explicit Draw(std::string_view of);
  // 0 to n - 1.
  int Below(int n);
  bool Percent(int chance) { return Below(100) < chance; }
  template <typename T>
  const T& From(const std::vector<T>& all) {
    return all[static_cast<size_t>(Below(static_cast<int>(all.size())))];
  }

 private:
  uint64_t state_;
};

// A day of 2018.
inline absl::CivilDay In2018(int month, int day) { return absl::CivilDay(2018, month, day); }

using Organizations = std::vector<v1::Organization>;
using Systems = std::vector<v1::InformationSystem>;

// The parts. Each records its documents; entries and datasets come from the systems' bodies.
Systems PlanSystems(const Organizations& bodies, SamplePlan& plan);
void PlanFacilities(const Organizations& bodies, SamplePlan& plan);
std::vector<v1::Resource> PlanEntries(const std::vector<v1::Resource>& drafts, const Systems& systems, SamplePlan& plan);
void PlanDatasets(const std::vector<v1::Resource>& entries, SamplePlan& plan);
void PlanReports(const Organizations& bodies, SamplePlan& plan);
absl::Status PlanTasks(std::string_view tasks_csv, SamplePlan& plan);
void PlanExchanges(const std::vector<v1::Resource>& entries, const Systems& systems, SamplePlan& plan);

}  // namespace zhanqiao::oversight
