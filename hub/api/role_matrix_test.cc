// Who may call what, held against role_matrix.csv: every method of the contract is called as everybody, in three positions,
// and whether the hub let them is compared with the table. The table is for people (auditors above all) to read; this test
// is why they can believe it.
//
// A cell says from which of the three bodies (matrix_city_test.h) the call is let through: `allow` from all, `deny` from
// none, else those that are, such as `own` or `own+consumer`. Let through is every answer but PERMISSION_DENIED and
// UNAUTHENTICATED: whether the thing exists or the field is right comes after. The column `request` is the request in
// protobuf text form. A method that is missing fails with the row to add; write its request, and take what it then says.
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

#include "absl/strings/str_join.h"
#include "catalog/base/csv.h"
#include "hub/api/matrix_city_test.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::api {
namespace {

// A call whose answer may come from another thread.
class MatrixCall final : public edge::Call {
 public:
  explicit MatrixCall(std::string path) : path_(std::move(path)) { peer_.address = "127.0.0.1:50000"; }
  const edge::Peer& peer() const override { return peer_; }
  std::string_view path() const override { return path_; }
  const edge::Metadata& metadata() const override { return metadata_; }
  absl::Time deadline() const override { return absl::InfiniteFuture(); }
  bool cancelled() const override { return false; }
  void SendInitialMetadata(edge::Metadata) override {}
  void Write(std::string message) override {
    absl::MutexLock lock(&mu_);
    written_.push_back(std::move(message));
  }
  size_t buffered() const override { return 0; }
  void Finish(const absl::Status& status, edge::Metadata) override {
    absl::MutexLock lock(&mu_);
    if (!finished_) status_ = status;
    finished_ = true;
  }
  void PauseReading() override {}
  void ResumeReading() override {}
  void Post(std::function<void()> task) override {
    absl::MutexLock lock(&mu_);
    posted_.push_back(std::move(task));
  }

  // Runs what is posted until the call has ended.
  absl::Status Wait() {
    while (true) {
      std::vector<std::function<void()>> tasks;
      {
        absl::MutexLock lock(&mu_);
        const auto news = [this]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) { return finished_ || !posted_.empty(); };
        if (!mu_.AwaitWithTimeout(absl::Condition(&news), absl::Seconds(30))) return absl::DeadlineExceededError("no answer");
        if (posted_.empty()) return status_;
        tasks.swap(posted_);
      }
      for (auto& task : tasks) task();
    }
  }
  std::vector<std::string> written() const {
    absl::MutexLock lock(&mu_);
    return written_;
  }

 private:
  const std::string path_;
  edge::Metadata metadata_;
  edge::Peer peer_;
  mutable absl::Mutex mu_;
  bool finished_ ABSL_GUARDED_BY(mu_) = false;
  absl::Status status_ ABSL_GUARDED_BY(mu_);
  std::vector<std::string> written_ ABSL_GUARDED_BY(mu_);
  std::vector<std::function<void()>> posted_ ABSL_GUARDED_BY(mu_);
};

bool Refusal(int code) {
  return code == static_cast<int>(absl::StatusCode::kPermissionDenied) || code == static_cast<int>(absl::StatusCode::kUnauthenticated);
}

// True if `wire` was let through. An exchange on a stream is refused inside the stream.
bool LetThrough(MatrixCity& city, const Method& method, const std::string& wire) {
  const auto call = std::make_shared<MatrixCall>(method.path);
  const auto handler = city.table.Start(call);
  handler->OnMessage(wire);
  handler->OnHalfClose();
  while (city.workers.RunOne()) {
  }
  const absl::Status status = call->Wait();
  EXPECT_NE(status.code(), absl::StatusCode::kDeadlineExceeded) << method.path;
  if (method.descriptor->output_type() == v1::QueryStreamResponse::descriptor()) {
    for (const std::string& message : call->written()) {
      v1::QueryStreamResponse response;
      response.ParseFromString(message);
      for (const auto& answer : response.answers()) {
        if (Refusal(answer.error().code())) return false;
      }
    }
  }
  return !Refusal(static_cast<int>(status.code()));
}

std::string Cell(const std::vector<std::string>& positions) {
  if (positions.size() == kBodies.size()) return "allow";
  return positions.empty() ? "deny" : absl::StrJoin(positions, "+");
}

