// Promises of FileService.
#include <gtest/gtest.h>

#include <deque>
#include <fstream>

#include "hub/exchange/files/file_service.h"
#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

std::string Sha(std::string_view bytes) { return std::string(Bytes(Sha256(bytes))); }

// The test city with a resource of files; tasks wait until the test runs them.
class FilesTest : public ::testing::Test {
 protected:
  FilesTest() {
    auto entry = ExchangeCity::Entry(access::kProjects, v1::SHARE_TYPE_UNCONDITIONAL);
    entry.set_share_mode_type(v1::SHARE_MODE_TYPE_FILE);
    for (auto& field : *entry.mutable_fields()) field.clear_mask();
    city_.Put(access::kProjects, entry);
    EXPECT_TRUE(keys_->Rotate(city_.clock.Now(), {}).ok());
    Restart();
    auto application = city_.Apply(access::kProjects);
    application.mutable_grant()->clear_fields();
    for (const auto& field : entry.fields()) application.mutable_grant()->add_fields()->set_field(field.field());
    grant_ = city_.service.CreateGrant(city_.SystemCaller(), application).value();
    grant_ = city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(grant_)).value();
    EXPECT_EQ(grant_.state(), v1::GRANT_STATE_ACTIVE);
  }
  ~FilesTest() override { city_.pipeline.Stop(); }

  // Everything in memory goes, the disk stays.
  void Restart() {
    city_.pipeline.Run({}).status().IgnoreError();
    {
      absl::MutexLock lock(&mu_);
      tasks_.clear();
    }
    service_ = nullptr;
    files_ = nullptr;
    files_ = std::make_unique<Files>(FileParts{
        city_.documents, city_.pipeline, city_.catalog, city_.grants, city_.directory, city_.refusals, city_.broker.quotas(),
        *keys_, city_.clock, city_.random, [this](std::function<void()> task) { Push(std::move(task)); },
        "qingdao.example/log", spool_.path() / "spool", 8 << 20, 0});
    EXPECT_TRUE(files_->Follow(city_.documents).ok());
    service_ = std::make_unique<FileService>(*files_);
  }
  void Push(std::function<void()> task) {
    absl::MutexLock lock(&mu_);
    tasks_.push_back(std::move(task));
  }
  bool RunOne() {
    std::function<void()> task;
    {
      absl::MutexLock lock(&mu_);
      if (tasks_.empty()) return false;
      task = std::move(tasks_.front());
      tasks_.pop_front();
    }
    task();
    return true;
  }
  void Settle() {
    for (int idle = 0; idle < 2;) {
      idle = RunOne() ? 0 : idle + 1;
      if (idle > 0) city_.pipeline.Run({}).status().IgnoreError();
    }
  }

  Caller Connector() const {
    access::Presented presented;
    presented.identities = {"zhanqiao://qingdao/org/370200-GAJ/connector/a"};
    presented.fingerprint = std::string(64, 'b');
    return city_.directory.Resolve(presented).value();
  }
  static v1::CreateFileRequest Announcement(std::string_view bytes) {
    v1::CreateFileRequest request;
    auto& file = *request.mutable_file();
    file.set_resource(access::kProjects);
    file.set_display_name("2026-11.csv");
    file.set_size_bytes(static_cast<int64_t>(bytes.size()));
    file.set_sha256(Sha(bytes));
    file.set_retention_hours(24);
    return request;
  }
  v1::File Announce(std::string_view bytes) { return service_->CreateFile(Connector(), Announcement(bytes)).value(); }

  // Uploads bytes [from, to) in messages of `step`; the file as answered, or why not.
  absl::StatusOr<v1::File> Upload(const std::string& name, std::string_view bytes, size_t from, size_t to,
                                  bool half_close = true, size_t step = 300'000) {
    auto sink = std::make_shared<FakeSink<v1::File>>();
    auto stream = service_->Upload(sink);
    for (size_t at = from; at < to; at += step) {
      v1::UploadRequest message;
      message.set_file(name);
      message.set_offset(static_cast<int64_t>(at));
      message.set_data(std::string(bytes.substr(at, std::min(step, to - at))));
      stream->OnMessage(Connector(), message);
      Settle();
    }
    if (half_close) stream->OnHalfClose();
    Settle();
    if (sink->finished() && !sink->finished()->ok()) return *sink->finished();
    const auto written = sink->Written();
    if (written.empty()) return v1::File();
    return written[0];
  }
  struct Downloaded {
    v1::DownloadStart start;
    std::string bytes;
    v1::DownloadEnd end;
    absl::Status status;
  };
  Downloaded Download(const std::string& file, int64_t offset = 0, const std::string& grant = "") {
    auto sink = std::make_shared<FakeSink<v1::DownloadResponse>>();
    auto stream = service_->Download(sink);
    v1::DownloadRequest request;
    request.set_grant(grant.empty() ? grant_.name() : grant);
    request.set_file(file);
    request.set_matter("2026-0001");
    request.set_offset(offset);
    stream->OnMessage(city_.SystemCaller(), request);
    Settle();
    Downloaded got;
    for (const auto& message : sink->Written()) {
      if (message.has_start()) got.start = message.start();
      if (message.has_data()) got.bytes += message.data();
      if (message.has_end()) got.end = message.end();
    }
    got.status = sink->finished().value_or(absl::UnknownError("not finished"));
    return got;
  }
  v1::File Get(const std::string& name) {
    v1::GetFileRequest request;
    request.set_name(name);
    return service_->GetFile(Connector(), request).value();
  }
  static std::string Content(size_t bytes) {
    std::string content(bytes, '\0');
    SeededRandom(7).Fill(content.data(), content.size());
    return content;
  }

  ExchangeCity city_;
  const storage::TemporaryDirectory spool_;
  const storage::TemporaryDirectory key_directory_;
  std::unique_ptr<PayloadKeys> keys_ = PayloadKeys::Open(key_directory_.path(), city_.random).value();
  absl::Mutex mu_;
  std::deque<std::function<void()>> tasks_ ABSL_GUARDED_BY(mu_);
  std::unique_ptr<Files> files_;
  std::unique_ptr<FileService> service_;
  v1::Grant grant_;
};

