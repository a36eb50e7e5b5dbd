// Synthetic residents for demonstrations and tests: nobody real, and plainly marked so.
//
// Every given name begins with 测试, every address with 合成数据, every permit number with CS. Identity numbers carry
// the division code 370299, which belongs to no district of Qingdao, with a valid GB 11643 check character; mobile
// numbers begin with 1540, a range not known to be given to subscribers. The same count and seed give the same bytes.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace zhanqiao::catalog {

// Columns of the table, which are the fields of 居住证登记信息 in the demonstration catalogue.
inline constexpr std::string_view kResidentColumns =
    "id_number,name,sex,birth_date,mobile,residence_address,district,permit_number,valid_until";

// `count` residents as CSV with a heading, identity numbers all different. Asserts 0 <= count <= 1,000,000.
std::string SyntheticResidentsCsv(int count, uint64_t seed);

}  // namespace zhanqiao::catalog
