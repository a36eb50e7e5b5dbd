// zq on archive files, without a hub: the same answers, and nothing altered goes unseen.
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <sstream>

#include "hub/cli/commands.h"
#include "hub/ledger/archive/test_archive.h"

namespace zhanqiao::cli {
namespace {

namespace fs = std::filesystem;

struct Outcome {
  int code = 0;
  std::string out;
  std::string err;
};

Outcome Zq(std::vector<std::string> arguments) {
  std::ostringstream out;
  std::ostringstream err;
  Outcome run;
  run.code = RunZq(arguments, out, err);
  run.out = out.str();
  run.err = err.str();
  return run;
}

// One archived segment, made once.
class ZqArchiveTest : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    log_ = new ledger::ArchivedLog();
    log_->Grow(ledger::kSegmentEntries + 10);
    log_->Start();
    ASSERT_TRUE(log_->Work().ok());
  }
  static void TearDownTestSuite() { delete log_; }
  static std::vector<uint64_t> Indexes(const Outcome& run) {
    std::vector<uint64_t> indexes;
    EXPECT_EQ(run.code, kExitOk) << run.err;
    const boost::json::value answer = boost::json::parse(run.out);
    for (const auto& entry : answer.at("entries").as_array()) {
      indexes.push_back(std::stoull(std::string(entry.at("index").as_string())));
    }
    return indexes;
  }
  static std::vector<uint64_t> Live(const ledger::IndexQuery& query, size_t limit) {
    std::vector<uint64_t> found;
    log_->All().Walk(query, ledger::kSegmentEntries - 1, [&](uint64_t index) {
      if (found.size() < limit) found.push_back(index);
      return found.size() < limit;
    });
    return found;
  }
  static std::string directory() { return log_->directory().string(); }
  static ledger::ArchivedLog* log_;
};
ledger::ArchivedLog* ZqArchiveTest::log_ = nullptr;

TEST_F(ZqArchiveTest, AQueryOfTheArchiveAnswersAsTheLiveLog) {
  ledger::IndexQuery query;
  query.all_of = {{{ledger::Term(ledger::IndexField::kReason, "QUOTA_EXCEEDED")}},
                  {{ledger::Term(ledger::IndexField::kConsumer, log_->entries.System(3))}}};
  const auto run = Zq({"ledger", "query", "--archive", directory(), "--reason", "QUOTA_EXCEEDED",
                       "--consumer", log_->entries.System(3), "--count", "20", "--json"});
  const auto expected = Live(query, 20);
  ASSERT_FALSE(expected.empty());
  EXPECT_EQ(Indexes(run), expected);
}

TEST_F(ZqArchiveTest, AFilterNoIndexServesIsRefusedOfflineToo) {
  const auto run = Zq({"ledger", "query", "--archive", directory(), "--where", "purpose=x", "--json"});
  EXPECT_EQ(run.code, kExitFailed);
  EXPECT_NE(run.err.find("FILTER_NOT_INDEXED"), std::string::npos);
}

TEST_F(ZqArchiveTest, APersonIsAskedForWithTheSubjectKeysOnly) {
  const auto run = Zq({"ledger", "query", "--archive", directory(), "--person", "11010519491231002X"});
  EXPECT_EQ(run.code, kExitFailed);
  EXPECT_NE(run.err.find("SUBJECT_KEYS_REQUIRED"), std::string::npos);
}

TEST_F(ZqArchiveTest, ArchivesAreVerifiedAndAnAlteredOneIsExitCodeFour) {
  const std::string key = log_->log.key().ToText();
  const auto good = Zq({"--vkey", key, "ledger", "verify", "--archive", directory(), "--json"});
  EXPECT_EQ(good.code, kExitOk) << good.err;
  EXPECT_NE(good.out.find("\"to\":65536"), std::string::npos) << good.out;
  const storage::TemporaryDirectory copy;
  for (const auto& file : fs::directory_iterator(directory())) fs::copy(file, copy.path());
  const fs::path archive = copy.path() / "segment-000000.tar";
  std::string bytes = ledger::ReadAll(archive);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  ledger::WriteAll(archive, bytes);
  const auto bad = Zq({"--vkey", key, "ledger", "verify", "--archive", copy.path().string(), "--json"});
  EXPECT_EQ(bad.code, kExitUnproved) << bad.out << bad.err;
  EXPECT_NE(bad.err.find("segment-000000.tar"), std::string::npos) << bad.err;
}

}  // namespace
}  // namespace zhanqiao::cli
