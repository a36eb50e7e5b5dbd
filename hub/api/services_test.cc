#include "hub/api/services.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstddef>

#include "hub/api/fake_call_test.h"

namespace zhanqiao::api {
namespace {

// A service that is registered and never called: its address is all that registration needs.
template <typename Service>
Service& Uncalled() {
  alignas(std::max_align_t) static std::byte place[64];
  return reinterpret_cast<Service&>(place);
}

class ServicesTest : public ::testing::Test, protected Bench {
 protected:
  ServicesTest() {
    RegisterServices(table, Uncalled<catalog::CatalogService>(), Uncalled<access::AccessService>(),
                     Uncalled<exchange::ExchangeService>(), Uncalled<exchange::ConnectorHub>(),
                     Uncalled<ledger::LedgerService>(), Uncalled<ledger::AuditService>(),
                     Uncalled<ledger::LedgerKeyService>());
    RegisterReceipts(table, Uncalled<ledger::ReceiptService>());
    RegisterFeeds(table, Uncalled<exchange::FeedService>());
    RegisterFiles(table, Uncalled<exchange::FileService>());
    RegisterDiagnostics(table, Uncalled<exchange::DiagnosticsService>());
    RegisterSheets(table, Uncalled<sheets::SheetService>(), Uncalled<operations::OperationService>());
    RegisterNotices(table, Uncalled<catalog::NoticeService>());
    RegisterCodeTables(table, Uncalled<catalog::CodeTableService>());
    RegisterAccounts(table, Uncalled<access::AccountService>(), Uncalled<access::BreakGlassService>(), workers, workers);
    RegisterSearch(table, Uncalled<search::SearchService>());
    RegisterDatasets(table, Uncalled<datasets::DatasetService>(), Uncalled<portal::PortalService>());
    RegisterMatters(table, Uncalled<access::ObjectionService>(), Uncalled<access::DemandService>());
    RegisterOversight(table, Uncalled<oversight::OversightService>(), Uncalled<oversight::InventoryService>());
    RegisterReports(table, Uncalled<oversight::ReportService>());
    RegisterTasks(table, Uncalled<oversight::TaskService>());
    RegisterEvaluations(table, Uncalled<oversight::EvaluationService>());
    RegisterProjects(table, Uncalled<oversight::ProjectService>());
    RegisterAlarms(table, Uncalled<oversight::AlarmService>());
    RegisterAdministration(table, Uncalled<access::AdministrationService>());
  }
};

TEST_F(ServicesTest, EveryRpcOfTheContractIsRegisteredAsItIsDeclared) {
  EXPECT_THAT(table.problems(), ::testing::IsEmpty());
  EXPECT_THAT(table.Missing("zhanqiao.v1"), ::testing::IsEmpty());
}

// How one ceases to be a stranger.
constexpr const char* kForStrangers[] = {"/zhanqiao.v1.AccountService/SignIn", "/zhanqiao.v1.AccountService/GetOidcSignIn",
                                         "/zhanqiao.v1.AccountService/FinishOidcSignIn",
                                         // What the public says to the portal.
                                         "/zhanqiao.v1.PortalService/CreateSubmission", "/zhanqiao.v1.PortalService/GetSubmission"};

TEST_F(ServicesTest, OnlySigningInIsOpenToStrangers) {
  refusal = Fail(absl::StatusCode::kUnauthenticated, "CALLER_UNIDENTIFIED", "Present a certificate.");
  const auto* pool = google::protobuf::DescriptorPool::generated_pool();
  for (const std::string& name : table.Services()) {
    const auto* service = pool->FindServiceByName(name);
    for (int i = 0; i < service->method_count(); ++i) {
      const Method* method = table.Find("/" + name + "/" + service->method(i)->name());
      ASSERT_NE(method, nullptr);
      const bool open = std::find(std::begin(kForStrangers), std::end(kForStrangers), method->path) != std::end(kForStrangers);
      EXPECT_EQ(method->anonymous, open) << method->path;
      if (!method->unary() || open) continue;
      EXPECT_EQ(Http("POST", method->path, "{}").status, 401) << method->path;
    }
  }
}

}  // namespace
}  // namespace zhanqiao::api