TEST_F(FilesTest, WhatIsUploadedIsDownloadedAndBothStandInTheLedger) {
  const std::string content = Content(2'500'000);
  const v1::File file = Announce(content);
  EXPECT_EQ(file.state(), v1::FILE_STATE_UPLOADING);
  const auto uploaded = Upload(file.name(), content, 0, content.size());
  ASSERT_TRUE(uploaded.ok()) << uploaded.status();
  EXPECT_EQ(uploaded->state(), v1::FILE_STATE_READY);
  EXPECT_EQ(city_.Entries().back().file_event().verb(), "uploaded");

  const Downloaded got = Download(file.name());
  ASSERT_TRUE(got.status.ok()) << got.status;
  EXPECT_EQ(got.bytes, content);
  EXPECT_EQ(got.end.sha256(), Sha(content));
  const auto entries = city_.Entries();
  const auto release = entries.at(got.start.receipt().index()).exchange();
  EXPECT_EQ(release.file().file(), file.name());
  EXPECT_EQ(release.file().sha256(), Sha(content));
  const auto closing = entries.at(got.end.receipt().index()).file_event();
  EXPECT_EQ(closing.verb(), "downloaded");
  EXPECT_EQ(closing.bytes(), content.size());
  EXPECT_EQ(closing.opened_index(), got.start.receipt().index());
}

