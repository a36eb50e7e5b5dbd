// Every RPC of the contract and the method that answers it: one line each.
#pragma once

#include "hub/api/method_table.h"

namespace zhanqiao::catalog {
class CatalogService;
}
namespace zhanqiao::access {
class AccessService;
}
namespace zhanqiao::exchange {
class ConnectorHub;
class ExchangeService;
class FeedService;
class FileService;
}  // namespace zhanqiao::exchange
namespace zhanqiao::ledger {
class AuditService;
class LedgerKeyService;
class LedgerService;
class ReceiptService;
}  // namespace zhanqiao::ledger

namespace zhanqiao::api {

// Registers all of zhanqiao.v1. The services outlive the table's calls. Query answers with the trailers
// zhanqiao-ledger-index and zhanqiao-leaf-hash (lower-case hex).
void RegisterServices(MethodTable& table, catalog::CatalogService& catalog, access::AccessService& access,
                      exchange::ExchangeService& exchange, exchange::ConnectorHub& connectors,
                      ledger::LedgerService& ledger, ledger::AuditService& audit, ledger::LedgerKeyService& keys);
void RegisterReceipts(MethodTable& table, ledger::ReceiptService& receipts);
void RegisterFeeds(MethodTable& table, exchange::FeedService& feeds);
void RegisterFiles(MethodTable& table, exchange::FileService& files);

}  // namespace zhanqiao::api
