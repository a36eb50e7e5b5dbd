// Reminders of the monthly report: some days before it is due and on the day after, to the bodies that have not handed it
// in; as notices in the hub, and by mail where there is a relay. Thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "hub/access/rules.h"
#include "hub/oversight/records.h"
#include "hub/oversight/reports/mail.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

class Reminders {
 public:
  // Everything it needs; all of it outlives the reminders.
  struct Parts {
    documents::DocumentStore& store;
    const Records& records;
    const access::Rules& rules;
    const Clock& clock;
    Random& random;
    Mailer* mailer = nullptr;  // null: notices alone
    Contacts contacts;
  };
  explicit Reminders(Parts parts) : parts_(std::move(parts)) {}

  // A duty of the sweep: what the calendar brings by `today`, each once for a month, also after a restart.
  absl::Status Run(absl::CivilDay today);

  // Tells the bodies that have not handed in the month's report (`organizations`: only these), in one commit with the
  // ReportReminder called `id`; empty: a fresh one. ALREADY_EXISTS / DOCUMENT_EXISTS if that was sent before.
  absl::StatusOr<v1::RemindBodiesResponse> Remind(absl::CivilMonth month, std::string_view reminder, std::string_view id,
                                                  const std::vector<std::string>& organizations);

 private:
  absl::Status RemindOnce(absl::CivilMonth month, std::string_view id);
  const Parts parts_;
};

}  // namespace zhanqiao::oversight
