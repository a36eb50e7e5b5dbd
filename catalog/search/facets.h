// Counts of every facet over all matches, made while they are matched.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <xapian.h>

#include "absl/container/flat_hash_map.h"
#include "catalog/search/providers.h"
#include "catalog/search/terms.h"
#include "zhanqiao/v1/search.pb.h"

namespace zhanqiao::search {

// Looks at one packed value for each match. Not thread-safe.
class FacetCounts final : public Xapian::MatchSpy {
 public:
  void operator()(const Xapian::Document& document, double weight) override;

  // The facets in the order of the contract, enums by their names.
  std::vector<v1::Facet> Facets(const Providers& providers) const;

 private:
  using Numbers = std::array<int64_t, 256>;  // by the number of an enum
  absl::flat_hash_map<std::string, int64_t> providers_;
  std::array<int64_t, 1000> items_{};
  Numbers share_types_{}, open_types_{}, update_cycles_{}, format_categories_{}, base_databases_{}, states_{};
};

// "有条件共享" for SHARE_TYPE_CONDITIONAL; the enum's own name where the Chinese is not known.
std::string ChineseOf(const google::protobuf::EnumDescriptor* type, int number);

}  // namespace zhanqiao::search
