// The whole hub, built and wired by hand: read it from `Hub` downwards, in the order things depend on each other.
#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <thread>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/error.h"
#include "catalog/base/ids.h"
#include "catalog/base/log.h"
#include "catalog/base/seal_key.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/code_table_service.h"
#include "catalog/model/notice_service.h"
#include "catalog/operations/operation_service.h"
#include "catalog/operations/operations.h"
#include "catalog/search/search_service.h"
#include "catalog/sheets/sheet_service.h"
#include "catalog/storage/pipeline.h"
#include "catalog/storage/rocks_store.h"
#include "hub/access/access_service.h"
#include "hub/access/account_service.h"
#include "hub/access/break_glass_service.h"
#include "hub/access/demand_service.h"
#include "hub/access/directory.h"
#include "hub/access/grant_sweep.h"
#include "hub/access/grant_view.h"
#include "hub/access/objection_service.h"
#include "hub/access/refusals.h"
#include "hub/access/rules.h"
#include "hub/access/session_gate.h"
#include "hub/access/sign_ins.h"
#include "hub/access/sweep.h"
#include "hub/api/health.h"
#include "hub/api/method_table.h"
#include "hub/api/metrics.h"
#include "hub/api/reflection.h"
#include "hub/api/services.h"
#include "hub/api/worker_pool.h"
#include "hub/bootstrap.h"
#include "hub/config.h"
#include "hub/edge/server.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/connector_hub.h"
#include "hub/exchange/at_rest/payload_keys.h"
#include "hub/exchange/exchange_service.h"
#include "hub/exchange/feeds/feed_service.h"
#include "hub/exchange/files/file_service.h"
#include "hub/exchange/quota_recovery.h"
#include "hub/ledger/archive/archive_directory.h"
#include "hub/ledger/archive/archivist.h"
#include "hub/ledger/archive/retention.h"
#include "hub/ledger/audit/audit_service.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/index/index.h"
#include "hub/ledger/key_service.h"
#include "hub/ledger/ledger_service.h"
#include "hub/ledger/log.h"
#include "hub/ledger/log_keys.h"
#include "hub/ledger/note.h"
#include "hub/ledger/pkcs11.h"
#include "hub/ledger/receipt_service.h"
#include "hub/ledger/restart.h"
#include "hub/ledger/self_check.h"
#include "hub/ledger/subject_keys.h"
#include "hub/ledger/witness/collector.h"
#include "hub/ledger/witness/start_check.h"

