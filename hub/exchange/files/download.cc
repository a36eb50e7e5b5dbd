#include "hub/exchange/files/download.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "catalog/documents/document_store.h"
#include "hub/access/access_rules.h"
#include "hub/access/grants.h"
#include "hub/exchange/entry.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

constexpr std::string_view kMethod = "/zhanqiao.v1.FileService/Download";
constexpr size_t kBufferedMax = 4 << 20;  // bytes the consumer has not taken, beyond which nothing is read for it
constexpr int kChunksInTurn = 4;          // given before others have their turn

absl::Status Denied(std::string_view reason, std::string_view message, std::string_view link = kLinkGrant) {
  return Fail(absl::StatusCode::kPermissionDenied, reason, message, {{"link", std::string(link)}});
}

// A file is opaque: what a grant holds back of it cannot be held back.
absl::Status CheckWhole(const access::GrantInForce& grant, const v1::Resource& resource) {
  bool whole = grant.row_conditions.empty();
  for (const auto& field : resource.fields()) {
    const auto granted = grant.masks.find(field.field());
    whole = whole && granted != grant.masks.end() && granted->second == v1::MASK_UNSPECIFIED;
  }
  if (whole) return absl::OkStatus();
  return Denied("FILE_NOT_GRANTED",
                "A file cannot be masked or filtered: it needs a grant of every field, without masks and row conditions.");
}

absl::Status NotWritten(const absl::Status& failed) {
  if (failed.code() == absl::StatusCode::kAborted) {
    return Denied("GRANT_NOT_ACTIVE", "The grant, the caller or its certificate changed meanwhile; look at them and ask again.");
  }
  return Fail(absl::StatusCode::kUnavailable, "LEDGER_UNAVAILABLE",
              "The ledger cannot be written, so nothing is released; the operator is needed.",
              {{"link", std::string(kLinkHub)}});
}

}  // namespace

Download::Download(Files& files, std::shared_ptr<Sink> sink)
    : files_(files), parts_(files.parts()), sink_(std::move(sink)), strand_(parts_.executor, [this] { Work(); }) {}

void Download::Start(const Caller& caller, const v1::DownloadRequest& request) {
  if (phase_ != Phase::kNew) return;  // the table gives one message only
  caller_ = caller;
  request_ = request;
  phase_ = Phase::kOpening;
  Wake();
}

void Download::Wake() { strand_.Wake(shared_from_this()); }

void Download::Gone() {
  {
    absl::MutexLock lock(&mu_);
    gone_ = true;
  }
  Wake();
}

bool Download::gone() const {
  absl::MutexLock lock(&mu_);
  return gone_;
}

void Download::End(const absl::Status& status) {
  phase_ = Phase::kEnded;
  sink_->Finish(status);
}

void Download::Refuse(absl::Status status) {
  phase_ = Phase::kEnded;
  access::Refused refused;
  refused.actor = caller_.subject;
  refused.trace = caller_.trace;
  refused.denial.set_method(std::string(kMethod));
  refused.denial.set_grant(request_.grant());
  if (caller_.kind == SubjectKind::kSystem) refused.denial.set_consumer(caller_.subject);
  if (const auto grant = parts_.grants.Find(request_.grant())) refused.denial.set_resource(grant->resource);
  refused.denial.set_identity(caller_.identity);
  refused.denial.set_fingerprint(caller_.fingerprint);
  refused.denial.set_matter(request_.matter());
  refused.denial.set_request_id(request_.file());
  if (FactOf(status, "link").empty()) status = WithFact(std::move(status), "link", kLinkCaller);
  parts_.refusals.Record(std::move(refused), std::move(status),
                         [sink = sink_](absl::Status written) { sink->Finish(written); });
}

void Download::Work() {
  std::optional<absl::StatusOr<storage::CommitResult>> settled;
  {
    absl::MutexLock lock(&mu_);
    settled = std::exchange(settled_, std::nullopt);
    if (settled) committing_ = false;
    if (committing_) return;
  }
  if (settled) Settle(*std::move(settled));
  if (phase_ == Phase::kOpening) {
    const absl::Status opened = gone() ? absl::CancelledError("") : Open();
    if (!opened.ok()) return Refuse(opened);
  }
  if (phase_ == Phase::kGiving) Give();
}

