#include "catalog/documents/document_store.h"

#include <limits>
#include <set>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/identifiers.h"
#include "catalog/documents/version_row.h"

namespace zhanqiao::documents {
namespace {

using storage::CommitResult;
using storage::Precondition;
using storage::Table;

constexpr size_t kNameBytesMax = 1024;
constexpr size_t kEntryBytesMax = 65535 - 9;  // the sequencer prefixes nine bytes
constexpr int kAttemptsMax = 100;

// The newest version of a document in `reader`, deletions included; nothing if it was never written.
absl::StatusOr<std::optional<Version>> Newest(const storage::Reader& reader, std::string_view name) {
  std::optional<absl::StatusOr<Version>> newest;
  const std::string prefix = VersionsPrefix(name);
  TRY(reader.ScanBackwards(Table::kDocuments, prefix, storage::PrefixEnd(prefix),
                           [&](std::string_view key, std::string_view row) {
                             newest = DecodeVersion(key, row);
                             return false;
                           }));
  if (!newest) return std::optional<Version>();
  Version version = TRY(*std::move(newest));
  return std::optional<Version>(std::move(version));
}

// What a change found, checked and turned into: the version to be, but for its place in the ledger.
struct Planned {
  Version version;
  std::vector<Precondition> preconditions;
};

absl::Status CheckExpected(const Change& change, const std::optional<Version>& newest) {
  const bool exists = newest && !newest->deleted;
  if (change.expected_revision) {
    if (*change.expected_revision == 0 && exists) {
      return Fail(absl::StatusCode::kAlreadyExists, "DOCUMENT_EXISTS",
                  "There is a document of this name already; update it or choose another name.",
                  {{"document", change.name}});
    }
    const uint64_t stored = exists ? newest->revision : 0;
    if (*change.expected_revision != stored) {
      return Fail(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                  "The document has changed since it was read; read it again and repeat the change.",
                  {{"document", change.name},
                   {"expected", EtagOf(*change.expected_revision)},
                   {"stored", exists ? EtagOf(stored) : "absent"}});
    }
  }
  if (change.deleted && !exists) {
    return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND", "There is no such document to delete.",
                {{"document", change.name}});
  }
  return absl::OkStatus();
}

absl::Status CheckForm(const Change& change, std::set<std::string>& names) {
  if (change.name.empty() || change.name.size() > kNameBytesMax || !IsCleanText(change.name)) {
    return BadField("DOCUMENT_NAME_INVALID", "name",
                    "A document's name is 1 to 1024 bytes of UTF-8 without control characters.");
  }
  if (!names.insert(change.name).second) {
    return BadField("DOCUMENT_REPEATED", "name", "One transaction changes a document once; join the changes.");
  }
  if (change.type.empty()) return BadField("DOCUMENT_TYPE_MISSING", "type", "Give the full protobuf name.");
  if (change.deleted && !change.document.empty()) {
    return BadField("DOCUMENT_NOT_EMPTY", "document", "A deletion carries no document; leave it empty.");
  }
  return absl::OkStatus();
}

// Takes the document out of `change`: a large transaction would otherwise lie in memory twice.
absl::StatusOr<Planned> Plan(const storage::Reader& reader, Change& change, absl::CivilDay today) {
  const std::optional<Version> newest = TRY(Newest(reader, change.name));
  TRY(CheckExpected(change, newest));
  Planned planned;
  const bool exists = newest && !newest->deleted;
  planned.preconditions.push_back(DocumentStore::StillAt(change.name, exists ? newest->revision : 0));
  if (!exists) {
    // Created and deleted again since, it would be absent as before but with more revisions.
    planned.preconditions.push_back({Table::kDocuments, TombstoneKey(change.name), std::nullopt});
    if (newest) planned.preconditions.back().expected = EtagOf(newest->revision);
  }
  Version& version = planned.version;
  version.name = change.name;
  version.revision = newest ? newest->revision + 1 : 1;
  version.type = change.type;
  version.document = std::move(change.document);
  version.deleted = change.deleted;
  version.effective = change.effective.value_or(today);
  return planned;
}

// The default entry of a change.
absl::StatusOr<storage::LogRecord> EntryOf(const Version& version, Random& random) {
  storage::LogRecord record;
  const std::string seed = NewSeed(random);
  record.secret = SecretOf(seed);
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(version.actor);
  auto* change = entry.mutable_document_change();
  change->set_name(version.name);
  change->set_type(version.type);
  change->set_revision(version.revision);
  const Digest commitment = Commitment(seed, "document", version.document);
  change->set_commitment(std::string(Bytes(commitment)));
  change->set_deleted(version.deleted);
  change->set_reason(version.reason);
  change->set_effective_date(FormatDay(version.effective));
  record.body = Canonical(entry);
  if (record.body.size() > kEntryBytesMax) {
    return BadField("ENTRY_TOO_LARGE", "reason", "A ledger entry holds at most 65,535 bytes; shorten the reason.");
  }
  return record;
}

// Adds the rows of `version`, now that its place is known.
void AddRows(const Version& version, uint32_t ordinal, storage::Batch& batch) {
  std::string key = VersionKey(version.name, version.revision);
  batch.Put(Table::kDocuments, key, EncodeVersion(version));
  batch.Put(Table::kFeed, FeedKey(version.known_at, ordinal), std::move(key));
  if (version.deleted) {
    batch.Delete(Table::kDocuments, HeadKey(version.name));
    batch.Put(Table::kDocuments, TombstoneKey(version.name), EtagOf(version.revision));
  } else {
    batch.Put(Table::kDocuments, HeadKey(version.name), EtagOf(version.revision));
    if (version.revision > 1) batch.Delete(Table::kDocuments, TombstoneKey(version.name));
  }
}

}  // namespace

