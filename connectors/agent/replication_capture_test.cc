#include "connectors/agent/replication_capture.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>
#include <libpq-fe.h>

#include <filesystem>
#include <set>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "connectors/adapters/sql/test_server.h"

namespace zhanqiao::connectors {
namespace {

// A hub that keeps what is published once, by its key.
class Feeds final : public v1::FeedService::Service {
 public:
  grpc::Status Publish(grpc::ServerContext*,
                       grpc::ServerReaderWriter<v1::PublishResponse, v1::PublishRequest>* stream) override {
    v1::PublishRequest request;
    while (stream->Read(&request)) {
      if (refusing) return {grpc::StatusCode::UNAVAILABLE, "away"};
      ++messages;
      for (int i = 0; i < request.records().rows_size(); ++i) {
        ++told;
        if (keys.insert(request.idempotency_keys(i)).second) absl::StrAppend(&kept, Line(request.records().rows(i)), " ");
      }
      if (forgetful) return {grpc::StatusCode::UNAVAILABLE, "stored, but the answer is lost"};
      v1::PublishResponse response;
      response.set_number(request.number());
      if (!stream->Write(response)) break;
    }
    return grpc::Status::OK;
  }
  static std::string Line(const v1::Row& row) {
    return absl::StrCat(row.values(0).text(), "=",
                        row.values(1).kind_case() == v1::Value::KIND_NOT_SET ? "-" : row.values(1).text());
  }

  bool refusing = false;
  bool forgetful = false;
  int messages = 0;
  int told = 0;
  std::set<std::string> keys;
  std::string kept;
};

TestServer& Server() {
  static const std::unique_ptr<TestServer> server = TestServer::Postgres();
  return *server;
}

std::string ConnectionString() {
  return absl::StrCat("host=", Server().folder().string(), " user=zhanqiao dbname=postgres");
}

// Runs SQL as a department's own program would.
std::string Sql(const std::string& sql) {
  PGconn* connection = PQconnectdb(ConnectionString().c_str());
  PGresult* result = PQexec(connection, ("SET client_min_messages TO error; " + sql).c_str());
  const ExecStatusType state = PQresultStatus(result);
  EXPECT_TRUE(state == PGRES_COMMAND_OK || state == PGRES_TUPLES_OK) << PQerrorMessage(connection) << sql;
  const std::string value = state == PGRES_TUPLES_OK && PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "";
  PQclear(result);
  PQfinish(connection);
  return value;
}

class ReplicationCaptureTest : public testing::Test {
 protected:
  ReplicationCaptureTest() {
    std::string name = testing::TempDir() + "zqreplXXXXXX";
    folder_ = mkdtemp(name.data());
    static int tests = 0;
    options_.feed = "feeds/308001370200~000001";
    options_.state = folder_ / "state";
    options_.source = {ConnectionString(), "", absl::StrCat("zq", ++tests), "permits_pub"};
    options_.rows = 100;
    Sql("DROP PUBLICATION IF EXISTS permits_pub; DROP TABLE IF EXISTS permits, other; "
        "CREATE TABLE permits (id text PRIMARY KEY, level text, long text); CREATE TABLE other (id text PRIMARY KEY);"
        "CREATE PUBLICATION permits_pub FOR TABLE permits, other");
    entry_.set_name("resources/308001370200~000001");
    for (const char* field : {"permit", "level"}) {
      entry_.add_fields()->set_field(field);
      entry_.mutable_fields()->rbegin()->set_data_type(v1::DATA_TYPE_CHARACTER);
      entry_.mutable_fields()->rbegin()->set_length(20);
    }
    mapping_ = *ParseMapping("table = [\"public\", \"permits\"]\nkey = \"id\"\n[fields]\npermit = \"id\"\nlevel = \"level\"\n");
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&feeds_);
    server_ = builder.BuildAndStart();
    stub_ = v1::FeedService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
    EXPECT_EQ(Round(), absl::OkStatus());  // makes the slot
  }
  ~ReplicationCaptureTest() override {
    capture_ = nullptr;
    Sql(absl::StrCat("SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '",
                     options_.source.slot, "' AND NOT active"));
    std::filesystem::remove_all(folder_);
  }

  // One round of the capture that goes on, or of one that starts anew after a kill: the server lets a slot go a moment after
  // its reader has gone, which the connector waits out by its rounds and a test by asking.
  absl::Status Round(bool restarted = false) {
    if (restarted) {
      capture_ = nullptr;
      while (Sql(absl::StrCat("SELECT active FROM pg_replication_slots WHERE slot_name = '", options_.source.slot, "'")) == "t") {
      }
    }
    if (capture_ == nullptr) capture_ = std::make_unique<ReplicationCapture>(options_, mapping_, entry_, *stub_);
    return capture_->Round(absl::Milliseconds(300));
  }
  std::string Confirmed() {
    return Sql(absl::StrCat("SELECT confirmed_flush_lsn FROM pg_replication_slots WHERE slot_name = '",
                            options_.source.slot, "'"));
  }

