#include "hub/oversight/facts/exported_facts.h"

#include <algorithm>
#include <array>
#include <optional>

#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "hub/ledger/commitments.h"
#include "hub/oversight/facts/document_entry.h"
#include "hub/oversight/facts/report_figures.h"
#include "hub/oversight/reports/report_rules.h"

namespace zhanqiao::oversight {
namespace {

absl::Status Unproved(std::string_view reason, std::string_view message, std::string_view document, uint64_t revision,
                      uint64_t index) {
  return Fail(absl::StatusCode::kDataLoss, reason, message,
              {{"document", std::string(document)}, {"revision", absl::StrCat(revision)}, {"index", absl::StrCat(index)}});
}

// Puts versions of one type into its timeline.
template <typename Message>
struct Taker {
  documents::Timeline<Message>& timeline;
  absl::Status Take(const documents::Version& version) const {
    Message message;
    if (!version.deleted) message = TRY(version.As<Message>());
    timeline.Take(version, std::move(message));
    return absl::OkStatus();
  }
};

using TakeVersion = std::function<absl::Status(const documents::Version&)>;

template <typename Message>
std::pair<std::string, TakeVersion> Into(documents::Timeline<Message>& timeline) {
  return {std::string(Message::descriptor()->full_name()), [&timeline](const documents::Version& version) {
            return Taker<Message>{timeline}.Take(version);
          }};
}

// What figures are made of.
std::map<std::string, TakeVersion> TakersOf(RecordsView& view) {
  return {Into(view.organizations), Into(view.systems),    Into(view.facilities), Into(view.resources),
          Into(view.grants),        Into(view.demands),    Into(view.objections), Into(view.judgements),
          Into(view.samples),       Into(view.reports),    Into(view.tasks)};
}

absl::Time TimeOf(const v1::LedgerEntry& entry) { return absl::FromUnixMicros(static_cast<int64_t>(entry.time_us())); }

// A typed event does not tell from when its document holds: it is the day it was written on, by a clock that is read a
// moment before the entry gets its time.
bool IsDayOfEntry(std::string_view date, absl::Time time) {
  const absl::CivilDay day = CivilDayOf(time);
  return date == FormatDay(day) || date == FormatDay(day - 1);
}

}  // namespace

absl::StatusOr<std::unique_ptr<ExportedFacts>> ExportedFacts::Check(std::vector<v1::ExportedVersion> versions, uint64_t to,
                                                                    EntryRange entries) {
  std::unique_ptr<ExportedFacts> facts(new ExportedFacts(to, std::move(entries)));
  TRY(facts->Hold(std::move(versions)));
  TRY(facts->CheckEntries());
  TRY(facts->TakeIntoView());
  return facts;
}

absl::Status ExportedFacts::Hold(std::vector<v1::ExportedVersion> versions) {
  for (v1::ExportedVersion& version : versions) {
    std::pair<std::string, uint64_t> key(version.name(), version.revision());
    const uint64_t index = version.index();
    const auto [at, fresh] = versions_.try_emplace(std::move(key), Held{std::move(version), {}, false});
    if (!fresh || index >= to_) {
      return Unproved("VERSION_UNPROVED", "A version comes twice or lies beyond the export.", at->first.first, at->first.second, index);
    }
  }
  return absl::OkStatus();
}

absl::Status ExportedFacts::CheckEntries() {
  TRY(entries_(0, to_, [this](uint64_t index, std::string_view bytes) -> absl::Status {
    v1::LedgerEntry entry;
    if (!entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
      return Fail(absl::StatusCode::kDataLoss, "LEDGER_ENTRY_MALFORMED", "An entry of the export is not in its form.",
                  {{"index", absl::StrCat(index)}});
    }
    day_begins_.try_emplace(ledger::DayOf(entry.time_us()), index);
    ledger::AddToRollup(entry, rollup_);
    return CheckEntry(index, entry);
  }));
  for (const auto& [key, held] : versions_) {
    if (!held.proved && !held.version.uncommitted()) {
      return Unproved("VERSION_UNPROVED", "No entry of the ledger tells of this version.", key.first, key.second, held.version.index());
    }
  }
  return absl::OkStatus();
}

absl::Status ExportedFacts::CheckEntry(uint64_t index, const v1::LedgerEntry& entry) {
  const auto document = DocumentOfEntry(entry);
  if (!document) return absl::OkStatus();
  const auto found = versions_.find({document->name, document->revision});
  if (found == versions_.end()) {
    return Unproved("VERSION_MISSING", "The ledger tells of a version that the export lacks.", document->name,
                    document->revision, index);
  }
  Held& held = found->second;
  const v1::ExportedVersion& version = held.version;
  // A version has one entry; what is written later of the same version (a warning, a second verb) adds nothing to it.
  if (version.index() != index) {
    if (index > version.index()) return absl::OkStatus();
    return Unproved("VERSION_UNPROVED", "The version names another entry than the one that made it.", document->name,
                    document->revision, index);
  }
  if (version.salt().empty()) {
    return Unproved("VERSION_SALT", "The version has no salt: it was erased or left out, and nobody can say whether it is right.",
                    document->name, document->revision, index);
  }
  const bool day_fits = document->effective_date.empty() ? IsDayOfEntry(version.effective_date(), TimeOf(entry))
                                                         : version.effective_date() == document->effective_date;
  if (!ledger::CheckCommitment(version.salt(), version.document(), document->commitment).ok() ||
      version.deleted() != document->deleted || !day_fits || version.uncommitted()) {
    return Unproved("VERSION_UNPROVED", "The version is not what its entry commits to.", document->name, document->revision, index);
  }
  held.proved = true;
  held.time = TimeOf(entry);
  ++checked_;
  return absl::OkStatus();
}

absl::Status ExportedFacts::TakeIntoView() {
  const std::map<std::string, TakeVersion> takers = TakersOf(view_);
  std::vector<const Held*> in_order;
  for (const auto& [key, held] : versions_) in_order.push_back(&held);
  std::sort(in_order.begin(), in_order.end(),
            [](const Held* a, const Held* b) { return a->version.index() < b->version.index(); });
  for (const Held* held : in_order) {
    const v1::ExportedVersion& exported = held->version;
    const auto taker = takers.find(exported.type());
    if (taker == takers.end()) continue;
    if (!held->proved) {
      return Unproved("VERSION_UNCOMMITTED", "No entry commits to this version, though figures are made of its kind.",
                      exported.name(), exported.revision(), exported.index());
    }
    documents::Version version;
    version.name = exported.name();
    version.revision = exported.revision();
    version.type = exported.type();
    version.document = exported.document();
    version.deleted = exported.deleted();
    version.effective = TRY(ParseDay(exported.effective_date()));
    version.known_at = exported.index();
    version.change_time = held->time;
    TRY(taker->second(version));
  }
  versions_.clear();
  return absl::OkStatus();
}

absl::Status ExportedFacts::Each(const Period& period, ledger::VisitRollup visit) const {
  // The day the position lies on may go on after it; the days before are complete (times never decrease in the log).
  auto day = day_begins_.end();
  for (auto at = day_begins_.begin(); at != day_begins_.end() && at->second <= period.known_at; ++at) day = at;
  if (day == day_begins_.end()) return absl::OkStatus();
  const int32_t from = NumberOfDay(period.from);
  const int32_t to = NumberOfDay(period.to);
  for (const auto& [cell, sums] : rollup_) {
    if (cell.day >= from && cell.day <= to && cell.day < day->first) visit(cell, sums);
  }
  if (day->first < from || day->first > to) return absl::OkStatus();
  ledger::Rollup last;
  TRY(entries_(day->second, std::min(period.known_at + 1, to_), [&](uint64_t, std::string_view bytes) {
    v1::LedgerEntry entry;
    if (entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) ledger::AddToRollup(entry, last);
    return absl::OkStatus();
  }));
  for (const auto& [cell, sums] : last) visit(cell, sums);
  return absl::OkStatus();
}

namespace {

// Tables of periods asked for before: reports of one month mostly share theirs.
class Tables {
 public:
  explicit Tables(const ExportedFacts& facts) : facts_(facts) {}
  absl::StatusOr<ReportRow> Of(const Period& period, const std::string& organization) {
    const std::array<int64_t, 3> key = {NumberOfDay(period.from), NumberOfDay(period.to), static_cast<int64_t>(period.known_at)};
    auto found = tables_.find(key);
    if (found == tables_.end()) {
      if (period.known_at >= facts_.size()) {
        return Fail(absl::StatusCode::kFailedPrecondition, "EXPORT_TOO_SHORT",
                    "The export ends before the position the report was made at; export again.",
                    {{"size", absl::StrCat(facts_.size())}, {"known_at", absl::StrCat(period.known_at)}});
      }
      found = tables_.emplace(key, TRY(DeriveFigures(facts_.view(), facts_, period))).first;
    }
    return found->second.Of(organization);
  }