// What holds now: the caller as registered, the grant as it stands.
absl::StatusOr<Caller> Download::Allowed() const {
  Caller caller = TRY(parts_.directory.Again(caller_));
  const auto grant = parts_.grants.Find(request_.grant());
  if (grant == nullptr) return Denied("GRANT_NOT_FOUND", "There is no such grant; name one of your own with ListGrants.");
  if (grant->consumer != caller.subject) return Denied("GRANT_NOT_YOURS", "The grant is another system's; use your own.");
  if (!grant->Allows(CivilDayOf(parts_.clock.Now()))) {
    return Denied("GRANT_NOT_ACTIVE", "The grant is not in force; see its state and term.");
  }
  return caller;
}

absl::Status Download::Open() {
  if (caller_.kind != SubjectKind::kSystem) {
    return Denied("CALLER_NOT_SYSTEM", "Files go to registered systems only; ask through a system of your body.", kLinkCaller);
  }
  TRY(access::CheckText("matter", request_.matter(), 64, true));
  const Caller caller = TRY(Allowed());
  const auto grant = parts_.grants.Find(request_.grant());
  known_ = TRY(files_.Find(request_.file()));
  // No word of files of other resources.
  if (known_.file.resource() != grant->resource) {
    return Denied("FILE_NOT_GRANTED", "The file is not of the grant's resource; see ListFiles.");
  }
  const auto resource = parts_.catalog.FindResource(grant->resource);
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return Denied("GRANT_NOT_ACTIVE", "The resource is not published any more, so its grants release nothing.");
  }
  TRY(CheckWhole(*grant, *resource));
  if (known_.file.state() != v1::FILE_STATE_READY) {
    return Fail(absl::StatusCode::kFailedPrecondition, "FILE_NOT_READY", "The file has not arrived whole; ask later.",
                {{"link", std::string(kLinkHub)}});
  }
  if (request_.offset() < 0 || request_.offset() >= known_.file.size_bytes()) {
    return BadField("DOWNLOAD_OFFSET", "offset", "Give a byte of the file: 0 or more, below size_bytes.");
  }
  next_ = request_.offset();
  auto spooled = SpoolFile::Open(files_.PathOf(known_.file.name()), known_.file.name(), parts_.keys);
  if (!spooled.ok()) return spooled.status();
  spool_.emplace(*std::move(spooled));
  const absl::Time now = parts_.clock.Now();
  TRY(parts_.quotas.Count(*grant, false, now));
  TRY(parts_.quotas.Take(*grant, {.calls = 1, .rows = 0, .bytes = known_.file.size_bytes() - next_, .subjects = {}}, now));

  Flight flight;
  flight.caller = std::make_shared<const Caller>(caller);
  flight.grant = grant;
  flight.plan = TRY(MakePlan(grant, resource, {}));
  flight.request.set_grant(request_.grant());
  flight.request.set_matter(request_.matter());
  flight.request.set_request_id(request_.file());
  for (const auto& column : flight.plan->columns) flight.request.add_fields(column.field);
  flight.connector = known_.file.uploader();
  flight.canonical = ledger::CanonicalRequest(flight.request, grant->resource);
  flight.seed = NewSeed(parts_.random);
  flight.commitment = Commitment(flight.seed, ledger::kRequestLabel, flight.canonical);
  flight.received = flight.sent = flight.replied = now;
  v1::Exchange span;
  span.mutable_file()->set_file(known_.file.name());
  span.mutable_file()->set_from_byte(static_cast<uint64_t>(next_));
  span.mutable_file()->set_bytes(static_cast<uint64_t>(known_.file.size_bytes()));
  span.mutable_file()->set_sha256(known_.file.sha256());
  flight.entry_tail = span.SerializeAsString();
  Released released;
  released.answer_bytes = known_.file.sha256();  // what the commitments of a file are over

  storage::Commit commit;
  commit.preconditions.push_back(documents::DocumentStore::StillAt(grant->name, grant->revision));
  commit.preconditions.push_back(documents::DocumentStore::StillAt(caller.subject, caller.revision));
  commit.preconditions.push_back(
      documents::DocumentStore::StillAt(absl::StrCat("revokedCertificates/", caller.fingerprint), 0));
  commit.preconditions.push_back(documents::DocumentStore::StillAt(known_.file.name(), known_.revision));
  commit.records.push_back(ReleaseRecord(flight, released, v1::ConnectorReply(), {}, {}, now));
  phase_ = Phase::kReleasing;
  {
    absl::MutexLock lock(&mu_);
    committing_ = true;
  }
  parts_.pipeline.Submit(std::move(commit), [self = shared_from_this()](absl::StatusOr<storage::CommitResult> result) {
    self->Submitted(std::move(result));
  });
  return absl::OkStatus();
}

