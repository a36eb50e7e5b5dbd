// Before a bulk grant is decided: how well do the rows it would release hide a person among others? Counted beside the
// department's own data, so that nothing has to leave it to find out.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "connectors/adapters/adapter.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::connectors {

struct PreviewOptions {
  // Fields by which someone could be found again (quasi-identifiers); empty: every granted field.
  std::vector<std::string> quasi{};
  int64_t rows_max = 1'000'000;
};

// Rows are alike when the quasi-identifiers, masked as granted, are equal; k is how many are alike. Thresholds of
// GB/T 37964-style assessment: 20 open to all, 5 to be had under conditions, 3 within a body.
struct Preview {
  struct Level {
    int k;
    int64_t rows;  // in groups smaller than k: to be suppressed, or masked further
  };
  std::vector<std::string> quasi;
  int64_t rows = 0;
  int64_t groups = 0;
  int64_t smallest = 0;  // k of the whole; 0 without rows
  bool whole = true;     // false: rows_max was reached
  std::array<Level, 3> levels = {{{3, 0}, {5, 0}, {20, 0}}};
};

// Reads the rows that `grant` would release from `adapter`, in chunks where it can. INVALID_ARGUMENT / FIELD_UNKNOWN for a
// quasi-identifier or a granted field the entry does not have or the grant does not name; else as Adapter::Answer.
absl::StatusOr<Preview> PreviewRelease(const v1::Grant& grant, const v1::Resource& entry, const Adapter& adapter,
                                       const PreviewOptions& options);

// A grant from a file: what `zq grant get --json` prints. NOT_FOUND / CONFIG_NOT_READABLE, INVALID_ARGUMENT / GRANT_INVALID.
absl::StatusOr<v1::Grant> GrantFromFile(const std::string& path);

std::string ToText(const Preview& preview);
std::string ToJson(const Preview& preview);

}  // namespace zhanqiao::connectors
