#include "catalog/sheets/sheet_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/synchronization/notification.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/sheets/read_sheet.h"
#include "catalog/sheets/test_catalog.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::sheets {
namespace {

// What a call's peer sees.
template <typename Message>
struct Received final : StreamSink<Message> {
  void Write(const Message& message) override { messages.push_back(message); }
  size_t buffered() const override { return full ? 10 << 20 : 0; }
  void Finish(const absl::Status& status) override {
    EXPECT_FALSE(finished) << "a stream ends once";
    finished = true;
    end = status;
  }
  void Pause() override {}
  void Resume() override {}
  std::string Bytes() const {
    std::string bytes;
    for (const auto& message : messages) bytes += message.chunk();
    return bytes;
  }

  std::vector<Message> messages;
  bool full = false;
  bool finished = false;
  absl::Status end;
};

constexpr char kBodies[] = "单位代码,单位名称,单位类别,行政区划代码\n370200-FGW,青岛市发展和改革委员会,市直部门,370200\n370200-GAJ,青岛市公安局,市直部门,370200\n";

class SheetServiceTest : public testing::Test {
 protected:
  SheetServiceTest() { EXPECT_TRUE(catalog_.Follow(hub_.documents).ok()); }

  v1::ImportSettings Settings(v1::SheetKind kind) {
    v1::ImportSettings settings;
    settings.set_kind(kind);
    settings.set_marked(true);
    return settings;
  }

  std::shared_ptr<Received<v1::Operation>> Upload(const Caller& caller, const v1::ImportSettings& settings, const std::string& file) {
    auto sink = std::make_shared<Received<v1::Operation>>();
    const auto handler = service_.ImportSheet(sink);
    v1::ImportSheetRequest request;
    *request.mutable_settings() = settings;
    handler->OnMessage(caller, request);
    for (size_t at = 0; at < file.size(); at += 16) {
      v1::ImportSheetRequest chunk;
      chunk.set_chunk(file.substr(at, 16));
      handler->OnMessage(caller, chunk);
    }
    handler->OnHalfClose();
    return sink;
  }

  v1::Operation Import(const Caller& caller, const v1::ImportSettings& settings, const std::string& file) {
    const auto sink = Upload(caller, settings, file);
    EXPECT_TRUE(sink->end.ok()) << sink->end;
    if (sink->messages.size() != 1) return {};
    absl::Notification ended;
    v1::Operation done;
    operations_.Wait(caller.subject, sink->messages[0].name(), absl::InfiniteFuture(), [&](absl::StatusOr<v1::Operation> operation) {
      done = operation.value_or(v1::Operation());
      ended.Notify();
    });
    ended.WaitForNotification();
    return done;
  }
  static v1::ImportSheetResponse ResponseOf(const v1::Operation& operation) {
    v1::ImportSheetResponse response;
    EXPECT_TRUE(operation.response().UnpackTo(&response)) << operation.DebugString();
    return response;
  }

  SimulatedClock clock_{absl::FromUnixSeconds(1519862400)};
  SeededRandom random_{3};
  storage::MemoryStore store_;
  documents::LowerHub hub_{store_, clock_, random_};
  catalog::Catalog catalog_;
  std::vector<std::function<void()>> tasks_;
  operations::Operations operations_{clock_, random_, {}};
  SheetService service_{hub_.documents, catalog_, clock_, operations_, [this](std::function<void()> task) {
                          tasks_.push_back(std::move(task));
                          return true;
                        }};
};

TEST_F(SheetServiceTest, AFileIsStoredAllAtOnce) {
  const auto response = ResponseOf(Import(Office(), Settings(v1::SHEET_KIND_ORGANIZATIONS), kBodies));
  EXPECT_EQ(response.created(), 2);
  EXPECT_EQ(response.problem_count(), 0);
  EXPECT_EQ(catalog_.counts().organizations, 2u);
  const auto again = ResponseOf(Import(Office(), Settings(v1::SHEET_KIND_ORGANIZATIONS), kBodies));
  EXPECT_EQ(again.unchanged(), 2);
  EXPECT_EQ(hub_.sequencer.size(), 2u) << "equal rows leave no entry";
}

TEST_F(SheetServiceTest, OneWrongCellStoresNothingAndIsMarked) {
  std::string file = kBodies;
  file.erase(file.rfind("0200"), 4);
  const v1::Operation done = Import(Office(), Settings(v1::SHEET_KIND_ORGANIZATIONS), file);
  const auto response = ResponseOf(done);
  ASSERT_EQ(response.problems_size(), 1);
  EXPECT_EQ(response.problems(0).column(), "D");
  EXPECT_EQ(response.problems(0).row(), 3);
  EXPECT_EQ(response.problems(0).heading(), "行政区划代码");
  EXPECT_EQ(catalog_.counts().organizations, 0u);
  auto sink = std::make_shared<Received<v1::SheetChunk>>();
  const auto handler = service_.DownloadMarkedSheet(sink);
  v1::DownloadMarkedSheetRequest request;
  request.set_operation(done.name());
  handler->OnMessage(Office(), request);
  EXPECT_TRUE(sink->finished && sink->end.ok()) << sink->end;
  EXPECT_EQ(static_cast<int64_t>(sink->Bytes().size()), sink->messages.at(0).file_bytes());
  EXPECT_TRUE(ReadSheet(sink->Bytes(), {}, [](int64_t) { return absl::OkStatus(); }).ok());
}

TEST_F(SheetServiceTest, ADryRunStoresNothing) {
  v1::ImportSettings settings = Settings(v1::SHEET_KIND_ORGANIZATIONS);
  settings.set_dry_run(true);
  EXPECT_EQ(ResponseOf(Import(Office(), settings, kBodies)).created(), 2);
  EXPECT_EQ(catalog_.counts().organizations, 0u);
}

TEST_F(SheetServiceTest, WhatCannotBeReadIsTheOperationsError) {
  const v1::Operation done = Import(Office(), Settings(v1::SHEET_KIND_ORGANIZATIONS), "%PDF-1.4");
  EXPECT_EQ(ReasonOf(FromDetails(static_cast<absl::StatusCode>(done.error().code()), done.error().message(), done.error().SerializeAsString())), "FILE_NOT_A_SHEET");
}

TEST_F(SheetServiceTest, RolesAreAskedForFirst) {
  EXPECT_EQ(ReasonOf(Upload(Person(kFgw, "org_clerk"), Settings(v1::SHEET_KIND_ORGANIZATIONS), kBodies)->end), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Upload(Person(kFgw, "auditor"), Settings(v1::SHEET_KIND_RESOURCES), kBodies)->end), "ROLE_REQUIRED");
  EXPECT_TRUE(Upload(Person(kFgw, "org_clerk"), Settings(v1::SHEET_KIND_INFORMATION_SYSTEMS), kBodies)->end.ok());
}

