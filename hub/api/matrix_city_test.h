// A whole hub's services over a small city, for asking every method as everybody (role_matrix_test.cc). A new service is
// made here and registered below, as hub/main.cc does it.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/code_table_service.h"
#include "catalog/model/notice_service.h"
#include "catalog/operations/operation_service.h"
#include "catalog/operations/operations.h"
#include "catalog/search/search_service.h"
#include "catalog/sheets/sheet_service.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/access/access_rules.h"
#include "hub/access/administration_service.h"
#include "hub/access/demand_service.h"
#include "hub/access/objection_service.h"
#include "hub/access/test_accounts.h"
#include "hub/api/services.h"
#include "hub/exchange/broker.h"
#include "hub/exchange/connector_hub.h"
#include "hub/exchange/diagnostics/diagnostics_service.h"
#include "hub/exchange/exchange_service.h"
#include "hub/exchange/feeds/feed_service.h"
#include "hub/exchange/files/file_service.h"
#include "hub/ledger/audit/test_audit.h"
#include "hub/ledger/key_service.h"
#include "hub/ledger/log_keys.h"
#include "hub/ledger/receipt_service.h"
#include "hub/oversight/office.h"
#include "hub/oversight/oversight.h"
#include "hub/oversight/datasets/datasets.h"
#include "hub/portal/submissions.h"

namespace zhanqiao::api {

// The three bodies a caller may be of: that which a request is about (of grants and releases the provider), the one whose
// system asks, and any other.
inline const std::vector<std::pair<std::string, std::string>> kBodies = {
    {"own", "370200-GAJ"}, {"consumer", "370200-ZWFWB"}, {"other", "370200-CGJ"}};
inline const std::vector<std::string> kKinds = {"anonymous", "system",  "connector", "system_admin", "security_admin",
                                                "auditor",   "office", "org_approver", "org_clerk"};

class MatrixCity : public access::TestAccounts {
 public:
  MatrixCity() {
    for (const auto& [position, code] : kBodies) {
      const std::string body = "organizations/" + code;
      Put(body, Body(body));
      Put(body + "/systems/approval", System(body + "/systems/approval"));
      Put(body + "/connectors/a", Connector(body + "/connectors/a"));
      for (int role = v1::ROLE_SYSTEM_ADMIN; role <= v1::ROLE_ORG_CLERK; ++role) {
        Register(PersonOf(code, access::RoleName(static_cast<v1::Role>(role))), {static_cast<v1::Role>(role)});
      }
      OpenFully(PersonOf(code, "org_clerk"));
    }
    if (!connectors.Follow(documents).ok()) std::abort();
    DeclarePayload();
    DeclareMatters();
    DeclareOffice();
    DeclareFacility();
    DeclareDatasets();
    grant = Active().name();
    audited.log.Grow(1);
    release = audited.Append(ledger::ExchangeEntry(1, access::kSystem, "organizations/370200-GAJ"));
    audited.log.log.Sign();
    RegisterServices(table, catalog_service, service, exchange_service, connectors, ledger_service, *audited.service, key_service);
    RegisterReceipts(table, receipts);
    RegisterNotices(table, notices);
    RegisterCodeTables(table, code_tables);
    RegisterSheets(table, sheets, operation_service);
    RegisterSearch(table, search_service);
    RegisterMatters(table, objections, demands);
    RegisterOversight(table, oversight.service(), oversight.inventory());
    RegisterReports(table, office_services.reports());
    RegisterTasks(table, office_services.tasks());
    RegisterEvaluations(table, office_services.evaluations());
    RegisterProjects(table, office_services.projects());
    RegisterAlarms(table, office_services.alarms());
    RegisterFeeds(table, feed_service);
    RegisterFiles(table, file_service);
    RegisterDatasets(table, datasets->service(), submissions);
    RegisterDiagnostics(table, diagnostics);
    RegisterAdministration(table, administration);
    RegisterAccounts(table, *people, break_glass, workers, workers);
  }
  ~MatrixCity() { pipeline.Stop(); }

