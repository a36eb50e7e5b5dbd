#include "catalog/base/workbook/xlsx_parts.h"

#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"

namespace zhanqiao::sheets {
namespace {

constexpr size_t kWorksheetsMax = 256;
constexpr size_t kStylesMax = 65'536;

absl::Status Refused(std::string_view reason, std::string_view message, std::string_view part) {
  return Fail(absl::StatusCode::kInvalidArgument, reason, message, {{"part", std::string(part)}});
}

absl::Status Macros(std::string_view part) {
  return Refused("MACROS", "The workbook holds macros or controls; save it as a workbook without macros (.xlsx).", part);
}
absl::Status ExternalLinks(std::string_view part) {
  return Refused("EXTERNAL_LINKS", "The workbook refers to data outside itself; break the links and save it again.", part);
}

// A handler that looks at the beginnings of elements only.
class Beginnings : public XmlHandler {
 public:
  absl::Status Text(std::string_view) override { return absl::OkStatus(); }
  absl::Status End(std::string_view) override { return absl::OkStatus(); }
};

class ContentTypes final : public Beginnings {
 public:
  absl::Status Begin(std::string_view, const XmlAttributes& attributes) override {
    const std::string type = absl::AsciiStrToLower(Absl(attributes.Get("ContentType")));
    if (absl::StrContains(type, "macroenabled") || absl::StrContains(type, "vbaproject") ||
        absl::StrContains(type, "activex") || absl::StrContains(type, "binary.macro")) {
      return Macros("[Content_Types].xml");
    }
    if (absl::StrContains(type, "externallink")) return ExternalLinks("[Content_Types].xml");
    return absl::OkStatus();
  }
};

struct Relationship {
  std::string type;
  std::string target;
};

class Relationships final : public Beginnings {
 public:
  explicit Relationships(bool external_allowed) : external_allowed_(external_allowed) {}
  absl::Status Begin(std::string_view element, const XmlAttributes& attributes) override {
    if (element != "Relationship") return absl::OkStatus();
    if (!external_allowed_ && absl::EqualsIgnoreCase(Absl(attributes.Get("TargetMode")), "External")) {
      return ExternalLinks("relationships of the workbook");
    }
    all[std::string(attributes.Get("Id"))] = {std::string(attributes.Get("Type")), std::string(attributes.Get("Target"))};
    return absl::OkStatus();
  }
  std::map<std::string, Relationship> all;

 private:
  const bool external_allowed_;
};

class WorkbookXml final : public Beginnings {
 public:
  struct Entry {
    std::string name;
    std::string id;
    bool hidden = false;
  };
  absl::Status Begin(std::string_view element, const XmlAttributes& attributes) override {
    if (element == "workbookPr") {
      const std::string_view value = attributes.Get("date1904");
      date1904 = value == "1" || value == "true";
    } else if (element == "sheet" && sheets.size() < kWorksheetsMax) {
      const std::string_view state = attributes.Get("state");
      sheets.push_back({std::string(attributes.Get("name")), std::string(attributes.GetPrefixed("id")),
                        state == "hidden" || state == "veryHidden"});
    } else if (element == "externalReference") {
      return ExternalLinks("xl/workbook.xml");
    }
    return absl::OkStatus();
  }
  std::vector<Entry> sheets;
  bool date1904 = false;
};

// Built-in formats that show dates, those of Chinese spreadsheets (27 to 36, 50 to 58) included.
bool IsDateFormatId(int id) {
  return (id >= 14 && id <= 17) || id == 22 || (id >= 27 && id <= 36) || (id >= 50 && id <= 58);
}

class Styles final : public Beginnings {
 public:
  absl::Status Begin(std::string_view element, const XmlAttributes& attributes) override {
    int id = 0;
    if (element == "numFmt" && absl::SimpleAtoi(Absl(attributes.Get("numFmtId")), &id)) {
      if (IsDateFormat(attributes.Get("formatCode"))) date_formats_.insert(id);
    } else if (element == "cellXfs") {
      in_cells_ = true;
    } else if (element == "xf" && in_cells_ && dates.size() < kStylesMax) {
      const bool known = absl::SimpleAtoi(Absl(attributes.Get("numFmtId")), &id);
      dates.push_back(known && (IsDateFormatId(id) || date_formats_.contains(id)));
    }
    return absl::OkStatus();
  }
  absl::Status End(std::string_view element) override {
    if (element == "cellXfs") in_cells_ = false;
    return absl::OkStatus();
  }
  std::vector<bool> dates;

