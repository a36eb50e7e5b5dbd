#include "hub/oversight/alarms/alarm_service.h"

#include <algorithm>
#include <map>
#include <set>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/model/service_support.h"
#include "hub/access/access_rules.h"
#include "hub/access/matter.h"
#include "hub/oversight/facts/duty_bodies.h"
#include "hub/oversight/facts/exchanges.h"

namespace zhanqiao::oversight {
namespace {

constexpr std::string_view kAlarms = "alarms/";
constexpr size_t kFindingMax = 1000;
constexpr int32_t kMeanDays = 30;                    // a system's mean is over so many days before
constexpr absl::Duration kIndexWaitMax = absl::Seconds(5);

bool Watches(const Caller& caller) { return access::HoldsAny(caller, {"office", "auditor", "security_admin"}); }

uint64_t MicrosAt(absl::CivilDay day) {
  return static_cast<uint64_t>(std::max<int64_t>(0, absl::ToUnixMicros(absl::FromCivil(day, Shanghai()))));
}

absl::StatusOr<ReleaseSeen> ReleaseIn(uint64_t index, std::string_view bytes, std::string_view secret_bytes) {
  v1::LedgerEntry entry;
  v1::EntrySecret secret;
  if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())) ||
      !secret.ParseFromArray(secret_bytes.data(), static_cast<int>(secret_bytes.size()))) {
    return ledger::EntryMissing(index);
  }
  const v1::Exchange& exchange = entry.exchange();
  ReleaseSeen release;
  release.index = index;
  release.time = absl::FromUnixMicros(static_cast<int64_t>(entry.time_us()));
  release.consumer = exchange.consumer();
  release.resource = exchange.resource();
  release.rows = exchange.rows();
  release.bulk = !exchange.fetch().empty() || exchange.has_feed() || exchange.has_file();
  release.persons = {secret.subjects().begin(), secret.subjects().end()};
  return release;
}

}  // namespace

bool AlarmService::MaySee(const Caller& caller, const v1::Alarm& alarm) const {
  if (Watches(caller)) return true;
  if (caller.kind != SubjectKind::kPerson || alarm.kind() == v1::ALARM_KIND_MANY_LOOKERS) return false;
  if (BodyOf(alarm.consumer()) == caller.organization) return true;
  const auto entry = parts_.catalog.FindResource(alarm.resource());
  return entry != nullptr && entry->provider() == caller.organization;
}

