#include "hub/access/matter.h"

#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {

DayCount CountDays(const WorkCalendar& calendar, absl::CivilDay began, absl::CivilDay due,
                   absl::CivilDay until) {
  return {.working_days = calendar.WorkdaysBetween(began, until),
          .overdue_working_days = calendar.WorkdaysBetween(due, until)};
}

absl::StatusOr<absl::CivilDay> CountingDay(std::string_view as_of, absl::CivilDay today) {
  if (as_of.empty()) return today;
  return ParseDay(as_of);
}

absl::Status RequireCurrent(std::string_view etag, const documents::Version& version) {
  if (etag.empty() || etag == version.etag()) return absl::OkStatus();
  return Fail(absl::StatusCode::kAborted, "ETAG_MISMATCH", "The document has changed since; read it again.",
              {{"document", version.name}, {"stored", version.etag()}, {"expected", std::string(etag)}});
}

absl::Status CheckMatterName(std::string_view name, std::string_view prefix) {
  if (name.substr(0, prefix.size()) == prefix && IsSubjectId(name.substr(prefix.size())))
    return absl::OkStatus();
  return BadField("NAME_INVALID", "name", "Not a name of the right form; take it from the list.",
                  {{"prefix", std::string(prefix)}});
}

documents::Transaction TransactionOf(
    documents::Change change, MatterMove move, Random& random,
    const std::function<void(v1::LedgerEntry& entry, std::string commitment)>& fill) {
  const std::string seed = NewSeed(random);
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(move.actor);
  entry.set_trace(move.trace);
  fill(entry, std::string(Bytes(Commitment(seed, "document", change.document))));
  documents::Transaction transaction;
  change.expected_revision = move.expected_revision;
  transaction.records.push_back({entry.SerializeAsString(), SecretOf(seed)});
  transaction.changes.push_back(std::move(change));
  for (documents::Change& notice : move.notices) transaction.changes.push_back(std::move(notice));
  transaction.actor = std::move(move.actor);
  transaction.reason = std::move(move.reason);
  return transaction;
}

}  // namespace zhanqiao::access
