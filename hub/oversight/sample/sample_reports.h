// Gives the reports of a sample the figures a hub would have kept: those of the day they are handed in, and those of the
// whole month on the first day after it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/documents/document_store.h"
#include "hub/oversight/facts/report_figures.h"
#include "hub/oversight/records.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

// Not thread-safe.
class SampleReports {
 public:
  // `store`, which the sample is recorded in, must outlive it.
  explicit SampleReports(const documents::DocumentStore& store) : records_(store) {}

  // What is recorded of `report` on `day`, from what the store holds now.
  absl::StatusOr<v1::Report> Filled(v1::Report report, absl::CivilDay day);
  // The reports of `month` that were handed in, with the whole month, from what the store holds now.
  absl::StatusOr<std::vector<v1::Report>> WithWholeMonth(absl::CivilMonth month);

 private:
  absl::StatusOr<v1::ReportFigures> Derive(const std::string& organization, absl::CivilMonth month, absl::CivilDay to);

  const Records records_;
  std::map<std::string, v1::Report> handed_in_;  // by name, as last recorded
  Period derived_for_;
  ReportTable derived_;
};

}  // namespace zhanqiao::oversight
