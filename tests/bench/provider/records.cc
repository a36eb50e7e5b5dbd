#include "tests/bench/provider/records.h"

#include "absl/strings/str_cat.h"

namespace zhanqiao::bench {
namespace {
constexpr int kItems = 7;
constexpr int kRecords = 1000;
constexpr size_t kKeyBytes = 900;
constexpr size_t kItemBytes = 18;
}  // namespace

v1::Resource Entry(const std::string& name) {
  v1::Resource entry;
  entry.set_name(name);
  for (int i = 0; i <= kItems; ++i) {
    v1::Field& field = *entry.add_fields();
    field.set_field(i == 0 ? "record_key" : absl::StrCat("item_", i));
    field.set_data_type(v1::DATA_TYPE_CHARACTER);
    field.set_length(i == 0 ? 1000 : 200);
    field.set_key(i == 0);
  }
  return entry;
}

std::vector<v1::Row> Records() {
  std::vector<v1::Row> records(kRecords);
  for (size_t i = 0; i < records.size(); ++i) {
    std::string key = i == 0 ? "" : absl::StrCat("record-", i, "-");
    key.resize(kKeyBytes, 'k');
    records[i].add_values()->set_text(key);
    for (int item = 1; item <= kItems; ++item) {
      std::string text = absl::StrCat("item ", item, " of ", i, " ");
      text.resize(kItemBytes, '.');
      records[i].add_values()->set_text(text);
    }
  }
  return records;
}

}  // namespace zhanqiao::bench
