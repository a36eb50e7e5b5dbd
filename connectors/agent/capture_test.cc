#include "connectors/agent/capture.h"

#include <grpcpp/create_channel.h>
#include <grpcpp/security/credentials.h>
#include <grpcpp/security/server_credentials.h>
#include <grpcpp/server.h>
#include <grpcpp/server_builder.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/error.h"
#include "connectors/adapters/memory/table.h"

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
        if (keys.insert(request.idempotency_keys(i)).second)
          kept.push_back(request.records().rows(i).values(0).text());
      }
      v1::PublishResponse response;
      response.set_number(request.number());
      if (!stream->Write(response)) break;
    }
    return grpc::Status::OK;
  }

  bool refusing = false;
  int messages = 0;
  std::set<std::string> keys;
  std::vector<std::string> kept;
};

class CaptureTest : public testing::Test {
 protected:
  CaptureTest() {
    std::string name = testing::TempDir() + "zqcaptureXXXXXX";
    folder_ = mkdtemp(name.data());
    options_.feed = "feeds/308001370200~000001";
    options_.changed = "changed";
    options_.state = folder_ / "cursor";
    options_.rows = 3;
    entry_.set_name("resources/308001370200~000001");
    for (const auto& [field, type] :
         {std::pair("id", v1::DATA_TYPE_CHARACTER), std::pair("changed", v1::DATA_TYPE_DATETIME)}) {
      entry_.add_fields()->set_field(field);
      entry_.mutable_fields()->rbegin()->set_data_type(type);
    }
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&feeds_);
    server_ = builder.BuildAndStart();
    stub_ = v1::FeedService::NewStub(
        grpc::CreateChannel(absl::StrCat("127.0.0.1:", port), grpc::InsecureChannelCredentials()));
  }
  ~CaptureTest() override { std::filesystem::remove_all(folder_); }

  // A row that changed at second `at`, as seen from the clock's start.
  void Change(const std::string& id, int at) {
    v1::Row row;
    row.add_values()->set_text(id);
    row.add_values()->set_text(
        absl::FormatTime("%Y-%m-%dT%H:%M:%S%Ez", kStart + absl::Seconds(at), Shanghai()));
    std::erase_if(rows_, [&id](const v1::Row& one) { return one.values(0).text() == id; });
    rows_.push_back(row);
  }
  // One round of a capture as it starts, or of the one that goes on.
  absl::Status Round(bool restarted = false) {
    table_ = std::make_unique<Table>(entry_, rows_, std::vector<std::string>{"changed", "id"});
    if (capture_ == nullptr || restarted)
      capture_ = std::make_unique<Capture>(options_, entry_, source_, *stub_, clock_);
    return capture_->Round();
  }

  // The table as it is now.
  class Source final : public Adapter {
   public:
    explicit Source(const std::unique_ptr<Table>& table) : table_(table) {}
    absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override {
      return table_->Answer(query, reply);
    }

   private:
    const std::unique_ptr<Table>& table_;
  };

  const absl::Time kStart = absl::FromUnixSeconds(1'500'000'000);
  SimulatedClock clock_{kStart + absl::Hours(1)};
  std::filesystem::path folder_;
  CaptureOptions options_;
  v1::Resource entry_;
  std::vector<v1::Row> rows_;
  std::unique_ptr<Table> table_;
  Source source_{table_};
  Feeds feeds_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::FeedService::Stub> stub_;
  std::unique_ptr<Capture> capture_;
};

using Ids = std::vector<std::string>;

TEST_F(CaptureTest, PublishesWhatIsThereAndThenWhatChangesInItsOrder) {
  for (int i = 0; i < 8; ++i) Change(absl::StrCat("r", i), 10 * (8 - i));
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(feeds_.kept, (Ids{"r7", "r6", "r5", "r4", "r3", "r2", "r1", "r0"}));
  const int messages = feeds_.messages;
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(feeds_.messages, messages);  // nothing new, nothing sent
  Change("r3", 100);
  Change("new", 90);
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ((Ids{feeds_.kept.end() - 2, feeds_.kept.end()}), (Ids{"new", "r3"}));
}

TEST_F(CaptureTest, GoesOnWhereItStoodWhenItIsRestarted) {
  for (int i = 0; i < 8; ++i) Change(absl::StrCat("r", i), i);
  ASSERT_TRUE(Round().ok());
  Change("r8", 20);
  ASSERT_TRUE(Round(true).ok());
  EXPECT_EQ(feeds_.kept.size(), 9u);
  EXPECT_LE(capture_->published(), 4);  // not from the beginning
}

TEST_F(CaptureTest, WhatTheHubDidNotAcknowledgeComesAgain) {
  Change("a", 1);
  feeds_.refusing = true;
  EXPECT_EQ(Round().code(), absl::StatusCode::kUnavailable);
  feeds_.refusing = false;
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(feeds_.kept, Ids{"a"});
}

TEST_F(CaptureTest, RowsOfTransactionsThatMayNotHaveEndedWait) {
  Change("old", 10);
  Change("young", 3595);  // five seconds ago
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(feeds_.kept, Ids{"old"});
  Change("late", 3594);  // its transaction ended after that of the younger one
  clock_.Advance(absl::Seconds(10));
  ASSERT_TRUE(Round().ok());
  EXPECT_EQ(feeds_.kept, (Ids{"old", "late", "young"}));
}

TEST_F(CaptureTest, WithoutAPlaceToKeepItsStateItDoesNotGoOn) {
  options_.state = folder_ / "missing" / "cursor";
  for (int i = 0; i < 8; ++i) Change(absl::StrCat("r", i), i);
  EXPECT_EQ(ReasonOf(Round()), "CAPTURE_STATE");
}

}  // namespace
}  // namespace zhanqiao::connectors
