#include "catalog/model/sample_catalog.h"

#include <map>
#include <optional>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "catalog/base/clock.h"
#include "catalog/base/csv.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/model/names.h"

namespace zhanqiao::catalog {
namespace {

constexpr int kFirstSequence = 100'001;

// Words of the tables and what they stand for.
template <typename Enum>
using Words = std::map<std::string, Enum, std::less<>>;

const Words<v1::ShareType>& Shares() {
  static const auto* const words = new Words<v1::ShareType>{{"unconditional", v1::SHARE_TYPE_UNCONDITIONAL},
                                                            {"conditional", v1::SHARE_TYPE_CONDITIONAL},
                                                            {"not_shared", v1::SHARE_TYPE_NOT_SHARED}};
  return *words;
}
const Words<v1::OpenType>& Opens() {
  static const auto* const words = new Words<v1::OpenType>{{"yes", v1::OPEN_TYPE_UNCONDITIONAL},
                                                           {"conditional", v1::OPEN_TYPE_CONDITIONAL},
                                                           {"no", v1::OPEN_TYPE_NOT_OPEN}};
  return *words;
}
struct Cycle {
  v1::UpdateCycle cycle;
  const char* chinese;
};
const Words<Cycle>& Cycles() {
  static const auto* const words = new Words<Cycle>{{"realtime", {v1::UPDATE_CYCLE_REALTIME, "实时"}},
                                                    {"daily", {v1::UPDATE_CYCLE_DAILY, "每日"}},
                                                    {"weekly", {v1::UPDATE_CYCLE_WEEKLY, "每周"}},
                                                    {"monthly", {v1::UPDATE_CYCLE_MONTHLY, "每月"}},
                                                    {"quarterly", {v1::UPDATE_CYCLE_QUARTERLY, "每季度"}},
                                                    {"semiannual", {v1::UPDATE_CYCLE_SEMIANNUAL, "每半年"}},
                                                    {"annual", {v1::UPDATE_CYCLE_ANNUAL, "每年"}},
                                                    {"irregular", {v1::UPDATE_CYCLE_IRREGULAR, "不定期"}}};
  return *words;
}
struct Format {
  v1::FormatCategory category;
  std::vector<const char*> types;
};
const Words<Format>& Formats() {
  static const auto* const words =
      new Words<Format>{{"database", {v1::FORMAT_CATEGORY_DATABASE, {"oracle", "mysql"}}},
                        {"spreadsheet", {v1::FORMAT_CATEGORY_SPREADSHEET, {"xlsx", "csv"}}},
                        {"document", {v1::FORMAT_CATEGORY_DOCUMENT, {"pdf", "html"}}},
                        {"image", {v1::FORMAT_CATEGORY_IMAGE, {"tif", "jpg"}}},
                        {"stream", {v1::FORMAT_CATEGORY_STREAM, {"mp4"}}},
                        {"self", {v1::FORMAT_CATEGORY_SELF_DESCRIBED, {"WMS"}}}};
  return *words;
}
const Words<v1::DataType>& Types() {
  static const auto* const words = new Words<v1::DataType>{
      {"C", v1::DATA_TYPE_CHARACTER}, {"N", v1::DATA_TYPE_NUMERIC},  {"Y", v1::DATA_TYPE_CURRENCY},
      {"D", v1::DATA_TYPE_DATE},      {"T", v1::DATA_TYPE_DATETIME}, {"M", v1::DATA_TYPE_MEMO},
      {"B", v1::DATA_TYPE_DOUBLE},    {"I", v1::DATA_TYPE_INTEGER}};
  return *words;
}
const Words<v1::Sensitivity>& Sensitivities() {
  static const auto* const words = new Words<v1::Sensitivity>{{"", v1::SENSITIVITY_UNSPECIFIED},
                                                              {"personal", v1::SENSITIVITY_PERSONAL},
                                                              {"sensitive", v1::SENSITIVITY_SENSITIVE}};
  return *words;
}
const Words<v1::Mask>& Masks() {
  static const auto* const words = new Words<v1::Mask>{{"", v1::MASK_UNSPECIFIED},
                                                       {"name", v1::MASK_NAME},
                                                       {"id_number", v1::MASK_ID_NUMBER},
                                                       {"mobile", v1::MASK_MOBILE},
                                                       {"all", v1::MASK_ALL}};
  return *words;
}

// One table: cells by their headings.
class Table {
 public:
  static absl::StatusOr<Table> Read(std::string_view name, std::string_view csv) {
    return Table(name, TRY(ParseCsv(csv)));
  }
  const std::vector<CsvRow>& rows() const { return table_.rows; }
  absl::StatusOr<std::string> Text(const CsvRow& row, std::string_view heading) const {
    const int column = table_.Column(heading);
    if (column < 0) return Wrong(row, heading);
    return row.cells[static_cast<size_t>(column)];
  }
  template <typename Value>
  absl::StatusOr<Value> Word(const CsvRow& row, std::string_view heading, const Words<Value>& words) const {
    const std::string cell = TRY(Text(row, heading));
    const auto found = words.find(cell);
    if (found == words.end()) return Wrong(row, heading);
    return found->second;
  }
  absl::Status Wrong(const CsvRow& row, std::string_view heading) const {
    return Fail(absl::StatusCode::kInvalidArgument, "SAMPLE_INVALID",
                "A cell of the sample tables means nothing; correct it.",
                {{"table", name_}, {"row", absl::StrCat(row.line)}, {"column", std::string(heading)}});
  }

