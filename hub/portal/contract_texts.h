// The comments of the contract by the full names of what they stand at, sorted; made at build time (contract_comments.cc).
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>

namespace zhanqiao::portal {

extern const std::pair<std::string_view, std::string_view> kContractTexts[];
extern const size_t kContractTextCount;

}  // namespace zhanqiao::portal
