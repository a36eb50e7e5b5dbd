#include "hub/access/administration_service.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "catalog/documents/request_id.h"
#include "catalog/model/notices.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kAll = "organizations/-";
constexpr std::string_view kWarningDays = "certificate.expiry_warning_days";

bool Current(v1::CertificateState state) {
  return state == v1::CERTIFICATE_STATE_VALID || state == v1::CERTIFICATE_STATE_EXPIRING;
}

absl::Status RequirePerson(const Caller& caller) {
  return caller.kind == SubjectKind::kPerson ? absl::OkStatus() : RoleRequired("any person");
}

}  // namespace

absl::StatusOr<v1::HolidayCalendar> CalendarOf(std::string_view csv) {
  const CsvTable table = TRY(ParseCsv(csv));
  const int date = table.Column("date");
  const int kind = table.Column("kind");
  const int note = table.Column("note");
  v1::HolidayCalendar calendar;
  if (date < 0 || kind < 0) return BadField("CSV_INVALID", "holidays", "Give the columns date, kind and note.");
  for (const CsvRow& row : table.rows) {
    v1::CalendarDay& day = *calendar.add_days();
    day.set_date(row.cells[static_cast<size_t>(date)]);
    day.set_workday(row.cells[static_cast<size_t>(kind)] == "workday");
    if (note >= 0) day.set_note(row.cells[static_cast<size_t>(note)]);
  }
  std::sort(calendar.mutable_days()->begin(), calendar.mutable_days()->end(),
            [](const v1::CalendarDay& a, const v1::CalendarDay& b) { return a.date() < b.date(); });
  return calendar;
}

absl::StatusOr<v1::SystemHealth> AdministrationService::GetSystemHealth(const Caller& caller, const v1::GetSystemHealthRequest&) {
  if (!HoldsAny(caller, {"system_admin"})) return RoleRequired("system_admin");
  return parts_.health ? parts_.health() : v1::SystemHealth();
}

absl::StatusOr<std::vector<v1::Certificate>> AdministrationService::Judged(std::string_view organization, absl::CivilDay today) const {
  const int64_t warning = TRY(parts_.rules.policy.At(kWarningDays, today));
  std::vector<v1::Certificate> all = parts_.certificates.Of(organization);
  absl::flat_hash_map<std::string, int64_t> newest;  // by holder: the latest end of one that is not revoked
  std::vector<bool> revoked;
  for (const v1::Certificate& one : all) {
    const auto version = parts_.store.Get(absl::StrCat("revokedCertificates/", one.fingerprint()));
    if (!version.ok() && version.status().code() != absl::StatusCode::kNotFound) return version.status();
    revoked.push_back(version.ok());
    if (!version.ok()) newest[one.subject()] = std::max(newest[one.subject()], one.expire_time().seconds());
  }
  const absl::Time now = parts_.clock.Now();
  for (size_t i = 0; i < all.size(); ++i) {
    v1::Certificate& one = all[i];
    const absl::Time end = absl::FromUnixSeconds(one.expire_time().seconds());
    one.set_days_left(static_cast<int32_t>(CivilDayOf(end) - today));
    one.set_state(revoked[i]                                                  ? v1::CERTIFICATE_STATE_REVOKED
                  : end <= now                                                ? v1::CERTIFICATE_STATE_EXPIRED
                  : newest[one.subject()] > one.expire_time().seconds()       ? v1::CERTIFICATE_STATE_REPLACED
                  : one.days_left() <= warning                                ? v1::CERTIFICATE_STATE_EXPIRING
                                                                              : v1::CERTIFICATE_STATE_VALID);
  }
  return all;
}

absl::StatusOr<v1::ListCertificatesResponse> AdministrationService::ListCertificates(const Caller& caller,
                                                                                     const v1::ListCertificatesRequest& request) {
  const std::string parent = request.parent().empty() ? caller.organization : request.parent();
  if (!HoldsAny(caller, {"security_admin", "system_admin", "auditor", "office"}) && (caller.organization.empty() || caller.organization != parent)) {
    return RoleRequired("security_admin, system_admin, auditor, office, or a subject of the organisation");
  }
  const absl::CivilDay today = CivilDayOf(parts_.clock.Now());
  v1::ListCertificatesResponse response;
  response.set_warning_days(static_cast<int32_t>(TRY(parts_.rules.policy.At(kWarningDays, today))));
  std::vector<v1::Certificate> judged = TRY(Judged(parent == kAll ? "" : std::string_view(parent), today));
  for (v1::Certificate& one : judged) {
    if (!request.current_only() || Current(one.state())) *response.add_certificates() = std::move(one);
  }
  return response;
}

absl::StatusOr<v1::ListPolicyRowsResponse> AdministrationService::ListPolicyRows(const Caller& caller, const v1::ListPolicyRowsRequest&) {
  TRY(RequirePerson(caller));
  const absl::CivilDay today = CivilDayOf(parts_.clock.Now());
  v1::ListPolicyRowsResponse response;
  response.set_file(parts_.policy_file);
  response.set_variant(parts_.policy_variant);
  for (const auto& [key, rows] : parts_.rules.policy.All()) {
    for (const PolicyRow& row : rows) {
      v1::PolicyTableRow& one = *response.add_rows();
      one.set_key(key);
      one.set_value(row.value);
      one.set_from_date(FormatDay(row.from));
      if (row.to) one.set_to_date(FormatDay(*row.to));
      one.set_source(row.source);
      one.set_in_force(row.from <= today && (!row.to || today <= *row.to));
    }
  }
  return response;
}

absl::StatusOr<v1::HolidayCalendar> AdministrationService::GetHolidayCalendar(const Caller& caller, const v1::GetHolidayCalendarRequest&) {
  TRY(RequirePerson(caller));
  return parts_.calendar;
}

absl::Status AdministrationService::Run(absl::CivilDay today) {
  const std::vector<v1::Certificate> judged = TRY(Judged("", today));
  for (const v1::Certificate& one : judged) {
    if (one.state() != v1::CERTIFICATE_STATE_EXPIRING) continue;
    const std::string key = absl::StrCat("certificateWarnings/", one.fingerprint());
    if (TRY(documents::MadeBefore(parts_.store, key))) continue;
    documents::Transaction transaction;
    transaction.actor = "hub";
    transaction.reason = "certificate about to expire";
    transaction.changes.push_back(catalog::NoticeTo(
        OrganizationOf(one.subject()),
        {kNoticeCertificateExpiring, one.subject(),
         {{"title", one.subject().substr(one.subject().rfind('/') + 1)},
          {"expire_date", FormatDay(CivilDayOf(absl::FromUnixSeconds(one.expire_time().seconds())))},
          {"fingerprint", one.fingerprint()}}},
        parts_.clock.Now(), parts_.random));
    const std::string notice = transaction.changes.back().name;
    transaction.changes.push_back(documents::Remember(key, notice));
    TRY(parts_.store.Apply(std::move(transaction)));
  }
  parts_.certificates.Sweep();
  return absl::OkStatus();
}

}  // namespace zhanqiao::access
