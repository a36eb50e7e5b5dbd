// Organisations from CSV: every cell checked, nothing stored here.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/model/catalog.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// What a file asks for, against what `catalog` holds now.
struct OrganizationPlan {
  std::vector<v1::Organization> created;         // without etag
  std::vector<v1::Organization> updated;         // with the etag of the version they replace
  int unchanged = 0;
  std::vector<v1::CellProblem> problems;         // not empty: the rest means nothing
};

// Reads `csv` (columns of organizations.csv, unified_credit_code optional; any order). A column that is left out
// keeps what is stored. A parent may stand in the file or in the catalogue, and no chain of parents may close.
OrganizationPlan PlanOrganizations(std::string_view csv, const Catalog& catalog);

}  // namespace zhanqiao::catalog