std::string Version::etag() const { return EtagOf(revision); }

absl::StatusOr<uint64_t> RevisionOf(std::string_view etag) {
  uint64_t revision = 0;
  if (etag.size() > 1 && absl::SimpleAtoi(Absl(etag.substr(1)), &revision) && EtagOf(revision) == etag &&
      revision > 0) {
    return revision;
  }
  return BadField("ETAG_INVALID", "etag", "Not an etag this hub gave out; send the etag of the document as read.");
}

Precondition DocumentStore::StillAt(std::string_view name, uint64_t revision) {
  Precondition precondition{Table::kDocuments, HeadKey(name), std::nullopt};
  if (revision > 0) precondition.expected = EtagOf(revision);
  return precondition;
}

// One attempt at a transaction: the versions to be, and the commit that makes them.
struct DocumentStore::Attempt {
  std::shared_ptr<std::vector<Version>> versions;  // shared with the commit, which completes them
  storage::Commit commit;
};

DocumentStore::DocumentStore(storage::Store& store, storage::CommitPipeline& pipeline, const Clock& clock,
                             Random& random)
    : store_(store),
      pipeline_(pipeline),
      clock_(clock),
      random_(random),
      watches_(std::make_shared<Watches>()) {
  // What was being written when the store failed may be there now, and nobody was told of it.
  pipeline_.OnReopen(watches_.get(), [watches = watches_, &store]() -> absl::Status {
    if (watches->all.empty()) return absl::OkStatus();
    const std::vector<Version> missed = TRY(ChangesIn(store, watches->told_until, std::numeric_limits<int>::max()));
    for (const Version& version : missed) watches->Tell(version);
    return absl::OkStatus();
  });
}