void Download::Submitted(absl::StatusOr<storage::CommitResult> result) {
  {
    absl::MutexLock lock(&mu_);
    settled_ = std::move(result);
  }
  Wake();
}

void Download::Settle(absl::StatusOr<storage::CommitResult> result) {
  v1::DownloadResponse response;
  v1::LedgerReceipt receipt;
  receipt.set_origin(parts_.origin);
  if (result.ok()) {
    receipt.set_index(result->places.back().index);
    receipt.set_leaf_hash(std::string(Bytes(result->places.back().leaf)));
  }
  if (phase_ == Phase::kReleasing) {
    if (!result.ok()) return Refuse(NotWritten(result.status()));
    opened_index_ = receipt.index();
    *response.mutable_start()->mutable_file() = known_.file;
    *response.mutable_start()->mutable_receipt() = std::move(receipt);
    sink_->Write(response);
    phase_ = Phase::kGiving;
  } else if (phase_ == Phase::kClosing) {
    if (!result.ok()) return End(NotWritten(result.status()));
    if (!ending_.ok()) return Refuse(ending_);
    auto& end = *response.mutable_end();
    end.set_bytes(next_ - request_.offset());
    end.set_sha256(digests_.sha256());
    *end.mutable_receipt() = std::move(receipt);
    sink_->Write(response);
    End(absl::OkStatus());
  }
}

void Download::Give() {
  for (int chunk = 0; chunk < kChunksInTurn; ++chunk) {
    if (gone()) return Close("interrupted", absl::CancelledError("The consumer has gone."));
    if (next_ == known_.file.size_bytes()) return Close("downloaded", absl::OkStatus());
    if (sink_->buffered() > kBufferedMax) return;  // the stream wakes this when it has drained
    const absl::Status given = GiveChunk();
    if (!given.ok()) return Close("interrupted", given);
  }
  Wake();
}

absl::Status Download::GiveChunk() {
  TRY(Allowed());
  const int64_t chunk = next_ / kChunkBytes;
  const std::string bytes = TRY(spool_->Read(chunk));
  const std::string_view rest = std::string_view(bytes).substr(static_cast<size_t>(next_ - chunk * kChunkBytes));
  if (rest.empty()) {
    return Fail(absl::StatusCode::kDataLoss, "FILE_DAMAGED", "The file is damaged in the spool; it has to be uploaded again.",
                {{"link", std::string(kLinkHub)}});
  }
  digests_.Add(rest);
  next_ += static_cast<int64_t>(rest.size());
  v1::DownloadResponse response;
  response.set_data(rest.data(), rest.size());
  sink_->Write(response);
  return absl::OkStatus();
}

// What was given is written down, however it ended.
void Download::Close(std::string_view verb, absl::Status ending) {
  phase_ = Phase::kClosing;
  ending_ = std::move(ending);
  v1::FileEvent event;
  event.set_file(known_.file.name());
  event.set_resource(known_.file.resource());
  event.set_verb(std::string(verb));
  event.set_bytes(static_cast<uint64_t>(next_ - request_.offset()));
  event.set_sha256(digests_.sha256());
  event.set_opened_index(opened_index_);
  storage::Commit commit;
  commit.records.push_back(FileEntry(caller_.subject, caller_.trace, std::move(event)));
  {
    absl::MutexLock lock(&mu_);
    committing_ = true;
  }
  parts_.pipeline.Submit(std::move(commit), [self = shared_from_this()](absl::StatusOr<storage::CommitResult> result) {
    self->Submitted(std::move(result));
  });
}

}  // namespace zhanqiao::exchange
