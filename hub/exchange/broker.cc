#include "hub/exchange/broker.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/wire.h"
#include "catalog/documents/document_store.h"
#include "hub/access/access_rules.h"
#include "hub/access/directory.h"
#include "hub/access/grants.h"
#include "hub/exchange/entry.h"
#include "hub/ledger/commitments.h"

namespace zhanqiao::exchange {
namespace {

constexpr size_t kPlansMax = 4096;
constexpr int kRowsMax = 1000;
constexpr int kChunkRowsMax = 10'000;
constexpr size_t kSeedBlock = 32 * 128;
constexpr std::string_view kQueryMethod = "/zhanqiao.v1.ExchangeService/Query";

absl::Status CheckRequest(const v1::QueryRequest& request, bool chunk) {
  if (request.grant().empty() || request.grant().size() > 128) {
    return BadField("GRANT_REQUIRED", "grant", "Name the grant this is under: grants/{id}.");
  }
  const absl::Status matter = access::CheckText("matter", request.matter(), 64, true);
  if (!matter.ok()) return matter;
  const absl::Status id = access::CheckText("request_id", request.request_id(), 64, false);
  if (!id.ok()) return id;
  if (!request.on_behalf_of().empty() && !access::IsSubjectName(request.on_behalf_of(), "persons")) {
    return BadField("PERSON_NAME", "on_behalf_of", "Name a person as organizations/{code}/persons/{id}, or leave it empty.");
  }
  if (request.row_limit() < 0 || request.row_limit() > (chunk ? kChunkRowsMax : kRowsMax)) {
    return BadField("ROW_LIMIT", "row_limit", "Give 1 to 1000, or 0 for 100.");
  }
  return absl::OkStatus();
}

absl::Status CheckGrant(const access::GrantInForce* grant, const Caller& caller, absl::CivilDay today) {
  if (grant == nullptr) {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_FOUND",
                "There is no such grant; name one of your own with ListGrants.", {{"link", std::string(kLinkGrant)}});
  }
  if (grant->consumer != caller.subject) {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_YOURS", "The grant is another system's; use your own.",
                {{"link", std::string(kLinkGrant)}, {"grant", grant->name}});
  }
  if (!grant->Allows(today)) {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_ACTIVE",
                "The grant is not in force; see its state and term.",
                {{"link", std::string(kLinkGrant)}, {"grant", grant->name}, {"state", access::StateName(grant->state)}});
  }
  return absl::OkStatus();
}

absl::Status Unavailable(std::string_view resource) {
  return Fail(absl::StatusCode::kUnavailable, "CONNECTOR_UNAVAILABLE",
              "No connector of the resource is connected; its department has to start one.",
              {{"link", std::string(kLinkConnector)}, {"resource", std::string(resource)}});
}

absl::Status Lost(std::string_view connector) {
  return Fail(absl::StatusCode::kUnavailable, "CONNECTOR_LOST",
              "The connector went away before it answered; try again.",
              {{"link", std::string(kLinkConnector)}, {"connector", std::string(connector)}});
}

absl::Status Overloaded() {
  return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "HUB_OVERLOADED",
                             "Too many requests are in flight; wait as long as RetryInfo says.",
                             {{"link", std::string(kLinkHub)}}),
                        100);
}

absl::Status Late(const Flight& flight) {
  const bool at_connector = flight.sent != absl::InfinitePast();
  return Fail(absl::StatusCode::kDeadlineExceeded, "DEADLINE_EXCEEDED",
              "No answer came before the deadline; allow more time or ask later.",
              {{"link", std::string(at_connector ? kLinkConnector : kLinkHub)}, {"connector", flight.connector}});
}

// What a connector's error becomes: its code and reason, never its text.
absl::Status FromConnector(const google::rpc::Status& wire, std::string_view connector) {
  const absl::Status sent =
      FromDetails(static_cast<absl::StatusCode>(wire.code()), wire.message(), wire.SerializeAsString());
  std::string reason = ReasonOf(sent);
  const bool stable = !reason.empty() && reason.size() <= 63 &&
                      std::all_of(reason.begin(), reason.end(), [](char c) { return (c >= 'A' && c <= 'Z') || c == '_' || (c >= '0' && c <= '9'); });
  const bool source = FactOf(sent, "link") == kLinkSource;
  const bool late = sent.code() == absl::StatusCode::kDeadlineExceeded;
  return Fail(late ? absl::StatusCode::kDeadlineExceeded : absl::StatusCode::kUnavailable,
              stable ? reason : "CONNECTOR_FAILED",
              "The connector could not answer; its department sees the cause in its log.",
              {{"link", std::string(source ? kLinkSource : kLinkConnector)}, {"connector", std::string(connector)}});
}