TEST_F(FilesTest, NothingOfAFileLiesOpenInTheSpool) {
  const std::string content(100'000, 'x');
  const v1::File file = Announce(content);
  ASSERT_TRUE(Upload(file.name(), content, 0, content.size()).ok());
  std::ifstream in(files_->PathOf(file.name()), std::ios::binary);
  const std::string spooled{std::istreambuf_iterator<char>(in), {}};
  EXPECT_GT(spooled.size(), content.size());
  EXPECT_EQ(spooled.find("xxxxxxxx"), std::string::npos);
}

TEST_F(FilesTest, AnUploadGoesOnWhereItWasDurableAlsoAfterARestart) {
  const std::string content = Content(3'500'000);
  const v1::File file = Announce(content);
  ASSERT_TRUE(Upload(file.name(), content, 0, 1'500'000, false).ok()) << "the peer went away";
  EXPECT_EQ(Get(file.name()).received_bytes(), kChunkBytes);
  EXPECT_EQ(ReasonOf(Upload(file.name(), content, 1'500'000, 1'600'000).status()), "UPLOAD_OFFSET");
  const auto part = Upload(file.name(), content, kChunkBytes, 2'200'000).value();
  EXPECT_EQ(part.state(), v1::FILE_STATE_UPLOADING);
  EXPECT_EQ(part.received_bytes(), 2 * kChunkBytes);
  Restart();
  EXPECT_EQ(Get(file.name()).received_bytes(), 2 * kChunkBytes);
  EXPECT_EQ(Upload(file.name(), content, 2 * kChunkBytes, content.size()).value().state(), v1::FILE_STATE_READY);
  EXPECT_EQ(Download(file.name()).bytes, content);
}

TEST_F(FilesTest, ADownloadGoesOnAtAnyByte) {
  const std::string content = Content(2'200'000);
  const v1::File file = Announce(content);
  ASSERT_TRUE(Upload(file.name(), content, 0, content.size()).ok());
  for (const int64_t from : {int64_t{1}, kChunkBytes - 1, kChunkBytes, int64_t{2'199'999}}) {
    const Downloaded got = Download(file.name(), from);
    ASSERT_TRUE(got.status.ok()) << got.status;
    EXPECT_TRUE(got.bytes == content.substr(static_cast<size_t>(from))) << from;
    EXPECT_EQ(city_.Entries().at(got.start.receipt().index()).exchange().file().from_byte(), static_cast<uint64_t>(from));
  }
  EXPECT_EQ(ReasonOf(Download(file.name(), 2'200'000).status), "DOWNLOAD_OFFSET");
}

TEST_F(FilesTest, BytesThatAreNotTheAnnouncedOnesAreNotKept) {
  const std::string content = Content(1'500'000);
  const v1::File file = Announce(content);
  std::string other = content;
  other[1'400'000] = static_cast<char>(other[1'400'000] + 1);
  const auto wrong = Upload(file.name(), other, 0, other.size());
  EXPECT_EQ(ReasonOf(wrong.status()), "FILE_DIGEST");
  EXPECT_EQ(Get(file.name()).received_bytes(), 0);
  EXPECT_EQ(ReasonOf(Download(file.name()).status), "FILE_NOT_READY");
  EXPECT_EQ(Upload(file.name(), content, 0, content.size()).value().state(), v1::FILE_STATE_READY);
}

TEST_F(FilesTest, TheSm3DigestIsCheckedWhenItIsGiven) {
  auto announcement = Announcement("abc");
  // GM/T 0004-2012, example 1.
  announcement.mutable_file()->set_sm3(*FromHex("66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"));
  const v1::File right = service_->CreateFile(Connector(), announcement).value();
  EXPECT_EQ(Upload(right.name(), "abc", 0, 3).value().state(), v1::FILE_STATE_READY);
  announcement.mutable_file()->set_sm3(std::string(32, '1'));
  const v1::File wrong = service_->CreateFile(Connector(), announcement).value();
  EXPECT_EQ(ReasonOf(Upload(wrong.name(), "abc", 0, 3).status()), "FILE_DIGEST");
}

TEST_F(FilesTest, ADamagedSpoolIsFoundAndNothingWrongIsGiven) {
  const std::string content = Content(1'500'000);
  const v1::File file = Announce(content);
  ASSERT_TRUE(Upload(file.name(), content, 0, content.size()).ok());
  {
    std::fstream spooled(files_->PathOf(file.name()), std::ios::in | std::ios::out | std::ios::binary);
    spooled.seekp(1'200'000);
    spooled.put('!');
  }
  const Downloaded got = Download(file.name());
  EXPECT_EQ(ReasonOf(got.status), "FILE_DAMAGED");
  EXPECT_EQ(got.bytes, content.substr(0, kChunkBytes));
  bool interrupted = false;
  for (const auto& entry : city_.Entries()) interrupted |= entry.file_event().verb() == "interrupted" && entry.file_event().bytes() == kChunkBytes;
  EXPECT_TRUE(interrupted);
}

TEST_F(FilesTest, AFileNeedsAGrantOfEverythingUnmasked) {
  const v1::File file = Announce("abc");
  ASSERT_TRUE(Upload(file.name(), "abc", 0, 3).ok());
  auto part = city_.service.CreateGrant(city_.SystemCaller(), city_.Apply(access::kProjects)).value();
  city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(part)).value();
  const Downloaded refused = Download(file.name(), 0, part.name());
  EXPECT_EQ(ReasonOf(refused.status), "FILE_NOT_GRANTED");
  EXPECT_EQ(city_.DenialOf(refused.status).method(), "/zhanqiao.v1.FileService/Download");
  EXPECT_EQ(ReasonOf(Download(file.name(), 0, city_.Active().name()).status), "FILE_NOT_GRANTED") << "a grant of another resource";
  EXPECT_EQ(ReasonOf(Download("files/none").status), "FILE_NOT_FOUND");
}

TEST_F(FilesTest, ARevokedGrantStopsADownloadUnderWay) {
  const std::string content = Content(7 << 20);
  const v1::File file = Announce(content);
  ASSERT_TRUE(Upload(file.name(), content, 0, content.size(), true, 1 << 20).ok());
  auto sink = std::make_shared<FakeSink<v1::DownloadResponse>>();
  auto stream = service_->Download(sink);
  v1::DownloadRequest request;
  request.set_grant(grant_.name());
  request.set_file(file.name());
  request.set_matter("2026-0001");
  stream->OnMessage(city_.SystemCaller(), request);
  while (city_.Releases() == 0) {
    if (!RunOne()) city_.pipeline.Run({}).status().IgnoreError();
  }
  RunOne();  // one turn: four chunks
  ASSERT_TRUE(city_.service.RevokeGrant(city_.approver(), ExchangeCity::Named<v1::RevokeGrantRequest>(grant_, "misuse")).ok());
  Settle();
  EXPECT_EQ(ReasonOf(sink->finished().value()), "GRANT_NOT_ACTIVE");
  size_t bytes = 0;
  for (const auto& message : sink->Written()) bytes += message.data().size();
  EXPECT_LT(bytes, content.size());
}

