#include "hub/ledger/log_keys.h"

#include <gtest/gtest.h>

#include <fstream>

#include "catalog/base/error.h"
#include "hub/ledger/test_log.h"
#include "hub/ledger/verify.h"

namespace zhanqiao::ledger {
namespace {

// A log whose keys lie in files, begun as a hub begins it.
class LogKeysTest : public testing::Test {
 protected:
  static constexpr char kActor[] = "organizations/A/persons/security";
  void SetUp() override {
    Open();
    StartLog();
    storage::Commit first;
    first.records.push_back(GenesisRecord(TestLog::kOrigin, keys_->Active().front()->public_key()));
    ASSERT_TRUE(pipeline_->Run(std::move(first)).ok());
  }
  void StartLog() {
    log_ = *Log::Open(store_, clock_);
    pipeline_ = std::make_unique<storage::CommitPipeline>(store_, log_.get(), storage::CommitPipeline::Options());
  }
  absl::Status TryOpen(std::string origin = TestLog::kOrigin) {
    keys_.reset();
    auto opened = LogKeys::Open(store_, std::make_unique<FileKeyVault>(directory_.path(), origin), origin);
    if (opened.ok()) keys_ = *std::move(opened);
    return opened.status();
  }
  void Open() {
    const absl::Status opened = TryOpen();
    ASSERT_TRUE(opened.ok()) << opened;
  }
  LogKey Add() {
    auto added = keys_->Add(*pipeline_, kActor);
    EXPECT_TRUE(added.ok()) << added.status();
    return *added;
  }
  absl::Status Retire(const std::string& id) { return keys_->Retire(*pipeline_, id, kActor).status(); }
  std::string NoteNow() { return SignHead(*log_->head(), *keys_)->note; }
  v1::KeyEvent EventAt(uint64_t index) {
    v1::LedgerEntry entry;
    EXPECT_TRUE(entry.ParseFromString(**store_.Get(storage::Table::kEntries, storage::BigEndian(index))));
    EXPECT_EQ(entry.actor(), kActor);
    return entry.key_event();
  }