// Which precondition of a release did not hold.
absl::Status NoLongerAllowed(const absl::Status& failed) {
  const std::string which = FactOf(failed, "precondition");
  if (which == "0") {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_ACTIVE",
                "The grant changed while the request was in flight; see its state.", {{"link", std::string(kLinkGrant)}});
  }
  if (which == "1") {
    return Fail(absl::StatusCode::kPermissionDenied, "CALLER_DISABLED",
                "The caller's registration changed while the request was in flight.", {{"link", std::string(kLinkCaller)}});
  }
  if (which == "2") {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_ACTIVE",
                "The resource was withdrawn while the request was in flight.", {{"link", std::string(kLinkGrant)}});
  }
  return Fail(absl::StatusCode::kUnauthenticated, "CERTIFICATE_REVOKED",
              "The certificate was revoked while the request was in flight.", {{"link", std::string(kLinkCaller)}});
}

absl::Status NotWritten(const absl::Status& failed) {
  if (failed.code() == absl::StatusCode::kResourceExhausted) return Overloaded();
  return Fail(absl::StatusCode::kUnavailable, "LEDGER_UNAVAILABLE",
              "The ledger cannot be written, so nothing is released; the operator is needed.",
              {{"link", std::string(kLinkHub)}});
}

absl::Status WrongRequestSignature() {
  return Fail(absl::StatusCode::kPermissionDenied, "REQUEST_SIGNATURE",
              "The digest or its signature is not of this request by the system's registered key; sign what is really "
              "asked, with fields and row limit filled in.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status WrongAnswerSignature(std::string_view connector) {
  return Fail(absl::StatusCode::kInternal, "ANSWER_SIGNATURE",
              "The connector's answer is not signed with its registered key; its department has to correct it.",
              {{"link", std::string(kLinkConnector)}, {"connector", std::string(connector)}});
}

absl::Status CallerGone() {
  return Fail(absl::StatusCode::kCancelled, "CALLER_GONE", "The caller went away before the answer came.",
              {{"link", std::string(kLinkCaller)}});
}

// Where the chunk ends. A source that gives no rows but wants to go on would be asked for ever; one that leaves rows out
// without saying where they are knows nothing of chunks.
absl::Status TakeCursor(int rows, const v1::ConnectorReply& reply, Chunk& chunk) {
  constexpr size_t kCursorMax = 1024;
  const bool more = !reply.next_cursor().empty();
  if (reply.next_cursor().size() > kCursorMax || (rows == 0 && more) || (reply.truncated() && !more)) {
    return Fail(absl::StatusCode::kInternal, "ANSWER_SCHEMA",
                "The connector's chunk ends nowhere one could go on; its department has to correct it.",
                {{"link", std::string(kLinkConnector)}, {"misfit", "cursor"}});
  }
  chunk.cursor = reply.next_cursor();
  return absl::OkStatus();
}

bool SameFields(const ReleasePlan& plan, const google::protobuf::RepeatedPtrField<std::string>& fields) {
  const bool all = fields.empty();
  const size_t count = all ? plan.grant->fields.size() : static_cast<size_t>(fields.size());
  if (count != plan.columns.size()) return false;
  for (size_t i = 0; i < count; ++i) {
    if (plan.columns[i].field != (all ? plan.grant->fields[i].first : fields.Get(static_cast<int>(i)))) return false;
  }
  return true;
}

// v1.QueryResponse up to its receipt, in wire format.
std::string ResponseHead(std::string_view records, bool truncated) {
  std::string response;
  response.reserve(records.size() + 192);
  WireWriter wire(response);
  wire.Message(v1::QueryResponse::kRecordsFieldNumber, records);
  wire.Varint(v1::QueryResponse::kTruncatedFieldNumber, truncated ? 1 : 0);
  return response;
}

void AppendReceipt(std::string_view origin, const storage::LogPlace& place, std::string& response) {
  std::string receipt;
  WireWriter wire(receipt);
  wire.Bytes(v1::LedgerReceipt::kOriginFieldNumber, origin);
  wire.Varint(v1::LedgerReceipt::kIndexFieldNumber, place.index);
  wire.Bytes(v1::LedgerReceipt::kLeafHashFieldNumber, Bytes(place.leaf));
  WireWriter(response).Message(v1::QueryResponse::kReceiptFieldNumber, receipt);
}

}  // namespace

