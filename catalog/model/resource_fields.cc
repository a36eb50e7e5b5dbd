#include "catalog/model/resource_fields.h"

#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/masks.h"
#include "catalog/base/text.h"

namespace zhanqiao::catalog {
namespace {

using Presence = Violations::Presence;

constexpr int kFieldsMax = 500;
constexpr int kLengthMax = 1'000'000;

bool IsFieldName(std::string_view name) {
  if (name.empty() || name.size() > 63 || name[0] < 'a' || name[0] > 'z') return false;
  for (const char c : name) {
    if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_') return false;
  }
  return true;
}

bool NeedsLength(v1::DataType type) {
  return type == v1::DATA_TYPE_CHARACTER || type == v1::DATA_TYPE_NUMERIC || type == v1::DATA_TYPE_DOUBLE ||
         type == v1::DATA_TYPE_INTEGER || type == v1::DATA_TYPE_FLOAT;
}

void CheckField(const v1::Field& field, const std::string& path, Violations& found) {
  const auto at = [&](std::string_view element) { return absl::StrCat(path, ".", Absl(element)); };
  found.Require(IsFieldName(field.field()), at("field"), "FIELD_NAME",
                "Give a name of programs: a-z, then up to 62 of a-z, 0-9 and _.");
  found.Text(at("display_name"), field.display_name(), Presence::kRequired, 100);
  found.Require(field.data_type() != v1::DATA_TYPE_UNSPECIFIED && v1::DataType_IsValid(field.data_type()),
                at("data_type"), "ENUM_VALUE", OneOf(v1::DataType_descriptor()));
  if (NeedsLength(field.data_type())) {
    found.Require(field.length() > 0 && field.length() <= kLengthMax, at("length"), "FIELD_LENGTH",
                  "Required above 0 for types C, N, B, I and F, at most 1000000; give code points or digits.");
  } else {
    found.Require(field.length() >= 0 && field.length() <= kLengthMax, at("length"), "FIELD_LENGTH",
                  "Give 0 or more, at most 1000000.");
  }
  found.Text(at("note"), field.note(),
             field.data_type() == v1::DATA_TYPE_MEMO ? Presence::kRequired : Presence::kOptional, 1000, true);
  found.Require(v1::Sensitivity_IsValid(field.sensitivity()), at("sensitivity"), "ENUM_VALUE",
                OneOf(v1::Sensitivity_descriptor()));
  found.Require(v1::Mask_IsValid(field.mask()), at("mask"), "ENUM_VALUE", OneOf(v1::Mask_descriptor()));
  const bool text = field.data_type() == v1::DATA_TYPE_CHARACTER || field.data_type() == v1::DATA_TYPE_MEMO;
  const bool birth_date = DefaultForm(field.mask()) == v1::MASK_BIRTH_DATE && field.data_type() == v1::DATA_TYPE_DATE;
  found.Require(text || birth_date || field.mask() == v1::MASK_UNSPECIFIED, at("mask"), "MASK_NEEDS_TEXT",
                "Masks write asterisks, so the field must be of type C or M (a birth date of type D); leave the mask out "
                "or change the type.");
  found.Require(!field.person_key() || field.data_type() == v1::DATA_TYPE_CHARACTER, at("person_key"), "PERSON_KEY_TYPE",
                "An ID number is of type C; leave the mark out or change the type.");
  found.Require(!field.key() || field.data_type() != v1::DATA_TYPE_GENERAL, at("key"), "KEY_TYPE",
                "A field of type G cannot be compared; choose another key.");
}

}  // namespace

v1::Finding MakeFinding(std::string_view reason, std::string_view field, std::string_view description) {
  v1::Finding finding;
  finding.set_reason(std::string(reason));
  finding.set_field(std::string(field));
  finding.set_description(std::string(description));
  return finding;
}

void CheckFields(const v1::Resource& resource, Violations& found) {
  const bool structured = resource.format_category() == v1::FORMAT_CATEGORY_SPREADSHEET ||
                          resource.format_category() == v1::FORMAT_CATEGORY_DATABASE;
  found.Require(!structured || resource.fields_size() > 0, "fields", "FIELDS_REQUIRED",
                "Spreadsheets and databases list their 信息项; give at least one.");
  if (resource.fields_size() > kFieldsMax) {
    found.Add("fields", "FIELDS_TOO_MANY",
              absl::StrCat("Has ", resource.fields_size(), "; an entry has at most ", kFieldsMax, ", split it."));
    return;
  }
  absl::flat_hash_set<std::string> names;
  for (int i = 0; i < resource.fields_size(); ++i) {
    const std::string path = absl::StrCat("fields[", i, "]");
    CheckField(resource.fields(i), path, found);
    found.Require(names.insert(resource.fields(i).field()).second, path + ".field", "FIELD_NAME_REPEATED",
                  "Stands for another field already; give each its own name.");
  }
}

void AddFieldFindings(const v1::Resource& resource, std::vector<v1::Finding>& findings) {
  absl::flat_hash_set<std::string> names;
  bool personal = false;
  for (int i = 0; i < resource.fields_size(); ++i) {
    const v1::Field& field = resource.fields(i);
    const std::string path = absl::StrCat("fields[", i, "]");
    personal = personal || field.sensitivity() != v1::SENSITIVITY_UNSPECIFIED;
    if (!names.insert(field.display_name()).second) {
      findings.push_back(MakeFinding("FIELD_NAME_REPEATED", path + ".display_name",
                                     "Another 信息项 has the same name; tell them apart."));
    }
    const bool maskable = field.data_type() == v1::DATA_TYPE_CHARACTER || field.data_type() == v1::DATA_TYPE_MEMO;
    if (maskable && field.sensitivity() == v1::SENSITIVITY_SENSITIVE && field.mask() == v1::MASK_UNSPECIFIED) {
      findings.push_back(MakeFinding("SENSITIVE_WITHOUT_MASK", path + ".mask",
                                     "The field is sensitive personal information; give it a mask."));
    }
  }
  if (personal && resource.open_type() == v1::OPEN_TYPE_UNCONDITIONAL) {
    findings.push_back(MakeFinding("OPEN_WITH_PERSONAL_FIELDS", "open_type",
                                   "Personal fields are open to everybody; open it on conditions or not at all."));
  }
}

}  // namespace zhanqiao::catalog
