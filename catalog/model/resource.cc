#include "catalog/model/resource.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/records.h"
#include "catalog/base/text.h"
#include "catalog/model/base_database.h"
#include "catalog/model/electronic_certificate.h"
#include "catalog/model/names.h"
#include "catalog/model/resource_fields.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

using Presence = Violations::Presence;
using Words = std::vector<std::string_view>;

// Types the guide names for each category (its lists end in 等, so others are findings, not errors), with those
// Qingdao's open-data portal serves.
const Words& FormatTypesOf(v1::FormatCategory category) {
  static const Words kNone;
  static const Words kDocument = {"ofd", "wps", "xml", "txt", "doc", "docx", "html", "pdf", "ppt", "pptx", "json"};
  static const Words kSpreadsheet = {"et", "xls", "xlsx", "csv"};
  static const Words kDatabase = {"dm",     "kingbasees", "access",  "dbf", "dbase", "sybase",     "oracle",
                                  "sql server", "db2",    "gaussdb", "mdb", "mysql", "postgresql"};
  static const Words kImage = {"jpg", "gif", "bmp", "png", "tif"};
  static const Words kStream = {"swf", "rm", "mpg", "mp4"};
  switch (category) {
    case v1::FORMAT_CATEGORY_DOCUMENT: return kDocument;
    case v1::FORMAT_CATEGORY_SPREADSHEET: return kSpreadsheet;
    case v1::FORMAT_CATEGORY_DATABASE: return kDatabase;
    case v1::FORMAT_CATEGORY_IMAGE: return kImage;
    case v1::FORMAT_CATEGORY_STREAM: return kStream;
    default: return kNone;
  }
}

bool Has(const Words& words, std::string_view type) {
  const std::string lower = absl::AsciiStrToLower(Absl(type));
  return std::find(words.begin(), words.end(), std::string_view(lower)) != words.end();
}

bool IsTypeOfAnotherCategory(v1::FormatCategory category, std::string_view type) {
  for (int other = v1::FORMAT_CATEGORY_DOCUMENT; other <= v1::FORMAT_CATEGORY_STREAM; ++other) {
    if (other != category && Has(FormatTypesOf(static_cast<v1::FormatCategory>(other)), type)) return true;
  }
  return false;
}

void CheckIdentity(const v1::Resource& resource, Violations& found) {
  if (!IsResourceCode(resource.resource_code())) {
    found.Add("resource_code", "RESOURCE_CODE",
              "Give 类(1-3) 项(2 digits) 目(3) 细目(0-12), a slash and a 顺序码 of 1-12 digits, for example "
              "308001370200/000001.");
  } else {
    found.Require(resource.name() == ResourceName(resource.resource_code()), "name", "RESOURCE_NAME",
                  "Is not resources/{resource_code with / written ~}; leave it empty, it follows from the code.");
  }
  found.Text("legacy_code", resource.legacy_code(), Presence::kOptional, 64);
  found.Text("display_name", resource.display_name(), Presence::kRequired, 100);
  found.Require(IsOrganizationName(resource.provider()), "provider", "ORGANIZATION_NAME",
                "Required; give organizations/{code} of the providing body.");
  found.Text("provider_unit", resource.provider_unit(), Presence::kOptional, 100);
  if (!resource.provider_code().empty()) {
    found.Require(IsCreditCode(resource.provider_code()), "provider_code", "CREDIT_CODE",
                  "Give the 18 characters of GB 32100-2015 with a right check character, or nothing while unknown.");
  }
  found.Text("abstract", resource.abstract(), Presence::kRequired, 1000, /*lines=*/true);
}

