#include "hub/api/services.h"

#include <memory>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/code_table_service.h"
#include "catalog/model/notice_service.h"
#include "catalog/operations/operation_service.h"
#include "catalog/search/search_service.h"
#include "catalog/sheets/sheet_service.h"
#include "hub/access/access_service.h"
#include "hub/access/demand_service.h"
#include "hub/access/objection_service.h"
#include "hub/api/registrar.h"
#include "hub/exchange/connector_hub.h"
#include "hub/exchange/diagnostics/diagnostics_service.h"
#include "hub/exchange/exchange_service.h"
#include "hub/exchange/feeds/feed_service.h"
#include "hub/exchange/files/file_service.h"
#include "hub/ledger/audit/audit_service.h"
#include "hub/ledger/key_service.h"
#include "hub/ledger/ledger_service.h"
#include "hub/ledger/receipt_service.h"

namespace zhanqiao::api {
namespace {

void RegisterCatalog(MethodTable& table, catalog::CatalogService& service) {
  using S = catalog::CatalogService;
  Registrar<S> methods(table, "CatalogService", service);
  methods.Unary("GetOrganization", &S::GetOrganization);
  methods.Unary("ListOrganizations", &S::ListOrganizations);
  methods.Unary("CreateOrganization", &S::CreateOrganization);
  methods.Unary("UpdateOrganization", &S::UpdateOrganization);
  methods.Unary("ImportOrganizations", &S::ImportOrganizations);
  methods.Unary("GetInformationSystem", &S::GetInformationSystem);
  methods.Unary("ListInformationSystems", &S::ListInformationSystems);
  methods.Unary("CreateInformationSystem", &S::CreateInformationSystem);
  methods.Unary("UpdateInformationSystem", &S::UpdateInformationSystem);
  methods.Unary("GetResource", &S::GetResource);
  methods.Unary("ListResources", &S::ListResources);
  methods.Unary("CreateResource", &S::CreateResource);
  methods.Unary("UpdateResource", &S::UpdateResource);
  methods.Unary("SubmitResource", &S::SubmitResource);
  methods.Unary("ReviewResource", &S::ReviewResource);
  methods.Unary("PublishResource", &S::PublishResource);
  methods.Unary("WithdrawResource", &S::WithdrawResource);
  methods.Unary("ReportDataUpdate", &S::ReportDataUpdate);
  methods.Unary("ListFindings", &S::ListFindings);
  methods.Unary("GetBaseDatabaseCoverage", &S::GetBaseDatabaseCoverage);
  methods.Unary("ListRevisions", &S::ListRevisions);
}

void RegisterAccess(MethodTable& table, access::AccessService& service) {
  using S = access::AccessService;
  Registrar<S> methods(table, "AccessService", service);
  methods.Unary("GetCaller", &S::GetCaller);
  methods.Unary("CreatePerson", &S::CreatePerson);
  methods.Unary("GetPerson", &S::GetPerson);
  methods.Unary("UpdatePerson", &S::UpdatePerson);
  methods.Unary("ListPersons", &S::ListPersons);
  methods.Unary("CreateConnector", &S::CreateConnector);
  methods.Unary("GetConnector", &S::GetConnector);
  methods.Unary("UpdateConnector", &S::UpdateConnector);
  methods.Unary("ListConnectors", &S::ListConnectors);
  methods.Unary("RevokeCertificate", &S::RevokeCertificate);
  methods.Unary("ListRevokedCertificates", &S::ListRevokedCertificates);
  methods.Unary("CreateGrant", &S::CreateGrant);
  methods.Unary("GetGrant", &S::GetGrant);
  methods.Unary("ListGrants", &S::ListGrants);
  methods.Unary("UpdateGrant", &S::UpdateGrant);
  methods.Unary("DeleteGrant", &S::DeleteGrant);
  methods.Unary("SubmitGrant", &S::SubmitGrant);
  methods.Unary("AssessGrant", &S::AssessGrant);
  methods.Unary("ListRiskQuestions", &S::ListRiskQuestions);
  methods.Unary("EscalateGrant", &S::EscalateGrant);
  methods.Unary("RenewGrant", &S::RenewGrant);
  methods.Unary("CreateDelegation", &S::CreateDelegation);
  methods.Unary("ListDelegations", &S::ListDelegations);
  methods.Unary("RevokeDelegation", &S::RevokeDelegation);
  methods.Unary("AcceptGrant", &S::AcceptGrant);
  methods.Unary("ProposeGrantDecision", &S::ProposeGrantDecision);
  methods.Unary("DecideGrant", &S::DecideGrant);
  methods.Unary("SuspendGrant", &S::SuspendGrant);
  methods.Unary("ResumeGrant", &S::ResumeGrant);
  methods.Unary("RevokeGrant", &S::RevokeGrant);
}

void RegisterLedger(MethodTable& table, ledger::LedgerService& service) {
  using S = ledger::LedgerService;
  Registrar<S> methods(table, "LedgerService", service);
  methods.Unary("GetCheckpoint", &S::GetCheckpoint);
  methods.Unary("GetEntry", &S::GetEntry);
  methods.Unary("ListEntries", &S::ListEntries);
  methods.Unary("GetInclusionProof", &S::GetInclusionProof);
  methods.Unary("GetConsistencyProof", &S::GetConsistencyProof);
}

void RegisterLedgerKeys(MethodTable& table, ledger::LedgerKeyService& service) {
  using S = ledger::LedgerKeyService;
  Registrar<S> methods(table, "LedgerKeyService", service);
  methods.Unary("ListLedgerKeys", &S::ListLedgerKeys);
  methods.Unary("AddLedgerKey", &S::AddLedgerKey);
  methods.Unary("RetireLedgerKey", &S::RetireLedgerKey);
}

void RegisterAudit(MethodTable& table, ledger::AuditService& service) {
  using S = ledger::AuditService;
  Registrar<S> methods(table, "AuditService", service);
  methods.Unary("QueryEntries", &S::QueryEntries);
  methods.Unary("TraceApproval", &S::TraceApproval);
  methods.Unary("QuerySubject", &S::QuerySubject);
  methods.Unary("GetRollup", &S::GetRollup);
  methods.Unary("ExportRange", &S::ExportRange);
  methods.Unary("EraseSubject", &S::EraseSubject);
  methods.Unary("ListArchives", &S::ListArchives);
}

edge::Metadata ReceiptTrailers(const exchange::EncodedAnswer& answer) {
  return {{"zhanqiao-ledger-index", absl::StrCat(answer.index)}, {"zhanqiao-leaf-hash", ToHex(Bytes(answer.leaf))}};
}

void RegisterExchange(MethodTable& table, exchange::ExchangeService& service) {
  table.UnaryEncoded<v1::QueryRequest, v1::QueryResponse, exchange::EncodedAnswer>(
      "zhanqiao.v1.ExchangeService.Query",
      [&service](Caller caller, v1::QueryRequest request, Reply<exchange::EncodedAnswer> reply) {
        service.Query(std::move(caller), std::move(request), std::move(reply));
      },
      &ReceiptTrailers);
  table.Stream<v1::QueryStreamRequest, v1::QueryStreamResponse>(
      "zhanqiao.v1.ExchangeService.QueryStream",
      [&service](std::shared_ptr<StreamSink<v1::QueryStreamResponse>> sink) {
        return service.QueryStream(std::move(sink));
      });
  table.Stream<v1::FetchRequest, v1::FetchResponse>(
      "zhanqiao.v1.ExchangeService.Fetch",
      [&service](std::shared_ptr<StreamSink<v1::FetchResponse>> sink) { return service.Fetch(std::move(sink)); });
}

void RegisterConnectors(MethodTable& table, exchange::ConnectorHub& service) {
  table.Stream<v1::ConnectRequest, v1::ConnectResponse>(
      "zhanqiao.v1.ConnectorService.Connect",
      [&service](std::shared_ptr<StreamSink<v1::ConnectResponse>> sink) {
        return service.Connect(std::move(sink));
      });
}

}  // namespace

void RegisterServices(MethodTable& table, catalog::CatalogService& catalog, access::AccessService& access,
                      exchange::ExchangeService& exchange, exchange::ConnectorHub& connectors,
                      ledger::LedgerService& ledger, ledger::AuditService& audit, ledger::LedgerKeyService& keys) {
  RegisterCatalog(table, catalog);
  RegisterAccess(table, access);
  RegisterExchange(table, exchange);
  RegisterConnectors(table, connectors);
  RegisterLedger(table, ledger);
  RegisterAudit(table, audit);
  RegisterLedgerKeys(table, keys);
}

void RegisterNotices(MethodTable& table, catalog::NoticeService& notices) {
  using S = catalog::NoticeService;
  Registrar<S> methods(table, "NoticeService", notices);
  methods.Unary("ListNotices", &S::ListNotices);
  methods.Unary("MarkNoticeRead", &S::MarkNoticeRead);
}

void RegisterCodeTables(MethodTable& table, catalog::CodeTableService& tables) {
  using S = catalog::CodeTableService;
  Registrar<S> methods(table, "CodeTableService", tables);
  methods.Unary("GetCodeTable", &S::GetCodeTable);
  methods.Unary("ImportCodeTable", &S::ImportCodeTable);
}

void RegisterSearch(MethodTable& table, search::SearchService& search) {
  using S = search::SearchService;
  Registrar<S> methods(table, "SearchService", search);
  methods.Unary("SearchResources", &S::SearchResources);
  methods.Unary("SuggestTerms", &S::SuggestTerms);
}

void RegisterMatters(MethodTable& table, access::ObjectionService& objections, access::DemandService& demands) {
  using O = access::ObjectionService;
  Registrar<O> objection(table, "ObjectionService", objections);
  objection.Unary("FileObjection", &O::FileObjection);
  objection.Unary("GetObjection", &O::GetObjection);
  objection.Unary("ListObjections", &O::ListObjections);
  objection.Unary("ExtendObjection", &O::ExtendObjection);
  objection.Unary("AnswerObjection", &O::AnswerObjection);
  objection.Unary("WithdrawObjection", &O::WithdrawObjection);
  using D = access::DemandService;
  Registrar<D> demand(table, "DemandService", demands);
  demand.Unary("CreateDemand", &D::CreateDemand);
  demand.Unary("GetDemand", &D::GetDemand);
  demand.Unary("ListDemands", &D::ListDemands);
  demand.Unary("SuggestMatches", &D::SuggestMatches);
  demand.Unary("MatchDemand", &D::MatchDemand);
  demand.Unary("AnswerDemand", &D::AnswerDemand);
  demand.Unary("CloseDemand", &D::CloseDemand);
}

void RegisterReceipts(MethodTable& table, ledger::ReceiptService& receipts) {
  using S = ledger::ReceiptService;
  Registrar<S> methods(table, "ReceiptService", receipts);
  methods.Unary("GetReceipt", &S::GetReceipt);
  methods.Unary("Acknowledge", &S::Acknowledge);
}

void RegisterFeeds(MethodTable& table, exchange::FeedService& feeds) {
  using S = exchange::FeedService;
  Registrar<S> methods(table, "FeedService", feeds);
  methods.Unary("GetFeed", &S::GetFeed);
  methods.Unary("UpdateFeed", &S::UpdateFeed);
  methods.Unary("ListSubscriptions", &S::ListSubscriptions);
  methods.Unary("DeleteSubscription", &S::DeleteSubscription);
  table.Stream<v1::PublishRequest, v1::PublishResponse>(
      "zhanqiao.v1.FeedService.Publish", [&feeds](std::shared_ptr<StreamSink<v1::PublishResponse>> sink) {
        return feeds.Publish(std::move(sink));
      });
  table.Stream<v1::SubscribeRequest, v1::SubscribeResponse>(
      "zhanqiao.v1.FeedService.Subscribe", [&feeds](std::shared_ptr<StreamSink<v1::SubscribeResponse>> sink) {
        return feeds.Subscribe(std::move(sink));
      });
}

void RegisterFiles(MethodTable& table, exchange::FileService& files) {
  using S = exchange::FileService;
  Registrar<S> methods(table, "FileService", files);
  methods.Unary("CreateFile", &S::CreateFile);
  methods.Unary("GetFile", &S::GetFile);
  methods.Unary("ListFiles", &S::ListFiles);
  methods.Unary("DeleteFile", &S::DeleteFile);
  table.Stream<v1::UploadRequest, v1::File>(
      "zhanqiao.v1.FileService.Upload",
      [&files](std::shared_ptr<StreamSink<v1::File>> sink) { return files.Upload(std::move(sink)); });
  table.Stream<v1::DownloadRequest, v1::DownloadResponse>(
      "zhanqiao.v1.FileService.Download", [&files](std::shared_ptr<StreamSink<v1::DownloadResponse>> sink) {
        return files.Download(std::move(sink));
      });
}

void RegisterDiagnostics(MethodTable& table, exchange::DiagnosticsService& diagnostics) {
  using S = exchange::DiagnosticsService;
  Registrar<S>(table, "DiagnosticsService", diagnostics).Unary("TraceExchange", &S::TraceExchange);
  table.UnaryAsync<v1::ProbeConnectorsRequest, v1::ProbeConnectorsResponse>(
      "zhanqiao.v1.DiagnosticsService.ProbeConnectors",
      [&diagnostics](Caller caller, v1::ProbeConnectorsRequest request, Reply<v1::ProbeConnectorsResponse> reply) {
        diagnostics.ProbeConnectors(caller, request,
                                    [reply = std::move(reply)](absl::StatusOr<v1::ProbeConnectorsResponse> response) mutable {
                                      reply(std::move(response));
                                    });
      });
}

void RegisterSheets(MethodTable& table, sheets::SheetService& sheets, operations::OperationService& operations) {
  const RegisterOptions whole{.whole = true};  // browsers take part
  table.Stream<v1::ImportSheetRequest, v1::Operation>(
      "zhanqiao.v1.SheetService.ImportSheet",
      [&sheets](std::shared_ptr<StreamSink<v1::Operation>> sink) { return sheets.ImportSheet(std::move(sink)); }, whole);
  table.Stream<v1::ExportSheetRequest, v1::SheetChunk>(
      "zhanqiao.v1.SheetService.ExportSheet",
      [&sheets](std::shared_ptr<StreamSink<v1::SheetChunk>> sink) { return sheets.ExportSheet(std::move(sink)); }, whole);
  table.Stream<v1::DownloadMarkedSheetRequest, v1::SheetChunk>(
      "zhanqiao.v1.SheetService.DownloadMarkedSheet",
      [&sheets](std::shared_ptr<StreamSink<v1::SheetChunk>> sink) { return sheets.DownloadMarkedSheet(std::move(sink)); },
      whole);
  Registrar<sheets::SheetService>(table, "SheetService", sheets).Unary("GetTemplate", &sheets::SheetService::GetTemplate);
  using O = operations::OperationService;
  Registrar<O> methods(table, "OperationService", operations);
  methods.Unary("GetOperation", &O::GetOperation);
  methods.Unary("ListOperations", &O::ListOperations);
  methods.Unary("CancelOperation", &O::CancelOperation);
  table.UnaryAsync<v1::WaitOperationRequest, v1::Operation>(
      "zhanqiao.v1.OperationService.WaitOperation",
      [&operations](Caller caller, v1::WaitOperationRequest request, Reply<v1::Operation> reply) {
        operations.WaitOperation(caller, request, [reply = std::move(reply)](absl::StatusOr<v1::Operation> operation) mutable {
          reply(std::move(operation));
        });
      });
}

}  // namespace zhanqiao::api