Broker::Broker(const catalog::Catalog& catalog, const access::GrantView& grants, access::Refusals& refusals,
               storage::CommitPipeline& pipeline, const Clock& clock, Random& random, Options options)
    : catalog_(catalog), grants_(grants), refusals_(refusals), pipeline_(pipeline), clock_(clock),
      options_(std::move(options)), routes_(std::make_shared<const Routes>()), random_(random) {}

Broker::~Broker() = default;

void Broker::Query(Caller caller, v1::QueryRequest request, Done done) {
  Query(std::make_shared<const Caller>(std::move(caller)), std::move(request), kQueryMethod, nullptr, std::move(done));
}

void Broker::Query(std::shared_ptr<const Caller> caller, v1::QueryRequest request, std::string_view method,
                   Abandoned abandoned, Done done, Signed signature, std::unique_ptr<Chunk> chunk) {
  auto flight = std::make_unique<Flight>();
  flight->caller = std::move(caller);
  flight->method = method;
  flight->request = std::move(request);
  flight->done = std::move(done);
  flight->abandoned = std::move(abandoned);
  flight->signature = std::move(signature);
  flight->chunk = std::move(chunk);
  flight->received = clock_.Now();
  flight->deadline = std::min(flight->caller->deadline, flight->received + options_.timeout_max);
  if (in_flight_.fetch_add(1, std::memory_order_relaxed) >= options_.in_flight_max) {
    return Refuse(std::move(flight), Overloaded());
  }
  const absl::Status prepared = Prepare(*flight);
  if (!prepared.ok()) return Refuse(std::move(flight), prepared);
  const absl::Status sent = Dispatch(flight, nullptr);
  if (!sent.ok()) Refuse(std::move(flight), sent);
}

void Broker::Reject(std::shared_ptr<const Caller> caller, v1::QueryRequest request, std::string_view method,
                    absl::Status status, Done done) {
  auto flight = std::make_unique<Flight>();
  flight->caller = std::move(caller);
  flight->method = method;
  flight->request = std::move(request);
  flight->done = std::move(done);
  in_flight_.fetch_add(1, std::memory_order_relaxed);
  Refuse(std::move(flight), std::move(status));
}

absl::Status Broker::Prepare(Flight& flight) {
  // No connector is asked for what could not be released.
  if (pipeline_.closed()) return NotWritten(absl::UnavailableError("closed"));
  const Caller& caller = *flight.caller;
  if (caller.kind != SubjectKind::kSystem) {
    return Fail(absl::StatusCode::kPermissionDenied, "CALLER_NOT_SYSTEM",
                "Records go to registered systems only; ask through a system of your body.",
                {{"link", std::string(kLinkCaller)}});
  }
  // The chunks of a fetch come without messages of their own.
  if (flight.received > caller.not_after) return access::CertificateExpired(caller.identity);
  const absl::Status well_formed = CheckRequest(flight.request, flight.chunk != nullptr);
  if (!well_formed.ok()) return WithFact(well_formed, "link", kLinkCaller);
  const absl::CivilDay today = CivilDayOf(flight.received);
  flight.grant = grants_.Find(flight.request.grant());
  const absl::Status granted = CheckGrant(flight.grant.get(), caller, today);
  if (!granted.ok()) return granted;
  flight.row_limit = flight.request.row_limit() == 0 ? 100 : flight.request.row_limit();
  auto plan = PlanFor(flight);
  if (!plan.ok()) {
    return FactOf(plan.status(), "link").empty() ? WithFact(plan.status(), "link", kLinkCaller) : plan.status();
  }
  flight.plan = *std::move(plan);
  // From here on the request says what is really asked: this is what the commitment is made over.
  flight.request.set_row_limit(flight.row_limit);
  if (flight.request.fields().empty()) {
    for (const auto& column : flight.plan->columns) flight.request.add_fields(column.field);
  }
  const absl::Status conditions = CheckConditions(flight.request.conditions(), *flight.plan->resource);
  if (!conditions.ok()) {
    return FactOf(conditions, "link").empty() ? WithFact(conditions, "link", kLinkCaller) : conditions;
  }
  flight.canonical = ledger::CanonicalRequest(flight.request, flight.grant->resource);
  const bool signs = flight.signature.batch != nullptr || !flight.request.digest().empty();
  if (signs && (flight.signature.batch == nullptr || Bytes(Sha256(flight.canonical)) != flight.request.digest())) {
    return WrongRequestSignature();
  }
  flight.retry = quotas_.Seen(caller.subject, flight.request.request_id());
  // A fetch is one call of its day, however many chunks it takes.
  const bool counted_before = flight.retry || (flight.chunk != nullptr && flight.chunk->number > 1);
  const absl::Status counted = quotas_.Count(*flight.grant, counted_before, flight.received);
  if (!counted.ok()) return counted;
  if (flight.deadline <= flight.received) return Late(flight);
  flight.seed = NewSeed();
  flight.commitment = Commitment(flight.seed, ledger::kRequestLabel, flight.canonical);
  return absl::OkStatus();
}