absl::StatusOr<v1::ListAlarmsResponse> AlarmService::ListAlarms(const Caller& caller, const v1::ListAlarmsRequest& request) {
  if (caller.kind != SubjectKind::kPerson) return access::RoleRequired("a person of a body, office, auditor, security_admin");
  for (const std::string& date : {request.from_date(), request.to_date()}) {
    if (!date.empty()) TRY(ParseDay(date));
  }
  const auto keep = [&](const documents::Version& version) {
    const auto alarm = version.As<v1::Alarm>();
    if (!alarm.ok() || !MaySee(caller, *alarm)) return false;
    if (!request.from_date().empty() && alarm->date() < request.from_date()) return false;
    if (!request.to_date().empty() && alarm->date() > request.to_date()) return false;
    if (request.kind() != v1::ALARM_KIND_UNSPECIFIED && alarm->kind() != request.kind()) return false;
    return request.state() == v1::ALARM_STATE_UNSPECIFIED || alarm->state() == request.state();
  };
  const auto page = TRY(parts_.store.List(kAlarms, request.page_size(), request.page_token(), {}, keep));
  v1::ListAlarmsResponse response;
  for (const documents::Version& version : page.versions) *response.add_alarms() = TRY(catalog::DocumentOf<v1::Alarm>(version));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Alarm> AlarmService::GetAlarm(const Caller& caller, const v1::GetAlarmRequest& request) {
  TRY(access::CheckMatterName(request.name(), kAlarms));
  const auto alarm = catalog::Fetch<v1::Alarm>(parts_.store, request.name(), {});
  if (alarm.ok() ? MaySee(caller, *alarm) : Watches(caller)) return alarm;
  return access::RoleRequired("a person of a body it concerns, office, auditor, security_admin");
}

// The releases of the day, entry by entry, and from the roll-ups what was usual before.
absl::StatusOr<DaySeen> AlarmService::See(absl::CivilDay day, uint64_t& reached) const {
  const ledger::SegmentSet segments = parts_.index.Snapshot(absl::Now() + kIndexWaitMax);
  reached = segments.reached();
  DaySeen seen;
  seen.day = day;
  ledger::IndexQuery query;
  query.from_time_us = MicrosAt(day);
  query.to_time_us = MicrosAt(day + 1);
  query.oldest_first = true;
  query.all_of.push_back({{ledger::Term(ledger::IndexField::kEvent, "exchange")}});
  absl::Status status;
  segments.Walk(query, std::nullopt, [&](uint64_t index) {
    status = parts_.entries.Read(index, index + 1, [&](uint64_t at, std::string_view entry, std::string_view secret) -> absl::Status {
      ReleaseSeen release = TRY(ReleaseIn(at, entry, secret));
      seen.releases.push_back(std::move(release));
      return absl::OkStatus();
    });
    return status.ok();
  });
  TRY(status);
  struct Before {
    uint64_t releases = 0;
    std::set<int32_t> days;
  };
  std::map<std::string, Before> before;
  const int32_t today = NumberOfDay(day);
  segments.VisitRollups([&](const ledger::RollupCell& cell, const ledger::RollupSums& sums) {
    if (cell.day >= today || cell.day < today - kMeanDays || !cell.reason.empty()) return;
    Before& of_system = before[cell.consumer];
    of_system.releases += sums.count;
    of_system.days.insert(cell.day);
  });
  for (const auto& [system, sums] : before) {
    seen.mean_before[system] = static_cast<double>(sums.releases) / static_cast<double>(sums.days.size());
  }
  return seen;
}

absl::StatusOr<v1::ScanDayResponse> AlarmService::Scan(absl::CivilDay day, const std::string& actor) {
  v1::ScanDayResponse response;
  uint64_t reached = 0;
  const DaySeen seen = TRY(See(day, reached));
  response.set_reached(reached);
  for (v1::Alarm& alarm : TRY(AlarmsOf(seen, parts_.rules.policy))) {
    *alarm.mutable_create_time() = catalog::ToTimestamp(parts_.clock.Now());
    documents::Transaction transaction;
    transaction.changes.push_back(catalog::ChangeTo(alarm, 0));
    transaction.actor = actor;
    transaction.reason = alarm.description();
    const auto stored = parts_.store.Apply(std::move(transaction));
    if (stored.ok()) {
      response.set_created(response.created() + 1);
    } else if (ReasonOf(stored.status()) != "DOCUMENT_EXISTS") {
      return stored.status();
    }
    *response.add_alarms() = TRY(catalog::Fetch<v1::Alarm>(parts_.store, alarm.name(), {}));
  }
  return response;
}

absl::StatusOr<v1::ScanDayResponse> AlarmService::ScanDay(const Caller& caller, const v1::ScanDayRequest& request) {
  if (!Watches(caller)) return access::RoleRequired("office, auditor, security_admin");
  const absl::CivilDay day = TRY(ParseDay(request.date()));
  if (day > CivilDayOf(parts_.clock.Now())) return BadField("DATE_IN_FUTURE", "date", "Give a date not after today.");
  return Scan(day, caller.subject);
}

absl::StatusOr<v1::Alarm> AlarmService::CloseAlarm(const Caller& caller, const v1::CloseAlarmRequest& request) {
  if (!Watches(caller)) return access::RoleRequired("office, auditor, security_admin");
  TRY(access::CheckMatterName(request.name(), kAlarms));
  TRY(access::CheckText("finding", request.finding(), kFindingMax, true));
  const documents::Version version = TRY(parts_.store.Get(request.name()));
  TRY(access::RequireCurrent(request.etag(), version));
  v1::Alarm alarm = TRY(version.As<v1::Alarm>());
  if (alarm.state() != v1::ALARM_STATE_OPEN) {
    return Fail(absl::StatusCode::kFailedPrecondition, "ALARM_STATE", "The alarm was closed before; read it again.", {{"document", alarm.name()}});
  }
  alarm.set_state(v1::ALARM_STATE_CLOSED);
  alarm.set_finding(request.finding());
  alarm.set_closer(caller.subject);
  return catalog::Put(parts_.store, caller, alarm, version.revision, request.finding());
}

absl::Status AlarmService::Run(absl::CivilDay today) { return Scan(today - 1, "hub").status(); }

}  // namespace zhanqiao::oversight
