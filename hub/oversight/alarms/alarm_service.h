// AlarmService (proto/zhanqiao/v1/alarm.proto). Methods block until durable: call from a worker thread. Thread-safe.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/rules.h"
#include "hub/ledger/index/index.h"
#include "hub/oversight/alarms/alarm_rules.h"
#include "zhanqiao/v1/alarm.pb.h"

namespace zhanqiao::oversight {

class AlarmService {
 public:
  // Everything it needs; all of it outlives the service.
  struct Parts {
    documents::DocumentStore& store;
    const catalog::Catalog& catalog;
    const ledger::Index& index;
    const ledger::Entries& entries;
    const access::Rules& rules;
    const Clock& clock;
  };
  explicit AlarmService(Parts parts) : parts_(parts) {}

  absl::StatusOr<v1::ListAlarmsResponse> ListAlarms(const Caller&, const v1::ListAlarmsRequest&);
  absl::StatusOr<v1::Alarm> GetAlarm(const Caller&, const v1::GetAlarmRequest&);
  absl::StatusOr<v1::ScanDayResponse> ScanDay(const Caller&, const v1::ScanDayRequest&);
  absl::StatusOr<v1::Alarm> CloseAlarm(const Caller&, const v1::CloseAlarmRequest&);

  // A duty of the sweep: the day before `today`, which is over. Keeps what is new.
  absl::Status Run(absl::CivilDay today);

 private:
  absl::StatusOr<v1::ScanDayResponse> Scan(absl::CivilDay day, const std::string& actor);
  absl::StatusOr<DaySeen> See(absl::CivilDay day, uint64_t& reached) const;
  bool MaySee(const Caller& caller, const v1::Alarm& alarm) const;

  const Parts parts_;
};

}  // namespace zhanqiao::oversight
