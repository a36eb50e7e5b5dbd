// Bounds on what is read from a sheet. A file beyond one of them is refused with the limit's name and value in the facts.
#pragma once

#include <cstddef>

namespace zhanqiao::sheets {

struct SheetLimits {
  size_t file_bytes_max = size_t{50} << 20;       // of the file as it came: FILE_TOO_LARGE
  size_t zip_entries_max = 2000;                  // ZIP_TOO_MANY_ENTRIES
  size_t inflated_bytes_max = size_t{512} << 20;  // of all parts as they say, and of those read as they are: ZIP_BOMB
  size_t ratio_max = 250;                         // inflated to compressed, once ratio_from_bytes are inflated: ZIP_BOMB
  size_t ratio_from_bytes = size_t{4} << 20;
  size_t xml_depth_max = 64;                      // XML_TOO_DEEP
  size_t xml_token_bytes_max = size_t{1} << 20;   // of one tag: XML_TOKEN_TOO_LONG
  size_t cell_bytes_max = 128 << 10;              // of one cell; spreadsheets hold 32,767 characters: CELL_TOO_LONG
  size_t text_bytes_max = size_t{128} << 20;      // of all different texts: SHEET_TOO_LARGE
  int rows_max = 200'000;                         // with content: SHEET_TOO_LARGE
  int columns_max = 256;                          // with content: SHEET_TOO_LARGE
  size_t cells_max = 4'000'000;                   // with content, merged ranges spread out: SHEET_TOO_LARGE
  size_t merges_max = 500'000;                    // SHEET_TOO_LARGE
};

}  // namespace zhanqiao::sheets