void CheckFormat(const v1::Resource& resource, Violations& found) {
  const auto category = resource.format_category();
  const bool known = category != v1::FORMAT_CATEGORY_UNSPECIFIED && v1::FormatCategory_IsValid(category);
  found.Require(known, "format_category", "ENUM_VALUE", OneOf(v1::FormatCategory_descriptor()));
  found.Require(resource.format_types_size() > 0 && resource.format_types_size() <= 20, "format_types",
                "FORMAT_TYPES", "Required; give 1 to 20 types, for example csv.");
  std::set<std::string> seen;
  for (int i = 0; i < std::min(resource.format_types_size(), 20); ++i) {
    const std::string path = absl::StrCat("format_types[", i, "]");
    const std::string& type = resource.format_types(i);
    found.Text(path, type, Presence::kRequired, 64);
    found.Require(seen.insert(absl::AsciiStrToLower(type)).second, path, "FORMAT_TYPE_REPEATED",
                  "Stands in the list already; remove it.");
    const bool foreign = known && category != v1::FORMAT_CATEGORY_SELF_DESCRIBED &&
                         !Has(FormatTypesOf(category), type) && IsTypeOfAnotherCategory(category, type);
    found.Require(!foreign, path, "FORMAT_TYPE_OF_ANOTHER_CATEGORY",
                  "Is a type of another 格式分类; correct the type or the category.");
  }
}

void CheckShareMode(const v1::Resource& resource, Violations& found) {
  const auto mode = resource.share_mode_category();
  const auto type = resource.share_mode_type();
  if (mode == v1::SHARE_MODE_CATEGORY_UNSPECIFIED || !v1::ShareModeCategory_IsValid(mode)) {
    found.Require(resource.share_type() == v1::SHARE_TYPE_NOT_SHARED && mode == v1::SHARE_MODE_CATEGORY_UNSPECIFIED,
                  "share_mode_category", "ENUM_VALUE", OneOf(v1::ShareModeCategory_descriptor()));
    return;
  }
  if (mode == v1::SHARE_MODE_CATEGORY_OTHER) {
    found.Require(type == v1::SHARE_MODE_TYPE_UNSPECIFIED, "share_mode_type", "SHARE_MODE_TYPE",
                  "Types are for 共享平台方式 only; leave it out for 其他方式.");
  } else if (resource.format_category() == v1::FORMAT_CATEGORY_DATABASE) {
    found.Require(type == v1::SHARE_MODE_TYPE_DATABASE || type == v1::SHARE_MODE_TYPE_INTERFACE, "share_mode_type",
                  "SHARE_MODE_TYPE", "A database is shared as 数据库 or 接口; give SHARE_MODE_TYPE_DATABASE or _INTERFACE.");
  } else {
    found.Require(type == v1::SHARE_MODE_TYPE_FILE, "share_mode_type", "SHARE_MODE_TYPE",
                  "A resource in files is shared as 文件; give SHARE_MODE_TYPE_FILE.");
  }
}

void CheckSharing(const v1::Resource& resource, Violations& found) {
  const auto share = resource.share_type();
  found.Require(share != v1::SHARE_TYPE_UNSPECIFIED && v1::ShareType_IsValid(share), "share_type", "ENUM_VALUE",
                OneOf(v1::ShareType_descriptor()));
  if (share == v1::SHARE_TYPE_NOT_SHARED) {
    found.Require(!resource.share_condition().empty(), "share_condition", "SHARE_BASIS_REQUIRED",
                  "不予共享 needs its legal basis: name the law, regulation or central policy (国发〔2016〕51号).");
  } else if (share == v1::SHARE_TYPE_CONDITIONAL) {
    found.Require(!resource.share_condition().empty(), "share_condition", "SHARE_CONDITION_REQUIRED",
                  "有条件共享 needs its use requirements, conditions and scope; write them.");
  }
  found.Text("share_condition", resource.share_condition(), Presence::kOptional, 1000, /*lines=*/true);
  CheckShareMode(resource, found);
  const auto open = resource.open_type();
  found.Require(open != v1::OPEN_TYPE_UNSPECIFIED && v1::OpenType_IsValid(open), "open_type", "ENUM_VALUE",
                OneOf(v1::OpenType_descriptor()));
  found.Text("open_condition", resource.open_condition(),
             open == v1::OPEN_TYPE_CONDITIONAL ? Presence::kRequired : Presence::kOptional, 1000, /*lines=*/true);
}

