// The small parts of a workbook: what it is, which worksheets it has, which number formats are dates.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/workbook/xml_reader.h"
#include "catalog/base/workbook/zip_reader.h"

namespace zhanqiao::sheets {

struct WorkbookParts {
  struct Worksheet {
    std::string name;
    std::string part;  // inside the container
    bool hidden = false;
  };
  std::vector<Worksheet> worksheets;  // in the order of their tabs
  bool date1904 = false;
  std::vector<bool> date_styles;  // by index of cellXfs
  std::string strings_part;       // of shared strings; empty: none
};

// INVALID_ARGUMENT with one of MACROS, EXTERNAL_LINKS, EMBEDDED_OBJECTS, NOT_A_WORKBOOK, or what XML and ZIP refuse.
absl::StatusOr<WorkbookParts> ReadWorkbookParts(ZipReader& zip, const SheetLimits& limits);

// Reads one part through `handler`.
absl::Status ReadXmlPart(ZipReader& zip, std::string_view part, const SheetLimits& limits, XmlHandler& handler);

// Whether a number format shows dates: "yyyy\-mm\-dd", "yyyy年m月d日"; not "0.00", "[Red]General".
bool IsDateFormat(std::string_view code);

}  // namespace zhanqiao::sheets