absl::StatusOr<std::shared_ptr<const ReleasePlan>> Broker::PlanFor(const Flight& flight) {
  auto resource = catalog_.FindResource(flight.grant->resource);
  if (resource == nullptr || resource->state() != v1::RESOURCE_STATE_PUBLISHED) {
    return Fail(absl::StatusCode::kPermissionDenied, "GRANT_NOT_ACTIVE",
                "The resource is not published any more, so its grants release nothing.",
                {{"link", std::string(kLinkGrant)}, {"resource", flight.grant->resource}});
  }
  {
    absl::MutexLock lock(&plans_mu_);
    const auto found = plans_.find(flight.grant->name);
    if (found != plans_.end() && found->second->grant == flight.grant && found->second->resource == resource &&
        SameFields(*found->second, flight.request.fields())) {
      return found->second;
    }
  }
  auto plan = MakePlan(flight.grant, std::move(resource), flight.request.fields(), options_.pseudonyms);
  if (!plan.ok()) return plan.status();
  absl::MutexLock lock(&plans_mu_);
  if (plans_.size() >= kPlansMax) plans_.clear();
  plans_[flight.grant->name] = *plan;
  return plan;
}

std::shared_ptr<const Broker::Routes> Broker::routes() const {
  absl::MutexLock lock(&mu_);
  return routes_;
}

absl::Status Broker::Dispatch(std::unique_ptr<Flight>& flight, const Session* except) {
  const auto all = routes();
  const auto found = all->find(flight->grant->resource);
  if (found == all->end()) return Unavailable(flight->grant->resource);
  const auto& allowed = flight->plan->resource->connectors();
  bool any = false;
  std::vector<Session*> tried;
  ++flight->attempts;
  for (;;) {
    Session* best = nullptr;
    for (const auto& session : found->second) {
      if (session.get() == except || std::find(tried.begin(), tried.end(), session.get()) != tried.end()) continue;
      if (std::find(allowed.begin(), allowed.end(), session->connector()) == allowed.end()) continue;
      if (best == nullptr || session->load() < best->load()) best = session.get();
    }
    if (best == nullptr) return any ? Overloaded() : Unavailable(flight->grant->resource);
    any = true;
    if (best->Ask(flight)) return absl::OkStatus();
    tried.push_back(best);
  }
}

void Broker::Add(std::shared_ptr<Session> session) {
  absl::MutexLock lock(&mu_);
  auto changed = std::make_shared<Routes>(*routes_);
  for (const std::string& resource : session->resources()) (*changed)[resource].push_back(session);
  sessions_.push_back(std::move(session));
  routes_ = std::move(changed);
}