namespace zhanqiao {
namespace {

namespace fs = std::filesystem;

// What lies on disk: the store, and the log's keys there or in a security module.
struct Disk {
  std::unique_ptr<storage::RocksStore> store;
  std::unique_ptr<ledger::LogKeys> keys;
  std::unique_ptr<access::AccountKey> account_key;
};

absl::StatusOr<std::unique_ptr<ledger::KeyVault>> OpenVault(const HubConfig& config) {
  const LedgerKeyConfig& key = config.ledger.key;
  std::unique_ptr<ledger::KeyVault> vault;
  if (key.kind == "pkcs11") {
    vault = TRY(ledger::Pkcs11KeyVault::Open({key.module, key.token, key.label, key.pin_file}, config.origin));
  } else {
    vault = std::make_unique<ledger::FileKeyVault>(fs::path(config.state_dir) / "keys", config.origin);
  }
  return vault;
}

absl::StatusOr<Disk> OpenDisk(const HubConfig& config) {
  std::error_code error;
  fs::create_directories(fs::path(config.state_dir) / "keys", error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "STATE_DIR_NOT_WRITABLE",
                "The state directory cannot be made; check its path and owner.", {{"state_dir", config.state_dir}});
  }
  Disk disk;
  disk.store = TRY(storage::RocksStore::Open(fs::path(config.state_dir) / "store"));
  std::unique_ptr<ledger::KeyVault> vault = TRY(OpenVault(config));
  disk.keys = TRY(ledger::LogKeys::Open(*disk.store, std::move(vault), config.origin));
  static SystemRandom random;
  const bool accounts = TRY(access::AccountStore::Any(*disk.store));
  disk.account_key = TRY(access::AccountKey::Open(fs::path(config.state_dir) / "keys", random, !accounts));
  return disk;
}

// Where the ledger's index and archive files lie.
fs::path ArchivesOf(const HubConfig& config) {
  return config.archive_dir.empty() ? fs::path(config.state_dir) / "archive" : fs::path(config.archive_dir);
}

// Where files await their delivery.
fs::path SpoolOf(const HubConfig& config) {
  return config.payload.spool_dir.empty() ? fs::path(config.state_dir) / "spool" : fs::path(config.payload.spool_dir);
}

// NOT_FOUND / `reason` if the file cannot be read.
absl::StatusOr<std::string> ReadText(const std::string& file, std::string_view reason, std::string_view message) {
  std::ifstream stream(file, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  if (!stream) return Fail(absl::StatusCode::kNotFound, reason, message, {{"file", file}});
  return text;
}

absl::StatusOr<ledger::RetentionPolicy> ReadRetention(const std::string& file) {
  if (file.empty()) return ledger::RetentionPolicy();
  const std::string csv = TRY(ReadText(file, "RETENTION_NOT_READABLE", "The retention policy cannot be read."));
  return ledger::RetentionPolicy::FromCsv(csv);
}

absl::StatusOr<WorkCalendar> ReadCalendar(const std::string& file) {
  if (file.empty()) return WorkCalendar();
  const std::string csv = TRY(ReadText(file, "HOLIDAYS_NOT_READABLE", "The holiday calendar cannot be read."));
  return WorkCalendar::FromCsv(csv);
}

absl::StatusOr<Policy> ReadPolicy(const HubConfig& config) {
  if (config.policy.empty()) return Policy();
  const std::string csv = TRY(ReadText(config.policy, "POLICY_NOT_READABLE", "The policy table cannot be read."));
  return Policy::FromCsv(csv, config.policy_variant);
}

absl::StatusOr<access::RiskChecklist> ReadChecklist(const std::string& file) {
  if (file.empty()) return access::RiskChecklist();
  const std::string csv = TRY(ReadText(file, "CHECKLIST_NOT_READABLE", "The risk checklist cannot be read."));
  return access::RiskChecklist::FromCsv(csv);
}

// What the rules of sharing say, as the files of the configuration give it.
absl::StatusOr<access::Rules> ReadRules(const HubConfig& config) {
  access::Rules rules;
  rules.calendar = TRY(ReadCalendar(config.holidays));
  rules.policy = TRY(ReadPolicy(config));
  rules.checklist = TRY(ReadChecklist(config.risk_checklist));
  return rules;
}

access::Presented PresentedBy(const edge::Peer& peer) {
  return {.identities = peer.uris, .fingerprint = peer.fingerprint, .not_after = peer.not_after, .address = peer.address};
}

edge::ListenerOptions ToListener(const ListenerConfig& config) {
  edge::ListenerOptions options;
  options.name = config.name;
  options.address = config.address;
  options.tls = config.tls;
  options.certificate_file = config.certificate;
  options.key_file = config.key;
  options.client_ca_file = config.client_ca;
  options.client_certificate = config.client_certificate == "required"   ? edge::ClientCertificate::kRequired
                               : config.client_certificate == "optional" ? edge::ClientCertificate::kOptional
                                                                         : edge::ClientCertificate::kNone;
  options.identity = config.identity;
  return options;
}

// Every object of the hub, in the order of their dependence: each may use those above it.
class Hub {
 public:
  Hub(const HubConfig& config, Disk disk, std::unique_ptr<ledger::Log> log, access::Rules rules,
      std::unique_ptr<ledger::SubjectKeys> subjects, SealKey resume_key,
      std::unique_ptr<exchange::PayloadKeys> payload_keys)
      : config_(config), disk_(std::move(disk)), log_(std::move(log)), rules_(std::move(rules)),
        subjects_(std::move(subjects)), resume_tokens_(std::move(resume_key), random_),
        payload_keys_(std::move(payload_keys)) {}

  absl::Status Start();
  void Stop();
  absl::Status ReloadCertificates() { return server_->ReloadCertificates(); }

 private:
  absl::Status StartLedger();
  absl::Status StartAudit();
  absl::Status RotateSubjectKeys();
  absl::Status RotatePayloadKeys();
  absl::Status Announce(std::string_view verb, std::string_view purpose, uint32_t key_id);
  absl::Status StartWitnesses(ledger::Policy policy);
  absl::Status FollowDocuments();
  absl::Status RestoreQuotas();
  absl::Status StartAccounts();
  absl::StatusOr<std::vector<std::string>> EntriesLike(const Caller& caller, std::string_view text);
  void StartMatters();
  absl::Status RegisterMethods();
  absl::Status Listen();
  absl::Status WritePortFile() const;
  void AddMetrics();
  void AddPayloadMetrics();
  double WitnessAge(const std::string& name) const;
  void Tick();
  void TellLedgerHealth();

  const HubConfig& config_;
  const SystemClock clock_;
  SystemRandom random_;
  Disk disk_;
  std::unique_ptr<ledger::Log> log_;
  const access::Rules rules_;
  const std::unique_ptr<ledger::SubjectKeys> subjects_;
  const exchange::ResumeTokens resume_tokens_;
  const std::unique_ptr<exchange::PayloadKeys> payload_keys_;

  catalog::Catalog catalog_;
  search::Providers search_providers_;
  access::Directory directory_{config_.city, clock_};
  access::GrantView grants_;

  // Stop ends it before those whose answers it still carries go.
  storage::CommitPipeline pipeline_{*disk_.store, log_.get(), storage::CommitPipeline::Options()};
  documents::DocumentStore documents_{*disk_.store, pipeline_, clock_, random_};
  std::unique_ptr<ledger::Checkpointer> checkpointer_;
  access::Refusals refusals_{pipeline_, clock_, random_};
  access::SignIns sign_ins_{pipeline_, clock_};
  exchange::Broker broker_{catalog_, grants_, refusals_, pipeline_, clock_, random_,
                           {.origin = config_.origin, .in_flight_max = static_cast<size_t>(config_.in_flight_max),
                            .subjects = subjects_.get()}};
  exchange::ConnectorHub connectors_{catalog_, broker_, pipeline_, clock_, {}};

  catalog::CatalogService catalog_service_{documents_, catalog_, clock_, random_, [this](std::string_view resource) {
                                             return grants_.OrganizationsUsing(resource, CivilDayOf(clock_.Now()));
                                           }};
  catalog::NoticeService notice_service_{documents_, clock_};
  catalog::CodeTableService code_table_service_{documents_};
  std::unique_ptr<search::SearchIndex> search_index_;
  std::unique_ptr<search::SearchService> search_service_;
  access::OpenObjections open_objections_;
  std::unique_ptr<access::ObjectionService> objection_service_;
  access::DemandService demand_service_{
      {.store = documents_, .catalog = catalog_, .rules = rules_, .clock = clock_, .random = random_,
       .entries_like = [this](const Caller& caller, std::string_view text) { return EntriesLike(caller, text); }}};
  access::AccessService access_service_{documents_, catalog_, rules_, clock_, random_,
                                        [this](std::string_view name) { return connectors_.Connected(name); }};
  access::GrantSweep grant_sweep_{documents_, catalog_, rules_, clock_, random_};
  access::Sweep sweep_{clock_};
  exchange::ExchangeService exchange_service_{broker_, resume_tokens_, clock_, random_, {.origin = config_.origin}};
  // One task at most for each feed, stream and transfer: the queue is bounded by those.
  api::WorkerPool payload_workers_{{.threads = config_.payload.workers, .queue_max = 1 << 20}};
  const exchange::Executor payload_executor_ = [this](std::function<void()> task) { payload_workers_.Submit(std::move(task)); };
  exchange::Feeds feeds_{{*disk_.store, pipeline_, catalog_, grants_, directory_, refusals_, broker_.quotas(),
                          *payload_keys_, subjects_.get(), clock_, random_, payload_executor_, config_.origin}};
  exchange::FeedService feed_service_{feeds_, documents_};
  exchange::Files files_{{documents_, pipeline_, catalog_, grants_, directory_, refusals_, broker_.quotas(), *payload_keys_,
                          clock_, random_, payload_executor_, config_.origin, SpoolOf(config_),
                          int64_t{config_.payload.spool_gb_max} << 30, int64_t{config_.payload.free_gb_min} << 30}};
  exchange::FileService file_service_{files_};
  std::unique_ptr<ledger::Collector> collector_;  // null without a witness policy
  std::unique_ptr<ledger::LedgerService> ledger_service_;
  std::unique_ptr<ledger::ReceiptService> receipt_service_;
  const ledger::OnlineEntries entries_{*disk_.store, ArchivesOf(config_)};
  std::unique_ptr<ledger::Index> index_;
  std::unique_ptr<ledger::Archivist> archivist_;
  std::unique_ptr<ledger::AuditService> audit_service_;
  ledger::SelfCheck self_check_{*log_};
  ledger::LedgerKeyService key_service_{*disk_.keys, pipeline_};

  access::Sessions sessions_{*disk_.store, pipeline_, clock_, random_,
                             {.idle = absl::Minutes(config_.accounts.session_idle_minutes),
                              .lifetime = absl::Hours(config_.accounts.session_hours_max)}};
  access::SessionGate session_gate_{sessions_, directory_};
  access::AccountStore accounts_{*disk_.store, pipeline_, *disk_.account_key};
  std::unique_ptr<http::Client> oidc_client_;
  std::unique_ptr<access::OidcProvider> oidc_;  // null without [oidc]
  std::unique_ptr<access::AccountService> account_service_;
  access::BreakGlassService break_glass_service_{documents_, clock_};

  api::Metrics metrics_;
  api::WorkerPool workers_{{.threads = config_.workers}};
  api::WorkerPool hashing_{{.threads = config_.accounts.threads, .queue_max = static_cast<size_t>(config_.accounts.queue_max), .nice = 10}};
  api::WorkerPool asking_{{.threads = 2, .queue_max = 32}};
  operations::Operations operations_{clock_, random_, operations::Options()};
  operations::OperationService operation_service_{operations_, clock_};
  sheets::SheetService sheet_service_{documents_, catalog_, clock_, operations_,
                                      [this](std::function<void()> task) { return workers_.Submit(std::move(task)); },
                                      [this](const catalog::NewNotice& notice) { return catalog_service_.NoticesToGrantees(notice); }};
  api::MethodTable table_{
      {.resolve =
           [this](const edge::Peer& peer, const edge::Metadata& metadata) {
             if (peer.uris.empty() && peer.fingerprint.empty()) return session_gate_.Resolve(metadata, peer.address);
             auto caller = directory_.Resolve(peer.uris, peer.fingerprint, peer.not_after, peer.address);
             if (caller.ok()) sign_ins_.Seen(*caller);
             return caller;
           },
       .refuse =
           [this](const edge::Peer& peer, std::string_view method, absl::Status status,
                  absl::AnyInvocable<void(absl::Status)> done) {
             sign_ins_.Refused(PresentedBy(peer));
             refusals_.Record(method, PresentedBy(peer), std::move(status), std::move(done));
           }},
      workers_, metrics_, clock_};
  api::Health health_;
  api::MetricsDispatcher metrics_dispatcher_{metrics_};

  std::unique_ptr<edge::Server> server_;
  std::unique_ptr<edge::Server> metrics_server_;
  std::atomic<bool> stopping_{false};
  std::thread ticker_;
};

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

// Objections and demands, and what the calendar brings them.
void Hub::StartMatters() {
  catalog_service_.ShowObjections([this](std::string_view resource) { return open_objections_.Count(resource); });
  objection_service_ = std::make_unique<access::ObjectionService>(access::ObjectionService::Parts{
      .store = documents_, .catalog = catalog_, .rules = rules_, .clock = clock_, .random = random_,
      .recipients_of = access::RecipientsByLedger(*index_, entries_, *subjects_)});
  sweep_.Add("objections", [this](absl::CivilDay today) { return objection_service_->NoteOverdue(today); });
  sweep_.Add("demands", [this](absl::CivilDay today) { return demand_service_.NoteOverdue(today); });
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
  api::RegisterFeeds(table_, feed_service_);
  api::RegisterFiles(table_, file_service_);
  health_.Register(table_);
  api::RegisterReflection(table_);
  health_.KnowServices(table_.Services());
  if (!table_.problems().empty()) {
    return Fail(absl::StatusCode::kInternal, "METHOD_TABLE", "A registration does not fit its RPC.",
                {{"problem", table_.problems().front()}});
  }
  return absl::OkStatus();
}

absl::Status Hub::Listen() {
  edge::ServerOptions options;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  options.threads = config_.threads > 0 ? config_.threads : std::max(1, cores / 2);
  options.clock = &clock_;
  for (const auto& listener : config_.listeners) options.listeners.push_back(ToListener(listener));
  server_ = TRY(edge::Server::Start(std::move(options), table_));
  if (config_.metrics_address.empty()) return absl::OkStatus();
  edge::ServerOptions metrics;
  metrics.threads = 1;
  ListenerConfig listener;
  listener.name = "metrics";
  listener.address = config_.metrics_address;
  listener.tls = false;
  metrics.listeners.push_back(ToListener(listener));
  metrics_server_ = TRY(edge::Server::Start(std::move(metrics), metrics_dispatcher_));
  return absl::OkStatus();
}

// {"hub":"127.0.0.1:7443","metrics":"127.0.0.1:9464"}: written whole, so that a reader never sees half of it.
absl::Status Hub::WritePortFile() const {
  std::string json = "{";
  const std::vector<std::string> addresses = server_->addresses();
  for (size_t i = 0; i < addresses.size(); ++i) {
    Log(LogLevel::kInfo, "listening", {{"listener", config_.listeners[i].name}, {"address", addresses[i]}});
    absl::StrAppend(&json, i ? "," : "", "\"", config_.listeners[i].name, "\":\"", addresses[i], "\"");
  }
  if (metrics_server_) absl::StrAppend(&json, ",\"metrics\":\"", metrics_server_->addresses().front(), "\"");
  json += "}\n";
  if (config_.port_file.empty()) return absl::OkStatus();
  const std::string fresh = config_.port_file + ".new";
  std::ofstream(fresh) << json;
  std::error_code error;
  fs::rename(fresh, config_.port_file, error);
  if (error) {
    return Fail(absl::StatusCode::kFailedPrecondition, "PORT_FILE_NOT_WRITABLE", "The port file cannot be written.",
                {{"port_file", config_.port_file}});
  }
  return absl::OkStatus();
}

void Hub::AddMetrics() {
  metrics_.AddGauge("hub_ledger_entries", "Entries in the ledger.", [this] { return static_cast<double>(log_->head()->size()); });
  metrics_.AddGauge("hub_ledger_open", "1 while the ledger can be written; 0: nothing is released (LEDGER_UNAVAILABLE).",
                    [this] { return pipeline_.closed() ? 0.0 : 1.0; });
  metrics_.AddCounter("hub_ledger_closed_total", "Times the ledger could not be written and the hub stopped releasing.",
                      [this] { return static_cast<double>(pipeline_.times_closed()); });
  metrics_.AddGauge("hub_checkpoint_kept", "1 while checkpoints can be signed and kept in both places.",
                    [this] { return checkpointer_->health().ok() ? 1.0 : 0.0; });
  metrics_.AddGauge("hub_ledger_indexed", "Entries of the ledger the index has reached.",
                    [this] { return static_cast<double>(index_->reached()); });
  metrics_.AddGauge("hub_ledger_archives", "Segments of the ledger with an archive file.",
                    [this] { return static_cast<double>(archivist_->archives().size()); });
  metrics_.AddCounter("hub_ledger_self_checked_tiles_total", "Tiles of 256 entries hashed again and compared, round after round.",
                      [this] { return static_cast<double>(self_check_.tiles_checked()); });
  metrics_.AddCounter("hub_ledger_self_check_problems_total", "Altered or missing entries and tiles found so; the log names them.",
                      [this] { return static_cast<double>(self_check_.problems_found()); });
  metrics_.AddGauge("hub_search_indexed", "Ledger index the search index has reached; -1 while it is made.",
                    [this] { return search_index_->reached() ? static_cast<double>(*search_index_->reached()) : -1.0; });
  metrics_.AddGauge("hub_commit_queue", "Commits waiting to be written.", [this] { return static_cast<double>(pipeline_.queued()); });
  metrics_.AddGauge("hub_exchanges_open", "Exchanges under way.", [this] { return static_cast<double>(broker_.in_flight()); });
  AddPayloadMetrics();
  metrics_.AddGauge("hub_edge_connections_open", "Open connections.",
                    [this] { return static_cast<double>(server_->stats().connections_open); });
  metrics_.AddCounter("hub_edge_connections_shed_total", "Connections refused for want of descriptors or places.",
                      [this] { return static_cast<double>(server_->stats().connections_shed); });
  metrics_.AddCounter("hub_edge_handshakes_failed_total", "TLS handshakes that failed.",
                      [this] { return static_cast<double>(server_->stats().handshakes_failed); });
  metrics_.AddCounter("hub_edge_calls_refused_total", "Calls the edge answered itself.",
                      [this] { return static_cast<double>(server_->stats().calls_refused); });
  if (!collector_) return;
  for (const ledger::Vouch& vouch : collector_->vouching().witnesses) {
    metrics_.AddGauge("hub_ledger_witness_age_seconds", "Seconds since the witness last vouched for the log; -1: never.",
                      {{"witness", vouch.name}}, [this, name = vouch.name] { return WitnessAge(name); });
  }
  metrics_.AddGauge("hub_ledger_cosigned_entries", "Entries the quorum of witnesses vouches for.", [this] {
    const auto cosigned = collector_->vouching().cosigned;
    return cosigned ? static_cast<double>(cosigned->checkpoint.size) : 0.0;
  });
}

void Hub::AddPayloadMetrics() {
  const auto count = [](const std::atomic<int64_t>& counter) {
    return [&counter] { return static_cast<double>(counter.load(std::memory_order_relaxed)); };
  };
  const exchange::FeedCounts& counts = feeds_.counts();
  metrics_.AddCounter("hub_feed_published_records_total", "Records published to feeds.", count(counts.published));
  metrics_.AddCounter("hub_feed_repeated_records_total", "Records published again under a known key and not stored.", count(counts.repeated));
  metrics_.AddCounter("hub_feed_delivered_records_total", "Records delivered to subscribers.", count(counts.delivered));
  metrics_.AddCounter("hub_feed_acknowledgements_total", "Acknowledgements made durable.", count(counts.acknowledged));
  metrics_.AddCounter("hub_feed_swept_records_total", "Records that left by retention.", count(counts.swept));
  metrics_.AddCounter("hub_feed_swept_unread_records_total", "Of those, records a subscription had not acknowledged.",
                      count(counts.swept_unread));
  metrics_.AddGauge("hub_feed_records", "Records kept in feeds.", [this] { return static_cast<double>(feeds_.totals().records); });
  metrics_.AddGauge("hub_feed_bytes", "Bytes they take in the store.", [this] { return static_cast<double>(feeds_.totals().bytes); });
  metrics_.AddGauge("hub_feed_lag_records_max", "Records the subscription furthest behind has to read.",
                    [this] { return static_cast<double>(feeds_.totals().lag_records_max); });
  metrics_.AddGauge("hub_feed_subscribers", "Subscribers' open streams.", [this] { return static_cast<double>(feeds_.totals().connected); });
  metrics_.AddGauge("hub_files", "Files announced and kept.", [this] { return static_cast<double>(files_.count()); });
  metrics_.AddGauge("hub_files_bytes", "Their sizes together.", [this] { return static_cast<double>(files_.bytes()); });
  metrics_.AddGauge("hub_payload_queue", "Tasks on feeds and files waiting for a thread.",
                    [this] { return static_cast<double>(payload_workers_.queued()); });
}

double Hub::WitnessAge(const std::string& name) const {
  for (const ledger::Vouch& vouch : collector_->vouching().witnesses) {
    if (vouch.name == name && vouch.time_s > 0) return static_cast<double>(absl::ToUnixSeconds(clock_.Now())) - static_cast<double>(vouch.time_s);
  }
  return -1;
}

// Brings time to those who own no thread.
void Hub::Tick() {
  for (int turn = 0; !stopping_.load(std::memory_order_relaxed); ++turn) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
    broker_.Sweep();
    if (turn % 10 == 0) {
      connectors_.Sweep();
      operations_.Sweep();
      feeds_.Sweep();
      TellLedgerHealth();
    }
    if (turn % 100 == 0) {
      refusals_.Sweep();
      const absl::Status checked = self_check_.Step();
      if (!checked.ok()) LogStatus(LogLevel::kError, "ledger_self_check", checked);
    }
    if (turn % 1000 == 0) {
      const absl::Status swept = break_glass_service_.Sweep();
      if (!swept.ok()) LogStatus(LogLevel::kError, "break_glass_not_ended", swept);
    }
    if (turn % 6000 == 0) {  // each minute: cheap, and no year begins long without its key
      const absl::Status rotated = RotateSubjectKeys();
      if (!rotated.ok()) LogStatus(LogLevel::kError, "subject_key_not_made", rotated);
      workers_.Submit([this] { sweep_.Run(); });  // it waits for its commits; a full queue is asked again in a minute
      sessions_.Sweep();
      const absl::Status sealed = RotatePayloadKeys();
      if (!sealed.ok()) LogStatus(LogLevel::kError, "payload_key_not_made", sealed);
      payload_executor_([this] { files_.Sweep(); });
    }
  }
}

// The pipeline opens again by itself once the cause is gone.
void Hub::TellLedgerHealth() {
  if (pipeline_.closed()) {
    health_.StopServing("LEDGER_UNAVAILABLE");
  } else {
    health_.Serve();
  }
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
  workers_.Close();
  payload_workers_.Close();
  refusals_.Flush();
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

absl::Status Serve(const HubConfig& config, const sigset_t& signals) {
  access::Rules rules = TRY(ReadRules(config));
  Disk disk = TRY(OpenDisk(config));
  static const SystemClock clock;
  auto log = TRY(ledger::Log::Open(*disk.store, clock));
  static SystemRandom random;
  const fs::path keys = fs::path(config.state_dir) / "keys";
  auto subjects = TRY(ledger::SubjectKeys::Open(keys, random));
  SealKey resume_key = TRY(SealKey::OpenOrMake(keys / "resume.key", random));
  auto payload_keys = TRY(exchange::PayloadKeys::Open(keys, random));
  Hub hub(config, std::move(disk), std::move(log), std::move(rules), std::move(subjects), std::move(resume_key),
          std::move(payload_keys));
  const absl::Status started = hub.Start();
  if (!started.ok()) {
    hub.Stop();
    return started;
  }
  Log(LogLevel::kInfo, "serving", {{"origin", config.origin}, {"state_dir", config.state_dir}});
  int signal = 0;
  while (sigwait(&signals, &signal) == 0 && signal == SIGHUP) {
    const absl::Status reloaded = hub.ReloadCertificates();
    if (reloaded.ok()) {
      Log(LogLevel::kInfo, "certificates_reloaded");
    } else {
      LogStatus(LogLevel::kError, "certificates_not_reloaded", reloaded);
    }
  }
  Log(LogLevel::kInfo, "stopping");
  hub.Stop();
  return absl::OkStatus();
}

int Complain(const absl::Status& status) {
  std::fprintf(stderr, "zhanqiao-hub: %s (%s)\n", std::string(status.message()).c_str(), ReasonOf(status).c_str());
  for (const char* fact : {"line", "row", "column", "key", "expected", "file", "store", "state_dir", "cause", "listener", "address", "problem",
                           "port_file", "second_place", "place", "checkpoint_size", "log_size",
                           "witness", "silent", "quorum", "key_id", "log_origin", "configured_origin", "module", "token", "call", "code"}) {
    const std::string value = FactOf(status, fact);
    if (!value.empty()) std::fprintf(stderr, "  %s: %s\n", fact, value.c_str());
  }
  return 1;
}

int Main(int argc, char** argv) {
  CLI::App app{"The Zhanqiao hub: exchanges records between departments under grants, provably."};
  std::string file;
  bool check = false;
  app.add_option("--config", file, "Configuration file (TOML)")->required();
  app.add_flag("--check-config", check, "Name line and key of the first mistake, or say that all is well");
  CLI11_PARSE(app, argc, argv);

  // Debian's abseil looks for lock cycles at every lock, for developers; the sanitized suites do that here.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  // Signals are taken by one thread, in turn with everything else.
  sigset_t signals;
  sigemptyset(&signals);
  for (const int signal : {SIGTERM, SIGINT, SIGHUP}) sigaddset(&signals, signal);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a file that may not grow is a failed write, which the ledger survives

  const auto config = LoadHubConfig(file);
  if (!config.ok()) return Complain(config.status());
  if (check) {
    std::printf("%s: all is well\n", file.c_str());
    return 0;
  }
  SetLogLevel(config->log_level == "debug"     ? LogLevel::kDebug
              : config->log_level == "info"    ? LogLevel::kInfo
              : config->log_level == "warning" ? LogLevel::kWarning
                                               : LogLevel::kError);
  const absl::Status served = Serve(*config, signals);
  return served.ok() ? 0 : Complain(served);
}

}  // namespace
}  // namespace zhanqiao

int main(int argc, char** argv) { return zhanqiao::Main(argc, argv); }
