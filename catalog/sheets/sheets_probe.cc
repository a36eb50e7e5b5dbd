// Lets outside programs look at this room: `read FILE [SHEET]` prints cells as lines of tab-separated text, `template
// KIND FILE` and `export FILE` write workbooks, `synthetic KIND DOCUMENTS ITEMS FILE` one as large as one likes, `mark FILE
// OUT` marks what is wrong, `import KIND FILE DIRECTORY` imports into a store of its own. For tests and measurements.
#include <sys/resource.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/sheets/export.h"
#include "catalog/sheets/import_sheet.h"
#include "catalog/sheets/marked.h"
#include "catalog/sheets/read_sheet.h"
#include "catalog/sheets/test_catalog.h"
#include "catalog/sheets/values.h"
#include "catalog/storage/rocks_store.h"

namespace zhanqiao::sheets {
namespace {

std::string Load(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

int Save(const absl::StatusOr<std::string>& content, const std::string& path) {
  if (!content.ok()) return 1;
  std::ofstream(path, std::ios::binary) << *content;
  return 0;
}

int Read(const std::string& path, const std::string& name) {
  const auto sheet = ReadSheet(Load(path), {.sheet = name}, [](int64_t) { return absl::OkStatus(); });
  if (!sheet.ok()) {
    std::printf("refused\t%s\n", ReasonOf(sheet.status()).c_str());
    return 0;
  }
  for (const Row& row : sheet->rows) {
    std::printf("%d", row.number);
    for (const Cell& cell : row.cells) std::printf("\t%s", TextOf(cell, sheet->csv).c_str());
    std::printf("\n");
  }
  return 0;
}

// An export of a small catalogue, texts that look like formulas among it.
int WriteExport(const std::string& path) {
  catalog::Catalog catalog;
  FillCity(catalog);
  v1::Resource resource;
  resource.set_name("resources/308001370200~000001");
  resource.set_resource_code("308001370200/000001");
  resource.set_display_name("=HYPERLINK(\"http://x\")");
  resource.set_provider(kFgw);
  resource.set_abstract("+1\n第二行");
  resource.set_release_date("2018-03-01");
  resource.mutable_census()->set_storage_gb(12.5);
  for (int i = 0; i < 3; ++i) {
    v1::Field& field = *resource.add_fields();
    field.set_field(absl::StrCat("f", i));
    field.set_display_name(absl::StrCat("信息项", i));
    field.set_length(10 + i);
  }
  Know(catalog, resource);
  return Save(Export(catalog, TableOf(v1::SHEET_KIND_RESOURCES), v1::SHEET_FORMAT_XLSX, v1::SHEET_ENCODING_UNSPECIFIED, "", kToday), path);
}

// A sheet of `documents` entries with `items` 信息项 each, or of systems, as large as one wants to measure.
int WriteSynthetic(v1::SheetKind kind, int documents, int items, const std::string& path) {
  catalog::Catalog catalog;
  FillCity(catalog);
  for (int i = 0; i < documents; ++i) {
    if (kind == v1::SHEET_KIND_INFORMATION_SYSTEMS) {
      v1::InformationSystem system = System(absl::StrCat(kFgw, "/systems/s", i), absl::StrCat("业务系统第", i, "号"));
      system.set_function("受理、审核、办结和归档本单位的业务事项，并向共享平台提供办理结果。");
      system.mutable_inventory()->set_usage_scope(v1::USAGE_SCOPE_BODY);
      system.mutable_inventory()->set_approval_date("2016-05-06");
      system.mutable_inventory()->set_network(v1::SYSTEM_NETWORK_EXTRANET);
      Know(catalog, system);
      continue;
    }
    v1::Resource resource;
    resource.set_resource_code(absl::StrCat("308001370200/", 100000 + i));
    resource.set_name(absl::StrCat("resources/308001370200~", 100000 + i));
    resource.set_display_name(absl::StrCat("登记信息第", i, "号"));
    resource.set_provider(kFgw);
    resource.set_abstract("登记对象的名称、类别、日期、状态和办理机关，按月更新，供各部门核对和业务协同使用。");
    resource.set_format_category(v1::FORMAT_CATEGORY_DATABASE);
    resource.add_format_types("oracle");
    for (int item = 0; item < items; ++item) {
      v1::Field& field = *resource.add_fields();
      field.set_field(absl::StrCat("field_", item));
      field.set_display_name(absl::StrCat("登记事项", item));
      field.set_data_type(v1::DATA_TYPE_CHARACTER);
      field.set_length(50);
    }
    resource.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
    resource.set_share_condition("作为行政依据、工作参考，用于数据校核、业务协同等。");
    resource.set_share_mode_category(v1::SHARE_MODE_CATEGORY_PLATFORM);
    resource.set_share_mode_type(v1::SHARE_MODE_TYPE_INTERFACE);
    resource.set_open_type(v1::OPEN_TYPE_NOT_OPEN);
    resource.set_update_cycle(v1::UPDATE_CYCLE_MONTHLY);
    Know(catalog, resource);
  }
  return Save(Export(catalog, TableOf(kind), v1::SHEET_FORMAT_XLSX, v1::SHEET_ENCODING_UNSPECIFIED, kFgw, kToday), path);
}

int WriteMarked(const std::string& path, const std::string& out) {
  catalog::Catalog catalog;
  FillCity(catalog);
  const auto sheet = ReadSheet(Load(path), {}, [](int64_t) { return absl::OkStatus(); });
  if (!sheet.ok()) return 1;
  const SheetTable& table = TableOf(v1::SHEET_KIND_RESOURCES);
  const auto layout = FindHeading(*sheet, table);
  if (!layout.ok()) return 1;
  const Planned planned = PlanOf(*sheet, table.kind, catalog, Office());
  return Save(Marked(*sheet, *layout, table, planned.plan), out);
}

// Says nothing of its progress.
struct Silent final : operations::Progress {
  void Stage(std::string_view, int, int64_t) override {}
  void Items(int64_t) override {}
  absl::Status Check() override { return absl::OkStatus(); }
};

// Imports a file into a store in `directory` as a hub would, and tells what came of it, the seconds and the peak memory.
int Import(v1::SheetKind kind, const std::string& path, const std::string& directory) {
  auto store = storage::RocksStore::Open(directory);
  if (!store.ok()) return 1;
  const SystemClock clock;
  SystemRandom random;
  documents::LowerHub hub(**store, clock, random);
  catalog::Catalog catalog;
  if (!catalog.Follow(hub.documents).ok()) return 1;
  FillCity(catalog);
  ImportJob job{.caller = Office(), .settings = {}, .file = Load(path), .held = nullptr};
  job.settings.set_kind(kind);
  Silent progress;
  const absl::Time begun = clock.Now();
  const auto outcome = ImportFile(std::move(job), hub.documents, catalog, clock, nullptr, progress);
  const double seconds = absl::ToDoubleSeconds(clock.Now() - begun);
  if (!outcome.ok()) return 1;
  struct rusage usage {};
  getrusage(RUSAGE_SELF, &usage);
  const auto& response = static_cast<const v1::ImportSheetResponse&>(*outcome->response);
  std::printf("rows %d created %d unchanged %d problems %d seconds %.1f peak_mb %ld\n", response.rows(), response.created(),
              response.unchanged(), response.problem_count(), seconds, usage.ru_maxrss / 1024);
  return 0;
}

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() >= 2 && arguments[0] == "read") return Read(arguments[1], arguments.size() > 2 ? arguments[2] : "");
  if (arguments.size() == 2 && arguments[0] == "export") return WriteExport(arguments[1]);
  if (arguments.size() == 3 && arguments[0] == "mark") return WriteMarked(arguments[1], arguments[2]);
  v1::SheetKind kind = v1::SHEET_KIND_RESOURCES;
  if (arguments.size() > 1 && arguments[0] != "read") v1::SheetKind_Parse(arguments[1], &kind);
  if (arguments.size() == 5 && arguments[0] == "synthetic") {
    return WriteSynthetic(kind, std::atoi(arguments[2].c_str()), std::atoi(arguments[3].c_str()), arguments[4]);
  }
  if (arguments.size() == 4 && arguments[0] == "import") return Import(kind, arguments[2], arguments[3]);
  if (arguments.size() == 3 && arguments[0] == "template") {
    return Save(Template(TableOf(kind), v1::SHEET_FORMAT_XLSX, v1::SHEET_ENCODING_UNSPECIFIED), arguments[2]);
  }
  return 2;
}

}  // namespace
}  // namespace zhanqiao::sheets

int main(int argc, char** argv) { return zhanqiao::sheets::Main({argv + 1, argv + argc}); }