// The cells of one method, in the order of kKinds, as the hub is now.
std::vector<std::string> Observe(const std::string& path, const std::string& request) {
  MatrixCity city;
  const Method& method = *city.table.Find(path);
  std::vector<std::string> cells;
  for (const std::string& kind : kKinds) {
    std::vector<std::string> positions;
    for (const auto& [position, code] : kBodies) {
      city.caller = city.As(kind, code);
      std::unique_ptr<google::protobuf::Message> message(
          google::protobuf::MessageFactory::generated_factory()->GetPrototype(method.descriptor->input_type())->New());
      const bool parsed = google::protobuf::TextFormat::ParseFromString(city.Filled(request), message.get());
      EXPECT_TRUE(parsed) << path << ": the request is not in protobuf text form: " << request;
      if (LetThrough(city, method, message->SerializeAsString())) positions.push_back(position);
    }
    cells.push_back(Cell(positions));
  }
  return cells;
}

std::string Row(const std::string& name, const std::vector<std::string>& cells, const std::string& request) {
  return absl::StrCat(name, ",", absl::StrJoin(cells, ","), ",", CsvCell(request));
}

// "LedgerService.GetEntry" of every method there is.
std::vector<std::string> Methods(const MethodTable& table) {
  std::vector<std::string> methods;
  for (const std::string& service : table.Services()) {
    const auto* found = google::protobuf::DescriptorPool::generated_pool()->FindServiceByName(service);
    for (int i = 0; i < found->method_count(); ++i) methods.push_back(absl::StrCat(found->name(), ".", found->method(i)->name()));
  }
  return methods;
}

class RoleMatrixTest : public ::testing::Test {
 protected:
  RoleMatrixTest() {
    std::ifstream in(ROLE_MATRIX, std::ios::binary);
    const auto table = ParseCsv(std::string{std::istreambuf_iterator<char>(in), {}});
    EXPECT_TRUE(table.ok()) << table.status();
    table_ = table.value_or(CsvTable());
  }
  static std::string PathOf(const std::string& method) { return absl::StrCat("/zhanqiao.v1.", absl::StrReplaceAll(method, {{".", "/"}})); }
  CsvTable table_;
};

TEST_F(RoleMatrixTest, TheFixtureServesTheWholeContract) {
  MatrixCity city;
  EXPECT_EQ(absl::StrJoin(city.table.Missing("zhanqiao.v1"), " "), "") << "make and register their service in matrix_city_test.h";
}

TEST_F(RoleMatrixTest, TheTableSaysWhatTheHubDoes) {
  std::vector<std::string> header = {"method"};
  header.insert(header.end(), kKinds.begin(), kKinds.end());
  header.emplace_back("request");
  ASSERT_EQ(table_.header, header);
  std::map<std::string, std::vector<std::string>> rows;
  for (const CsvRow& row : table_.rows) {
    EXPECT_TRUE(rows.emplace(row.cells[0], row.cells).second) << row.cells[0] << " stands twice";
  }
  MatrixCity city;
  for (const std::string& method : Methods(city.table)) {
    if (city.table.Find(PathOf(method)) == nullptr) continue;  // the fixture lacks it, as the test before says
    const auto found = rows.find(method);
    const std::string request = found == rows.end() ? "" : found->second.back();
    const std::vector<std::string> cells = Observe(PathOf(method), request);
    if (found == rows.end()) {
      ADD_FAILURE() << "role_matrix.csv lacks a method; add, with its request:\n" << Row(method, cells, request);
      continue;
    }
    const std::vector<std::string> said(found->second.begin() + 1, found->second.end() - 1);
    EXPECT_EQ(Row(method, said, request), Row(method, cells, request)) << "(first: the table, second: the hub)";
    rows.erase(found);
  }
  for (const auto& [method, row] : rows) ADD_FAILURE() << method << " is in the table, but there is no such method";
}

// What design section 4 says of the three administrators, read from the table alone.
TEST_F(RoleMatrixTest, TheAdministratorsAreApart) {
  const auto cell = [&](const std::string& method, const std::string& kind) {
    for (const CsvRow& row : table_.rows) {
      if (row.cells[0] == method) return row.cells[static_cast<size_t>(table_.Column(kind))];
    }
    ADD_FAILURE() << method;
    return std::string();
  };
  for (const char* method : {"ExchangeService.Query", "AccessService.DecideGrant", "AccessService.CreatePerson", "AccountService.CreateAccount",
                             "AuditService.QuerySubject"}) {
    EXPECT_EQ(cell(method, "system_admin"), "deny") << method;
  }
  for (const char* method : {"ExchangeService.Query", "AccessService.DecideGrant", "AuditService.QuerySubject"}) {
    EXPECT_EQ(cell(method, "security_admin"), "deny") << method;
  }
  for (const char* method : {"ExchangeService.Query", "AccessService.DecideGrant", "AccessService.CreatePerson", "AccountService.CreateAccount",
                             "AccountService.ResetAccount", "LedgerKeyService.AddLedgerKey"}) {
    EXPECT_EQ(cell(method, "auditor"), "deny") << method;
  }
}

}  // namespace
}  // namespace zhanqiao::api
