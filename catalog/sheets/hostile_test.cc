// Files that want to do harm are refused early, with a reason and what to do; damaged ones never do more than that.
#include <gtest/gtest.h>

#include <chrono>
#include <random>

#include "catalog/base/error.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/headings.h"
#include "catalog/sheets/read_sheet.h"
#include "catalog/sheets/test_workbook.h"

namespace zhanqiao::sheets {
namespace {

constexpr char kRow[] = R"(<row r="1"><c r="A1"><v>1</v></c></row>)";

absl::Status StatusOf(std::string_view file, const SheetLimits& limits = {}) {
  return ReadSheet(file, {.limits = limits}, [](int64_t) { return absl::OkStatus(); }).status();
}
std::string ReasonFor(const TestWorkbook& workbook, const SheetLimits& limits = {}) { return ReasonOf(StatusOf(workbook.Bytes(), limits)); }

TEST(Hostile, ZipBombsAreRefusedByWhatTheyDeclare) {
  TestWorkbook workbook(kRow);
  workbook.Set("xl/media/image1.png", std::string(64 << 20, '\0'));
  EXPECT_EQ(ReasonFor(workbook), "ZIP_BOMB");
  SheetLimits limits;
  limits.inflated_bytes_max = 1 << 20;
  workbook.Set("xl/media/image1.png", std::string(2 << 20, '\0'));
  EXPECT_EQ(ReasonFor(workbook, limits), "ZIP_BOMB");
}

TEST(Hostile, ZipBombsThatLieAboutTheirSizeAreCaughtWhileTheyUnpack) {
  TestWorkbook workbook(kRow);
  workbook.Set("xl/worksheets/sheet1.xml", absl::StrCat("<worksheet>", std::string(32 << 20, ' '), "</worksheet>"));
  std::string bytes = workbook.Bytes();
  // The size in the directory record and in the local header becomes small.
  const std::string lie = std::string("\x10\x27\0\0", 4);
  const auto size = static_cast<uint32_t>((32 << 20) + 23);
  const std::string truth(reinterpret_cast<const char*>(&size), 4);
  int replaced = 0;
  for (size_t at = bytes.find(truth); at != std::string::npos; at = bytes.find(truth, at + 4)) {
    bytes.replace(at, 4, lie);
    ++replaced;
  }
  ASSERT_GE(replaced, 1);
  const std::string reason = ReasonOf(StatusOf(bytes));
  EXPECT_TRUE(reason == "ZIP_BOMB" || reason == "ZIP_DAMAGED") << reason;
}

TEST(Hostile, DocumentTypesAndEntitiesAreRefused) {
  TestWorkbook workbook(kRow);
  workbook.Set("xl/worksheets/sheet1.xml",
               R"(<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;&lol;&lol;&lol;">]><worksheet>&lol2;</worksheet>)");
  EXPECT_EQ(ReasonFor(workbook), "XML_DOCTYPE");
  workbook.Set("xl/worksheets/sheet1.xml", R"(<!DOCTYPE w SYSTEM "file:///etc/passwd"><worksheet/>)");
  EXPECT_EQ(ReasonFor(workbook), "XML_DOCTYPE");
}

TEST(Hostile, HugeStringsAreRefusedBeforeTheyAreHeld) {
  std::mt19937 random(7);
  std::string noise(8 << 20, 'x');
  for (char& c : noise) c = static_cast<char>('a' + random() % 26);
  EXPECT_EQ(ReasonFor(TestWorkbook(R"(<row r="1"><c r="A1" t="str"><v>)" + noise + "</v></c></row>")), "CELL_TOO_LONG");
  EXPECT_EQ(ReasonFor(TestWorkbook(R"(<row r="1"><c r="A1" t=")" + noise + "\"/></row>")), "XML_TOKEN_TOO_LONG");
  TestWorkbook shared(kRow);
  shared.Set("xl/sharedStrings.xml", "<sst><si><t>" + noise + "</t></si></sst>");
  EXPECT_EQ(ReasonFor(shared), "CELL_TOO_LONG");
  EXPECT_EQ(ReasonOf(StatusOf("a," + noise)), "CELL_TOO_LONG");
}

TEST(Hostile, MacrosAreRefused) {
  TestWorkbook project(kRow);
  project.Set("xl/vbaProject.bin", "x");
  EXPECT_EQ(ReasonFor(project), "MACROS");
  TestWorkbook type(kRow);
  type.Set("[Content_Types].xml", R"(<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.ms-excel.sheet.macroEnabled.main+xml"/></Types>)");
  EXPECT_EQ(ReasonFor(type), "MACROS");
  TestWorkbook control(kRow);
  control.Set("xl/activeX/activeX1.xml", "<x/>");
  EXPECT_EQ(ReasonFor(control), "MACROS");
}

TEST(Hostile, LinksToTheOutsideAreRefused) {
  TestWorkbook part(kRow);
  part.Set("xl/externalLinks/externalLink1.xml", "<x/>");
  EXPECT_EQ(ReasonFor(part), "EXTERNAL_LINKS");
  TestWorkbook relationship(kRow);
  relationship.Set("xl/_rels/workbook.xml.rels", R"(<Relationships><Relationship Id="rId1" Type="x/worksheet" Target="http://evil/x.xml" TargetMode="External"/></Relationships>)");
  EXPECT_EQ(ReasonFor(relationship), "EXTERNAL_LINKS");
}

TEST(Hostile, OldAndEncryptedFilesAreRefusedWithTheRemedy) {
  const absl::Status status = StatusOf("\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1 and so on");
  EXPECT_EQ(ReasonOf(status), "OLE_FILE");
  EXPECT_NE(std::string(status.message()).find(".xlsx"), std::string::npos);
}

TEST(Hostile, ArchivesAndObjectsInsideAreRefused) {
  TestWorkbook nested(kRow);
  nested.Set("xl/media/more.zip", "PK");
  EXPECT_EQ(ReasonFor(nested), "ZIP_NESTED");
  TestWorkbook object(kRow);
  object.Set("xl/embeddings/oleObject1.bin", "x");
  EXPECT_EQ(ReasonFor(object), "EMBEDDED_OBJECTS");
}

TEST(Hostile, PathsThatLeaveTheContainerAreRefused) {
  for (const char* path : {"../evil.xml", "/etc/passwd", "xl/../../x", "xl\\x.xml", "C:/x"}) {
    TestWorkbook workbook(kRow);
    workbook.Set(path, "x");
    EXPECT_EQ(ReasonFor(workbook), "ZIP_PATH") << path;
  }
}

TEST(Hostile, TooManyOfAnythingIsRefused) {
  SheetLimits limits;
  limits.zip_entries_max = 5;
  EXPECT_EQ(ReasonFor(TestWorkbook(kRow), limits), "ZIP_TOO_MANY_ENTRIES");
  limits = SheetLimits();
  limits.rows_max = 2;
  limits.columns_max = 3;
  limits.cells_max = 4;
  limits.merges_max = 1;
  EXPECT_EQ(ReasonFor(TestWorkbook(R"(<row><c><v>1</v></c></row><row><c><v>1</v></c></row><row><c><v>1</v></c></row>)"), limits), "SHEET_TOO_LARGE");
  EXPECT_EQ(ReasonFor(TestWorkbook(R"(<row><c r="D1"><v>1</v></c></row>)"), limits), "SHEET_TOO_LARGE");
  EXPECT_EQ(ReasonFor(TestWorkbook(R"(<row><c><v>1</v></c><c><v>1</v></c><c><v>1</v></c></row><row><c><v>1</v></c><c><v>1</v></c></row>)"), limits), "SHEET_TOO_LARGE");
  EXPECT_EQ(ReasonFor(TestWorkbook(kRow, R"(<mergeCells><mergeCell ref="A1:A2"/><mergeCell ref="B1:B2"/></mergeCells>)"), limits), "SHEET_TOO_LARGE");
  std::string deep;
  for (int i = 0; i < 100; ++i) deep += "<x>";
  EXPECT_EQ(ReasonFor(TestWorkbook(deep)), "XML_TOO_DEEP");
}

TEST(Hostile, CellsWithoutContentCostNothing) {
  std::string row = "<row r=\"1\">";
  for (int i = 0; i < 16'384; ++i) row += "<c r=\"" + ColumnLetters(i) + "1\" s=\"1\"/>";
  EXPECT_EQ(ReasonFor(TestWorkbook(row + "</row>")), "");
}

TEST(Hostile, OtherFilesAreRefused) {
  EXPECT_EQ(ReasonOf(StatusOf("")), "FILE_EMPTY");
  EXPECT_EQ(ReasonOf(StatusOf("%PDF-1.7")), "FILE_NOT_A_SHEET");
  EXPECT_EQ(ReasonOf(StatusOf("PK\x03\x04 broken")), "ZIP_DAMAGED");
  EXPECT_EQ(ReasonOf(StatusOf(Zip({{"word/document.xml", "<x/>"}}))), "NOT_A_WORKBOOK");
  SheetLimits limits;
  limits.file_bytes_max = 3;
  EXPECT_EQ(ReasonOf(StatusOf("a,b,c", limits)), "FILE_TOO_LARGE");
}

TEST(Hostile, ContradictionsAreDamage) {
  for (const char* data : {R"(<row r="1"><c r="A1" t="s"><v>9</v></c></row>)", R"(<row r="2"/><row r="1"/>)", R"(<row r="1"><row r="2"/></row>)",
                           R"(<row r="1"><c r="B1"><v>1</v></c><c r="A1"><v>1</v></c></row>)", R"(<row r="1"><c r="A2"><v>1</v></c></row>)",
                           R"(<c r="A1"><v>1</v></c>)", R"(<row r="1"><c r="A1"><v>x</v></c></row>)", R"(<row r="99999999"/>)"}) {
    EXPECT_EQ(ReasonFor(TestWorkbook(data)), "SHEET_DAMAGED") << data;
  }
}

// Random edits of a good file and of its unpacked parts: refused or read, nothing else. ZHANQIAO_SEED repeats a run.
TEST(Hostile, RandomEditsNeverDoMoreThanFail) {
  const char* given = std::getenv("ZHANQIAO_SEED");
  const uint64_t seed = given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
  SCOPED_TRACE("ZHANQIAO_SEED=" + std::to_string(seed));
  std::printf("seed %llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const TestWorkbook good(R"(<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="inlineStr"><is><t>信息资源代码</t></is></c></row><row r="2"><c r="A2" s="1"><v>43160</v></c></row>)",
                          R"(<mergeCells><mergeCell ref="A1:A2"/></mergeCells>)");
  const std::vector<std::string> parts = {"xl/worksheets/sheet1.xml", "xl/sharedStrings.xml", "xl/workbook.xml", "xl/_rels/workbook.xml.rels", "xl/styles.xml"};
  const auto edit = [&](std::string text) {
    const size_t edits = 1 + random() % 4;
    for (size_t i = 0; i < edits && !text.empty(); ++i) {
      const size_t at = random() % text.size();
      switch (random() % 4) {
        case 0: text[at] = static_cast<char>(random()); break;
        case 1: text.erase(at, 1 + random() % 8); break;
        case 2: text.insert(at, text.substr(random() % text.size(), 1 + random() % 16)); break;
        default: text.insert(at, 1, "<>/\"&=0"[random() % 7]);
      }
    }
    return text;
  };
  int read = 0;
  int refused = 0;
  for (int round = 0; round < 3000; ++round) {
    std::string bytes;
    if (round % 2 == 0) {
      bytes = edit(good.Bytes());
    } else {
      TestWorkbook edited = good;
      const std::string& part = parts[random() % parts.size()];
      edited.Set(part, edit(edited.Part(part)));
      bytes = edited.Bytes();
    }
    const auto sheet = ReadSheet(bytes, {}, [](int64_t) { return absl::OkStatus(); });
    if (!sheet.ok()) {
      ASSERT_NE(ReasonOf(sheet.status()), "") << sheet.status();
      ++refused;
      continue;
    }
    ++read;
    FindHeading(*sheet, TableOf(v1::SHEET_KIND_RESOURCES)).IgnoreError();
  }
  EXPECT_GT(read, 0);
  EXPECT_GT(refused, 0);
}

}  // namespace
}  // namespace zhanqiao::sheets