  const storage::TemporaryDirectory directory_;
  SystemClock clock_;
  storage::MemoryStore store_;
  std::unique_ptr<LogKeys> keys_;
  std::unique_ptr<Log> log_;
  std::unique_ptr<storage::CommitPipeline> pipeline_;
};

TEST_F(LogKeysTest, ANewLogHasOneKeyAndFindsItAgain) {
  const std::string before = keys_->Active().front()->public_key();
  Open();
  ASSERT_EQ(keys_->List().size(), 1u);
  EXPECT_EQ(keys_->List()[0].added, 0u);
  EXPECT_EQ(keys_->Active().front()->public_key(), before);
}

TEST_F(LogKeysTest, DuringTheOverlapEitherKeyVerifies) {
  const VerifierKey old_key = keys_->List()[0].key;
  const std::string before = NoteNow();
  const LogKey added = Add();
  EXPECT_EQ(added.added, 1u);
  EXPECT_EQ(EventAt(1).verb(), "added");
  EXPECT_EQ(EventAt(1).purpose(), "checkpoint");
  EXPECT_EQ(EventAt(1).public_key(), added.key.public_key);
  EXPECT_EQ(EventAt(1).key_id(), added.id());
  const std::string both = NoteNow();
  EXPECT_EQ(OpenCheckpoint(both, old_key)->size, 2u);
  EXPECT_EQ(OpenCheckpoint(both, added.key)->size, 2u);

  ASSERT_TRUE(Retire(keys_->List()[0].id()).ok());
  EXPECT_EQ(EventAt(2).verb(), "retired");
  const std::string after = NoteNow();
  EXPECT_EQ(OpenCheckpoint(after, added.key)->size, 3u);
  EXPECT_EQ(ReasonOf(OpenCheckpoint(after, old_key).status()), "NOTE_SIGNATURE");
  EXPECT_TRUE(OpenCheckpoint(before, old_key).ok()) << "what it signed stays verifiable";
  EXPECT_TRUE(OpenCheckpoint(before, keys_->Known()).ok());
}

TEST_F(LogKeysTest, TheListSurvivesARestart) {
  const LogKey added = Add();
  Open();
  ASSERT_EQ(keys_->List().size(), 2u);
  EXPECT_EQ(keys_->Active().size(), 2u);
  ASSERT_TRUE(Retire(keys_->List()[0].id()).ok());
  std::filesystem::remove(directory_.path() / "log.pem");  // a retired key is needed no more
  Open();
  ASSERT_EQ(keys_->Active().size(), 1u);
  EXPECT_EQ(keys_->Active()[0]->public_key(), added.key.public_key);
  EXPECT_EQ(keys_->List()[0].retired, 2u);
  EXPECT_EQ(KeysToText(*KeysOfLog(store_)), KeysToText(keys_->List()));
}

TEST_F(LogKeysTest, TheLastKeyIsNotRetired) {
  EXPECT_EQ(ReasonOf(Retire(keys_->List()[0].id())), "LOG_KEY_LAST");
  EXPECT_EQ(ReasonOf(Retire("00000000")), "LOG_KEY_UNKNOWN");
  Add();
  const std::string first = keys_->List()[0].id();
  ASSERT_TRUE(Retire(first).ok());
  EXPECT_EQ(ReasonOf(Retire(first)), "LOG_KEY_RETIRED");
}

TEST_F(LogKeysTest, AMissingKeyIsNotReplacedByANewOne) {
  std::filesystem::remove(directory_.path() / "log.pem");
  EXPECT_EQ(ReasonOf(TryOpen()), "SIGNING_KEY_MISSING");
  EXPECT_FALSE(std::filesystem::exists(directory_.path() / "log.pem"));
}

TEST_F(LogKeysTest, ALogIsNotContinuedUnderAnotherOrigin) { EXPECT_EQ(ReasonOf(TryOpen("another.example")), "LEDGER_ORIGIN_OTHER"); }

TEST_F(LogKeysTest, ALogThatCannotBeWrittenKeepsItsKeys) {
  store_.FailAfter(0);
  EXPECT_FALSE(keys_->Add(*pipeline_, kActor).ok());
  EXPECT_EQ(keys_->List().size(), 1u);
  Open();
  EXPECT_EQ(keys_->List().size(), 1u);
}

TEST_F(LogKeysTest, CheckpointsFollowARotationWithoutAPause) {
  auto checkpointer =
      Checkpointer::Start(*log_, *pipeline_, *keys_, {directory_.path() / "second", absl::ZeroDuration()});
  ASSERT_TRUE(checkpointer.ok()) << checkpointer.status();
  const auto newest = [&] { return *(*checkpointer)->WaitFor(log_->head()->size(), absl::Now() + absl::Seconds(30)); };
  newest();
  const LogKey added = Add();
  newest();
  ASSERT_TRUE(Retire(keys_->List()[0].id()).ok());
  storage::Commit one;
  one.records.push_back(RecordOf(ExchangeEntry(1)));
  ASSERT_TRUE(pipeline_->Run(std::move(one)).ok());
  EXPECT_TRUE(OpenCheckpoint(newest()->note, added.key).ok());
  EXPECT_TRUE((*checkpointer)->health().ok());
  EXPECT_EQ((*checkpointer)->key(), added.key);
  // And the next start finds a last checkpoint by whichever key.
  checkpointer->reset();
  EXPECT_TRUE(Checkpointer::Start(*log_, *pipeline_, *keys_, {directory_.path() / "second", absl::ZeroDuration()}).ok());
}

// The export of a log whose keys rotated proves with any key that signed its checkpoint, and with no retired one.
TEST_F(LogKeysTest, AnExportIsVerifiedWithTheKeysThatTheLogStates) {
  const VerifierKey old_key = keys_->List()[0].key;
  const auto exported = [&](const char* name) {
    storage::Batch batch;
    batch.Put(storage::Table::kMeta, std::string(kCheckpointKey), NoteNow());
    EXPECT_TRUE(store_.Apply(batch).ok());
    const auto report = ExportLog(store_, directory_.path() / name);
    EXPECT_TRUE(report.ok()) << report.status();
    return directory_.path() / name;
  };
  const VerifierKey new_key = Add().key;
  const auto overlap = exported("overlap");
  EXPECT_TRUE(VerifyExport(overlap, old_key).ok) << VerifyExport(overlap, old_key).problem;
  EXPECT_TRUE(VerifyExport(overlap, new_key).ok);
  const std::string retired_key_note = NoteNow();
  ASSERT_TRUE(Retire(keys_->List()[0].id()).ok());
  const auto after = exported("after");
  EXPECT_TRUE(VerifyExport(after, new_key).ok) << VerifyExport(after, new_key).description;
  EXPECT_EQ(VerifyExport(after, old_key).problem, "VERIFIER_KEY");
  const std::vector<VerifierKey> both = {old_key, new_key};
  EXPECT_TRUE(VerifyExport(after, both).ok);
  EXPECT_TRUE(VerifyExport(after, both, retired_key_note).ok) << "a checkpoint kept from before the rotation";

  // The list of keys is proved like everything else.
  const std::string listed = KeysToText(keys_->List());
  std::ifstream in(after / "log.vkeys");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(in), {}), listed);
  std::ofstream(after / "log.vkeys", std::ios::trunc) << listed.substr(0, listed.rfind(' ')) << " 9\n";
  EXPECT_EQ(VerifyExport(after, new_key).problem, "VERIFIER_KEY");
  std::filesystem::remove(after / "log.vkeys");
  EXPECT_EQ(VerifyExport(after, new_key).problem, "FILE_MISSING");

  // Whoever stole the retired key cannot go on with the log under it.
  const auto thief = *Ed25519FileSigner::Open(directory_.path() / "log.pem", TestLog::kOrigin);
  std::ofstream(after / "checkpoint", std::ios::trunc) << *SignNote(ParseNote(NoteNow())->text, *thief);
  std::ofstream(after / "log.vkey", std::ios::trunc) << old_key.ToText() << "\n";
  EXPECT_EQ(VerifyExport(after, both).problem, "GENESIS");
}

}  // namespace
}  // namespace zhanqiao::ledger
