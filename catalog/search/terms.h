// A catalogue entry as a document of the index: which terms it is found and filtered by, which values it is
// sorted and counted by. FORMAT.md has the grammar; a change here needs a new kIndexFormat.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <xapian.h>

#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::search {

// Indexes of another format are made anew.
inline constexpr std::string_view kIndexFormat = "zhanqiao-search/1";

// Prefixes of terms.
inline constexpr std::string_view kInName = "N";
inline constexpr std::string_view kInAbstract = "A";
inline constexpr std::string_view kInFields = "I";
inline constexpr std::string_view kCode = "C";
inline constexpr std::string_view kWholeName = "W";
inline constexpr std::string_view kResource = "Q";
inline constexpr std::string_view kProvider = "XP";
inline constexpr std::string_view kClass = "XK";  // 类, or 类 and 项
inline constexpr std::string_view kShareType = "XS";
inline constexpr std::string_view kOpenType = "XO";
inline constexpr std::string_view kUpdateCycle = "XU";
inline constexpr std::string_view kFormatCategory = "XF";
inline constexpr std::string_view kBaseDatabase = "XB";
inline constexpr std::string_view kState = "XT";

// Slots of values.
inline constexpr Xapian::valueno kFacetSlot = 0;  // FacetValues
inline constexpr Xapian::valueno kOrderSlot =
    1;  // among equally relevant ones: short names, then new ones first
inline constexpr Xapian::valueno kNameSlot =
    2;  // orders: values ascend, each ends with the resource's name, so that
inline constexpr Xapian::valueno kReleaseSlot = 3;  // none is equal to another
inline constexpr Xapian::valueno kUpdateSlot = 4;

// The elements that are counted, packed so that one look-up gives all of them.
struct FacetValues {
  char item[3] = {'0', '0', '0'};  // 类 and 项, digits of the code
  uint8_t share_type = 0;          // numbers of the enums
  uint8_t open_type = 0;
  uint8_t update_cycle = 0;
  uint8_t format_category = 0;
  uint8_t base_database = 0;  // place in kBaseDatabases; 0: none
  uint8_t state = 0;
  std::string_view provider;  // code of the organisation
};
std::string Pack(const FacetValues& values);
FacetValues Unpack(std::string_view packed);  // views into `packed`

// "", then the five of the plan (青政办发〔2017〕40号).
inline constexpr std::string_view kBaseDatabases[] = {"",         "自然人",   "法人",
                                                      "公共信用", "空间地理", "行政执法"};

std::string Term(std::string_view prefix, std::string_view text);
std::string Term(std::string_view prefix, int number);
// The one of a document's name.
std::string NameTerm(std::string_view resource);
// The one every entry with this 信息资源名称 has, blanks and punctuation aside.
std::string WholeNameTerm(std::string_view display_name);

// `resource` under its name.
Xapian::Document DocumentOf(const v1::Resource& resource);

}  // namespace zhanqiao::search
