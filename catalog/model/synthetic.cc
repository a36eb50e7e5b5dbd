#include "catalog/model/synthetic.h"

#include <cassert>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/ids.h"
#include "catalog/base/text.h"

namespace zhanqiao::catalog {
namespace {

constexpr const char* kSurnames[] = {"王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周",   "吴",
                                     "徐", "孙", "马", "朱", "胡", "郭", "何", "高", "欧阳", "司马"};
constexpr const char* kGiven[] = {"伟", "芳", "娜", "敏", "静", "强", "磊", "洋", "艳", "勇", "军", "杰", "娟", "涛"};
constexpr const char* kDistricts[] = {"市南区", "市北区", "黄岛区", "崂山区", "李沧区",
                                      "城阳区", "即墨区", "胶州市", "平度市", "莱西市"};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  std::string Row() {
    const absl::CivilDay born = absl::CivilDay(1950, 1, 1) + static_cast<int>(Below(51 * 365));
    const std::string id = IdNumber(born);
    const bool male = (id[16] - '0') % 2 == 1;
    const std::string name = absl::StrCat(Pick(kSurnames), "测试", Pick(kGiven));
    const std::string district = Pick(kDistricts);
    const std::string address = absl::StrCat("合成数据", district, "示例路", 1 + Below(300), "号");
    const absl::CivilDay until = absl::CivilDay(2018, 1, 1) + static_cast<int>(Below(730));
    return absl::StrCat(id, ",", name, ",", male ? "男" : "女", ",", FormatDay(born), ",",
                        absl::StrFormat("1540%07d", Below(10'000'000)), ",", address, ",", district, ",",
                        absl::StrFormat("CS370200%08d", ++permits_), ",", FormatDay(until), "\n");
  }

 private:
  uint64_t Below(uint64_t bound) {
    uint64_t word = 0;
    random_.Fill(&word, sizeof word);
    return word % bound;
  }

  template <size_t kSize>
  const char* Pick(const char* const (&words)[kSize]) {
    return words[Below(kSize)];
  }

  std::string IdNumber(absl::CivilDay born) {
    for (;;) {
      std::string id = absl::StrFormat("370299%04d%02d%02d%03d", born.year(), born.month(), born.day(), Below(1000));
      id += IdNumberCheck(id);
      if (given_.insert(id).second) return id;
    }
  }

  SeededRandom random_;
  absl::flat_hash_set<std::string> given_;
  int permits_ = 0;
};

}  // namespace

std::string SyntheticResidentsCsv(int count, uint64_t seed) {
  assert(count >= 0 && count <= 1'000'000);
  Generator generator(seed);
  std::string csv = absl::StrCat(Absl(kResidentColumns), "\n");
  for (int i = 0; i < count; ++i) csv += generator.Row();
  return csv;
}

}  // namespace zhanqiao::catalog