  // A feed of {resource}, and a file of it on its way in.
  void DeclarePayload() {
    if (!payload_keys->Rotate(clock.Now(), {}).ok()) std::abort();
    if (!feeds.Follow(documents).ok() || !file_store.Follow(documents).ok()) std::abort();
    v1::Feed feed;
    feed.set_name("feeds/306001~000001");
    feed.set_retention_hours(24);
    feed.set_bytes_max(1 << 20);
    Put(feed.name(), feed);
    v1::File file;
    file.set_name("files/one");
    file.set_resource(access::kResidence);
    file.set_size_bytes(5);
    file.set_state(v1::FILE_STATE_UPLOADING);
    Put(file.name(), file);
  }
  // A dataset of each body that was published once, and something said on that of the provider.
  void DeclareDatasets() {
    for (const auto& [position, code] : kBodies) {
      v1::Dataset dataset;
      dataset.set_name("organizations/" + code + "/datasets/one");
      dataset.set_state(v1::DATASET_STATE_PUBLISHED);
      dataset.set_issue_date("2026-11-01");
      Put(dataset.name(), dataset);
      v1::RiskReport report;
      report.set_name(dataset.name() + "/riskReports/1");
      Put(report.name(), report);
      v1::DatasetProbe probe;
      probe.set_name(dataset.name() + "/probes/latest");
      Put(probe.name(), probe);
    }
    v1::Submission submission;
    submission.set_name("submissions/01hzzzzzzzzzzzzzzzzzzzzzzz");
    submission.set_dataset("organizations/370200-GAJ/datasets/one");
    submission.set_organization("organizations/370200-GAJ");
    submission.set_state(v1::SUBMISSION_STATE_RECEIVED);
    Put(submission.name(), submission);
  }
  // An open objection of the consumer, and a demand of it that is matched to the provider.
  void DeclareMatters() {
    const std::string consumer = "organizations/370200-ZWFWB";
    const std::string provider = "organizations/370200-GAJ";
    const std::string id = "01hzzzzzzzzzzzzzzzzzzzzzzz";
    const int64_t now = absl::ToUnixSeconds(clock.Now());
    v1::Objection objection;
    objection.set_name("objections/" + id);
    objection.set_resource(access::kResidence);
    objection.set_grant(grant);
    objection.set_field("name");
    objection.set_key_field("id_number");
    objection.set_consumer(consumer);
    objection.set_provider(provider);
    objection.set_state(v1::OBJECTION_STATE_OPEN);
    objection.set_due_date("2026-12-01");
    objection.mutable_file_time()->set_seconds(now);
    Put(objection.name(), objection);
    v1::Demand demand;
    demand.set_name("demands/" + id);
    demand.set_consumer(consumer);
    demand.set_title("x");
    demand.set_description("x");
    demand.set_purpose("x");
    demand.set_state(v1::DEMAND_STATE_MATCHED);
    demand.add_providers(provider);
    demand.set_due_date("2026-12-01");
    demand.mutable_create_time()->set_seconds(now);
    demand.mutable_match_time()->set_seconds(now);
    Put(demand.name(), demand);
  }
  // A facility of the provider.
  void DeclareFacility() {
    v1::Facility facility;
    facility.set_name("organizations/370200-GAJ/facilities/line");
    facility.set_kind(v1::FACILITY_KIND_BUSINESS_NETWORK);
    facility.set_display_name("x");
    Put(facility.name(), facility);
  }
  // A project of the provider, and an alarm on one of its systems.
  void DeclareOffice() {
    v1::Project project;
    project.set_name("projects/one");
    project.set_organization("organizations/370200-GAJ");
    project.set_state(v1::PROJECT_STATE_DRAFT);
    Put(project.name(), project);
    v1::Alarm alarm;
    alarm.set_name("alarms/2026-11-23-000000000000");
    alarm.set_kind(v1::ALARM_KIND_NIGHT_USE);
    alarm.set_consumer("organizations/370200-GAJ/systems/approval");
    alarm.set_state(v1::ALARM_STATE_OPEN);
    Put(alarm.name(), alarm);
  }
  static std::string PersonOf(std::string_view code, std::string_view role) {
    return absl::StrCat("organizations/", Absl(code), "/persons/", absl::StrReplaceAll(Absl(role), {{"_", "-"}}));
  }
  // A caller of one kind (kKinds) and body, as the directory knows it; nobody for anonymous.
  absl::StatusOr<Caller> As(std::string_view kind, const std::string& code) const {
    if (kind == "anonymous") return Fail(absl::StatusCode::kUnauthenticated, "CALLER_UNIDENTIFIED", "Present a certificate.");
    const bool member = kind == "system" || kind == "connector";
    const std::string id = kind == "system" ? "system/approval" : kind == "connector" ? "connector/a"
                           : "person/" + absl::StrReplaceAll(Absl(kind), {{"_", "-"}});
    auto known = directory.Resolve({absl::StrCat("zhanqiao://qingdao/org/", code, "/", id)}, access::kFingerprint,
                                   absl::InfiniteFuture(), "127.0.0.1:50000");
    if (!known.ok() || (!member && !known->HasRole(kind))) std::abort();
    return known;
  }
  // A request's template with names of this city in it: {body} (own), {consumer} (its system), {grant}, {resource} (that
  // of the grant), {self} (the caller), {release} (index of a release under the grant).
  std::string Filled(const std::string& text) const {
    return absl::StrReplaceAll(text, {{"{body}", "370200-GAJ"},
                                      {"{consumer}", access::kSystem},
                                      {"{grant}", grant},
                                      {"{resource}", access::kResidence},
                                      {"{self}", caller.ok() ? caller->subject : ""},
                                      {"{release}", absl::StrCat(release)}});
  }

