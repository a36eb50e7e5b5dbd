#include "catalog/sheets/planner.h"

#include <algorithm>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"

namespace zhanqiao::sheets {
namespace {

const Cell kNoCell{};

// "fields[2].length": the item's place and "fields[].length"; other paths lose the place at their end.
struct ParsedPath {
  std::string element;
  int item = -1;
};

ParsedPath ParsePath(std::string_view path) {
  const size_t open = path.find('[');
  if (open == std::string_view::npos) return {std::string(path), -1};
  const size_t close = path.find(']', open);
  ParsedPath parsed;
  if (close == std::string_view::npos || close + 1 == path.size()) {
    parsed.element = std::string(path.substr(0, open));
    return parsed;
  }
  if (!absl::SimpleAtoi(Absl(path.substr(open + 1, close - open - 1)), &parsed.item)) parsed.item = -1;
  parsed.element = absl::StrCat(Absl(path.substr(0, open)), "[]", Absl(path.substr(close + 1)));
  return parsed;
}

}  // namespace

bool IsPlain(Form form) {
  return form != Form::kName && form != Form::kOwner && form != Form::kCodePart && form != Form::kOpenFlag;
}

const Cell& Planner::CellOf(const Row& row, std::string_view element) const {
  const int column = scene_.table.Find(element);
  if (column < 0) return kNoCell;
  const int place = scene_.layout.column_of[static_cast<size_t>(column)];
  return place < 0 ? kNoCell : row.at(place);
}

bool Planner::Has(std::string_view element) const {
  const int column = scene_.table.Find(element);
  return column >= 0 && scene_.layout.column_of[static_cast<size_t>(column)] >= 0;
}

void Planner::Put(int row, int column, Sentence sentence) {
  if (!reported_.try_emplace({row, column}, plan_.problems.size()).second) return;
  ++plan_.problem_count;
  if (plan_.problems.size() < kProblemsKept) plan_.problems.push_back({row, column, std::move(sentence)});
}

void Planner::Report(const Row& row, std::string_view element, Sentence sentence) {
  const int column = scene_.table.Find(element);
  const int place = column < 0 ? -1 : scene_.layout.column_of[static_cast<size_t>(column)];
  if (place < 0 && column >= 0) {
    // No cell to point at: the sentence says what it is about.
    const std::string heading(scene_.table.columns[static_cast<size_t>(column)].heading);
    sentence.english = absl::StrCat(heading, ": ", sentence.english);
    sentence.chinese = absl::StrCat(heading, "：", sentence.chinese);
  }
  Put(row.number, place, std::move(sentence));
}

void Planner::Report(const Record& record, const std::vector<Violation>& violations,
                     const std::vector<const Row*>& item_rows) {
  for (const Violation& violation : violations) {
    const ParsedPath path = ParsePath(violation.field);
    const std::string_view element = ElementOf(path.element);
    const int column = scene_.table.Find(element);
    const bool in_item = path.item >= 0 && static_cast<size_t>(path.item) < item_rows.size();
    const Row& row = in_item ? *item_rows[static_cast<size_t>(path.item)] : record.first();
    Report(row, element, SentenceOf(violation, column < 0 ? nullptr : &scene_.table.columns[static_cast<size_t>(column)]));
  }
}

void Planner::SetElements(const Record& record, std::string_view organization, google::protobuf::Message& document) {
  const ParseContext context{names_, organization, scene_.sheet.csv};
  for (size_t i = 0; i < scene_.table.columns.size(); ++i) {
    const Column& column = scene_.table.columns[i];
    const int place = scene_.layout.column_of[i];
    if (place < 0 || column.item() || !IsPlain(column.form)) continue;
    auto wrong = SetElement(column, record.first().at(place), context, document);
    if (wrong) Put(record.first().number, place, *std::move(wrong));
  }
}

void Planner::SetItem(const Row& row, std::string_view organization, google::protobuf::Message& item) {
  const ParseContext context{names_, organization, scene_.sheet.csv};
  for (size_t i = 0; i < scene_.table.columns.size(); ++i) {
    const Column& column = scene_.table.columns[i];
    const int place = scene_.layout.column_of[i];
    if (place < 0 || !column.item()) continue;
    auto wrong = SetElement(column, row.at(place), context, item);
    if (wrong) Put(row.number, place, *std::move(wrong));
  }
}

bool Planner::HasItem(const Row& row) const {
  for (size_t i = 0; i < scene_.table.columns.size(); ++i) {
    const int place = scene_.layout.column_of[i];
    if (place >= 0 && scene_.table.columns[i].item() && !row.at(place).blank()) return true;
  }
  return false;
}

bool Planner::MayBring(const Record& record, std::string_view organization, std::string_view element) {
  const Caller& caller = scene_.caller;
  if (caller.HasRole("office")) return true;
  const bool writes = caller.HasRole("org_clerk") || caller.HasRole("org_approver");
  if (writes && !organization.empty() && caller.organization == organization) return true;
  if (!organization.empty()) Report(record.first(), element, SentenceOf("NOT_YOUR_BODY"));
  return false;
}

void Planner::Count(Fate fate, std::optional<documents::Change> change) {
  ++(fate == Fate::kCreated ? plan_.created : fate == Fate::kUpdated ? plan_.updated : plan_.unchanged);
  if (change && clean()) plan_.changes.push_back(*std::move(change));
}

void Planner::Add(std::vector<documents::Change> changes) {
  if (!clean()) return;
  for (documents::Change& change : changes) plan_.changes.push_back(std::move(change));
}

bool Planner::DocumentCellsBlank(const Row& row) const {
  for (size_t i = 0; i < scene_.table.columns.size(); ++i) {
    const int place = scene_.layout.column_of[i];
    if (place >= 0 && !scene_.table.columns[i].item() && !TextOf(row.at(place), scene_.sheet.csv).empty()) return false;
  }
  return true;
}

// A row goes on with a document while its code and name are blank or those of the document's first row.
bool Planner::BelongsTo(const Row& row, const Record& record) const {
  if (DocumentCellsBlank(row)) return true;
  for (const std::string_view key : {"resource_code", "display_name"}) {
    const Cell& cell = CellOf(row, key);
    if (!cell.blank() && !(cell == CellOf(record.first(), key))) return false;
  }
  return true;
}

void Planner::CheckRepeated(const Row& row, const Record& record) {
  for (size_t i = 0; i < scene_.table.columns.size(); ++i) {
    const int place = scene_.layout.column_of[i];
    if (place < 0 || scene_.table.columns[i].item() || row.at(place).blank()) continue;
    if (row.at(place) == record.first().at(place)) continue;
    Put(row.number, place, SentenceOf("ENTRY_CELL_DIFFERS", absl::StrCat(record.first().number)));
  }
}

void Planner::Group() {
  const bool items = !scene_.table.item_path.empty();
  for (size_t at = scene_.layout.first_data; at < scene_.sheet.rows.size(); ++at) {
    const Row& row = scene_.sheet.rows[at];
    bool blank = true;
    for (const int place : scene_.layout.column_of) blank = blank && (place < 0 || TextOf(row.at(place), scene_.sheet.csv).empty());
    if (blank) continue;
    ++plan_.rows;
    if (items && !records_.empty() && BelongsTo(row, records_.back())) {
      CheckRepeated(row, records_.back());
      records_.back().rows.push_back(&row);
    } else {
      if (items && DocumentCellsBlank(row)) Put(row.number, -1, SentenceOf("ITEM_BEFORE_ENTRY"));
      records_.push_back({{&row}, {}});
    }
  }
}

void Planner::CheckFirstOfItsName(const Record& record) {
  if (record.name.empty()) return;
  const auto [first, fresh] = first_rows_.try_emplace(record.name, record.first().number);
  if (fresh) return;
  const std::string_view key = scene_.table.Find("resource_code") >= 0 ? "resource_code" : "name";
  Report(record.first(), Has(key) ? key : "display_name", SentenceOf("REPEATED_IN_FILE", absl::StrCat(first->second)));
}

absl::StatusOr<SheetPlan> Planner::Run(OnPlanned on_planned) {
  plan_.problems = scene_.layout.problems;
  plan_.problem_count = static_cast<int>(plan_.problems.size());
  for (const Problem& problem : plan_.problems) reported_.try_emplace({problem.row, problem.column}, 0);
  Group();
  plan_.documents = static_cast<int>(records_.size());
  for (Record& record : records_) record.name = Identify(record);
  int64_t rows = 0;
  for (const Record& record : records_) {
    CheckFirstOfItsName(record);
    Take(record);
    rows += static_cast<int64_t>(record.rows.size());
    absl::Status going = on_planned(rows);
    if (!going.ok()) return going;
  }
  std::stable_sort(plan_.problems.begin(), plan_.problems.end(), [](const Problem& a, const Problem& b) {
    return std::pair(a.row, a.column) < std::pair(b.row, b.column);
  });
  if (!clean()) plan_.changes.clear();
  return std::move(plan_);
}

absl::StatusOr<SheetPlan> PlanSheet(const Sheet& sheet, const Layout& layout, const SheetTable& table,
                                    const catalog::Catalog& catalog, const Caller& caller, absl::CivilDay today,
                                    const Notices& notices, OnPlanned on_planned) {
  const Planner::Scene scene{sheet, layout, table, catalog, caller, today, notices};
  const std::unique_ptr<Planner> planner = table.kind == v1::SHEET_KIND_ORGANIZATIONS ? MakeOrganizationPlanner(scene)
                                           : table.kind == v1::SHEET_KIND_INFORMATION_SYSTEMS
                                               ? MakeSystemPlanner(scene)
                                               : MakeResourcePlanner(scene);
  return planner->Run(on_planned);
}

}  // namespace zhanqiao::sheets
