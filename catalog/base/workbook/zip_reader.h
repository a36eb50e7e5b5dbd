// Reads a ZIP container that nobody vouches for: what is in it is looked at as a whole before anything is inflated, and
// everything is counted while it is.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "catalog/base/workbook/limits.h"

namespace zhanqiao::sheets {

// Not thread-safe.
class ZipReader {
 public:
  // Looks at the directory of `file`, which must outlive the reader. INVALID_ARGUMENT with one of
  // ZIP_DAMAGED, ZIP_TOO_MANY_ENTRIES, ZIP_BOMB (declared sizes), ZIP_PATH (absolute, "..", backslash, repeated),
  // ZIP_ENCRYPTED, ZIP_NESTED (an archive or document inside).
  static absl::StatusOr<std::unique_ptr<ZipReader>> Open(std::string_view file, const SheetLimits& limits);
  virtual ~ZipReader() = default;

  virtual const std::vector<std::string>& names() const = 0;
  virtual bool Has(std::string_view name) const = 0;

  // Hands the inflated bytes of `name` to `take`, piece by piece. ZIP_BOMB as soon as more comes out than the limits
  // allow, over all reads together; ZIP_DAMAGED; PART_MISSING; or what `take` returned.
  virtual absl::Status Read(std::string_view name, absl::FunctionRef<absl::Status(std::string_view)> take) = 0;
};

}  // namespace zhanqiao::sheets