 private:
  const ExportedFacts& facts_;
  std::map<std::array<int64_t, 3>, ReportTable> tables_;
};

absl::StatusOr<Recomputed> RecomputeOne(const v1::Report& report, bool full_month, Tables& tables) {
  const v1::ReportFigures& told = full_month ? report.full_month() : report.figures();
  Recomputed recomputed;
  recomputed.report = report.name();
  recomputed.organization = report.organization();
  recomputed.full_month = full_month;
  recomputed.period = TRY(PeriodOf(told));
  const ReportRow row = TRY(tables.Of(recomputed.period, report.organization()));
  recomputed.derived = ToMessage(row, recomputed.period);
  for (const v1::ReportFigure& figure : recomputed.derived.figures()) {
    const v1::ReportFigure* other = FindFigure(told, figure.key());
    const bool equal = other != nullptr && other->value() == figure.value() && other->denominator() == figure.denominator();
    if (!equal) recomputed.different.push_back(figure.key());
  }
  return recomputed;
}

}  // namespace

absl::StatusOr<std::vector<Recomputed>> Recompute(const ExportedFacts& facts, absl::CivilMonth month,
                                                  const std::string& organization, int version) {
  std::vector<Recomputed> all;
  Tables tables(facts);
  for (const auto& [name, history] : facts.view().reports.all()) {
    const auto parsed = ParseReportName(name);
    if (!parsed.ok() || parsed->month != month || (!organization.empty() && parsed->organization != organization)) continue;
    if (version != 0 && parsed->version != version) continue;
    const auto* newest = history.Newest({});
    if (newest == nullptr || (newest->fact.state() != v1::REPORT_STATE_SUBMITTED && newest->fact.state() != v1::REPORT_STATE_ACCEPTED)) {
      continue;
    }
    if (newest->fact.figures().as_of().empty()) continue;  // of a generated sample: it tells no figures
    Recomputed handed_in = TRY(RecomputeOne(newest->fact, false, tables));
    all.push_back(std::move(handed_in));
    if (!newest->fact.has_full_month()) continue;
    Recomputed whole = TRY(RecomputeOne(newest->fact, true, tables));
    all.push_back(std::move(whole));
  }
  if (!all.empty()) return all;
  return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND", "The export holds no report of this month that was handed in.",
              {{"organization", organization}});
}

}  // namespace zhanqiao::oversight
