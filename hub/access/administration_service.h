// AdministrationService (administration.proto): what administrators look after. Thread-safe. What the machine itself is like is
// told by whoever wires it (hub/hub_health.cc).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "hub/access/rules.h"
#include "hub/access/seen_certificates.h"
#include "zhanqiao/v1/administration.pb.h"

namespace zhanqiao::access {

inline constexpr std::string_view kNoticeCertificateExpiring = "CERTIFICATE_EXPIRING";

// The days of a calendar's CSV (workdays.h), by date. INVALID_ARGUMENT / CSV_INVALID.
absl::StatusOr<v1::HolidayCalendar> CalendarOf(std::string_view csv);

class AdministrationService {
 public:
  // Everything referred to outlives it.
  struct Parts {
    documents::DocumentStore& store;
    SeenCertificates& certificates;
    const Rules& rules;
    const Clock& clock;
    Random& random;
    v1::HolidayCalendar calendar;                        // as it is shown; empty: none is loaded
    std::string policy_file;                             // name of the table's file; empty: built in
    std::string policy_variant;
    std::function<v1::SystemHealth()> health = nullptr;  // null: nothing is known
  };
  explicit AdministrationService(Parts parts) : parts_(std::move(parts)) {}

  absl::StatusOr<v1::SystemHealth> GetSystemHealth(const Caller& caller, const v1::GetSystemHealthRequest& request);
  absl::StatusOr<v1::ListCertificatesResponse> ListCertificates(const Caller& caller, const v1::ListCertificatesRequest& request);
  absl::StatusOr<v1::ListPolicyRowsResponse> ListPolicyRows(const Caller& caller, const v1::ListPolicyRowsRequest& request);
  absl::StatusOr<v1::HolidayCalendar> GetHolidayCalendar(const Caller& caller, const v1::GetHolidayCalendarRequest& request);

  // Tells each body once, by a notice, of every certificate of it that ends within the policy's days, and forgets old ones.
  // Once a civil day; blocks.
  absl::Status Run(absl::CivilDay today);

 private:
  // Those of `organization` (empty: all) with their states on `today`.
  absl::StatusOr<std::vector<v1::Certificate>> Judged(std::string_view organization, absl::CivilDay today) const;

  const Parts parts_;
};

}  // namespace zhanqiao::access
