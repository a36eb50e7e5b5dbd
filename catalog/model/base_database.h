// The five base databases of the plan 二（三） (自然人, 法人, 公共信用, 空间地理, 行政执法) beside the five base items of the
// guide (类 1), and electronic certificates (电子证照), a base item without a base database.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

struct BaseDatabase {
  std::string_view name;
  std::string_view guide_item;  // 类 and 项; empty: the guide has no item for it
};

// The plan's five in its order, then 电子证照.
inline constexpr std::array<BaseDatabase, 6> kBaseDatabases = {{{"自然人", "101"},
                                                                 {"法人", "102"},
                                                                 {"公共信用", "104"},
                                                                 {"空间地理", "103"},
                                                                 {"行政执法", ""},
                                                                 {"电子证照", "105"}}};
inline constexpr std::string_view kCertificates = "电子证照";

// True for one of the plan's five.
bool IsBaseDatabase(std::string_view name);

// The plan's base database that the 项 of `resource_code` stands for; empty for 电子证照 and for 类 2 and 3.
std::string_view BaseDatabaseOf(std::string_view resource_code);

// True if the entry counts for `name` (one of kBaseDatabases): by its tag, or by its 项 for 电子证照.
bool CountsFor(const v1::Resource& resource, std::string_view name);

// What items of one kind are told apart within: "自然人" (its base database) or "203" (its theme, 类 2 and 项); empty for
// entries of neither.
std::string_view ScopeOf(const v1::Resource& resource);

}  // namespace zhanqiao::catalog
