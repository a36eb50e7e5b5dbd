// Every RPC of the contract and the method that answers it: one line each.
#pragma once

#include "hub/api/method_table.h"

namespace zhanqiao::catalog {
class CatalogService;
class CodeTableService;
class NoticeService;
}  // namespace zhanqiao::catalog
namespace zhanqiao::access {
class AccessService;
}
namespace zhanqiao::exchange {
class ConnectorHub;
class ExchangeService;
}  // namespace zhanqiao::exchange
namespace zhanqiao::ledger {
class AuditService;
class LedgerKeyService;
class LedgerService;
class ReceiptService;
}  // namespace zhanqiao::ledger
namespace zhanqiao::sheets {
class SheetService;
}
namespace zhanqiao::operations {
class OperationService;
}

namespace zhanqiao::api {

// Registers all of zhanqiao.v1. The services outlive the table's calls. Query answers with the trailers
// zhanqiao-ledger-index and zhanqiao-leaf-hash (lower-case hex).
void RegisterServices(MethodTable& table, catalog::CatalogService& catalog, access::AccessService& access,
                      exchange::ExchangeService& exchange, exchange::ConnectorHub& connectors,
                      ledger::LedgerService& ledger, ledger::AuditService& audit, ledger::LedgerKeyService& keys);
void RegisterNotices(MethodTable& table, catalog::NoticeService& notices);
void RegisterCodeTables(MethodTable& table, catalog::CodeTableService& tables);
void RegisterReceipts(MethodTable& table, ledger::ReceiptService& receipts);
void RegisterSheets(MethodTable& table, sheets::SheetService& sheets, operations::OperationService& operations);

}  // namespace zhanqiao::api
