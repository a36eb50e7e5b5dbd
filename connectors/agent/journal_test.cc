#include "connectors/agent/journal.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "catalog/base/error.h"
#include "catalog/base/journal.h"
#include "connectors/agent/config.h"
#include "connectors/agent/seal.h"

namespace zhanqiao::connectors {
namespace {

namespace fs = std::filesystem;

class JournalTest : public testing::Test {
 protected:
  JournalTest() {
    directory_ = fs::path(testing::TempDir()) / testing::UnitTest::GetInstance()->current_test_info()->name();
    fs::remove_all(directory_);
    fs::create_directories(directory_);
  }
  std::string path() const { return (directory_ / "journal").string(); }
  std::unique_ptr<Journal> Open(uint64_t bytes_max = 1 << 20) {
    auto journal = Journal::Open({.path = path(), .bytes_max = bytes_max});
    EXPECT_TRUE(journal.ok()) << journal.status();
    return *std::move(journal);
  }
  static std::string ReadAll(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  fs::path directory_;
};

TEST_F(JournalTest, LinesAreInTheFileWhenAppendReturnsAndAReopenedFileGoesOn) {
  auto journal = Open();
  ASSERT_TRUE(journal->Append("one\n", 1).ok());
  EXPECT_EQ(ReadAll(path()), "one\n");
  journal.reset();
  ASSERT_TRUE(Open()->Append("two\n", 2).ok());
  EXPECT_EQ(ReadAll(path()), "one\ntwo\n");
  EXPECT_EQ(fs::status(path()).permissions(), fs::perms::owner_read | fs::perms::owner_write);
}

TEST_F(JournalTest, ALineThatWasCutShortIsEndedAndStays) {
  std::ofstream(path()) << "one\ntw";
  ASSERT_TRUE(Open()->Append("three\n", 3).ok());
  EXPECT_EQ(ReadAll(path()), "one\ntw\nthree\n");
}

TEST_F(JournalTest, AFullFileIsPutAsideUnderItsTime) {
  const auto journal = Open(8);
  ASSERT_TRUE(journal->Append("1234567\n", 10).ok());
  ASSERT_TRUE(journal->Append("abcdefg\n", 20).ok());
  EXPECT_EQ(ReadAll(path() + ".20"), "1234567\n");
  EXPECT_EQ(ReadAll(path()), "abcdefg\n");
}

TEST_F(JournalTest, TwoConnectorsDoNotShareOne) {
  const auto journal = Open();
  EXPECT_EQ(ReasonOf(Journal::Open({.path = path()}).status()), "JOURNAL_IN_USE");
}

TEST_F(JournalTest, AJournalThatCannotBeWrittenSaysSo) {
  EXPECT_EQ(ReasonOf(Journal::Open({.path = (directory_ / "no" / "journal").string()}).status()),
            "JOURNAL_UNWRITABLE");
  auto full = Journal::Open({.path = "/dev/full"});
  ASSERT_TRUE(full.ok()) << full.status();
  EXPECT_EQ(ReasonOf((*full)->Append("one\n", 1)), "JOURNAL_UNWRITABLE");
}

v1::ConnectorQuery Query(uint64_t number) {
  v1::ConnectorQuery query;
  query.set_number(number);
  query.set_resource("resources/306001~000001");
  query.set_commitment(std::string(32, static_cast<char>('a' + number)));
  return query;
}

TEST_F(JournalTest, TheSealSignsAMessageAndWritesDownWhatItSays) {
  const Ed25519Key key = Ed25519Key::FromSeed(std::string(32, 'k'));
  const SimulatedClock clock(absl::FromUnixSeconds(1'795'000'000));
  const AnswerSeal seal(key, Open(), clock);
  v1::ReplyBatch replies;
  std::vector<JournalLine> lines;
  for (uint64_t number = 0; number < 3; ++number) {
    v1::ConnectorReply& reply = *replies.add_replies();
    if (number == 1) {
      reply.mutable_error()->set_code(14);
    } else {
      reply.mutable_records()->add_rows();
    }
    seal.Describe(Query(number), reply, lines);
    EXPECT_EQ(reply.digest().empty(), number == 1) << "errors are not signed";
  }
  ASSERT_TRUE(seal.Close(replies, lines).ok());
  const auto batch =
      SignedBatch::Check(kSignedAnswers, key.public_key(),
                         {replies.replies(0).digest(), replies.replies(2).digest()}, replies.signature());
  ASSERT_TRUE(batch.ok()) << batch.status();
  std::ifstream in(path());
  std::string text;
  for (const int number : {0, 2}) {
    ASSERT_TRUE(std::getline(in, text));
    const auto line = ParseJournalLine(text);
    ASSERT_TRUE(line.ok()) << text;
    EXPECT_EQ(line->commitment, Query(static_cast<uint64_t>(number)).commitment());
    EXPECT_EQ(line->digest, replies.replies(number).digest());
    EXPECT_EQ(line->rows, 1u);
    EXPECT_EQ(line->signature_hash, Bytes((*batch)->signature_hash()));
    EXPECT_EQ(line->time_us, 1'795'000'000'000'000);
  }
  EXPECT_FALSE(std::getline(in, text));
}

TEST_F(JournalTest, WithoutAKeyAnswersAreWrittenDownUnsigned) {
  const SimulatedClock clock(absl::FromUnixSeconds(1));
  const AnswerSeal seal(std::nullopt, Open(), clock);
  v1::ReplyBatch replies;
  std::vector<JournalLine> lines;
  replies.add_replies()->mutable_records();
  seal.Describe(Query(1), *replies.mutable_replies(0), lines);
  ASSERT_TRUE(seal.Close(replies, lines).ok());
  EXPECT_EQ(replies.signature(), "");
  EXPECT_EQ(replies.replies(0).digest(), "");
  const std::string text = ReadAll(path());
  EXPECT_EQ(ParseJournalLine(text.substr(0, text.size() - 1))->signature_hash, "");
}

TEST_F(JournalTest, TheConfigurationMakesTheSeal) {
  const SystemClock clock;
  ConnectorConfig config;
  EXPECT_EQ(*SealOf(config, clock), nullptr);
  config.journal = path();
  EXPECT_NE(*SealOf(config, clock), nullptr);
  config.signing_key = (directory_ / "missing.pem").string();
  EXPECT_EQ(ReasonOf(SealOf(config, clock).status()), "SIGNING_KEY_MISSING");
}

}  // namespace
}  // namespace zhanqiao::connectors
