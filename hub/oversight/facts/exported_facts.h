// The facts an auditor holds in files: exported document versions, each checked against its entry of the exported ledger,
// and the ledger's exchanges. Nothing here asks a hub. The entries themselves are proved before (hub/ledger/verify.h,
// hub/ledger/archive/part.h).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "hub/ledger/index/rollup.h"
#include "hub/oversight/facts/exchanges.h"
#include "hub/oversight/records.h"
#include "zhanqiao/v1/report.pb.h"

namespace zhanqiao::oversight {

// Gives the entries [from, to) of the exported log, proved, in order.
using EntryVisit = absl::FunctionRef<absl::Status(uint64_t index, std::string_view entry)>;
using EntryRange = std::function<absl::Status(uint64_t from, uint64_t to, EntryVisit visit)>;

// Thread-safe once made.
class ExportedFacts final : public Exchanges {
 public:
  // `versions` as ExportVersions gave them, which covers the entries below `to`. DATA_LOSS with the facts `document`,
  // `revision` and `index`:
  //   VERSION_MISSING      an entry tells of a version that is not among them
  //   VERSION_UNPROVED     a version is not what its entry commits to, or no entry tells of it
  //   VERSION_UNCOMMITTED  a version without a commitment is of a kind that figures are made of
  //   VERSION_SALT         its salt was erased or left out, so that nobody can say
  static absl::StatusOr<std::unique_ptr<ExportedFacts>> Check(std::vector<v1::ExportedVersion> versions, uint64_t to,
                                                              EntryRange entries);

  const RecordsView& view() const { return view_; }
  uint64_t size() const { return to_; }
  size_t versions_checked() const { return checked_; }
  absl::Status Each(const Period& period, ledger::VisitRollup visit) const override;

 private:
  struct Held {
    v1::ExportedVersion version;
    absl::Time time;      // of its entry
    bool proved = false;
  };
  explicit ExportedFacts(uint64_t to, EntryRange entries) : to_(to), entries_(std::move(entries)) {}
  absl::Status Hold(std::vector<v1::ExportedVersion> versions);
  absl::Status CheckEntries();
  absl::Status CheckEntry(uint64_t index, const v1::LedgerEntry& entry);
  absl::Status TakeIntoView();

  const uint64_t to_;
  const EntryRange entries_;
  std::map<std::pair<std::string, uint64_t>, Held> versions_;  // by name and revision; emptied once they are in the view
  size_t checked_ = 0;
  RecordsView view_;
  ledger::Rollup rollup_;
  std::map<int32_t, uint64_t> day_begins_;  // index of the first entry of each civil day
};

// What a recomputation found of one report.
struct Recomputed {
  std::string report;                      // its name
  std::string organization;
  Period period;
  bool full_month = false;                 // of the figures of the whole month, else of those it was handed in with
  v1::ReportFigures derived;               // anew
  std::vector<std::string> different;      // keys of figures that the report tells otherwise
};
// Every report of `month` that was handed in (of `organization`, and `version` of it, when given), derived anew.
// NOT_FOUND / DOCUMENT_NOT_FOUND when there is none; FAILED_PRECONDITION / EXPORT_TOO_SHORT (facts: size, known_at).
absl::StatusOr<std::vector<Recomputed>> Recompute(const ExportedFacts& facts, absl::CivilMonth month,
                                                  const std::string& organization, int version);

}  // namespace zhanqiao::oversight