void Broker::Remove(const std::shared_ptr<Session>& session) {
  {
    absl::MutexLock lock(&mu_);
    auto changed = std::make_shared<Routes>(*routes_);
    for (const std::string& resource : session->resources()) {
      auto& line = (*changed)[resource];
      line.erase(std::remove(line.begin(), line.end(), session), line.end());
      if (line.empty()) changed->erase(resource);
    }
    sessions_.erase(std::remove(sessions_.begin(), sessions_.end(), session), sessions_.end());
    routes_ = std::move(changed);
  }
  for (auto& flight : session->Close()) {
    // A query is a pure read: asking another connector of the resource once is safe.
    const absl::Status lost = Lost(session->connector());
    if (flight->attempts > 1 || flight->probed) {
      Refuse(std::move(flight), lost);
      continue;
    }
    flight->sent = absl::InfinitePast();
    if (!Dispatch(flight, session.get()).ok()) Refuse(std::move(flight), lost);
  }
}

bool Broker::Connected(std::string_view connector) const { return Streams(connector) > 0; }

int Broker::Streams(std::string_view connector) const {
  absl::MutexLock lock(&mu_);
  return static_cast<int>(std::count_if(sessions_.begin(), sessions_.end(),
                                        [&](const auto& session) { return session->connector() == connector; }));
}

void Broker::Probe(std::string_view connector, std::shared_ptr<const v1::Resource> resource, absl::Time deadline,
                   absl::AnyInvocable<void(absl::StatusOr<Probed>)> done) {
  struct Gathered {
    absl::Mutex mu;  // makes taking one answer one step
    size_t left ABSL_GUARDED_BY(mu);
    absl::AnyInvocable<void(absl::StatusOr<Probed>)> done ABSL_GUARDED_BY(mu);
  };
  std::vector<std::shared_ptr<Session>> asked;
  {
    absl::MutexLock lock(&mu_);
    for (const auto& session : sessions_) {
      const auto& serves = session->resources();
      const bool fits = session->connector() == connector &&
                        std::find(serves.begin(), serves.end(), resource->name()) != serves.end();
      if (fits) asked.push_back(session);
    }
  }
  if (asked.empty()) return done(Unavailable(resource->name()));
  const auto gathered = std::make_shared<Gathered>();
  {
    absl::MutexLock lock(&gathered->mu);
    gathered->left = asked.size();
    gathered->done = std::move(done);
  }
  const auto plan = ProbePlan(resource);
  for (const auto& session : asked) {
    auto flight = std::make_unique<Flight>();
    flight->plan = plan;
    flight->received = clock_.Now();
    flight->deadline = deadline;
    flight->row_limit = 1;
    flight->probed = [gathered](absl::StatusOr<Probed> result) {
      absl::AnyInvocable<void(absl::StatusOr<Probed>)> tell;
      {
        absl::MutexLock lock(&gathered->mu);
        if (--gathered->left > 0 && !result.ok()) return;
        tell = std::exchange(gathered->done, nullptr);
      }
      if (tell) tell(std::move(result));
    };
    if (!session->Ask(flight)) flight->probed(WithFact(Overloaded(), "connector", session->connector()));
  }
}

void Broker::EndProbe(std::unique_ptr<Flight> flight, const v1::ConnectorReply& reply) {
  if (reply.has_error()) return flight->probed(FromConnector(reply.error(), flight->connector));
  flight->probed(Probed{flight->replied - flight->sent, absl::Microseconds(std::max(reply.source_us(), 0))});
}

void Broker::Take(Session& session, v1::ReplyBatch& replies, std::string_view signing_key) {
  Signed signature;
  if (!signing_key.empty()) {
    std::vector<std::string_view> digests;
    for (const auto& reply : replies.replies()) {
      if (!reply.digest().empty()) digests.push_back(reply.digest());
    }
    auto batch = SignedBatch::Check(kSignedAnswers, signing_key, digests, replies.signature());
    if (batch.ok()) signature.batch = *std::move(batch);
  }
  for (auto& reply : *replies.mutable_replies()) {
    auto flight = session.Answered(reply.number());
    const bool digested = !reply.digest().empty();
    if (flight != nullptr) Answer(session, std::move(flight), reply, !signing_key.empty(), signature);
    if (digested) ++signature.position;
  }
}