TEST_F(SheetServiceTest, ChunksWithoutSettingsAndKindsUnknownAreRefused) {
  auto sink = std::make_shared<Received<v1::Operation>>();
  const auto handler = service_.ImportSheet(sink);
  v1::ImportSheetRequest chunk;
  chunk.set_chunk("x");
  handler->OnMessage(Office(), chunk);
  EXPECT_EQ(ReasonOf(sink->end), "SETTINGS_MISSING");
  EXPECT_EQ(ReasonOf(Upload(Office(), Settings(v1::SHEET_KIND_UNSPECIFIED), "")->end), "ENUM_VALUE");
}

TEST_F(SheetServiceTest, FilesAreBoundedWhileTheyComeIn) {
  auto sink = std::make_shared<Received<v1::Operation>>();
  const auto handler = service_.ImportSheet(sink);
  v1::ImportSheetRequest request;
  *request.mutable_settings() = Settings(v1::SHEET_KIND_RESOURCES);
  handler->OnMessage(Office(), request);
  v1::ImportSheetRequest chunk;
  chunk.set_chunk(std::string(4 << 20, 'x'));
  for (int i = 0; i < 13 && !sink->finished; ++i) handler->OnMessage(Office(), chunk);
  EXPECT_EQ(ReasonOf(sink->end), "FILE_TOO_LARGE");
}

TEST_F(SheetServiceTest, AnExportIsMadeElsewhereAndSentAsThePeerTakesIt) {
  Import(Office(), Settings(v1::SHEET_KIND_ORGANIZATIONS), kBodies);
  auto sink = std::make_shared<Received<v1::SheetChunk>>();
  sink->full = true;
  const auto handler = service_.ExportSheet(sink);
  v1::ExportSheetRequest request;
  request.set_kind(v1::SHEET_KIND_ORGANIZATIONS);
  request.set_format(v1::SHEET_FORMAT_CSV);
  handler->OnMessage(Person(kFgw, "org_clerk"), request);
  ASSERT_EQ(tasks_.size(), 1u);
  tasks_[0]();
  EXPECT_TRUE(sink->messages.empty());
  sink->full = false;
  handler->OnDrained();
  EXPECT_TRUE(sink->finished && sink->end.ok());
  EXPECT_EQ(sink->messages[0].file_name(), "单位名录-2018-03-01.csv");
  EXPECT_NE(sink->Bytes().find("青岛市公安局"), std::string::npos);
}

TEST_F(SheetServiceTest, AnExportNobodyWaitsForIsNotMade) {
  auto sink = std::make_shared<Received<v1::SheetChunk>>();
  const auto handler = service_.ExportSheet(sink);
  v1::ExportSheetRequest request;
  request.set_kind(v1::SHEET_KIND_ORGANIZATIONS);
  handler->OnMessage(Office(), request);
  handler->OnCancel();
  tasks_.at(0)();
  EXPECT_TRUE(sink->messages.empty());
}

TEST_F(SheetServiceTest, TemplatesAreForEverybody) {
  v1::GetTemplateRequest request;
  request.set_kind(v1::SHEET_KIND_RESOURCES);
  const auto file = service_.GetTemplate(Person(kFgw, "auditor"), request);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_EQ(file->file_name(), "政务信息资源目录-模板.xlsx");
}

}  // namespace
}  // namespace zhanqiao::sheets