TEST_F(FilesTest, ACertificateThatExpiresStopsADownloadUnderWay) {
  const std::string content = Content(7 << 20);
  const v1::File file = Announce(content);
  ASSERT_TRUE(Upload(file.name(), content, 0, content.size(), true, 1 << 20).ok());
  auto sink = std::make_shared<FakeSink<v1::DownloadResponse>>();
  auto stream = service_->Download(sink);
  v1::DownloadRequest request;
  request.set_grant(grant_.name());
  request.set_file(file.name());
  request.set_matter("2026-0001");
  Caller caller = city_.SystemCaller();
  caller.not_after = city_.clock.Now() + absl::Hours(1);
  stream->OnMessage(caller, request);
  while (city_.Releases() == 0) {
    if (!RunOne()) city_.pipeline.Run({}).status().IgnoreError();
  }
  RunOne();  // one turn: four chunks
  city_.clock.Advance(absl::Hours(2));
  Settle();
  EXPECT_EQ(ReasonOf(sink->finished().value()), "CERTIFICATE_EXPIRED");
  EXPECT_EQ(city_.DenialOf(*sink->finished()).method(), "/zhanqiao.v1.FileService/Download");
  size_t bytes = 0;
  for (const auto& message : sink->Written()) bytes += message.data().size();
  EXPECT_LT(bytes, content.size());
}

TEST_F(FilesTest, TheSpoolHasAQuota) {
  auto announcement = Announcement("abc");
  announcement.mutable_file()->set_size_bytes(5 << 20);
  const v1::File first = service_->CreateFile(Connector(), announcement).value();
  const auto second = service_->CreateFile(Connector(), announcement);
  EXPECT_EQ(ReasonOf(second.status()), "SPOOL_FULL");
  v1::DeleteFileRequest remove;
  remove.set_name(first.name());
  remove.set_reason("wrong file");
  EXPECT_EQ(service_->DeleteFile(Connector(), remove).value().state(), v1::FILE_STATE_DELETED);
  EXPECT_TRUE(service_->CreateFile(Connector(), announcement).ok());
}

TEST_F(FilesTest, RetentionTakesFilesAway) {
  const v1::File file = Announce("abc");
  ASSERT_TRUE(Upload(file.name(), "abc", 0, 3).ok());
  city_.clock.Advance(absl::Hours(23));
  files_->Sweep();
  EXPECT_EQ(Get(file.name()).state(), v1::FILE_STATE_READY);
  city_.clock.Advance(absl::Hours(1));
  files_->Sweep();
  EXPECT_EQ(ReasonOf(Download(file.name()).status), "FILE_NOT_FOUND");
  EXPECT_FALSE(std::filesystem::exists(files_->PathOf(file.name())));
  EXPECT_EQ(city_.Entries().at(city_.Entries().size() - 2).file_event().verb(), "swept") << "before the refusal";
}

TEST_F(FilesTest, OnlyTheProviderLeavesFilesAndOnlyForResourcesOfFiles) {
  EXPECT_EQ(ReasonOf(service_->CreateFile(city_.SystemCaller(), Announcement("abc")).status()), "UPLOADER_NOT_NAMED");
  auto announcement = Announcement("abc");
  announcement.mutable_file()->set_resource(access::kResidence);
  EXPECT_EQ(ReasonOf(service_->CreateFile(Connector(), announcement).status()), "RESOURCE_NOT_FILE");
  announcement = Announcement("abc");
  announcement.mutable_file()->set_size_bytes((50LL << 30) + 1);
  EXPECT_EQ(ReasonOf(service_->CreateFile(Connector(), announcement).status()), "FILE_SIZE");
}

TEST_F(FilesTest, ListsWhatTheCallerMayTake) {
  const v1::File arriving = Announce("abc");
  city_.clock.Advance(absl::Seconds(1));
  const v1::File ready = Announce("abc");
  ASSERT_TRUE(Upload(ready.name(), "abc", 0, 3).ok());
  v1::ListFilesRequest list;
  list.set_parent(access::kProjects);
  EXPECT_EQ(service_->ListFiles(city_.SystemCaller(), list).value().files_size(), 1);
  list.set_page_size(1);
  const auto page = service_->ListFiles(Connector(), list).value();
  EXPECT_EQ(page.files(0).name(), ready.name());
  list.set_page_token(page.next_page_token());
  EXPECT_EQ(service_->ListFiles(Connector(), list).value().files(0).name(), arriving.name());
}

}  // namespace
}  // namespace zhanqiao::exchange
