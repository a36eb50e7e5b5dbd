#include "catalog/base/policy.h"

#include <algorithm>
#include <cassert>

#include "absl/container/btree_map.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

// Every key there is, with what holds where a city's table says nothing. Meanings: deploy/demo/data/README.md.
constexpr std::string_view kBuiltIn =
    "key,value,from,to,variant,source\n"
    "grant.accept_working_days,0,2016-09-05,,,国发〔2016〕51号 sets no limit of its own\n"
    "grant.answer_working_days,10,2016-09-05,,,国发〔2016〕51号 Art. 12\n"
    "grant.answer_unconnected_working_days,10,2016-09-05,,,国发〔2016〕51号 Art. 12\n"
    "grant.deliver_working_days,0,2016-09-05,2025-07-31,,国发〔2016〕51号 sets no limit\n"
    "grant.deliver_working_days,20,2025-08-01,,,政务数据共享条例\n"
    "grant.escalate_after_working_days,0,2016-09-05,,,own rule\n"
    "grant.authority_working_days,10,2016-09-05,,,own rule\n"
    "grant.expiry_warning_days,30,2016-09-05,,,own rule\n"
    "grant.expiry_last_warning_days,7,2016-09-05,,,own rule\n"
    "certificate.expiry_warning_days,30,2016-09-05,,,own rule\n"
    "delegation.days_max,90,2016-09-05,,,own rule\n"
    "assessment.score_max,30,2016-09-05,,,own rule\n"
    "demand.answer_working_days,10,2016-09-05,,,own rule\n"
    "objection.answer_working_days,5,2016-09-05,,,own rule\n"
    "objection.answer_max_working_days,10,2016-09-05,,,own rule\n"
    "resource.function_change_working_days,15,2016-09-05,,,国发〔2016〕51号 Art. 7\n"
    "account.lockout_tries,5,2016-09-05,,,own rule\n"
    "account.lockout_minutes,30,2016-09-05,,,own rule\n"
    "account.break_glass_hours,4,2016-09-05,,,own rule\n"
    "report.cut_off_day,25,2016-09-05,,,own rule (青政办发〔2017〕40号 三（三）: 每月底前)\n"
    "report.remind_days_before,5,2016-09-05,,,own rule\n"
    "task.warning_days,30,2016-09-05,,,own rule\n"
    "task.basically_percent,95,2016-09-05,,,own rule (青政办发〔2017〕40号: 基本完成)\n"
    "alarm.volume_times_mean,10,2016-09-05,,,own rule\n"
    "alarm.volume_releases_min,1000,2016-09-05,,,own rule\n"
    "alarm.night_begins_hour,22,2016-09-05,,,own rule\n"
    "alarm.night_ends_hour,6,2016-09-05,,,own rule\n"
    "alarm.night_releases,50,2016-09-05,,,own rule\n"
    "alarm.sequential_persons,100,2016-09-05,,,own rule\n"
    "alarm.sequential_seconds,600,2016-09-05,,,own rule\n"
    "alarm.empty_permille,800,2016-09-05,,,own rule\n"
    "alarm.empty_questions_min,100,2016-09-05,,,own rule\n"
    "alarm.lookers,10,2016-09-05,,,own rule\n"
    "dataset.target,1400,2016-09-05,,,青政办发〔2017〕40号 二（四）\n"
    "dataset.probe_days,35,2016-09-05,,,own rule\n"
    "dataset.k_public,20,2016-09-05,,,own rule\n"
    "dataset.k_controlled,5,2016-09-05,,,own rule\n"
    "dataset.l_diversity,2,2016-09-05,,,own rule\n"
    "dataset.small_cell,5,2016-09-05,,,own rule\n";

constexpr int64_t kValueMax = 1'000'000;

absl::Status BadRow(int line, std::string_view column, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "POLICY_INVALID", "The policy table has a mistake at the named cell.",
              {{"row", absl::StrCat(line)}, {"column", std::string(column)}, {"expected", std::string(expected)}});
}

struct Line {
  int number = 0;
  PolicyRow row;
};