  const storage::TemporaryDirectory files;
  std::unique_ptr<ledger::SubjectKeys> subjects = ledger::SubjectKeys::Open(files.path(), random).value();
  exchange::Broker broker{catalog, grants, refusals, pipeline, clock, random, {.origin = "city.example/log", .subjects = subjects.get()}};
  exchange::ConnectorHub connectors{catalog, broker, pipeline, clock, {}};
  const exchange::ResumeTokens tokens{SealKey(std::string(32, 'k')), random};
  exchange::ExchangeService exchange_service{broker, tokens, clock, random, {.origin = "city.example/log"}};
  catalog::CatalogService catalog_service{documents, catalog, clock, random};
  catalog::NoticeService notices{documents, clock};
  catalog::CodeTableService code_tables{documents};
  operations::Operations operations{clock, random, operations::Options()};
  operations::OperationService operation_service{operations, clock};
  sheets::SheetService sheets{documents, catalog, clock, operations, [this](std::function<void()> task) { return workers.Submit(std::move(task)); }};
  search::Providers providers;
  const storage::TemporaryDirectory search_files;
  std::unique_ptr<search::SearchIndex> search_index = search::SearchIndex::Start(documents, {.directory = search_files.path()}).value();
  search::SearchService search_service{*search_index, catalog, providers};
  access::ObjectionService objections{{.store = documents, .catalog = catalog, .rules = rules, .clock = clock, .random = random,
                                       .recipients_of = [](std::string_view, std::string_view, absl::Time) { return std::vector<std::string>(); }}};
  access::DemandService demands{{.store = documents, .catalog = catalog, .rules = rules, .clock = clock, .random = random,
                                 .entries_like = [](const Caller&, std::string_view) { return std::vector<std::string>(); }}};
  const storage::TemporaryDirectory payload_files;
  std::unique_ptr<exchange::PayloadKeys> payload_keys = exchange::PayloadKeys::Open(payload_files.path(), random).value();
  const exchange::Executor executor = [](std::function<void()> task) { task(); };
  exchange::Feeds feeds{{store, pipeline, catalog, grants, directory, refusals, broker.quotas(), *payload_keys, subjects.get(), clock,
                         random, executor, "city.example/log"}};
  exchange::FeedService feed_service{feeds, documents};
  exchange::Files file_store{{documents, pipeline, catalog, grants, directory, refusals, broker.quotas(), *payload_keys, clock, random,
                              executor, "city.example/log", payload_files.path() / "spool", int64_t{1} << 20, 0}};
  exchange::FileService file_service{file_store};
  std::unique_ptr<datasets::Datasets> datasets =
      datasets::Datasets::Open({.store = documents, .catalog = catalog, .policy = rules.policy, .clock = clock, .random = random,
                                .directory = payload_files.path() / "open_data"})
          .value();
  portal::PortalService submissions{{documents, catalog, clock, random}};
  ledger::AuditedLog audited;  // a log of its own: its entries are the test's
  const ledger::ProviderOf provider_of = [](std::string_view) { return std::string("organizations/370200-GAJ"); };
  ledger::LedgerService ledger_service{audited.log.log.log(), audited.log.log.checkpointer(), provider_of};
  ledger::ReceiptService receipts{audited.log.log.log(), audited.log.log.checkpointer(), audited.log.log.pipeline(), "ledger.example/zhanqiao", provider_of};
  oversight::Oversight oversight{{.store = documents, .catalog = catalog, .rules = rules, .clock = clock, .random = random,
                                  .index = *audited.log.index, .entries = *audited.log.online, .progress = {}}};
  oversight::Office office_services{{.store = documents, .catalog = catalog, .pipeline = pipeline, .records = oversight.records(),
                                     .index = *audited.log.index, .entries = *audited.log.online, .rules = rules, .clock = clock,
                                     .random = random, .position = [this] { return audited.log.log.log().head()->size() - 1; },
                                     .checkpoint = [] { return ledger::SignedCheckpointPtr(); }, .root_at = nullptr,
                                     .open_datasets = nullptr,
                                     .mailer = nullptr, .contacts = {}, .public_url = ""}};
  exchange::DiagnosticsService diagnostics{ledger_service, service, connectors, broker, clock};
  access::SeenCertificates certificates{store, pipeline, clock, "qingdao"};
  access::AdministrationService administration{{.store = documents, .certificates = certificates, .rules = rules, .clock = clock, .random = random,
                                                .calendar = {}, .policy_file = "", .policy_variant = ""}};
  storage::MemoryStore key_store;
  std::unique_ptr<ledger::Log> key_log = ledger::Log::Open(key_store, clock).value();
  storage::CommitPipeline key_pipeline{key_store, key_log.get(), {}};
  std::unique_ptr<ledger::LogKeys> log_keys =
      ledger::LogKeys::Open(key_store, std::make_unique<ledger::FileKeyVault>(files.path(), "city.example/log"), "city.example/log").value();
  ledger::LedgerKeyService key_service{*log_keys, key_pipeline};
  std::string grant;
  uint64_t release = 0;

  absl::StatusOr<Caller> caller = absl::UnknownError("nobody yet");  // who calls now
  Metrics metrics;
  WorkerPool workers{{.threads = 0}};
  MethodTable table{{.resolve = [this](const edge::Peer&, const edge::Metadata&) { return caller; },
                     .refuse = [](const edge::Peer&, std::string_view, absl::Status status,
                                  absl::AnyInvocable<void(absl::Status)> done) { done(std::move(status)); }},
                    workers, metrics, clock};
};

}  // namespace zhanqiao::api
