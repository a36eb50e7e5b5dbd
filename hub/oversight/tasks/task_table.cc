#include "hub/oversight/tasks/task_table.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "hub/access/access_rules.h"
#include "hub/oversight/facts/duty_bodies.h"

namespace zhanqiao::oversight {
namespace {

const std::vector<std::string>& Heading() {
  static const auto* const heading = new std::vector<std::string>{
      "task_id", "section", "title", "deliverable", "deadline", "lead_codes", "support_codes", "measure", "target", "unit"};
  return *heading;
}

constexpr std::string_view kMeasureWords[] = {
    "none",           "cloud_migration_ratio",     "systems_integrated",    "zombie_systems_cleared", "portals_merged",
    "open_datasets",  "id_system",                 "internet_exits_merged", "private_networks_migrated",
    "monthly_report", "catalogue_coverage"};

absl::Status BadCell(int row, std::string_view column, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "TASK_INVALID", "The table of duties has a mistake at the named cell.",
              {{"row", absl::StrCat(row)}, {"column", std::string(column)}, {"expected", std::string(expected)}});
}

bool IsTaskId(std::string_view id) {
  return !id.empty() && id.size() <= 20 && std::all_of(id.begin(), id.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
  });
}

absl::Status ReadBodies(const CsvRow& row, size_t column, google::protobuf::RepeatedPtrField<std::string>* out) {
  for (const auto part : absl::StrSplit(row.cells[column], ';', absl::SkipEmpty())) {
    const std::string code(part);
    if (IsDutyGroup(code)) {
      *out->Add() = code;
    } else if (access::IsOrganizationCode(code)) {
      *out->Add() = absl::StrCat("organizations/", code);
    } else {
      return BadCell(row.line, Heading()[column], "codes of organisations, ALL_DEPTS or ALL_DISTRICTS, separated by ;");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Task> ReadTask(const CsvRow& row) {
  const std::vector<std::string>& cells = row.cells;
  v1::Task task;
  if (!IsTaskId(cells[0])) return BadCell(row.line, "task_id", "1 to 20 upper-case letters, digits and -");
  task.set_name(absl::StrCat(Absl(kTasks), cells[0]));
  for (size_t column = 1; column <= 3; ++column) {
    if (CodePoints(cells[column]) > 200) return BadCell(row.line, Heading()[column], "at most 200 characters");
  }
  if (cells[2].empty()) return BadCell(row.line, "title", "what the duty is called");
  task.set_section(cells[1]);
  task.set_title(cells[2]);
  task.set_deliverable(cells[3]);
  if (!cells[4].empty() && !ParseDay(cells[4]).ok()) return BadCell(row.line, "deadline", "a date YYYY-MM-DD, or nothing");
  task.set_deadline(cells[4]);
  TRY(ReadBodies(row, 5, task.mutable_leads()));
  TRY(ReadBodies(row, 6, task.mutable_supports()));
  if (task.leads().empty()) return BadCell(row.line, "lead_codes", "at least one body or group that leads");
  const std::string measure = cells[7].empty() ? "none" : cells[7];
  if (std::find(std::begin(kMeasureWords), std::end(kMeasureWords), measure) == std::end(kMeasureWords)) {
    return BadCell(row.line, "measure", "a measure of the plan, or none");
  }
  task.set_measure(measure);
  double target = 0;
  if (!cells[8].empty()) {
    if (!absl::SimpleAtod(cells[8], &target) || !std::isfinite(target) || target < 0) {
      return BadCell(row.line, "target", "a number, 0 or more, or nothing");
    }
    task.set_target(target);
  }
  task.set_unit(cells[9]);
  return task;
}

}  // namespace

absl::StatusOr<std::vector<v1::Task>> ReadTasks(std::string_view csv) {
  const CsvTable table = TRY(ParseCsv(csv));
  if (table.header != Heading()) return BadCell(1, "task_id", "the heading of plan_tasks.csv");
  std::vector<v1::Task> tasks;
  std::set<std::string> names;
  for (const CsvRow& row : table.rows) {
    v1::Task task = TRY(ReadTask(row));
    if (!names.insert(task.name()).second) return BadCell(row.line, "task_id", "an id that is not there before");
    tasks.push_back(std::move(task));
  }
  return tasks;
}

}  // namespace zhanqiao::oversight