absl::StatusOr<DocumentStore::Attempt> DocumentStore::Prepare(Transaction& transaction) {
  Attempt attempt;
  attempt.versions = std::make_shared<std::vector<Version>>();
  storage::Commit& commit = attempt.commit;
  commit.preconditions = transaction.preconditions;
  commit.records = transaction.records;
  const bool typed = !transaction.records.empty();
  const absl::CivilDay today = CivilDayOf(clock_.Now());
  for (Change& change : transaction.changes) {
    Planned planned = TRY(Plan(store_, change, today));
    planned.version.actor = transaction.actor;
    planned.version.reason = transaction.reason;
    if (!typed) {
      storage::LogRecord record = TRY(EntryOf(planned.version, random_));
      commit.records.push_back(std::move(record));
    }
    for (auto& precondition : planned.preconditions) commit.preconditions.push_back(std::move(precondition));
    attempt.versions->push_back(std::move(planned.version));
  }
  commit.records.insert(commit.records.end(), transaction.further_records.begin(), transaction.further_records.end());
  commit.late = [versions = attempt.versions, typed](const CommitResult& result, storage::Batch& batch) {
    for (size_t i = 0; i < versions->size(); ++i) {
      Version& version = (*versions)[i];
      const storage::LogPlace& place = result.places[typed ? 0 : i];
      version.known_at = place.index;
      version.change_time = place.time;
      AddRows(version, typed ? static_cast<uint32_t>(i) : 0, batch);
    }
  };
  commit.applied = [versions = attempt.versions, watches = watches_](const CommitResult&) {
    for (const Version& version : *versions) watches->Tell(version);
  };
  return attempt;
}

void DocumentStore::Watches::Tell(const Version& version) {
  told_until = version.known_at;
  for (const Watch& watch : all) {
    if (watch.seen_until && version.known_at <= *watch.seen_until) continue;
    if (version.name.compare(0, watch.prefix.size(), watch.prefix) == 0) watch.observer(version);
  }
}

absl::StatusOr<std::vector<Version>> DocumentStore::Apply(Transaction transaction) {
  TRY(pipeline_.health());
  std::set<std::string> names;
  for (const Change& change : transaction.changes) TRY(CheckForm(change, names));
  for (int attempts = 0; attempts < kAttemptsMax; ++attempts) {
    Attempt attempt = TRY(Prepare(transaction));
    const auto result = pipeline_.Run(std::move(attempt.commit));
    if (result.ok()) return std::move(*attempt.versions);
    if (ReasonOf(result.status()) != "PRECONDITION_FAILED") return result.status();
    size_t index = 0;
    const bool known = absl::SimpleAtoi(FactOf(result.status(), "precondition"), &index);
    // The caller's own conditions come first; one of ours means that a document moved in between: look again.
    if (!known || index < transaction.preconditions.size()) return result.status();
    for (size_t i = 0; i < transaction.changes.size(); ++i) {
      transaction.changes[i].document = std::move((*attempt.versions)[i].document);
    }
  }
  return WithRetryAfter(Fail(absl::StatusCode::kAborted, "DOCUMENT_CONTENDED",
                             "Others keep changing the same documents; try again a little later."),
                        100);
}

absl::Status DocumentStore::Observe(std::string prefix, Observer observer) {
  // Runs between two groups of the commit thread, so no version is missed. Versions of the same group are in the
  // snapshot already: `seen_until` keeps them from being told twice.
  absl::Status scanned;
  storage::Commit commit;
  commit.applied = [&](const CommitResult&) {
    scanned = [&]() -> absl::Status {
      Watch watch{prefix, observer, std::nullopt};
      const auto state = store_.Snapshot();
      TRY(state->ScanBackwards(Table::kFeed, "", "", [&](std::string_view key, std::string_view) {
        watch.seen_until = storage::FromBigEndian(key.substr(0, 8));
        return false;
      }));
      std::vector<std::string> names;
      const std::string heads = HeadKey(prefix);
      TRY(state->Scan(Table::kDocuments, heads, storage::PrefixEnd(heads),
                      [&](std::string_view key, std::string_view) {
                        names.emplace_back(key.substr(1));
                        return true;
                      }));
      for (const auto& name : names) {
        const std::optional<Version> version = TRY(Newest(*state, name));
        if (version && !version->deleted) observer(*version);
      }
      // In the first registration: versions from before are nobody's to be told.
      if (watches_->all.empty()) watches_->told_until = watch.seen_until;
      watches_->all.push_back(std::move(watch));
      return absl::OkStatus();
    }();
  };
  const auto result = pipeline_.Run(std::move(commit));
  if (!result.ok()) return result.status();
  return scanned;
}

}  // namespace zhanqiao::documents
