// Workbooks made by hand, part by part, for tests: good ones, odd ones and hostile ones.
#pragma once

#include <zip.h>

#include <cassert>
#include <cstdlib>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace zhanqiao::sheets {

// A ZIP container of these parts.
inline std::string Zip(const std::vector<std::pair<std::string, std::string>>& parts) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* target = zip_source_buffer_create(nullptr, 0, 0, &error);
  zip_source_keep(target);
  zip_t* archive = zip_open_from_source(target, ZIP_TRUNCATE, &error);
  assert(archive != nullptr);
  for (const auto& [name, content] : parts) {
    zip_source_t* source = zip_source_buffer(archive, content.data(), content.size(), 0);
    [[maybe_unused]] const auto added = zip_file_add(archive, name.c_str(), source, ZIP_FL_ENC_UTF_8);
    assert(added >= 0);
  }
  [[maybe_unused]] const int closed = zip_close(archive);
  assert(closed == 0);
  zip_stat_t stat;
  zip_source_stat(target, &stat);
  std::string bytes(stat.size, '\0');
  zip_source_open(target);
  zip_source_read(target, bytes.data(), bytes.size());
  zip_source_close(target);
  zip_source_free(target);
  return bytes;
}

// The parts of a small workbook; replace or add some before Bytes().
class TestWorkbook {
 public:
  explicit TestWorkbook(std::string_view sheet_data, std::string_view after = "") {
    Set("[Content_Types].xml",
        R"(<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="xml" ContentType="application/xml"/></Types>)");
    Set("_rels/.rels",
        R"(<Relationships><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="xl/workbook.xml"/></Relationships>)");
    Set("xl/workbook.xml",
        R"(<workbook xmlns:r="r"><workbookPr/><sheets><sheet name="目录" sheetId="1" r:id="rId1"/><sheet name="Second" sheetId="2" r:id="rId2"/></sheets></workbook>)");
    Set("xl/_rels/workbook.xml.rels",
        R"(<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="worksheets/sheet1.xml"/><Relationship Id="rId2" Type="x/worksheet" Target="/xl/worksheets/sheet2.xml"/><Relationship Id="rId3" Type="x/styles" Target="styles.xml"/><Relationship Id="rId4" Type="x/sharedStrings" Target="sharedStrings.xml"/></Relationships>)");
    Set("xl/styles.xml",
        R"(<styleSheet><numFmts><numFmt numFmtId="170" formatCode="yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"/></numFmts><cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="170"/></cellXfs></styleSheet>)");
    Set("xl/sharedStrings.xml",
        "<sst><si><t>第一</t></si><si><r><t>富</t></r><r><t xml:space=\"preserve\">文 本</t></r><rPh sb=\"0\" eb=\"1\"><t>fu</t></rPh></si></sst>");
    SetSheet(sheet_data, after);
    Set("xl/worksheets/sheet2.xml", R"(<worksheet><sheetData><row><c t="inlineStr"><is><t>two</t></is></c></row></sheetData></worksheet>)");
  }

  void SetSheet(std::string_view data, std::string_view after = "") {
    Set("xl/worksheets/sheet1.xml", absl::StrCat(R"(<?xml version="1.0" encoding="UTF-8"?><worksheet><sheetData>)",
                                                 absl::string_view(data.data(), data.size()), "</sheetData>",
                                                 absl::string_view(after.data(), after.size()), "</worksheet>"));
  }
  void Set(const std::string& part, std::string content) { parts_[part] = std::move(content); }
  std::string& Part(const std::string& part) { return parts_[part]; }

  std::string Bytes() const { return Zip({parts_.begin(), parts_.end()}); }

 private:
  std::map<std::string, std::string> parts_;
};

}  // namespace zhanqiao::sheets
