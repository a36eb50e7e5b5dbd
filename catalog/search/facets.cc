#include "catalog/search/facets.h"

#include <algorithm>
#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace zhanqiao::search {
namespace {

// Words of the guide and the rules.
const std::map<std::string, std::string, std::less<>>& Words() {
  static const auto* const words = new std::map<std::string, std::string, std::less<>>{
      {"SHARE_TYPE_UNCONDITIONAL", "无条件共享"},
      {"SHARE_TYPE_CONDITIONAL", "有条件共享"},
      {"SHARE_TYPE_NOT_SHARED", "不予共享"},
      {"OPEN_TYPE_UNCONDITIONAL", "无条件开放"},
      {"OPEN_TYPE_CONDITIONAL", "有条件开放"},
      {"OPEN_TYPE_NOT_OPEN", "不予开放"},
      {"UPDATE_CYCLE_REALTIME", "实时"},
      {"UPDATE_CYCLE_DAILY", "每日"},
      {"UPDATE_CYCLE_WEEKLY", "每周"},
      {"UPDATE_CYCLE_MONTHLY", "每月"},
      {"UPDATE_CYCLE_QUARTERLY", "每季度"},
      {"UPDATE_CYCLE_SEMIANNUAL", "每半年"},
      {"UPDATE_CYCLE_ANNUAL", "每年"},
      {"UPDATE_CYCLE_IRREGULAR", "不定期"},
      {"UPDATE_CYCLE_NEVER", "不更新"},
      {"FORMAT_CATEGORY_DOCUMENT", "电子文件"},
      {"FORMAT_CATEGORY_SPREADSHEET", "电子表格"},
      {"FORMAT_CATEGORY_DATABASE", "数据库"},
      {"FORMAT_CATEGORY_IMAGE", "图形图像"},
      {"FORMAT_CATEGORY_STREAM", "流媒体"},
      {"FORMAT_CATEGORY_SELF_DESCRIBED", "自描述格式"},
      {"RESOURCE_STATE_DRAFT", "草稿"},
      {"RESOURCE_STATE_SUBMITTED", "待审核"},
      {"RESOURCE_STATE_PUBLISHED", "已发布"},
      {"RESOURCE_STATE_WITHDRAWN", "已撤回"},
  };
  return *words;
}

std::string_view ClassName(char digit) {
  return digit == '1' ? "基础信息资源" : digit == '2' ? "主题信息资源" : digit == '3' ? "部门信息资源" : "";
}

void Add(std::string value, std::string display_name, int64_t hits, v1::Facet& facet) {
  if (hits == 0) return;
  v1::FacetCount& count = *facet.add_counts();
  count.set_value(std::move(value));
  count.set_display_name(std::move(display_name));
  count.set_hits(hits);
}

v1::Facet Sorted(v1::Facet facet) {
  std::sort(facet.mutable_counts()->begin(), facet.mutable_counts()->end(), [](const auto& a, const auto& b) {
    return a.hits() != b.hits() ? a.hits() > b.hits() : a.value() < b.value();
  });
  return facet;
}

template <typename Numbers>
v1::Facet OfEnum(std::string element, const google::protobuf::EnumDescriptor* type, const Numbers& numbers) {
  v1::Facet facet;
  facet.set_element(std::move(element));
  for (int i = 1; i < type->value_count(); ++i) {
    const int number = type->value(i)->number();
    Add(type->value(i)->name(), ChineseOf(type, number), numbers[static_cast<size_t>(number)], facet);
  }
  return Sorted(std::move(facet));
}

}  // namespace

std::string ChineseOf(const google::protobuf::EnumDescriptor* type, int number) {
  const auto* value = type->FindValueByNumber(number);
  if (value == nullptr) return absl::StrCat(number);
  const auto found = Words().find(value->name());
  return found == Words().end() ? value->name() : found->second;
}

void FacetCounts::operator()(const Xapian::Document& document, double) {
  const std::string packed = document.get_value(kFacetSlot);
  const FacetValues values = Unpack(packed);
  ++providers_[Absl(values.provider)];
  const auto digit = [&](int at) { return static_cast<size_t>(std::clamp(values.item[at] - '0', 0, 9)); };
  ++items_[digit(0) * 100 + digit(1) * 10 + digit(2)];
  ++share_types_[values.share_type];
  ++open_types_[values.open_type];
  ++update_cycles_[values.update_cycle];
  ++format_categories_[values.format_category];
  ++base_databases_[values.base_database];
  ++states_[values.state];
}

std::vector<v1::Facet> FacetCounts::Facets(const Providers& providers) const {
  std::vector<v1::Facet> facets;
  v1::Facet provider;
  provider.set_element("provider");
  for (const auto& [code, hits] : providers_)
    Add("organizations/" + code, providers.NameOf(code), hits, provider);
  facets.push_back(Sorted(std::move(provider)));

  v1::Facet classes;
  v1::Facet items;
  classes.set_element("class");
  items.set_element("item");
  for (size_t first = 0; first < 10; ++first) {
    int64_t hits = 0;
    for (size_t item = first * 100; item < first * 100 + 100; ++item) {
      hits += items_[item];
      const std::string digits = absl::StrFormat("%03d", item);
      Add(digits, digits, items_[item], items);
    }
    const char digit = static_cast<char>('0' + first);
    Add(std::string(1, digit), std::string(ClassName(digit)), hits, classes);
  }
  facets.push_back(Sorted(std::move(classes)));
  facets.push_back(Sorted(std::move(items)));
  facets.push_back(OfEnum("share_type", v1::ShareType_descriptor(), share_types_));
  facets.push_back(OfEnum("open_type", v1::OpenType_descriptor(), open_types_));
  facets.push_back(OfEnum("update_cycle", v1::UpdateCycle_descriptor(), update_cycles_));
  facets.push_back(OfEnum("format_category", v1::FormatCategory_descriptor(), format_categories_));
  v1::Facet bases;
  bases.set_element("base_database");
  for (size_t i = 1; i < std::size(kBaseDatabases); ++i) {
    Add(std::string(kBaseDatabases[i]), std::string(kBaseDatabases[i]), base_databases_[i], bases);
  }
  facets.push_back(Sorted(std::move(bases)));
  facets.push_back(OfEnum("state", v1::ResourceState_descriptor(), states_));
  return facets;
}

}  // namespace zhanqiao::search