 private:
  Table(std::string_view name, CsvTable table) : name_(name), table_(std::move(table)) {}
  std::string name_;
  CsvTable table_;
};

using Items = std::map<std::string, v1::Field, std::less<>>;  // by display name

absl::StatusOr<Items> ReadItems(std::string_view csv) {
  const Table table = TRY(Table::Read("items", csv));
  Items items;
  for (const CsvRow& row : table.rows()) {
    v1::Field field;
    field.set_display_name(TRY(table.Text(row, "display_name")));
    field.set_field(TRY(table.Text(row, "field")));
    field.set_data_type(TRY(table.Word(row, "data_type", Types())));
    const std::string length_text = TRY(table.Text(row, "length"));
    int length = 0;
    if (!length_text.empty() && !absl::SimpleAtoi(length_text, &length)) return table.Wrong(row, "length");
    field.set_length(length);
    field.set_sensitivity(TRY(table.Word(row, "sensitivity", Sensitivities())));
    field.set_mask(TRY(table.Word(row, "mask", Masks())));
    const std::string key = TRY(table.Text(row, "key"));
    field.set_key(key == "yes");
    if (field.data_type() == v1::DATA_TYPE_MEMO) field.set_note("全文");
    items.emplace(field.display_name(), std::move(field));
  }
  return items;
}

bool Fits(const v1::Organization& organization, std::string_view bodies) {
  if (bodies == "@district") return organization.kind() == v1::ORGANIZATION_KIND_DISTRICT_GOVERNMENT;
  if (bodies == "@department") return organization.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_DEPARTMENT;
  if (bodies == "@office") return organization.kind() == v1::ORGANIZATION_KIND_MUNICIPAL_OFFICE;
  return absl::StrContains(organization.display_name(), Absl(bodies));
}

const std::string& ShortOf(const v1::Organization& organization) {
  return organization.short_name().empty() ? organization.display_name() : organization.short_name();
}

void SetSharing(v1::Resource& resource) {
  if (resource.share_type() == v1::SHARE_TYPE_NOT_SHARED) {
    resource.set_share_condition(
        "示例依据：《中华人民共和国保守国家秘密法》及行业主管部门规定（演示假设）。");
  } else if (resource.share_type() == v1::SHARE_TYPE_CONDITIONAL) {
    resource.set_share_condition(
        "作为行政依据、工作参考，用于数据校核、业务协同；限履职所需，不得向第三方提供。");
  } else {
    resource.set_share_condition("用于履行职责，注明来源。");
  }
  if (resource.share_type() != v1::SHARE_TYPE_NOT_SHARED) {
    resource.set_share_mode_category(v1::SHARE_MODE_CATEGORY_PLATFORM);
    resource.set_share_mode_type(resource.format_category() == v1::FORMAT_CATEGORY_DATABASE
                                     ? v1::SHARE_MODE_TYPE_INTERFACE
                                     : v1::SHARE_MODE_TYPE_FILE);
  }
  if (resource.open_type() == v1::OPEN_TYPE_CONDITIONAL)
    resource.set_open_condition("须实名申请并签署安全承诺书。");
}

// Numbers that follow from the entry's name: the same every time, different from entry to entry.
uint32_t Spread(std::string_view name, uint32_t salt) {
  const Digest digest = Sha256(absl::StrCat(salt, "|", Absl(name)));
  return static_cast<uint32_t>(digest[0]) << 16 | static_cast<uint32_t>(digest[1]) << 8 | digest[2];
}

void SetUpkeep(v1::Resource& resource) {
  const std::string& name = resource.display_name();
  resource.set_release_date(
      FormatDay(absl::CivilDay(2017, 12, 30) + static_cast<int>(Spread(name, 1) % 330)));
  const double records = static_cast<double>(1 + Spread(name, 2) % 5000) / 10;
  resource.mutable_census()->set_records_10k(records);
  resource.mutable_census()->set_storage_gb(static_cast<double>(1 + Spread(name, 3) % 900) / 10);
  if (resource.share_type() != v1::SHARE_TYPE_NOT_SHARED)
    resource.mutable_census()->set_shared_records_10k(records);
  if (resource.open_type() == v1::OPEN_TYPE_UNCONDITIONAL)
    resource.mutable_census()->set_open_records_10k(records);
}

// A topic as an entry, but for what depends on the body.
absl::StatusOr<v1::Resource> TopicOf(const Table& table, const CsvRow& row, const Items& items) {
  v1::Resource topic;
  topic.set_display_name(TRY(table.Text(row, "name")));
  topic.set_base_database(TRY(table.Text(row, "base")));
  topic.set_share_type(TRY(table.Word(row, "share", Shares())));
  topic.set_open_type(TRY(table.Word(row, "open", Opens())));
  const Cycle cycle = TRY(table.Word(row, "cycle", Cycles()));
  topic.set_update_cycle(cycle.cycle);
  const Format format = TRY(table.Word(row, "format", Formats()));
  topic.set_format_category(format.category);
  for (const char* type : format.types) topic.add_format_types(type);
  const std::string names = TRY(table.Text(row, "items"));
  for (const absl::string_view name : absl::StrSplit(names, ';')) {
    const auto item = items.find(Std(name));
    if (item == items.end()) return table.Wrong(row, "items");
    *topic.add_fields() = item->second;
  }
  SetSharing(topic);
  topic.set_abstract(absl::StrCat("在履行职责中形成的", topic.display_name(), "，含",
                                  topic.fields(0).display_name(),
                                  topic.fields_size() > 1 ? "、" + topic.fields(1).display_name() : "", "等",
                                  topic.fields_size(), "个信息项，", cycle.chinese, "更新。"));
  return topic;
}

v1::Resource EntryOf(const v1::Resource& topic, std::string_view item, const v1::Organization& organization,
                     int sequence, int copy) {
  v1::Resource entry = topic;
  const std::string& body = ShortOf(organization);
  entry.set_display_name(
      absl::StrCat(body, topic.display_name(), copy > 0 ? absl::StrCat("（", copy, "）") : ""));
  entry.set_abstract(
      absl::StrCat(body, topic.abstract(), "【示例】演示用样例条目，不代表该单位的真实目录。"));
  entry.set_resource_code(absl::StrCat(Absl(item), "001", organization.division_code(), "/", sequence));
  entry.set_provider(organization.name());
  entry.set_provider_unit("示例处室");
  SetUpkeep(entry);
  return entry;
}

}  // namespace

absl::StatusOr<std::vector<v1::Resource>> SampleCatalog(absl::Span<const v1::Organization> organizations,
                                                        std::string_view topics_csv,
                                                        std::string_view items_csv, int copies) {
  const Items items = TRY(ReadItems(items_csv));
  const Table table = TRY(Table::Read("topics", topics_csv));
  std::vector<v1::Resource> entries;
  int sequence = kFirstSequence;
  for (int copy = 0; copy < copies; ++copy) {
    for (const CsvRow& row : table.rows()) {
      const v1::Resource topic = TRY(TopicOf(table, row, items));
      const std::string bodies = TRY(table.Text(row, "bodies"));
      const std::string item = TRY(table.Text(row, "item"));
      for (const v1::Organization& organization : organizations) {
        if (Fits(organization, bodies))
          entries.push_back(EntryOf(topic, item, organization, sequence++, copy));
      }
    }
  }
  return entries;
}

}  // namespace zhanqiao::catalog