void Broker::Answer(Session& session, std::unique_ptr<Flight> flight, v1::ConnectorReply& reply, bool must_sign,
                    const Signed& signature) {
  flight->replied = clock_.Now();
  if (flight->probed) return EndProbe(std::move(flight), reply);
  // Not released, but logged: its connector has answered.
  if (flight->abandoned != nullptr && flight->abandoned->load(std::memory_order_relaxed)) {
    return Refuse(std::move(flight), CallerGone());
  }
  if (flight->replied > flight->deadline) {
    const absl::Status late = Late(*flight);
    return Refuse(std::move(flight), late);
  }
  if (flight->replied > flight->caller->not_after) {
    const absl::Status expired = access::CertificateExpired(flight->caller->identity);
    return Refuse(std::move(flight), expired);
  }
  if (reply.has_error()) return Refuse(std::move(flight), FromConnector(reply.error(), session.connector()));
  auto released = CheckAnswer(*flight->plan, flight->request, flight->row_limit, *reply.mutable_records());
  if (!released.ok()) {
    return Refuse(std::move(flight), WithFact(released.status(), "connector", session.connector()));
  }
  if (flight->chunk != nullptr) {
    const absl::Status placed = TakeCursor(released->rows, reply, *flight->chunk);
    if (!placed.ok()) return Refuse(std::move(flight), WithFact(placed, "connector", session.connector()));
  }
  if (must_sign && (signature.batch == nullptr ||
                    Bytes(AnswerDigest(Bytes(flight->commitment), flight->grant->resource, reply.truncated(),
                                       released->answer_bytes)) != reply.digest())) {
    return Refuse(std::move(flight), WrongAnswerSignature(session.connector()));
  }
  Release(std::move(flight), *std::move(released), reply, signature);
}

void Broker::Release(std::unique_ptr<Flight> flight, Released released, const v1::ConnectorReply& reply,
                     const Signed& signature) {
  const Caller& caller = *flight->caller;
  storage::Commit commit;
  commit.preconditions.reserve(4);
  commit.preconditions.push_back(documents::DocumentStore::StillAt(flight->grant->name, flight->grant->revision));
  commit.preconditions.push_back(documents::DocumentStore::StillAt(caller.subject, caller.revision));
  commit.preconditions.push_back(flight->plan->not_withdrawn);
  if (!caller.fingerprint.empty()) {
    commit.preconditions.push_back(
        documents::DocumentStore::StillAt(absl::StrCat("revokedCertificates/", caller.fingerprint), 0));
  }
  const auto subjects = SubjectsOf(*flight, std::move(released.persons));
  if (!subjects.ok()) {
    const absl::Status closed = WithFact(subjects.status(), "link", kLinkHub);
    return Refuse(std::move(flight), closed);
  }
  if (flight->grant->LimitsReleases()) {
    const absl::Status fits = quotas_.Take(
        *flight->grant,
        {.calls = 1, .rows = released.rows, .bytes = static_cast<int64_t>(released.released().size()), .subjects = *subjects},
        flight->received);
    if (!fits.ok()) return Refuse(std::move(flight), fits);
  }
  flight->checked = clock_.Now();
  commit.records.push_back(ReleaseRecord(*flight, released, reply, signature, *subjects, flight->checked));
  EncodedAnswer answer;
  answer.wire = ResponseHead(released.records, flight->chunk == nullptr && reply.truncated());
  answer.rows = released.rows;
  pipeline_.Submit(std::move(commit), [this, flight = std::move(flight), answer = std::move(answer)](
                                          absl::StatusOr<storage::CommitResult> result) mutable {
    Committed(std::move(flight), std::move(answer), std::move(result));
  });
}

// The tokens of `persons` and of those the request names. A release without persons pays for a comparison.
absl::StatusOr<std::vector<std::string>> Broker::SubjectsOf(const Flight& flight, std::vector<std::string> persons) {
  if (options_.subjects == nullptr) return std::vector<std::string>();
  const v1::Resource* resource = flight.plan != nullptr ? flight.plan->resource.get() : nullptr;
  std::shared_ptr<const v1::Resource> found;
  if (resource == nullptr && flight.grant != nullptr) {
    found = catalog_.FindResource(flight.grant->resource);
    resource = found.get();
  }
  for (auto& person : PersonsIn(flight.request.conditions(), resource)) persons.push_back(std::move(person));
  if (persons.empty()) return std::vector<std::string>();
  return options_.subjects->TokensAt(flight.received, persons);
}

