#include "hub/oversight/datasets/dataset.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "catalog/base/clock.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"
#include "catalog/model/update_cycle.h"
#include "hub/access/access_rules.h"
#include "hub/http/client.h"

namespace zhanqiao::datasets {
namespace {

using Presence = catalog::Violations::Presence;
using Columns = google::protobuf::RepeatedPtrField<v1::DatasetColumn>;

constexpr std::string_view kReports = "/riskReports/";
constexpr std::string_view kProbe = "/probes/latest";
constexpr int kColumnsMax = 200;

// CKAN's rule for tags: letters of any script, digits, blanks and these signs.
bool IsTag(std::string_view tag) {
  const size_t points = CodePoints(tag);
  if (points < 2 || points > 50 || !IsCleanText(tag)) return false;
  return std::all_of(tag.begin(), tag.end(), [](char c) {
    return static_cast<unsigned char>(c) >= 0x80 || absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' ||
           c == '.' || c == ' ';
  });
}

bool IsDay(std::string_view text) { return text.empty() || ParseDay(text).ok(); }

bool IsFieldName(std::string_view name) {
  if (name.empty() || name.size() > 63 || name[0] < 'a' || name[0] > 'z') return false;
  return std::all_of(name.begin(), name.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_'; });
}

void CheckContact(const v1::DatasetContact& contact, catalog::Violations& found) {
  found.Text("contact.unit", contact.unit(), Presence::kRequired, 100);
  const std::string& email = contact.email();
  const size_t at = email.find('@');
  const bool mail = email.empty() || (email.size() <= 100 && at != std::string::npos && at > 0 && at + 1 < email.size() &&
                                      email.find_first_of(" <>\"'\r\n\t") == std::string::npos);
  found.Require(mail, "contact.email", "EMAIL_INVALID", "Give an address like kfsj@example.gov.cn, or nothing.");
  const bool phone = contact.phone().size() <= 30 && contact.phone().find_first_not_of("0123456789+-() ") == std::string::npos;
  found.Require(phone, "contact.phone", "PHONE_INVALID", "Give digits, \"+\", \"-\", \"()\" and blanks, at most 30.");
}

// A 信息项 whose values point at one person: every mask an entry asks for says so.
bool Identifies(const v1::Field& field) { return field.mask() != v1::MASK_UNSPECIFIED || field.person_key(); }

const v1::Field* FieldOf(const v1::Resource& entry, std::string_view name) {
  for (const v1::Field& field : entry.fields()) {
    if (field.field() == name) return &field;
  }
  return nullptr;
}

void CheckRole(const v1::DatasetColumn& column, const v1::Resource& entry, const std::string& path, catalog::Violations& found) {
  const v1::Field* const field = FieldOf(entry, column.field());
  if (field == nullptr) return;
  if (Identifies(*field)) {
    const bool generalised = column.role() == v1::COLUMN_ROLE_QUASI_IDENTIFIER && !column.note().empty();
    found.Require(generalised || column.role() == v1::COLUMN_ROLE_PUBLIC_CONTACT, absl::StrCat(path, ".role"), "COLUMN_IDENTIFIES",
                  "The entry says that this 信息项 identifies persons; drop it, or generalise it, make it a quasi-identifier and "
                  "say in the note how.");
    return;
  }
  const bool personal = field->sensitivity() != v1::SENSITIVITY_UNSPECIFIED;
  const bool protecting = column.role() == v1::COLUMN_ROLE_QUASI_IDENTIFIER || column.role() == v1::COLUMN_ROLE_SENSITIVE;
  found.Require(!personal || protecting, absl::StrCat(path, ".role"), "COLUMN_PERSONAL",
                "The entry says that this 信息项 is personal; make it a quasi-identifier or sensitive, or drop it.");
  found.Require(field->sensitivity() != v1::SENSITIVITY_SENSITIVE || column.role() == v1::COLUMN_ROLE_SENSITIVE,
                absl::StrCat(path, ".role"), "COLUMN_SENSITIVE",
                "The entry says that this 信息项 is sensitive; make it so here, or drop it.");
}

template <typename State, typename NameOf>
absl::Status StateMismatch(const std::string& name, const std::string& state, std::initializer_list<State> states,
                           const NameOf& text) {
  std::vector<std::string> expected;
  for (const State one : states) expected.push_back(text(one));
  return Fail(absl::StatusCode::kFailedPrecondition, "DATASET_STATE", "The dataset is in another state; read it again.",
              {{"document", name}, {"state", state}, {"expected", absl::StrJoin(expected, ",")}});
}

}  // namespace

bool IsDatasetName(std::string_view name) { return catalog::IsMemberName(name, kDatasets); }

std::string RiskReportName(std::string_view dataset, int release) { return absl::StrCat(Absl(dataset), Absl(kReports), release); }

std::string ProbeName(std::string_view dataset) { return absl::StrCat(Absl(dataset), Absl(kProbe)); }

std::string DatasetOf(std::string_view name) {
  std::string_view dataset = name.substr(0, name.find(kReports));
  if (dataset.size() == name.size() && absl::EndsWith(Absl(name), Absl(kProbe))) dataset.remove_suffix(kProbe.size());
  return dataset.size() < name.size() && IsDatasetName(dataset) ? std::string(dataset) : std::string();
}

void Normalize(v1::Dataset& dataset) {
  for (std::string* text : {dataset.mutable_title(), dataset.mutable_title_en(), dataset.mutable_description()}) {
    absl::StripAsciiWhitespace(text);
  }
  for (std::string& tag : *dataset.mutable_tags()) absl::StripAsciiWhitespace(&tag);
  for (std::string& theme : *dataset.mutable_themes()) absl::StripAsciiWhitespace(&theme);
  if (dataset.license().empty()) dataset.set_license("qingdao-open");
}

std::vector<Violation> Check(const v1::Dataset& dataset, const v1::Resource& entry) {
  catalog::Violations found;
  found.Require(IsDatasetName(dataset.name()), "name", "DATASET_NAME",
                "Give organizations/{code}/datasets/{id}; the id is 1 to 63 of a-z, 0-9 and inner hyphens.");
  found.Text("title", dataset.title(), Presence::kRequired, 100);
  found.Text("title_en", dataset.title_en(), Presence::kOptional, 200);
  found.Text("description", dataset.description(), Presence::kRequired, 2000, /*lines=*/true);
  found.Require(dataset.themes_size() <= 5, "themes", "LIST_TOO_LONG", "Give at most 5 themes.");
  for (int i = 0; i < dataset.themes_size(); ++i) found.Text(absl::StrCat("themes[", i, "]"), dataset.themes(i), Presence::kRequired, 20);
  found.Require(dataset.tags_size() <= 20, "tags", "LIST_TOO_LONG", "Give at most 20 tags.");
  for (int i = 0; i < dataset.tags_size(); ++i) {
    found.Require(IsTag(dataset.tags(i)), absl::StrCat("tags[", i, "]"), "TAG_INVALID",
                  "Give 2 to 50 letters of any script, digits, blanks, \"_\", \"-\" or \".\".");
  }
  static const auto* const licenses = new std::set<std::string>{"qingdao-open", "cc-by-4.0", "cc0-1.0"};
  found.Require(licenses->count(dataset.license()) > 0, "license", "LICENSE_UNKNOWN", "Give qingdao-open, cc-by-4.0 or cc0-1.0.");
  found.Require(dataset.update_cycle() != v1::UPDATE_CYCLE_UNSPECIFIED && v1::UpdateCycle_IsValid(dataset.update_cycle()),
                "update_cycle", "ENUM_VALUE", catalog::OneOf(v1::UpdateCycle_descriptor()));
  const bool access = dataset.access() == v1::DATASET_ACCESS_PUBLIC || dataset.access() == v1::DATASET_ACCESS_CONTROLLED;
  found.Require(access, "access", "ENUM_VALUE", catalog::OneOf(v1::DatasetAccess_descriptor()));
  found.Require(dataset.access() != v1::DATASET_ACCESS_PUBLIC || entry.open_type() == v1::OPEN_TYPE_UNCONDITIONAL, "access",
                "ENTRY_OPEN_CONDITIONALLY", "The entry is open under conditions; make the dataset CONTROLLED.");
  CheckContact(dataset.contact(), found);
  found.Require(dataset.spatial().empty() || IsDivisionCode(dataset.spatial()), "spatial", "DIVISION_CODE",
                "Give six digits of GB/T 2260, for example 370200, or nothing.");
  found.Require(IsDay(dataset.temporal_start()), "temporal_start", "DATE_INVALID", "Give an existing date as YYYY-MM-DD, or nothing.");
  found.Require(IsDay(dataset.temporal_end()), "temporal_end", "DATE_INVALID", "Give an existing date as YYYY-MM-DD, or nothing.");
  found.Require(dataset.temporal_end().empty() || dataset.temporal_start() <= dataset.temporal_end(), "temporal_end", "DATE_ORDER",
                "The end is before the start; correct one of them.");
  return found.Take();
}

std::vector<Violation> CheckColumns(const Columns& columns, const v1::Resource& entry) {
  catalog::Violations found;
  found.Require(!columns.empty() && columns.size() <= kColumnsMax, "columns", "COLUMNS_REQUIRED", "Declare 1 to 200 columns.");
  std::set<std::string> fields;
  std::set<std::string> headings;
  for (int i = 0; i < columns.size(); ++i) {
    const v1::DatasetColumn& column = columns[i];
    const std::string path = absl::StrCat("columns[", i, "]");
    found.Require(IsFieldName(column.field()), path + ".field", "FIELD_NAME", "Give a-z, then a-z, 0-9 and _, at most 63.");
    found.Require(fields.insert(column.field()).second, path + ".field", "FIELD_REPEATED", "Another column has this name.");
    found.Text(path + ".display_name", column.display_name(), Presence::kRequired, 100);
    found.Require(headings.insert(column.display_name()).second, path + ".display_name", "FIELD_REPEATED",
                  "Another column has this heading.");
    found.Require(column.data_type() != v1::DATA_TYPE_UNSPECIFIED && v1::DataType_IsValid(column.data_type()) &&
                      column.data_type() != v1::DATA_TYPE_GENERAL,
                  path + ".data_type", "ENUM_VALUE", "Give a data type that CSV holds: any but GENERAL.");
    found.Text(path + ".note", column.note(), Presence::kOptional, 1000, /*lines=*/true);
    found.Require(column.role() != v1::COLUMN_ROLE_UNSPECIFIED && v1::ColumnRole_IsValid(column.role()), path + ".role", "ENUM_VALUE",
                  catalog::OneOf(v1::ColumnRole_descriptor()));
    CheckRole(column, entry, path, found);
  }
  return found.Take();
}

std::vector<Violation> CheckAddress(const v1::Distribution& distribution) {
  catalog::Violations found;
  found.Require(catalog::IsMemberId(distribution.id()), "distribution.id", "DISTRIBUTION_ID",
                "Give 1 to 63 of a-z, 0-9 and inner hyphens.");
  found.Text("distribution.title", distribution.title(), Presence::kOptional, 100);
  const std::string& format = distribution.format();
  const bool plain = !format.empty() && format.size() <= 16 && std::all_of(format.begin(), format.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '-';
  });
  found.Require(plain, "distribution.format", "FORMAT_INVALID", "Give letters, digits and \"-\", at most 16, for example JSON.");
  const std::string& address = distribution.address();
  const auto url = http::ParseUrl(address);
  const bool text = address.size() <= 2000 && address.find_first_of(" <>\"'\\\r\n\t") == std::string::npos && IsCleanText(address);
  const bool elsewhere = url.ok() && text && !http::IsLoopback(*url) && !absl::StartsWith(url->host, "169.254.") &&
                         !absl::StartsWithIgnoreCase(url->host, "fe80:") && url->host != "0.0.0.0" && url->host != "::" &&
                         url->host.find('@') == std::string::npos;
  found.Require(elsewhere, "distribution.address", "ADDRESS_NOT_ALLOWED",
                "Give an http or https address of another machine, at most 2000 characters, without blanks or quotes.");
  return found.Take();
}

bool IsOpen(const v1::Resource& entry) {
  return entry.state() == v1::RESOURCE_STATE_PUBLISHED &&
         (entry.open_type() == v1::OPEN_TYPE_UNCONDITIONAL || entry.open_type() == v1::OPEN_TYPE_CONDITIONAL);
}

absl::Status CheckState(const v1::Dataset& dataset, std::initializer_list<v1::DatasetState> states) {
  if (std::find(states.begin(), states.end(), dataset.state()) != states.end()) return absl::OkStatus();
  return StateMismatch(dataset.name(), v1::DatasetState_Name(dataset.state()), states,
                       [](v1::DatasetState one) { return v1::DatasetState_Name(one); });
}

absl::Status CheckCandidate(const v1::Dataset& dataset, std::initializer_list<v1::CandidateState> states) {
  if (std::find(states.begin(), states.end(), dataset.candidate_state()) != states.end()) return absl::OkStatus();
  return StateMismatch(dataset.name(), v1::CandidateState_Name(dataset.candidate_state()), states,
                       [](v1::CandidateState one) { return v1::CandidateState_Name(one); });
}

absl::Status CheckFourEyes(const v1::Dataset& dataset, std::string_view decider) {
  const std::string& proposer = dataset.candidate().proposer();
  if (!proposer.empty() && proposer != decider) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "FOUR_EYES", "Another person than the proposer decides.",
              {{"link", std::string(kLinkCaller)}, {"proposer", proposer}});
}

bool MaySee(const Caller& caller, const v1::Dataset& dataset) {
  if (!dataset.issue_date().empty()) return true;
  if (access::HoldsAny(caller, {"office", "auditor"})) return true;
  return caller.kind == SubjectKind::kPerson && caller.organization == catalog::OrganizationOf(dataset.name());
}

std::optional<absl::CivilDay> UpdateDueOf(const v1::Dataset& dataset) {
  v1::Resource like;
  like.set_state(v1::RESOURCE_STATE_PUBLISHED);
  like.set_update_cycle(dataset.update_cycle());
  like.set_data_update_date(dataset.current().data_update_date());
  like.set_release_date(dataset.issue_date());
  return catalog::UpdateDue(like);
}

}  // namespace zhanqiao::datasets
