// Every RPC of the contract and the method that answers it: one line each.
#pragma once

#include "hub/api/method_table.h"

namespace zhanqiao::catalog {
class CatalogService;
class CodeTableService;
class NoticeService;
}  // namespace zhanqiao::catalog
namespace zhanqiao::search {
class SearchService;
}
namespace zhanqiao::access {
class AccessService;
class AccountService;
class AdministrationService;
class BreakGlassService;
class DemandService;
class ObjectionService;
}  // namespace zhanqiao::access
namespace zhanqiao::exchange {
class ConnectorHub;
class ExchangeService;
class FeedService;
class FileService;
class DiagnosticsService;
}  // namespace zhanqiao::exchange
namespace zhanqiao::ledger {
class AuditService;
class LedgerKeyService;
class LedgerService;
class ReceiptService;
}  // namespace zhanqiao::ledger
namespace zhanqiao::oversight {
class AlarmService;
class EvaluationService;
class InventoryService;
class OversightService;
class ProjectService;
class ReportService;
class TaskService;
}  // namespace zhanqiao::oversight
namespace zhanqiao::sheets {
class SheetService;
}
namespace zhanqiao::operations {
class OperationService;
}
namespace zhanqiao::datasets {
class DatasetService;
}
namespace zhanqiao::portal {
class PortalService;
}

namespace zhanqiao::api {

// Registers all of zhanqiao.v1. The services outlive the table's calls. Query answers with the trailers
// zhanqiao-ledger-index and zhanqiao-leaf-hash (lower-case hex).
void RegisterServices(MethodTable& table, catalog::CatalogService& catalog, access::AccessService& access,
                      exchange::ExchangeService& exchange, exchange::ConnectorHub& connectors,
                      ledger::LedgerService& ledger, ledger::AuditService& audit, ledger::LedgerKeyService& keys);
void RegisterNotices(MethodTable& table, catalog::NoticeService& notices);
void RegisterCodeTables(MethodTable& table, catalog::CodeTableService& tables);
void RegisterSearch(MethodTable& table, search::SearchService& search);
void RegisterMatters(MethodTable& table, access::ObjectionService& objections, access::DemandService& demands);
void RegisterAdministration(MethodTable& table, access::AdministrationService& administration);
void RegisterReceipts(MethodTable& table, ledger::ReceiptService& receipts);
void RegisterFeeds(MethodTable& table, exchange::FeedService& feeds);
void RegisterFiles(MethodTable& table, exchange::FileService& files);
// Submissions are made and looked up without a caller.
void RegisterDatasets(MethodTable& table, datasets::DatasetService& datasets, portal::PortalService& submissions);
void RegisterDiagnostics(MethodTable& table, exchange::DiagnosticsService& diagnostics);
void RegisterSheets(MethodTable& table, sheets::SheetService& sheets, operations::OperationService& operations);
// Figures of the plan and the inventory beyond systems (oversight_services.cc).
void RegisterOversight(MethodTable& table, oversight::OversightService& oversight, oversight::InventoryService& inventory);
// What the office keeps (office_services.cc).
void RegisterReports(MethodTable& table, oversight::ReportService& reports);
void RegisterTasks(MethodTable& table, oversight::TaskService& tasks);
void RegisterEvaluations(MethodTable& table, oversight::EvaluationService& evaluations);
void RegisterProjects(MethodTable& table, oversight::ProjectService& projects);
void RegisterAlarms(MethodTable& table, oversight::AlarmService& alarms);
// What hashes passwords runs on `hashing`, what asks the identity provider on `asking`: both bounded, so that sign-ins take
// neither memory without end nor the threads of everything else. SignIn and FinishOidcSignIn answer with the trailer
// set-cookie when asked for a cookie, SignOut with one that takes it away.
void RegisterAccounts(MethodTable& table, access::AccountService& accounts, access::BreakGlassService& break_glass,
                      WorkerPool& hashing, WorkerPool& asking);

}  // namespace zhanqiao::api
