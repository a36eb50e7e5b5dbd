#include "hub/hub.h"

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/log.h"
#include "hub/api/reflection.h"
#include "hub/api/services.h"
#include "hub/bootstrap.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/note.h"
#include "hub/ledger/restart.h"
#include "hub/ledger/witness/start_check.h"

namespace zhanqiao {

namespace fs = std::filesystem;

absl::Status Hub::Start() {
  TRY(StartLedger());
  TRY(RotateSubjectKeys());
  TRY(RotatePayloadKeys());
  TRY(StartAudit());
  TRY(FollowDocuments());
  if (!config_.bootstrap.empty()) TRY(StoreFirstPersons(documents_, config_.bootstrap));
  TRY(StartAccounts());
  TRY(RegisterMethods());
  TRY(RestoreQuotas());
  AddMetrics();
  sweep_.Add("grants", [this](absl::CivilDay today) { return grant_sweep_.Run(today); });
  TRY(Listen());
  ticker_ = std::thread([this] { Tick(); });
  health_.Serve();
  TRY(WritePortFile());
  return absl::OkStatus();
}

// Entry 0 binds the log to its origin and key; the second place and the witnesses are asked before anything is served.
absl::Status Hub::StartLedger() {
  if (log_->head()->size() == 0) {
    storage::Commit first;
    first.records.push_back(TRY(ledger::FirstRecord(*disk_.store, config_.origin, disk_.keys->Active().front()->public_key())));
    TRY(pipeline_.Run(std::move(first)));
  }
  ledger::Policy policy;
  if (!config_.ledger.witness_policy.empty()) {
    policy = TRY(ledger::Policy::Load(config_.ledger.witness_policy));
    TRY(ledger::CheckWithWitnesses(*log_, *disk_.keys, policy,
                                   {.required = config_.ledger.witness_start == "require",
                                    .timeout = absl::Milliseconds(config_.ledger.witness_timeout_ms),
                                    .ca_file = config_.ledger.witness_ca}));
  }
  checkpointer_ = TRY(ledger::Checkpointer::Start(
      *log_, pipeline_, *disk_.keys,
      {.second_place = config_.second_place, .interval = absl::Milliseconds(config_.checkpoint_ms)}));
  const auto provider_of = [this](std::string_view name) {
    const auto resource = catalog_.FindResource(name);
    return resource ? resource->provider() : std::string();
  };
  ledger_service_ = std::make_unique<ledger::LedgerService>(*log_, *checkpointer_, provider_of);
  receipt_service_ =
      std::make_unique<ledger::ReceiptService>(*log_, *checkpointer_, pipeline_, config_.origin, provider_of);
  return policy.witnesses().empty() ? absl::OkStatus() : StartWitnesses(std::move(policy));
}

// One key a civil year; the entry comes before the file.
absl::Status Hub::RotateSubjectKeys() {
  return subjects_->Rotate(clock_.Now(),
                           [this](int year) { return Announce("added", "subject", static_cast<uint32_t>(year)); });
}

// One key a civil month; old ones go when nothing they sealed may be kept.
absl::Status Hub::RotatePayloadKeys() {
  return payload_keys_->Rotate(clock_.Now(),
                               [this](uint32_t month, std::string_view verb) { return Announce(verb, "payload", month); });
}

// The entry that a key of the hub came or went.
absl::Status Hub::Announce(std::string_view verb, std::string_view purpose, uint32_t key_id) {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor("hub");
  entry.mutable_key_event()->set_verb(std::string(verb));
  entry.mutable_key_event()->set_purpose(std::string(purpose));
  entry.mutable_key_event()->set_key_id(absl::StrCat(key_id));
  storage::Commit commit;
  commit.records.push_back({entry.SerializeAsString(), {}});
  return pipeline_.Run(std::move(commit)).status();
}

absl::Status Hub::StartWitnesses(ledger::Policy policy) {
  ledger::WitnessTimes times;
  times.interval = absl::Milliseconds(config_.ledger.witness_interval_ms);
  times.timeout = absl::Milliseconds(config_.ledger.witness_timeout_ms);
  collector_ = TRY(ledger::Collector::Start(*log_, *checkpointer_, pipeline_, random_, std::move(policy),
                                            config_.ledger.witness_ca, times));
  ledger_service_->ShowWitnesses(*collector_);
  return absl::OkStatus();
}

// The index follows the log on a thread of its own; archives follow the index.
absl::Status Hub::StartAudit() {
  index_ = TRY(ledger::Index::Start(*log_, entries_, {.directory = ArchivesOf(config_)}));
  ledger::RetentionPolicy retention = TRY(ReadRetention(config_.retention));
  ledger::Archivist::Options archives{.directory = ArchivesOf(config_), .retention = std::move(retention)};
  if (collector_) {
    archives.policy = TRY(ReadText(config_.ledger.witness_policy, "POLICY_NOT_READABLE", "The witnesses' policy cannot be read."));
    archives.cosigned = [this] { return collector_->vouching().cosigned; };
  }
  archivist_ = TRY(ledger::Archivist::Start(*disk_.store, pipeline_, *checkpointer_, *index_, clock_, std::move(archives)));
  audit_service_ = std::make_unique<ledger::AuditService>(ledger::AuditService::Parts{
      .store = *disk_.store,
      .pipeline = pipeline_,
      .log = *log_,
      .checkpointer = *checkpointer_,
      .index = *index_,
      .entries = entries_,
      .archivist = *archivist_,
      .subjects = *subjects_,
      .random = random_,
      .provider_of =
          [this](std::string_view name) {
            const auto resource = catalog_.FindResource(name);
            return resource ? resource->provider() : std::string();
          },
      .resources_of = [this](std::string_view organization) { return catalog_.ResourcesOf(organization); }});
  return absl::OkStatus();
}

absl::Status Hub::FollowDocuments() {
  TRY(catalog_.Follow(documents_));
  TRY(directory_.Follow(documents_));
  TRY(grants_.Follow(documents_));
  TRY(connectors_.Follow(documents_));
  TRY(search_providers_.Follow(documents_));
  search_index_ = TRY(search::SearchIndex::Start(documents_, {.directory = fs::path(config_.state_dir) / "search"}));
  search_service_ = std::make_unique<search::SearchService>(*search_index_, catalog_, search_providers_);
  TRY(open_objections_.Follow(documents_));
  StartMatters();
  TRY(StartPortal());
  StartOversight();
  TRY(StartOffice());
  TRY(feeds_.Follow(documents_));
  TRY(files_.Follow(documents_));
  return absl::OkStatus();
}

// The index has to climb to the head first, which a hub without daily limits does not wait for.
absl::Status Hub::RestoreQuotas() {
  if (grants_.WithDailyLimits().empty()) return absl::OkStatus();
  return exchange::RestoreQuotas(grants_, index_->Snapshot(absl::Now() + absl::Seconds(5)), entries_, log_->head()->size(),
                                 clock_.Now(), broker_.quotas());
}

absl::Status Hub::StartAccounts() {
  TRY(sessions_.Load());
  TRY(break_glass_service_.Follow());
  const OidcConfig& oidc = config_.oidc;
  if (!oidc.issuer.empty()) {
    access::OidcOptions options{.issuer = oidc.issuer, .client_id = oidc.client_id, .client_secret = "", .redirect_uri = oidc.redirect_uri,
                                .scope = oidc.scope, .claim = oidc.claim};
    if (!oidc.client_secret_file.empty()) {
      options.client_secret = TRY(ReadText(oidc.client_secret_file, "OIDC_SECRET_NOT_READABLE", "The secret of the identity provider cannot be read."));
      while (options.client_secret.ends_with('\n')) options.client_secret.pop_back();
    }
    oidc_client_ = std::make_unique<http::Client>(oidc.ca, 256 << 10);
    const auto fetch = [this, timeout = absl::Milliseconds(oidc.timeout_ms)](const http::Request& request) {
      return oidc_client_->Ask(request, timeout);
    };
    oidc_ = TRY(access::OidcProvider::Create(std::move(options), fetch, clock_));
  }
  const AccountsConfig& accounts = config_.accounts;
  access::AccountOptions options;
  options.city = config_.city;
  options.password.length_min = static_cast<size_t>(accounts.password_length_min);
  options.cost = {.passes = accounts.argon2_passes, .memory_kib = accounts.argon2_memory_kib};
  options.tries_max = accounts.tries_max;
  options.lock = absl::Minutes(accounts.lock_minutes);
  options.limits.failures_max = accounts.failures_per_network_max;
  account_service_ = std::make_unique<access::AccountService>(
      access::AccountService::Parts{.documents = documents_,
                                    .pipeline = pipeline_,
                                    .accounts = accounts_,
                                    .sessions = sessions_,
                                    .key = *disk_.account_key,
                                    .refusals = refusals_,
                                    .clock = clock_,
                                    .random = random_,
                                    .oidc = oidc_.get()},
      std::move(options));
  return absl::OkStatus();
}

// What search finds, for the office that matches a demand.
absl::StatusOr<std::vector<std::string>> Hub::EntriesLike(const Caller& caller, std::string_view text) {
  v1::SearchResourcesRequest request;
  request.set_text(std::string(text));
  request.mutable_filter()->add_states(v1::RESOURCE_STATE_PUBLISHED);
  const v1::SearchResourcesResponse found = TRY(search_service_->SearchResources(caller, request));
  std::vector<std::string> names;
  for (const v1::SearchHit& hit : found.hits()) names.push_back(hit.name());
  return names;
}

// UNAVAILABLE / INDEX_BEHIND while the index has not reached the log's head.
absl::StatusOr<bool> Hub::ReleasedUnder(std::string_view grant) const {
  const uint64_t size = log_->head()->size();
  const ledger::SegmentSet indexed = index_->Snapshot(absl::Now() + absl::Seconds(5));
  if (indexed.reached() < size) {
    return Fail(absl::StatusCode::kUnavailable, "INDEX_BEHIND", "The ledger's index has not reached its head; asked again in a minute.",
                {{"reached", absl::StrCat(indexed.reached())}, {"log_size", absl::StrCat(size)}});
  }
  ledger::IndexQuery query;
  query.all_of.push_back({{ledger::Term(ledger::IndexField::kGrant, grant)}});
  query.all_of.push_back({{ledger::Term(ledger::IndexField::kOutcome, "released")}});
  bool found = false;
  indexed.Walk(query, std::nullopt, [&](uint64_t) {
    found = true;
    return false;
  });
  return found;
}

// Objections and demands, and what the calendar brings them.
void Hub::StartMatters() {
  catalog_service_.ShowObjections([this](std::string_view resource) { return open_objections_.Count(resource); });
  objection_service_ = std::make_unique<access::ObjectionService>(access::ObjectionService::Parts{
      .store = documents_, .catalog = catalog_, .rules = rules_, .clock = clock_, .random = random_,
      .recipients_of = access::RecipientsByLedger(*index_, entries_, *subjects_)});
  sweep_.Add("objections", [this](absl::CivilDay today) { return objection_service_->NoteOverdue(today); });
  sweep_.Add("demands", [this](absl::CivilDay today) { return demand_service_.NoteOverdue(today); });
}

// Figures are derived when they are asked for; what they are made of is read beside the start.
void Hub::StartOversight() {
  oversight_ = std::make_unique<oversight::Oversight>(
      oversight::Oversight::Parts{.store = documents_, .catalog = catalog_, .rules = rules_, .clock = clock_, .random = random_,
                                  .index = *index_, .entries = entries_, .progress = {.open_datasets = [this](const oversight::FigureScope& scope) { return OpenDatasetsOf(scope); },
                                               .reports = [this](const oversight::FigureScope& scope) { return office_->ReportsOf(scope); },
                                               .tasks = [this](const oversight::FigureScope& scope) { return office_->TasksOf(scope); }}});
  workers_.Submit([this] {
    const absl::Status warm = oversight_->Warm();
    if (!warm.ok()) LogStatus(LogLevel::kError, "oversight_not_warm", warm);
  });
}

// The datasets' own count, of the day and the knowledge a figure is asked for.
absl::StatusOr<v1::OpenDatasetProgress> Hub::OpenDatasetsOf(const oversight::FigureScope& scope) {
  v1::CountDatasetsRequest request;
  request.mutable_read_at()->set_as_of(FormatDay(scope.as_of));
  if (scope.known.known_at || scope.known.before) {
    request.mutable_read_at()->set_known_at(TRY(oversight_->figures().PositionOf(scope.known)));
  }
  request.set_organization(scope.organization);
  const v1::CountDatasetsResponse count = TRY(datasets_->count().Count(request));
  v1::OpenDatasetProgress progress;
  progress.set_published(count.counted());
  progress.set_target(scope.organization.empty() ? count.target() : 0);
  return progress;
}

absl::Status Hub::RegisterMethods() {
  api::RegisterServices(table_, catalog_service_, access_service_, exchange_service_, connectors_, *ledger_service_,
                        *audit_service_, key_service_);
  api::RegisterReceipts(table_, *receipt_service_);
  api::RegisterSheets(table_, sheet_service_, operation_service_);
  api::RegisterNotices(table_, notice_service_);
  api::RegisterCodeTables(table_, code_table_service_);
  api::RegisterAccounts(table_, *account_service_, break_glass_service_, hashing_, asking_);
  api::RegisterSearch(table_, *search_service_);
  api::RegisterMatters(table_, *objection_service_, demand_service_);
  api::RegisterOversight(table_, oversight_->service(), oversight_->inventory());
  RegisterOffice();
  TRY(StartAdministration());
  api::RegisterFeeds(table_, feed_service_);
  api::RegisterFiles(table_, file_service_);
  api::RegisterDatasets(table_, datasets_->service(), portal_->service());
  ServePortal();
  TRY(ServeConsole());
  diagnostics_ = std::make_unique<exchange::DiagnosticsService>(*ledger_service_, access_service_, connectors_, broker_, clock_);
  api::RegisterDiagnostics(table_, *diagnostics_);
  health_.Register(table_);
  api::RegisterReflection(table_);
  health_.KnowServices(table_.Services());
  if (!table_.problems().empty()) {
    return Fail(absl::StatusCode::kInternal, "METHOD_TABLE", "A registration does not fit its RPC.",
                {{"problem", table_.problems().front()}});
  }
  return absl::OkStatus();
}

void Hub::Stop() {
  health_.Drain();
  if (server_) server_->Drain(absl::Seconds(10));
  if (metrics_server_) metrics_server_->Stop();
  stopping_ = true;
  if (ticker_.joinable()) ticker_.join();
  if (oidc_client_) oidc_client_->Cancel();
  asking_.Close();
  hashing_.Close();
  operations_.Stop();
  if (datasets_) datasets_->Stop();
  workers_.Close();
  payload_workers_.Close();
  refusals_.Flush();
  if (portal_) WriteUsage();
  office_.reset();
  oversight_.reset();
  search_service_.reset();
  search_index_.reset();
  receipt_service_.reset();
  audit_service_.reset();
  archivist_.reset();
  index_.reset();
  ledger_service_.reset();
  collector_.reset();
  checkpointer_.reset();  // signs the last checkpoint
  pipeline_.Stop();
}

}  // namespace zhanqiao