void CheckUpkeep(const v1::Resource& resource, Violations& found) {
  found.Require(resource.update_cycle() != v1::UPDATE_CYCLE_UNSPECIFIED &&
                    v1::UpdateCycle_IsValid(resource.update_cycle()),
                "update_cycle", "ENUM_VALUE", OneOf(v1::UpdateCycle_descriptor()));
  found.Require(resource.release_date().empty() || ParseDay(resource.release_date()).ok(), "release_date",
                "DATE_INVALID", "Give an existing date as YYYY-MM-DD, or nothing: it is set at publishing.");
  const v1::Census& census = resource.census();
  const std::pair<std::string_view, double> figures[] = {
      {"storage_gb", census.storage_gb()}, {"records_10k", census.records_10k()},
      {"shared_gb", census.shared_gb()},   {"shared_records_10k", census.shared_records_10k()},
      {"open_gb", census.open_gb()},       {"open_records_10k", census.open_records_10k()}};
  for (const auto& [name, figure] : figures) {
    found.Require(std::isfinite(figure) && figure >= 0, absl::StrCat("census.", Absl(name)), "CENSUS_FIGURE",
                  "Give a number of 0 or more; 0 when unknown.");
  }
  found.Require(resource.data_update_date().empty() || ParseDay(resource.data_update_date()).ok(), "data_update_date",
                "DATE_INVALID", "Give an existing date as YYYY-MM-DD, or nothing while no update was reported.");
}

void CheckBase(const v1::Resource& resource, Violations& found) {
  const std::string_view stands_for = BaseDatabaseOf(resource.resource_code());
  found.Require(resource.base_database().empty() || IsBaseDatabase(resource.base_database()), "base_database",
                "BASE_DATABASE", "Give 自然人, 法人, 公共信用, 空间地理 or 行政执法, or nothing.");
  found.Require(stands_for.empty() || resource.base_database() == stands_for, "base_database",
                "BASE_DATABASE_MISMATCH", "Is not the base database that the code's 项 stands for; leave it empty.");
  CheckCertificate(resource, found);
}

void CheckLinks(const v1::Resource& resource, Violations& found) {
  found.Require(resource.related_codes_size() <= 100, "related_codes", "LIST_TOO_LONG", "Give at most 100 codes.");
  std::set<std::string> codes = {resource.resource_code()};
  for (int i = 0; i < std::min(resource.related_codes_size(), 100); ++i) {
    const std::string path = absl::StrCat("related_codes[", i, "]");
    found.Require(IsResourceCode(resource.related_codes(i)), path, "RESOURCE_CODE",
                  "Give a 信息资源代码, for example 308001370200/000001.");
    found.Require(codes.insert(resource.related_codes(i)).second, path, "CODE_REPEATED",
                  "Is the entry's own code or stands in the list already; remove it.");
  }
  found.Require(resource.source_system().empty() || IsMemberName(resource.source_system(), kSystems), "source_system",
                "SYSTEM_NAME", "Give organizations/{code}/systems/{id}, or nothing.");
  found.Require(resource.connectors_size() <= 16, "connectors", "LIST_TOO_LONG", "Give at most 16 connectors.");
  std::set<std::string> connectors;
  for (int i = 0; i < std::min(resource.connectors_size(), 16); ++i) {
    const std::string path = absl::StrCat("connectors[", i, "]");
    const std::string& connector = resource.connectors(i);
    found.Require(IsMemberName(connector, kConnectors), path, "CONNECTOR_NAME",
                  "Give organizations/{code}/connectors/{id}.");
    found.Require(!IsMemberName(connector, kConnectors) || OrganizationOf(connector) == resource.provider(), path,
                  "CONNECTOR_OF_ANOTHER_BODY", "Belongs to another body; only the provider's connectors may serve it.");
    found.Require(connectors.insert(connector).second, path, "CONNECTOR_REPEATED",
                  "Stands in the list already; remove it.");
  }
}

