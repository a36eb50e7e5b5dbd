#include "catalog/sheets/export.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/sheets/csv_sheet.h"
#include "catalog/sheets/encoding.h"

namespace zhanqiao::sheets {
namespace {

using google::protobuf::Message;

constexpr size_t kLargeCells = 300'000;  // beyond them a workbook is written to disk row by row

// A document with what its columns are read from.
struct Exported {
  std::shared_ptr<const Message> document;
  std::string organization;
};

std::vector<Exported> Documents(const catalog::Catalog& catalog, v1::SheetKind kind, std::string_view organization) {
  std::vector<Exported> all;
  const auto add = [&](const auto& document, std::string_view body) {
    if (organization.empty() || body == organization) all.push_back({document, std::string(body)});
  };
  if (kind == v1::SHEET_KIND_ORGANIZATIONS) {
    for (const auto& one : catalog.Organizations()) add(one, one->name());
  } else if (kind == v1::SHEET_KIND_INFORMATION_SYSTEMS) {
    for (const auto& one : catalog.Systems()) add(one, catalog::OrganizationOf(one->name()));
  } else {
    for (const auto& one : catalog.Resources()) {
      if (one->state() != v1::RESOURCE_STATE_WITHDRAWN) add(one, one->provider());
    }
  }
  return all;
}

// The values that need the whole document.
Value WholeValue(const Column& column, const Exported& exported, const NameBook& names) {
  const Message& document = *exported.document;
  if (column.form == Form::kOwner) return {.text = names.OrganizationText(exported.organization)};
  if (column.form == Form::kName) {
    const auto* field = document.GetDescriptor()->FindFieldByName("name");
    const std::string name = document.GetReflection()->GetString(document, field);
    return {.text = name.substr(name.rfind('/') + 1)};
  }
  const auto& resource = static_cast<const v1::Resource&>(document);
  if (column.form == Form::kOpenFlag) {
    if (resource.open_type() == v1::OPEN_TYPE_UNSPECIFIED) return {};
    return {.text = resource.open_type() == v1::OPEN_TYPE_NOT_OPEN ? "否" : "是"};
  }
  const std::string& code = resource.resource_code();
  const size_t slash = std::min(code.find('/'), code.size());
  if (slash < 6) return {};
  if (column.element == "class_code") return {.text = code.substr(0, 1)};
  if (column.element == "item_code") return {.text = code.substr(1, 2)};
  if (column.element == "catalog_code") return {.text = code.substr(3, 3)};
  return {.text = code.substr(6, slash - 6)};
}

bool IsWhole(Form form) {
  return form == Form::kOwner || form == Form::kName || form == Form::kOpenFlag || form == Form::kCodePart;
}

// The cells of one document, row by row.
class Lines {
 public:
  Lines(const SheetTable& table, const NameBook& names) : table_(table), names_(names) {}

  int RowsOf(const Exported& exported) const { return std::max(1, ItemCount(*exported.document)); }

  Value At(const Exported& exported, const Column& column, int row) const {
    if (column.item()) {
      if (row >= ItemCount(*exported.document)) return {};
      const auto* items = exported.document->GetDescriptor()->FindFieldByName(std::string(table_.item_path));
      const Message& item = exported.document->GetReflection()->GetRepeatedMessage(*exported.document, items, row);
      return ValueOf(column, item, names_, exported.organization);
    }
    if (row > 0) return {};
    if (IsWhole(column.form)) return WholeValue(column, exported, names_);
    return ValueOf(column, *exported.document, names_, exported.organization);
  }

 private:
  int ItemCount(const Message& document) const {
    if (table_.item_path.empty()) return 0;
    const auto* items = document.GetDescriptor()->FindFieldByName(std::string(table_.item_path));
    return document.GetReflection()->FieldSize(document, items);
  }

  const SheetTable& table_;
  const NameBook& names_;
};

std::string AsCsv(const std::vector<Exported>& documents, const SheetTable& table, const Lines& lines) {
  std::string text;
  AppendCsvHeading(table, text);
  std::vector<std::string> cells(table.columns.size());
  for (const Exported& exported : documents) {
    for (int row = 0; row < lines.RowsOf(exported); ++row) {
      for (size_t i = 0; i < table.columns.size(); ++i) cells[i] = lines.At(exported, table.columns[i], row).text;
      AppendCsvRow(cells, text);
    }
  }
  return text;
}

void WriteDocument(const Exported& exported, const SheetTable& table, const Lines& lines, XlsxWriter& writer, int first) {
  const int rows = lines.RowsOf(exported);
  for (int row = 0; row < rows; ++row) {
    for (size_t i = 0; i < table.columns.size(); ++i) {
      const Column& column = table.columns[i];
      const auto at = static_cast<int>(i);
      if (column.item() || rows == 1 || writer.large()) {
        writer.Write(first + row, at, lines.At(exported, column, row), LookOf(column));
      } else if (row == 0) {
        writer.Merge(first, at, first + rows - 1, at, lines.At(exported, column, 0), LookOf(column));
      }
    }
  }
}

absl::StatusOr<std::string> AsXlsx(const std::vector<Exported>& documents, const SheetTable& table, const Lines& lines,
                                   absl::CivilDay today) {
  size_t rows = 0;
  for (const Exported& exported : documents) rows += static_cast<size_t>(lines.RowsOf(exported));
  const std::unique_ptr<XlsxWriter> writer = TRY(XlsxWriter::Begin(rows * table.columns.size() > kLargeCells));
  writer->AddSheet(table.title);
  const std::string title = absl::StrCat(Absl(table.title), "（", today.year(), "年", today.month(), "月", today.day(), "日）");
  const int first = WriteHeading(table, *writer, title);
  int row = first;
  for (const Exported& exported : documents) {
    WriteDocument(exported, table, lines, *writer, row);
    row += lines.RowsOf(exported);
  }
  AddChoices(table, *writer, first, std::max(row + 200, first + 500));
  if (table.item_path.empty() && row > first) {
    writer->SetFilter(first - 1, row - 1, static_cast<int>(table.columns.size()) - 1);
  }
  AddInstructions(table, *writer);
  return writer->Finish();
}

}  // namespace

absl::StatusOr<std::string> Export(const catalog::Catalog& catalog, const SheetTable& table, v1::SheetFormat format,
                                   v1::SheetEncoding encoding, std::string_view organization, absl::CivilDay today) {
  const NameBook names(catalog);
  const std::vector<Exported> documents = Documents(catalog, table.kind, organization);
  const Lines lines(table, names);
  if (format == v1::SHEET_FORMAT_CSV) return FromUtf8(AsCsv(documents, table, lines), encoding);
  return AsXlsx(documents, table, lines, today);
}

}  // namespace zhanqiao::sheets
