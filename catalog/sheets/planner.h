// What the planners of all kinds share: rows to records, cells to elements, violations to cells. Internal to the room.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "catalog/sheets/name_book.h"
#include "catalog/sheets/plan.h"
#include "catalog/sheets/values.h"

namespace zhanqiao::sheets {

class Planner {
 public:
  struct Scene {
    const Sheet& sheet;
    const Layout& layout;
    const SheetTable& table;
    const catalog::Catalog& catalog;
    const Caller& caller;
    absl::CivilDay today;
    const Notices& notices;
  };
  explicit Planner(const Scene& scene) : scene_(scene), names_(scene.catalog) {}
  virtual ~Planner() = default;

  absl::StatusOr<SheetPlan> Run(OnPlanned on_planned);

 protected:
  // The rows of one document.
  struct Record {
    std::vector<const Row*> rows;
    std::string name;  // of the document; empty when it cannot be told
    const Row& first() const { return *rows.front(); }
  };
  // What became of one record.
  enum class Fate { kCreated, kUpdated, kUnchanged };

  // Tells the document's name; problems with it are left to Take. May add names to the book.
  virtual std::string Identify(const Record& record) = 0;
  // Makes the document of a record, reports what is wrong with it, and gives the change it asks for.
  virtual void Take(const Record& record) = 0;

  const Scene& scene() const { return scene_; }
  NameBook& names() { return names_; }

  // The cell that holds `element` in `row`, blank if there is no such column.
  const Cell& CellOf(const Row& row, std::string_view element) const;
  std::string TextIn(const Row& row, std::string_view element) const { return TextOf(CellOf(row, element), scene_.sheet.csv); }
  bool Has(std::string_view element) const;

  // Sets every element of the document's own columns from its first row, but those of the forms in `whole`.
  void SetElements(const Record& record, std::string_view organization, google::protobuf::Message& document);
  // The same for the item columns of one row.
  void SetItem(const Row& row, std::string_view organization, google::protobuf::Message& item);
  bool HasItem(const Row& row) const;

  // Reports a problem at the cell of `element` (at the row when there is no such column), once for each cell.
  void Report(const Row& row, std::string_view element, Sentence sentence);
  // Reports violations of the model. `item_rows` are the rows of the repeated message, `aliases` turns a violation's
  // path into the element of a column where the two differ.
  void Report(const Record& record, const std::vector<Violation>& violations, const std::vector<const Row*>& item_rows);
  virtual std::string_view ElementOf(std::string_view path) const { return path; }

  // Whether the caller may bring documents of `organization`; reports it at `element` if not.
  bool MayBring(const Record& record, std::string_view organization, std::string_view element);

  void Count(Fate fate, std::optional<documents::Change> change);
  // Adds changes that go with one already counted.
  void Add(std::vector<documents::Change> changes);
  bool clean() const { return plan_.problem_count == 0; }

 private:
  void Group();
  bool BelongsTo(const Row& row, const Record& record) const;
  void CheckRepeated(const Row& row, const Record& record);
  bool DocumentCellsBlank(const Row& row) const;
  void Put(int row, int column, Sentence sentence);
  void CheckFirstOfItsName(const Record& record);

  const Scene scene_;
  NameBook names_;
  SheetPlan plan_;
  std::vector<Record> records_;
  std::map<std::string, int> first_rows_;                       // row of a document's name in the file
  std::map<std::pair<int, int>, size_t> reported_;              // cells with a problem
};

// One for each kind.
std::unique_ptr<Planner> MakeResourcePlanner(const Planner::Scene& scene);
std::unique_ptr<Planner> MakeOrganizationPlanner(const Planner::Scene& scene);
std::unique_ptr<Planner> MakeSystemPlanner(const Planner::Scene& scene);

// Whether the form is set by SetElement.
bool IsPlain(Form form);

}  // namespace zhanqiao::sheets
