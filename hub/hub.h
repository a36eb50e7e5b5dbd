// The whole hub as one object: its members, in the order in which they depend on each other, are the wiring. The parts of
// Start lie in hub.cc (ledger, documents, people, methods), hub_edge.cc (listeners), hub_metrics.cc and hub_time.cc (what the
// clock brings).
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
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
#include "hub/access/administration_service.h"
#include "hub/access/break_glass_service.h"
#include "hub/access/demand_service.h"
#include "hub/access/directory.h"
#include "hub/access/grant_sweep.h"
#include "hub/access/grant_view.h"
#include "hub/access/objection_service.h"
#include "hub/access/refusals.h"
#include "hub/access/rules.h"
#include "hub/access/seen_certificates.h"
#include "hub/access/session_gate.h"
#include "hub/access/sign_ins.h"
#include "hub/access/sweep.h"
#include "hub/api/health.h"
#include "hub/api/method_table.h"
#include "hub/api/metrics.h"
#include "hub/api/reflection.h"
#include "hub/api/services.h"
#include "hub/api/worker_pool.h"
#include "hub/config.h"
#include "hub/console/static_files.h"
#include "hub/disk.h"
#include "hub/edge/server.h"
#include "hub/exchange/at_rest/payload_keys.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/connector_hub.h"
#include "hub/exchange/diagnostics/diagnostics_service.h"
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
#include "hub/ledger/receipt_service.h"
#include "hub/ledger/self_check.h"
#include "hub/ledger/subject_keys.h"
#include "hub/ledger/witness/collector.h"
#include "hub/oversight/office.h"
#include "hub/oversight/oversight.h"
#include "hub/oversight/datasets/datasets.h"
#include "hub/portal/portal.h"

namespace zhanqiao {

// What a connection presents of its holder.
inline access::Presented PresentedBy(const edge::Peer& peer) {
  return {.identities = peer.uris, .fingerprint = peer.fingerprint, .not_after = peer.not_after, .address = peer.address};
}

// Every object of the hub, in the order of their dependence: each may use those above it. Start, then Stop, from one thread.
class Hub {
 public:
  Hub(const HubConfig& config, Disk disk, std::unique_ptr<ledger::Log> log, access::Rules rules,
      std::unique_ptr<ledger::SubjectKeys> subjects, SealKey resume_key, SealKey pseudonym_key,
      std::unique_ptr<exchange::PayloadKeys> payload_keys)
      : config_(config), disk_(std::move(disk)), log_(std::move(log)), rules_(std::move(rules)),
        subjects_(std::move(subjects)), resume_tokens_(std::move(resume_key), random_), pseudonym_key_(std::move(pseudonym_key)),
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
  absl::StatusOr<bool> ReleasedUnder(std::string_view grant) const;
  void StartMatters();
  void StartOversight();
  absl::StatusOr<v1::OpenDatasetProgress> OpenDatasetsOf(const oversight::FigureScope& scope);
  absl::Status StartOffice();
  edge::HttpResponse PublicReport(const edge::HttpRequest& request) const;
  void RegisterOffice();
  absl::Status StartPortal();
  void ServePortal();
  absl::Status StartAdministration();
  v1::SystemHealth Health() const;
  absl::StatusOr<std::vector<portal::ExchangeMonth>> ExchangeByMonth();
  void WriteUsage();
  absl::Status RegisterMethods();
  absl::Status ServeConsole();
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
  const SealKey pseudonym_key_;
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
  access::SeenCertificates certificates_{*disk_.store, pipeline_, clock_, config_.city};
  const absl::Time started_ = clock_.Now();
  exchange::Broker broker_{catalog_, grants_, refusals_, pipeline_, clock_, random_,
                           {.origin = config_.origin, .in_flight_max = static_cast<size_t>(config_.in_flight_max),
                            .subjects = subjects_.get(), .pseudonyms = &pseudonym_key_}};
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
  access::GrantSweep grant_sweep_{documents_, catalog_, rules_, clock_, random_,
                                  [this](std::string_view grant) { return ReleasedUnder(grant); }};
  access::Sweep sweep_{clock_};
  exchange::ExchangeService exchange_service_{broker_, resume_tokens_, clock_, random_, {.origin = config_.origin}};
  // One task at most for each feed, stream and transfer: the queue is bounded by those.
  api::WorkerPool payload_workers_{{.threads = config_.payload.workers, .queue_max = 1 << 20}};
  const exchange::Executor payload_executor_ = [this](std::function<void()> task) { payload_workers_.Submit(std::move(task)); };
  exchange::Feeds feeds_{{*disk_.store, pipeline_, catalog_, grants_, directory_, refusals_, broker_.quotas(),
                          *payload_keys_, subjects_.get(), clock_, random_, payload_executor_, config_.origin, &pseudonym_key_}};
  exchange::FeedService feed_service_{feeds_, documents_};
  exchange::Files files_{{documents_, pipeline_, catalog_, grants_, directory_, refusals_, broker_.quotas(), *payload_keys_,
                          clock_, random_, payload_executor_, config_.origin, SpoolOf(config_),
                          int64_t{config_.payload.spool_gb_max} << 30, int64_t{config_.payload.free_gb_min} << 30}};
  exchange::FileService file_service_{files_};
  std::unique_ptr<ledger::Collector> collector_;  // null without a witness policy
  std::unique_ptr<ledger::LedgerService> ledger_service_;
  std::unique_ptr<ledger::ReceiptService> receipt_service_;
  std::unique_ptr<exchange::DiagnosticsService> diagnostics_;
  const ledger::OnlineEntries entries_{*disk_.store, ArchivesOf(config_)};
  std::unique_ptr<ledger::Index> index_;
  std::unique_ptr<ledger::Archivist> archivist_;
  std::unique_ptr<ledger::AuditService> audit_service_;
  ledger::SelfCheck self_check_{*log_};
  ledger::LedgerKeyService key_service_{*disk_.keys, pipeline_};

  std::unique_ptr<oversight::Oversight> oversight_;
  std::unique_ptr<oversight::Office> office_;

  access::Sessions sessions_{*disk_.store, pipeline_, clock_, random_,
                             {.idle = absl::Minutes(config_.accounts.session_idle_minutes),
                              .lifetime = absl::Hours(config_.accounts.session_hours_max)}};
  access::SessionGate session_gate_{sessions_, directory_};
  access::AccountStore accounts_{*disk_.store, pipeline_, *disk_.account_key};
  std::unique_ptr<http::Client> oidc_client_;
  std::unique_ptr<access::OidcProvider> oidc_;  // null without [oidc]
  std::unique_ptr<access::AccountService> account_service_;
  access::BreakGlassService break_glass_service_{documents_, clock_};
  std::unique_ptr<access::AdministrationService> administration_;

  std::unique_ptr<console::StaticFiles> console_;  // null without [console]
  std::unique_ptr<datasets::Datasets> datasets_;
  std::unique_ptr<portal::Portal> portal_;
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

}  // namespace zhanqiao