// Number of 项 the guide lists under each 类.
int ItemsOf(char category) { return category == '1' ? 5 : category == '2' ? 12 : 8; }

void AddCodeFindings(const v1::Resource& resource, std::vector<v1::Finding>& findings) {
  const std::string& code = resource.resource_code();
  if (!IsResourceCode(code)) return;
  const size_t detail = code.find('/') - 6;
  const size_t sequence = code.size() - code.find('/') - 1;
  if ((detail != 4 && detail != 6) || (sequence != 4 && sequence != 6)) {
    findings.push_back(MakeFinding("CODE_LENGTH_UNUSUAL", "resource_code",
                                   "细目 has 4 or 6 digits and 顺序码 4 or 6 in the national directory; check it with the "
                                   "department."));
  }
  const int item = (code[1] - '0') * 10 + (code[2] - '0');
  if (item < 1 || item > ItemsOf(code[0])) {
    findings.push_back(MakeFinding("CODE_ITEM_UNKNOWN", "resource_code",
                                   "The guide lists no such 项 under this 类; check the second and third digit."));
  }
  // Certificates above level 1 are granted by class and level, which no unconditional entry could be.
  if (code[0] == '1' && NeedsOf(resource).level < 2 && resource.share_type() != v1::SHARE_TYPE_UNCONDITIONAL) {
    findings.push_back(MakeFinding("BASE_ITEM_NOT_UNCONDITIONAL", "share_type",
                                   "基础信息资源 are to be shared unconditionally (国发〔2016〕51号); correct the type or class."));
  }
}

}  // namespace

void Normalize(v1::Resource& resource) {
  resource.set_resource_code(NormalizeCode(resource.resource_code()));
  resource.set_provider_code(NormalizeCode(resource.provider_code()));
  for (auto& code : *resource.mutable_related_codes()) code = NormalizeCode(code);
  if (resource.name().empty() && !IsClassification(resource.resource_code())) {
    resource.set_name(ResourceName(resource.resource_code()));
  }
  if (resource.base_database().empty()) {
    resource.set_base_database(std::string(BaseDatabaseOf(resource.resource_code())));
  }
}

std::vector<Violation> Check(const v1::Resource& resource) {
  Violations found;
  CheckIdentity(resource, found);
  CheckFormat(resource, found);
  CheckFields(resource, found);
  CheckSharing(resource, found);
  CheckUpkeep(resource, found);
  CheckBase(resource, found);
  CheckLinks(resource, found);
  return found.Take();
}

std::vector<v1::Finding> FindingsOf(const v1::Resource& resource) {
  std::vector<v1::Finding> findings;
  AddCodeFindings(resource, findings);
  if (resource.provider_code().empty()) {
    findings.push_back(MakeFinding("CREDIT_CODE_MISSING", "provider_code",
                                   "The provider's 统一社会信用代码 is not known here; add it."));
  }
  for (int i = 0; i < resource.format_types_size(); ++i) {
    if (resource.format_category() == v1::FORMAT_CATEGORY_SELF_DESCRIBED) break;
    if (Has(FormatTypesOf(resource.format_category()), resource.format_types(i))) continue;
    findings.push_back(MakeFinding("FORMAT_TYPE_UNKNOWN", absl::StrCat("format_types[", i, "]"),
                                   "The guide does not name this type; check that others can read it."));
  }
  if (resource.share_type() == v1::SHARE_TYPE_NOT_SHARED && resource.open_type() != v1::OPEN_TYPE_NOT_OPEN) {
    findings.push_back(MakeFinding("OPEN_BUT_NOT_SHARED", "open_type",
                                   "The public may have what departments may not; correct one of the two types."));
  }
  AddFieldFindings(resource, findings);
  return findings;
}

std::string SchemaFingerprintOf(const v1::Resource& resource) {
  std::vector<SchemaField> fields;
  for (const auto& field : resource.fields()) fields.push_back({field.field(), field.data_type()});
  return std::string(Bytes(SchemaFingerprint(fields)));
}

}  // namespace zhanqiao::catalog