void Broker::Committed(std::unique_ptr<Flight> flight, EncodedAnswer answer,
                       absl::StatusOr<storage::CommitResult> result) {
  if (!result.ok()) {
    const bool refused = result.status().code() == absl::StatusCode::kAborted;
    return Refuse(std::move(flight), refused ? NoLongerAllowed(result.status()) : NotWritten(result.status()));
  }
  const storage::LogPlace& place = result->places[0];
  link_times_.Note(place.index, clock_.Now() - flight->checked);
  AppendReceipt(options_.origin, place, answer.wire);
  answer.wire += flight->plan->answer_masks;
  answer.index = place.index;
  answer.leaf = place.leaf;
  if (flight->chunk != nullptr) answer.next_cursor = std::move(flight->chunk->cursor);
  quotas_.Remember(flight->caller->subject, flight->request.request_id());
  Finish(*flight, std::move(answer));
}

void Broker::Close(const Caller& caller, v1::FetchClosed closed, Done done) {
  const auto grant = grants_.Find(closed.grant());
  if (grant != nullptr) closed.set_resource(grant->resource);
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  *entry.mutable_fetch_closed() = std::move(closed);
  storage::Commit commit;
  commit.records.push_back({documents::Canonical(entry), {}});
  pipeline_.Submit(std::move(commit), [done = std::move(done)](absl::StatusOr<storage::CommitResult> result) mutable {
    if (!result.ok()) return done(NotWritten(result.status()));
    EncodedAnswer answer;
    answer.index = result->places[0].index;
    answer.leaf = result->places[0].leaf;
    done(std::move(answer));
  });
}

void Broker::Refuse(std::unique_ptr<Flight> flight, absl::Status status) {
  if (flight->probed) return flight->probed(std::move(status));
  access::Refused refused;
  v1::Denial& denial = refused.denial;
  const Caller& caller = *flight->caller;
  refused.actor = caller.subject;
  refused.trace = caller.trace;
  denial.set_method(std::string(flight->method));
  denial.set_grant(flight->request.grant());
  if (caller.kind == SubjectKind::kSystem) denial.set_consumer(caller.subject);
  if (flight->grant != nullptr) denial.set_resource(flight->grant->resource);
  denial.set_identity(caller.identity);
  denial.set_fingerprint(caller.fingerprint);
  *denial.mutable_fields() = flight->request.fields();
  denial.set_matter(flight->request.matter());
  denial.set_request_id(flight->request.request_id());
  if (flight->grant != nullptr) {
    refused.canonical_request = flight->canonical.empty()
                                    ? ledger::CanonicalRequest(flight->request, flight->grant->resource)
                                    : flight->canonical;
    refused.seed = flight->seed;
  }
  // A refusal stands even where its persons cannot be noted.
  if (auto subjects = SubjectsOf(*flight, {}); subjects.ok()) refused.subjects = *std::move(subjects);
  refusals_.Record(std::move(refused), std::move(status),
                   [this, flight = std::move(flight)](absl::Status written) mutable { Finish(*flight, std::move(written)); });
}

void Broker::Finish(Flight& flight, absl::StatusOr<EncodedAnswer> result) {
  in_flight_.fetch_sub(1, std::memory_order_relaxed);
  flight.done(std::move(result));
}

void Broker::Sweep() {
  const absl::Time now = clock_.Now();
  std::vector<std::shared_ptr<Session>> sessions;
  {
    absl::MutexLock lock(&mu_);
    sessions = sessions_;
  }
  for (const auto& session : sessions) {
    for (auto& flight : session->Expired(now)) {
      const absl::Status late = Late(*flight);
      Refuse(std::move(flight), late);
    }
  }
}

std::string Broker::NewSeed() {
  absl::MutexLock lock(&seeds_mu_);
  if (seeds_.empty()) {
    seeds_.resize(kSeedBlock);
    random_.Fill(seeds_.data(), seeds_.size());
  }
  std::string seed = seeds_.substr(seeds_.size() - 32);
  seeds_.resize(seeds_.size() - 32);
  return seed;
}

}  // namespace zhanqiao::exchange
