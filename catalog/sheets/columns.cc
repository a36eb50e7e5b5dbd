#include "catalog/sheets/columns.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"

namespace zhanqiao::sheets {

int SheetTable::Find(std::string_view element) const {
  for (size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].element == element) return static_cast<int>(i);
  }
  return -1;
}

const SheetTable& TableOf(v1::SheetKind kind) {
  static const SheetTable resources = ResourceTable();
  static const SheetTable organizations = OrganizationTable();
  static const SheetTable systems = SystemTable();
  if (kind == v1::SHEET_KIND_ORGANIZATIONS) return organizations;
  return kind == v1::SHEET_KIND_INFORMATION_SYSTEMS ? systems : resources;
}

std::string WordList(const Words& words) {
  std::string list;
  for (const Word& word : words) absl::StrAppend(&list, list.empty() ? "" : "、", Absl(word.text));
  return list;
}

}  // namespace zhanqiao::sheets