  std::filesystem::path folder_;
  ReplicationCaptureOptions options_;
  Mapping mapping_;
  v1::Resource entry_;
  Feeds feeds_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::FeedService::Stub> stub_;
  std::unique_ptr<ReplicationCapture> capture_;
};

TEST_F(ReplicationCaptureTest, PublishesInsertedAndUpdatedRowsInTheOrderOfTheirCommits) {
  Sql("INSERT INTO permits VALUES ('A-1', '市'), ('A-2', NULL)");
  Sql("UPDATE permits SET level = '区' WHERE id = 'A-2'");
  Sql("DELETE FROM permits WHERE id = 'A-1'");
  Sql("INSERT INTO other VALUES ('not ours')");
  ASSERT_EQ(Round(), absl::OkStatus());
  EXPECT_EQ(feeds_.kept, "A-1=市 A-2=- A-2=区 ");
  EXPECT_EQ(feeds_.messages, 1) << "what is there already goes together";
}

TEST_F(ReplicationCaptureTest, ATransactionThatIsRolledBackNeverHappened) {
  Sql("BEGIN; INSERT INTO permits VALUES ('A-1', '市'); ROLLBACK");
  Sql("INSERT INTO permits VALUES ('A-2', '市')");
  ASSERT_EQ(Round(), absl::OkStatus());
  EXPECT_EQ(feeds_.kept, "A-2=市 ");
}

TEST_F(ReplicationCaptureTest, TheSlotMovesOnlyOnceTheHubHasAcknowledged) {
  const std::string before = Confirmed();
  feeds_.refusing = true;
  Sql("INSERT INTO permits VALUES ('A-1', '市')");
  EXPECT_EQ(Round().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(Confirmed(), before);
  feeds_.refusing = false;
  ASSERT_EQ(Round(), absl::OkStatus());
  EXPECT_EQ(feeds_.kept, "A-1=市 ");
  EXPECT_NE(Confirmed(), before);
}

TEST_F(ReplicationCaptureTest, AKilledConnectorTellsAgainWhatTheHubKnowsByItsKeys) {
  feeds_.forgetful = true;
  Sql("INSERT INTO permits SELECT 'A-' || i, '市' FROM generate_series(1, 3) i");
  EXPECT_FALSE(Round().ok());
  feeds_.forgetful = false;
  const int told_before = feeds_.told;  // one at least: how the server cuts its messages is its own affair
  ASSERT_EQ(Round(true), absl::OkStatus());
  EXPECT_EQ(feeds_.told, told_before + 3);
  EXPECT_EQ(feeds_.kept, "A-1=市 A-2=市 A-3=市 ");
  Sql("INSERT INTO permits VALUES ('A-4', '市')");
  ASSERT_EQ(Round(true), absl::OkStatus());
  EXPECT_EQ(feeds_.told, told_before + 4) << "what was acknowledged is not told again";
}

TEST_F(ReplicationCaptureTest, ATransactionLargerThanAMessageIsPublishedInPieces) {
  Sql("INSERT INTO permits SELECT 'A-' || i, '市' FROM generate_series(1, 350) i");
  ASSERT_EQ(Round(), absl::OkStatus());
  EXPECT_EQ(capture_->published(), 350);
  EXPECT_EQ(feeds_.keys.size(), 350u);
  EXPECT_GE(feeds_.messages, 4);
}

TEST_F(ReplicationCaptureTest, ASlotThatWasLostIsNamedNotMadeAnew) {
  capture_ = nullptr;
  Sql(absl::StrCat("SELECT pg_drop_replication_slot('", options_.source.slot, "')"));
  const absl::Status lost = Round();
  EXPECT_EQ(ReasonOf(lost), "CAPTURE_SLOT_LOST") << lost;
  EXPECT_EQ(FactOf(lost, "link"), "source");
  std::filesystem::remove(options_.state);  // as the message says
  EXPECT_EQ(Round(), absl::OkStatus());
}

TEST_F(ReplicationCaptureTest, ALongValueThatAnUpdateLeavesOutIsNotTakenForNone) {
  Sql("ALTER TABLE permits ALTER long SET STORAGE EXTERNAL; INSERT INTO permits VALUES ('A-1', '市', repeat('x', 9000))");
  ASSERT_EQ(Round(), absl::OkStatus());
  Sql("UPDATE permits SET level = '区'");
  EXPECT_EQ(ReasonOf(Round()), "CAPTURE_TOAST");
  capture_ = nullptr;
  Sql(absl::StrCat("SELECT pg_replication_slot_advance('", options_.source.slot, "', pg_current_wal_lsn())"));
  Sql("ALTER TABLE permits REPLICA IDENTITY FULL; UPDATE permits SET level = '县'");
  ASSERT_EQ(Round(), absl::OkStatus());
  EXPECT_EQ(feeds_.kept, "A-1=市 A-1=县 ");
}

TEST_F(ReplicationCaptureTest, AValueThatDoesNotFitStopsTheCaptureAndIsNamed) {
  Sql("INSERT INTO permits VALUES ('A-1', 'longer than twenty characters are')");
  const absl::Status status = Round();
  EXPECT_EQ(ReasonOf(status), "SOURCE_VALUE");
  EXPECT_EQ(FactOf(status, "field"), "level");
  EXPECT_EQ(feeds_.kept, "");
}

TEST_F(ReplicationCaptureTest, APublicationThatIsNotThereIsRefused) {
  options_.source.slot += "x";
  options_.source.publication = "none'; DROP TABLE permits; --";
  std::filesystem::remove(options_.state);
  capture_ = nullptr;
  absl::Status status = Round();
  if (status.ok()) {  // the server looks for it at the first change
    Sql("INSERT INTO permits VALUES ('A-1', '市')");
    status = Round();
  }
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(FactOf(status, "link"), "source");
  capture_ = nullptr;
  EXPECT_EQ(Sql("SELECT count(*) FROM pg_tables WHERE tablename = 'permits'"), "1");
}

}  // namespace
}  // namespace zhanqiao::connectors
