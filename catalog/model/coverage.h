// How far base databases and electronic certificates are covered by published entries.
#pragma once

#include <array>
#include <set>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "catalog/model/base_database.h"
#include "catalog/model/code_table.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Counts entries one by one, in any order. Not thread-safe.
class Coverage {
 public:
  // Update cycles are judged as of `as_of`.
  explicit Coverage(absl::CivilDay as_of) : as_of_(as_of) {}

  void Add(const v1::Resource& resource);

  // The figures, one for each of kBaseDatabases in its order; `expected` is the table base_databases.
  std::vector<v1::BaseDatabaseCoverage> Figures(const CodeTable& expected) const;

 private:
  struct Count {
    int published = 0;
    int in_preparation = 0;
    int items = 0;
    int unconditional = 0;
    int overdue = 0;
    std::set<std::string> providers;
  };
  void AddTo(Count& count, const v1::Resource& resource) const;

  const absl::CivilDay as_of_;
  std::array<Count, kBaseDatabases.size()> counts_;
};

}  // namespace zhanqiao::catalog
