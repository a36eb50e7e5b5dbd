// Lets outside programs look at this room: `read FILE [SHEET]` prints cells as lines of tab-separated text, `template
// KIND FILE` and `export FILE` write workbooks. For tests.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/sheets/export.h"
#include "catalog/sheets/marked.h"
#include "catalog/sheets/read_sheet.h"
#include "catalog/sheets/test_catalog.h"
#include "catalog/sheets/values.h"

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

int Main(const std::vector<std::string>& arguments) {
  if (arguments.size() >= 2 && arguments[0] == "read") return Read(arguments[1], arguments.size() > 2 ? arguments[2] : "");
  if (arguments.size() == 2 && arguments[0] == "export") return WriteExport(arguments[1]);
  if (arguments.size() == 3 && arguments[0] == "mark") return WriteMarked(arguments[1], arguments[2]);
  if (arguments.size() == 3 && arguments[0] == "template") {
    v1::SheetKind kind = v1::SHEET_KIND_RESOURCES;
    if (!v1::SheetKind_Parse(arguments[1], &kind)) return 2;
    return Save(Template(TableOf(kind), v1::SHEET_FORMAT_XLSX, v1::SHEET_ENCODING_UNSPECIFIED), arguments[2]);
  }
  return 2;
}

}  // namespace
}  // namespace zhanqiao::sheets

int main(int argc, char** argv) { return zhanqiao::sheets::Main({argv + 1, argv + argc}); }
