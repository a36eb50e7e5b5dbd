// Monthly reports, the duties of the plan, and two million exchanges as sums by day.
#include <algorithm>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "hub/oversight/sample/plan.h"
#include "zhanqiao/v1/oversight.pb.h"
#include "zhanqiao/v1/report.pb.h"
#include "zhanqiao/v1/task.pb.h"

namespace zhanqiao::oversight {
namespace {

std::string CodeIn(std::string_view body) { return std::string(body.substr(body.find('/') + 1)); }

google::protobuf::Timestamp Morning(absl::CivilDay day) {
  return catalog::ToTimestamp(absl::FromCivil(absl::CivilSecond(day.year(), day.month(), day.day(), 9, 0, 0), Shanghai()));
}

// Every share of the total by day and relation, so that the parts sum up to it exactly.
class Portions {
 public:
  Portions(uint64_t total, uint64_t weights) : total_(total), weights_(weights) {}
  uint64_t Next(uint64_t weight) {
    passed_ += weight;
    const uint64_t until = static_cast<uint64_t>(static_cast<double>(total_) * static_cast<double>(passed_) / static_cast<double>(weights_) + 0.5);
    const uint64_t portion = until - given_;
    given_ = until;
    return portion;
  }

 private:
  const uint64_t total_;
  const uint64_t weights_;
  uint64_t passed_ = 0;
  uint64_t given_ = 0;
};

// Who uses what for what.
struct Relation {
  std::string consumer;
  std::string provider;
  std::string resource;
  std::string purpose;
  uint64_t weight;
  int begins_month;
};

std::vector<Relation> Relations(const std::vector<v1::Resource>& entries, const Systems& systems) {
  constexpr size_t kRelations = 240;
  static const std::vector<std::string> purposes = {"行政审批材料核验（样例）", "信用核查（样例）", "资格审查（样例）", "执法协查（样例）", "统计分析（样例）"};
  std::vector<Relation> relations;
  for (size_t i = 0; relations.size() < kRelations && i < entries.size(); i += 7) {
    const v1::Resource& entry = entries[i];
    Draw draw(absl::StrCat("relation|", entry.name()));
    const v1::InformationSystem& consumer = systems[static_cast<size_t>(draw.Below(static_cast<int>(systems.size())))];
    const bool own = catalog::OrganizationOf(consumer.name()) == entry.provider();
    if (own || entry.share_type() == v1::SHARE_TYPE_NOT_SHARED) continue;
    relations.push_back({consumer.name(), entry.provider(), entry.name(), draw.From(purposes), static_cast<uint64_t>(1 + draw.Below(40)), 1 + draw.Below(9)});
  }
  return relations;
}

// More on working days, more as the year goes on; one in eighty is refused.
uint64_t WeightOn(absl::CivilDay day, const Relation& relation) {
  if (day.month() < relation.begins_month) return 0;
  const bool weekend = absl::GetWeekday(day) == absl::Weekday::saturday || absl::GetWeekday(day) == absl::Weekday::sunday;
  return relation.weight * static_cast<uint64_t>(day.month() + 4) * (weekend ? 1 : 6);
}

}  // namespace

// Departments and districts, as the plan has it; a report of the month before is due on its last day.
void PlanReports(const Organizations& bodies, SamplePlan& plan) {
  for (const v1::Organization& body : bodies) {
    const bool owes = body.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT || body.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE ||
                      body.kind() == v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT;
    if (!owes) continue;
    for (int month = 1; month <= 12; ++month) {
      const absl::CivilDay due = absl::CivilDay(absl::CivilMonth(2018, month) + 1) - 1;
      v1::Report report;
      report.set_name(absl::StrFormat("reports/2018-%02d/%s/1", month, CodeIn(body.name())));
      Draw draw(report.name());
      if (draw.Percent(3)) continue;  // never written
      // In time means after the cut-off of its figures, on the 25th.
      const absl::CivilDay handed = draw.Percent(90) ? due - draw.Below(std::min<int>(5, due.day() - 25)) : due + 1 + draw.Below(9);
      if (handed > In2018(12, 31)) continue;
      report.set_organization(body.name());
      report.set_month(absl::StrFormat("2018-%02d", month));
      report.set_version(1);
      report.set_state(v1::REPORT_STATE_SUBMITTED);
      report.set_due_date(FormatDay(due));
      for (const v1::ReportSection section : {v1::REPORT_SECTION_CATALOGUE, v1::REPORT_SECTION_INTEGRATION, v1::REPORT_SECTION_SHARING}) {
        v1::ReportNarrative& narrative = *report.add_narratives();
        narrative.set_section(section);
        narrative.set_text(absl::StrCat(Absl(kSampleMark), "本月工作按计划推进。"));
      }
      report.set_submit_date(FormatDay(handed));
      *report.mutable_submit_time() = Morning(handed);
      plan.Record(handed, report);
      report.set_state(v1::REPORT_STATE_ACCEPTED);
      const absl::CivilDay accepted = handed + 3;
      *report.mutable_accept_time() = Morning(accepted);
      if (accepted <= In2018(12, 31)) plan.Record(accepted, report);
    }
  }
}

absl::Status PlanTasks(std::string_view tasks_csv, SamplePlan& plan) {
  const CsvTable table = TRY(ParseCsv(tasks_csv));
  const auto cell = [&](const CsvRow& row, std::string_view heading) {
    const int column = table.Column(heading);
    return column < 0 ? std::string() : row.cells[static_cast<size_t>(column)];
  };
  for (const CsvRow& row : table.rows) {
    v1::Task task;
    task.set_name(absl::StrCat("tasks/", cell(row, "task_id")));
    task.set_section(cell(row, "section"));
    task.set_title(cell(row, "title"));
    task.set_deliverable(cell(row, "deliverable"));
    task.set_deadline(cell(row, "deadline"));
    const auto names = [](const std::string& codes, auto* out) {
      for (const absl::string_view code : absl::StrSplit(codes, ';', absl::SkipEmpty())) {
        const bool group = code == "ALL_DEPTS" || code == "ALL_DISTRICTS";
        *out->Add() = group ? std::string(code) : absl::StrCat("organizations/", code);
      }
    };
    names(cell(row, "lead_codes"), task.mutable_leads());
    names(cell(row, "support_codes"), task.mutable_supports());
    task.set_measure(cell(row, "measure"));
    double target = 0;
    if (absl::SimpleAtod(cell(row, "target"), &target)) task.set_target(target);
    task.set_unit(cell(row, "unit"));
    plan.Record(absl::CivilDay(2017, 12, 29), task);
    // What no figure tells, its lead attests: most in time.
    const auto deadline = ParseDay(task.deadline());
    if (task.measure() != "none" || !deadline.ok() || task.leads_size() != 1 || !task.leads(0).starts_with("organizations/")) continue;
    Draw draw(task.name());
    const absl::CivilDay stated = std::max(In2018(1, 15), draw.Percent(80) ? *deadline - draw.Below(20) : *deadline + 10 + draw.Below(60));
    if (stated > In2018(12, 31)) continue;
    v1::Attestation& attestation = *task.add_attestations();
    attestation.set_organization(task.leads(0));
    attestation.set_percent(100);
    attestation.set_date(FormatDay(stated));
    attestation.set_note(absl::StrCat(Absl(kSampleMark), "已完成。"));
    *attestation.mutable_attest_time() = Morning(stated);
    plan.Record(stated, task);
  }
  return absl::OkStatus();
}

void PlanExchanges(const std::vector<v1::Resource>& entries, const Systems& systems, SamplePlan& plan) {
  if (systems.empty()) return;
  const std::vector<Relation> relations = Relations(entries, systems);
  uint64_t weights = 0;
  for (absl::CivilDay day = In2018(1, 1); day <= In2018(12, 31); ++day) {
    for (const Relation& relation : relations) weights += WeightOn(day, relation);
  }
  if (weights == 0) return;
  Portions portions(kSampleExchanges, weights);
  constexpr int kCutOff = 25;  // what reports that are due before their month is over know of it
  for (int month = 1; month <= 12; ++month) {
    v1::SharingSample sample;
    sample.set_name(absl::StrFormat("sharingSamples/2018-%02d", month));
    std::map<std::string, int> places;
    const auto place = [&](const std::string& text) {
      const auto [at, fresh] = places.try_emplace(text, sample.texts_size());
      if (fresh) sample.add_texts(text);
      return at->second;
    };
    const absl::CivilDay end = absl::CivilDay(absl::CivilMonth(2018, month) + 1);
    for (absl::CivilDay day = In2018(month, 1); day < end; ++day) {
      for (const Relation& relation : relations) {
        const uint64_t count = portions.Next(WeightOn(day, relation));
        const uint64_t refused = count / 80;
        const auto add = [&](uint64_t times, const std::string& reason, uint64_t rows) {
          if (times == 0) return;
          v1::SharingSampleCell& cell = *sample.add_cells();
          cell.set_day(day.day());
          cell.set_consumer(place(relation.consumer));
          cell.set_provider(place(relation.provider));
          cell.set_resource(place(relation.resource));
          cell.set_purpose(place(relation.purpose));
          cell.set_reason(place(reason));
          cell.set_count(times);
          cell.set_rows(rows);
          cell.set_bytes(rows * 180);
        };
        add(count - refused, "", count - refused);
        add(refused, "FIELD_NOT_GRANTED", 0);
      }
      if (day.day() == kCutOff) plan.Record(day + 1, sample);
    }
    plan.Record(std::min(end, In2018(12, 31)), sample);
  }
}

}  // namespace zhanqiao::oversight