// Rows of one key by date, refused when two hold on one day.
absl::StatusOr<std::vector<PolicyRow>> InOrder(std::vector<Line> lines) {
  std::sort(lines.begin(), lines.end(), [](const Line& a, const Line& b) { return a.row.from < b.row.from; });
  std::vector<PolicyRow> rows;
  for (Line& line : lines) {
    if (!rows.empty() && (!rows.back().to || *rows.back().to >= line.row.from)) {
      return BadRow(line.number, "from", "a date after the end of the row before of the same key");
    }
    rows.push_back(std::move(line.row));
  }
  return rows;
}

absl::StatusOr<PolicyRow> ReadRow(const CsvRow& cells) {
  PolicyRow row;
  if (!absl::SimpleAtoi(cells.cells[1], &row.value) || row.value < 0 || row.value > kValueMax) {
    return BadRow(cells.line, "value", "a whole number, 0 to 1000000");
  }
  const auto from = ParseDay(cells.cells[2]);
  if (!from.ok()) return BadRow(cells.line, "from", "a date YYYY-MM-DD");
  row.from = *from;
  if (!cells.cells[3].empty()) {
    const auto to = ParseDay(cells.cells[3]);
    if (!to.ok() || *to < row.from) return BadRow(cells.line, "to", "a date YYYY-MM-DD not before `from`, or nothing");
    row.to = *to;
  }
  if (cells.cells[5].empty()) return BadRow(cells.line, "source", "where the rule comes from");
  row.source = cells.cells[5];
  return row;
}

}  // namespace

absl::StatusOr<Policy::Rows> Policy::Read(std::string_view csv, std::string_view variant, const Rows* known) {
  const CsvTable table = TRY(ParseCsv(csv));
  if (table.header != std::vector<std::string>{"key", "value", "from", "to", "variant", "source"}) {
    return BadRow(1, "key", "the heading key,value,from,to,variant,source");
  }
  absl::btree_map<std::string, std::vector<Line>> common;
  absl::btree_map<std::string, std::vector<Line>> chosen;
  for (const CsvRow& cells : table.rows) {
    const std::string& key = cells.cells[0];
    if (known != nullptr && !known->contains(key)) return BadRow(cells.line, "key", "a key the hub asks for");
    PolicyRow row = TRY(ReadRow(cells));
    if (cells.cells[4].empty()) {
      common[key].push_back({cells.line, std::move(row)});
    } else if (cells.cells[4] == variant) {
      chosen[key].push_back({cells.line, std::move(row)});
    }
  }
  if (!variant.empty() && chosen.empty()) return BadRow(1, "variant", absl::StrCat("rows of ", Absl(variant)));
  Rows rows;
  for (auto& [key, lines] : common) rows[key] = TRY(InOrder(std::move(lines)));
  for (auto& [key, lines] : chosen) rows[key] = TRY(InOrder(std::move(lines)));
  return rows;
}

Policy::Policy() {
  auto rows = Read(kBuiltIn, "", nullptr);
  assert(rows.ok());
  rows_ = *std::move(rows);
}

absl::StatusOr<Policy> Policy::FromCsv(std::string_view csv, std::string_view variant) {
  Policy policy;
  Rows rows = TRY(Read(csv, variant, &policy.rows_));
  for (auto& [key, lines] : rows) policy.rows_[key] = std::move(lines);
  return policy;
}

absl::StatusOr<PolicyRow> Policy::RowAt(std::string_view key, absl::CivilDay day) const {
  const auto found = rows_.find(Absl(key));
  if (found != rows_.end()) {
    for (const PolicyRow& row : found->second) {
      if (row.from <= day && (!row.to || day <= *row.to)) return row;
    }
  }
  return Fail(absl::StatusCode::kFailedPrecondition, "POLICY_MISSING",
              "No row of the policy table holds on this day; the operator has to add one.",
              {{"key", std::string(key)}, {"date", FormatDay(day)}});
}

absl::StatusOr<int64_t> Policy::At(std::string_view key, absl::CivilDay day) const {
  const PolicyRow row = TRY(RowAt(key, day));
  return row.value;
}

std::vector<std::pair<std::string, std::vector<PolicyRow>>> Policy::All() const {
  std::vector<std::pair<std::string, std::vector<PolicyRow>>> all(rows_.begin(), rows_.end());
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return all;
}

}  // namespace zhanqiao
