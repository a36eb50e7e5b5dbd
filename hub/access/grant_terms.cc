#include "hub/access/grant_terms.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/masks.h"
#include "hub/access/grants.h"

namespace zhanqiao::access {
namespace {

absl::Status Exceeds(const std::string& path, std::string_view fix) { return BadField("TERMS_EXCEED", path, fix); }

// A limit of the terms: 0 leaves that of the application; without one there, any is narrower.
template <typename Number>
absl::Status CheckLimit(Number terms, Number applied, const std::string& path) {
  if (terms < 0) return BadField("QUOTA_INVALID", path, "Give 0 or more.");
  if (applied > 0 && terms > applied) return Exceeds(path, "A decision grants no higher limit than applied for; give that or less.");
  return absl::OkStatus();
}

absl::Status CheckFieldsWithin(const v1::GrantTerms& terms, const v1::Grant& grant) {
  for (int i = 0; i < terms.fields_size(); ++i) {
    const auto& field = terms.fields(i);
    const std::string path = absl::StrCat("terms.fields[", i, "]");
    const v1::GrantedField* applied = nullptr;
    for (const auto& candidate : grant.fields()) {
      if (candidate.field() == field.field()) applied = &candidate;
    }
    if (applied == nullptr) return Exceeds(path + ".field", "The field is not applied for; name fields of the application.");
    if (!AtLeastAsStrong(field.mask(), applied->mask())) {
      return Exceeds(path + ".mask", "The mask is weaker than the one applied for; give that, or MASK_ALL.");
    }
  }
  return absl::OkStatus();
}

}  // namespace

bool AtLeastAsStrong(v1::Mask mask, v1::Mask other) {
  if (mask == other || mask == v1::MASK_ALL || other == v1::MASK_UNSPECIFIED) return true;
  return (mask == v1::MASK_PSEUDONYM && other != v1::MASK_ALL) || mask == DefaultForm(other);
}

v1::GrantTerms TermsOf(const v1::Grant& grant) {
  v1::GrantTerms terms;
  *terms.mutable_fields() = grant.fields();
  *terms.mutable_row_conditions() = grant.row_conditions();
  terms.set_start_date(grant.start_date());
  terms.set_end_date(grant.end_date());
  terms.set_rate_per_second(grant.rate_per_second());
  terms.set_daily_calls_max(grant.daily_calls_max());
  terms.set_daily_rows_max(grant.daily_rows_max());
  terms.set_daily_bytes_max(grant.daily_bytes_max());
  terms.set_daily_persons_max(grant.daily_persons_max());
  return terms;
}

absl::Status CheckTerms(const v1::GrantTerms& terms, const v1::Grant& grant, const v1::Resource& resource) {
  TRY(CheckFieldsWithin(terms, grant));
  TRY(CheckLimit(terms.rate_per_second(), grant.rate_per_second(), "terms.rate_per_second"));
  TRY(CheckLimit(terms.daily_calls_max(), grant.daily_calls_max(), "terms.daily_calls_max"));
  TRY(CheckLimit(terms.daily_rows_max(), grant.daily_rows_max(), "terms.daily_rows_max"));
  TRY(CheckLimit(terms.daily_bytes_max(), grant.daily_bytes_max(), "terms.daily_bytes_max"));
  TRY(CheckLimit(terms.daily_persons_max(), grant.daily_persons_max(), "terms.daily_persons_max"));
  if (terms.weight() < 0 || terms.weight() > 100) return BadField("WEIGHT_INVALID", "terms.weight", "Give 1 to 100, or 0 for 1.");
  if (!terms.start_date().empty() && terms.start_date() < grant.start_date()) {
    return Exceeds("terms.start_date", "The term begins no earlier than applied for; give that date or a later one.");
  }
  if (!terms.end_date().empty() && !grant.end_date().empty() && terms.end_date() > grant.end_date()) {
    return Exceeds("terms.end_date", "The term ends no later than applied for; give that date or an earlier one.");
  }
  // What it makes must be a good application too: fields named once, real dates in order, conditions on keys.
  return CheckApplication(Narrowed(grant, terms), resource, "terms.");
}

v1::Grant Narrowed(v1::Grant grant, const v1::GrantTerms& terms) {
  if (!terms.fields().empty()) *grant.mutable_fields() = terms.fields();
  grant.mutable_row_conditions()->MergeFrom(terms.row_conditions());
  if (!terms.start_date().empty()) grant.set_start_date(terms.start_date());
  if (!terms.end_date().empty()) grant.set_end_date(terms.end_date());
  if (terms.rate_per_second() > 0) grant.set_rate_per_second(terms.rate_per_second());
  if (terms.daily_calls_max() > 0) grant.set_daily_calls_max(terms.daily_calls_max());
  if (terms.daily_rows_max() > 0) grant.set_daily_rows_max(terms.daily_rows_max());
  if (terms.daily_bytes_max() > 0) grant.set_daily_bytes_max(terms.daily_bytes_max());
  if (terms.daily_persons_max() > 0) grant.set_daily_persons_max(terms.daily_persons_max());
  if (terms.weight() > 0) grant.set_weight(terms.weight());
  return grant;
}

}  // namespace zhanqiao::access