 private:
  bool in_cells_ = false;
  std::set<int> date_formats_;
};

std::string Resolve(std::string_view directory, std::string_view target) {
  if (target.starts_with('/')) return std::string(target.substr(1));
  std::string path(directory);
  while (target.starts_with("../")) {
    target.remove_prefix(3);
    const size_t slash = path.find_last_of('/', path.size() < 2 ? 0 : path.size() - 2);
    path = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  }
  return absl::StrCat(path, Absl(target));
}

std::string RelationshipsOf(std::string_view part) {
  const size_t slash = part.rfind('/');
  const std::string_view directory = slash == std::string_view::npos ? std::string_view() : part.substr(0, slash + 1);
  return absl::StrCat(Absl(directory), "_rels/", Absl(part.substr(directory.size())), ".rels");
}

absl::Status CheckNames(const ZipReader& zip) {
  for (const std::string& name : zip.names()) {
    const std::string lower = absl::AsciiStrToLower(name);
    if (absl::StrContains(lower, "vbaproject") || absl::StrContains(lower, "/activex/") ||
        absl::StrContains(lower, "/ctrlprops/") || absl::StrContains(lower, "/macrosheets/")) {
      return Macros(name);
    }
    if (absl::StrContains(lower, "/externallinks/") || absl::EndsWith(lower, "/connections.xml")) return ExternalLinks(name);
    if (absl::StrContains(lower, "/embeddings/")) {
      return Refused("EMBEDDED_OBJECTS", "The workbook holds embedded objects; remove them and save it again.", name);
    }
  }
  if (zip.Has("[Content_Types].xml")) return absl::OkStatus();
  return Fail(absl::StatusCode::kInvalidArgument, "NOT_A_WORKBOOK",
              "The file is a ZIP container but no workbook; send an .xlsx or .csv file.");
}

}  // namespace

bool IsDateFormat(std::string_view code) {
  bool quoted = false;
  bool bracket = false;
  for (size_t at = 0; at < code.size(); ++at) {
    const char c = code[at];
    if (c == '"') {
      quoted = !quoted;
    } else if (quoted) {
      continue;
    } else if (c == '\\' || c == '_' || c == '*') {
      ++at;
    } else if (c == '[') {
      bracket = true;
    } else if (c == ']') {
      bracket = false;
    } else if (!bracket && (c == 'y' || c == 'Y' || c == 'd' || c == 'D')) {
      return true;
    }
  }
  return false;
}

absl::Status ReadXmlPart(ZipReader& zip, std::string_view part, const SheetLimits& limits, XmlHandler& handler) {
  XmlReader reader(handler, limits);
  TRY(zip.Read(part, [&](std::string_view piece) { return reader.Feed(piece); }));
  return reader.Finish();
}

absl::StatusOr<WorkbookParts> ReadWorkbookParts(ZipReader& zip, const SheetLimits& limits) {
  TRY(CheckNames(zip));
  ContentTypes types;
  TRY(ReadXmlPart(zip, "[Content_Types].xml", limits, types));
  std::string workbook_part = "xl/workbook.xml";
  if (zip.Has("_rels/.rels")) {
    Relationships package(true);
    TRY(ReadXmlPart(zip, "_rels/.rels", limits, package));
    for (const auto& [id, relationship] : package.all) {
      if (absl::EndsWith(relationship.type, "/officeDocument")) workbook_part = Resolve("", relationship.target);
    }
  }
  WorkbookXml workbook;
  TRY(ReadXmlPart(zip, workbook_part, limits, workbook));
  Relationships relationships(false);
  TRY(ReadXmlPart(zip, RelationshipsOf(workbook_part), limits, relationships));
  const std::string directory = workbook_part.substr(0, workbook_part.rfind('/') + 1);
  WorkbookParts parts;
  parts.date1904 = workbook.date1904;
  for (const auto& sheet : workbook.sheets) {
    const auto target = relationships.all.find(sheet.id);
    if (target == relationships.all.end() || !absl::EndsWith(target->second.type, "/worksheet")) continue;
    parts.worksheets.push_back({sheet.name, Resolve(directory, target->second.target), sheet.hidden});
  }
  for (const auto& [id, relationship] : relationships.all) {
    if (absl::EndsWith(relationship.type, "/sharedStrings")) parts.strings_part = Resolve(directory, relationship.target);
    if (!absl::EndsWith(relationship.type, "/styles")) continue;
    Styles styles;
    TRY(ReadXmlPart(zip, Resolve(directory, relationship.target), limits, styles));
    parts.date_styles = std::move(styles.dates);
  }
  return parts;
}

}  // namespace zhanqiao::sheets
