// What an insider, a failing disk or a restored backup can do to a log: every case is found, and named.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <set>

#include "absl/strings/str_cat.h"
#include "catalog/base/log.h"
#include "catalog/storage/temporary_directory.h"
#include "tests/faults/tamper.h"

namespace zhanqiao::faults {
namespace {

namespace fs = std::filesystem;
using storage::Table;
using ::testing::ContainsRegex;

constexpr uint64_t kSize = 66'000;  // a full tile on level 1, partial ones on levels 0, 1 and 2
const char* const kFull = "tile/entries/100";
const char* const kPartial = "tile/entries/257.p/208";

// One log and its export for all cases; each puts back what it altered.
class ExportTamper : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    SetLogLevel(LogLevel::kError);
    home = new storage::TemporaryDirectory;
    LedgerHub hub(home->path());
    ASSERT_TRUE(hub.started.ok());
    older = hub.GrowTo(40'000)->note;
    ASSERT_NE(hub.GrowTo(kSize), nullptr);
    key = new ledger::VerifierKey(ledger::VerifierKeyOf(*hub.signer));
    ASSERT_TRUE(ledger::ExportLog(*hub.store, home->path() / "export").ok());
    files = new Files(home->path() / "export");
  }
  static void TearDownTestSuite() {
    delete files;
    delete key;
    delete home;
  }
  // What the verifier says: "PROBLEM file #index".
  std::string Verdict() const {
    const ledger::VerifyReport report = ledger::VerifyExport(files->directory(), *key, older);
    if (report.ok) return "ok";
    return absl::StrCat(report.problem, " ", report.file,
                        report.index ? absl::StrCat(" #", *report.index) : "");
  }
  std::string With(const std::string& name, const std::string& bytes) const {
    files->Write(name, bytes);
    std::string verdict = Verdict();
    files->Restore(name);
    return verdict;
  }
  // The bytes of entry `nth` of a bundle, with its length: from and size.
  static std::pair<size_t, size_t> Entry(const std::string& bundle, int nth) {
    size_t from = 0;
    const auto size = [&] {
      return 2 + (size_t{static_cast<uint8_t>(bundle[from])} << 8 | static_cast<uint8_t>(bundle[from + 1]));
    };
    for (; nth > 0; --nth) from += size();
    return {from, size()};
  }

  static inline storage::TemporaryDirectory* home = nullptr;
  static inline ledger::VerifierKey* key = nullptr;
  static inline Files* files = nullptr;
  static inline std::string older;
};

TEST_F(ExportTamper, ATurnedBitIsFoundWhereverItIs) {
  ASSERT_EQ(Verdict(), "ok");
  const std::string& full = files->at(kFull);
  const auto [from, size] = Entry(full, 7);
  const int64_t at = static_cast<int64_t>(from);
  // Its time, by a fraction of a millisecond: perhaps the one behind it is older then.
  EXPECT_THAT(With(kFull, Flipped(full, at + 3)), ContainsRegex("ENTRY_(ALTERED|TIME) tile/entries/100 #2560[78]"));
  EXPECT_EQ(With(kFull, Flipped(full, at + static_cast<int64_t>(size) - 1)),
            "ENTRY_ALTERED tile/entries/100 #25607");
  EXPECT_EQ(With(kFull, Flipped(full, at + 9)).substr(0, 14), "ENTRY_TIME til") << "its time, by years";
  EXPECT_EQ(With(kFull, Flipped(full, at + 2)), "ENTRY_FORM tile/entries/100 #25607")
      << "the tag before its time";
  const std::set<std::string> lengths = {"BUNDLE_FORM", "ENTRY_FORM "};
  EXPECT_TRUE(lengths.contains(With(kFull, Flipped(full, at)).substr(0, 11)));
  EXPECT_TRUE(lengths.contains(With(kFull, Flipped(full, at + 1)).substr(0, 11)));
  EXPECT_EQ(With(kPartial, Flipped(files->at(kPartial), -1)),
            absl::StrCat("ENTRY_ALTERED ", kPartial, " #65999"));
  for (const char* tile :
       {"tile/0/100", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1", "tile/2/000.p/1"}) {
    for (const int64_t byte : {0, 31, -1}) {
      EXPECT_EQ(With(tile, Flipped(files->at(tile), byte)), absl::StrCat("TILE_ALTERED ", tile)) << byte;
    }
  }
  const std::string& checkpoint = files->at("checkpoint");
  for (size_t byte = 0; byte < checkpoint.size(); byte += 5) {  // origin, size, root, dash, name, signature
    EXPECT_EQ(With("checkpoint", Flipped(checkpoint, static_cast<int64_t>(byte))), "CHECKPOINT checkpoint")
        << byte;
  }
  EXPECT_EQ(With("log.vkey", Flipped(files->at("log.vkey"), 50)), "VERIFIER_KEY log.vkey");
  EXPECT_EQ(Verdict(), "ok");
}

TEST_F(ExportTamper, WhatIsDeletedIsMissed) {
  for (const char* name : {kFull, kPartial, "tile/0/100", "tile/0/257.p/208", "tile/1/000", "tile/1/001.p/1",
                           "tile/2/000.p/1", "checkpoint", "log.vkey"}) {
    files->Remove(name);
    EXPECT_EQ(Verdict(), absl::StrCat("FILE_MISSING ", name));
    files->Restore(name);
  }
  // One entry of many, with everything behind it moved up.
  const auto [from, size] = Entry(files->at(kFull), 200);
  std::string bundle = files->at(kFull);
  bundle.erase(from, size);
  EXPECT_EQ(With(kFull, bundle), "BUNDLE_FORM tile/entries/100 #25855");
}

TEST_F(ExportTamper, WhatIsSwappedIsFound) {
  // Two entries of one bundle; their times differ or not.
  std::string bundle = files->at(kFull);
  const auto [first, first_size] = Entry(bundle, 10);
  const auto [second, second_size] = Entry(bundle, 11);
  bundle = bundle.substr(0, first) + bundle.substr(second, second_size) + bundle.substr(first, first_size) +
           bundle.substr(second + second_size);
  EXPECT_THAT(With(kFull, bundle), ContainsRegex("ENTRY_(ALTERED|TIME) tile/entries/100 #2561[01]"));
  files->Write("tile/entries/200", files->at(kFull));
  files->Write(kFull, files->at("tile/entries/200"));
  EXPECT_NE(Verdict(), "ok");
  files->RestoreAll();
  files->Write("tile/0/200", files->at("tile/0/100"));
  files->Write("tile/0/100", files->at("tile/0/200"));
  EXPECT_EQ(Verdict(), "TILE_ALTERED tile/0/100");
  files->RestoreAll();
}

TEST_F(ExportTamper, WhatIsCutOffIsFound) {
  const auto cut = [&](const char* name, size_t bytes) {
    return With(name, files->at(name).substr(0, files->at(name).size() - bytes));
  };
  EXPECT_EQ(cut(kFull, 1), "BUNDLE_FORM tile/entries/100 #25855");
  EXPECT_EQ(cut(kPartial, Entry(files->at(kPartial), 207).second),
            absl::StrCat("BUNDLE_FORM ", kPartial, " #65999"));
  EXPECT_EQ(cut("tile/0/100", 32), "TILE_ALTERED tile/0/100");
  EXPECT_EQ(cut("tile/1/000", 1), "TILE_ALTERED tile/1/000");
  EXPECT_EQ(cut("checkpoint", 1), "CHECKPOINT checkpoint");
}

// Another history written with the tools of the log itself, from `size` entries on.
class Forger {
 public:
  Forger(uint64_t size, const std::string& what, char seed) {
    LedgerHub hub(home_.path(), seed);
    EXPECT_TRUE(hub.started.ok());
    EXPECT_NE(hub.GrowTo(size, what), nullptr);
    EXPECT_TRUE(ledger::ExportLog(*hub.store, directory()).ok());
  }
  fs::path directory() const { return home_.path() / "export"; }

 private:
  const storage::TemporaryDirectory home_;
};

TEST_F(ExportTamper, ATailSignedByAnotherKeyIsFound) {
  const Forger forger(300, "forged", 9);
  EXPECT_EQ(ledger::VerifyExport(forger.directory(), *key, older).problem, "VERIFIER_KEY");
  WriteFile(forger.directory() / "log.vkey", files->at("log.vkey"));
  EXPECT_EQ(ledger::VerifyExport(forger.directory(), *key, older).problem, "CHECKPOINT");
}

TEST_F(ExportTamper, AHistoryRewrittenAndSignedWithTheLogsOwnKeyIsFoundFromAnOutsideCheckpoint) {
  const Forger rewritten(41'000, "rewritten", 7);
  EXPECT_TRUE(ledger::VerifyExport(rewritten.directory(), *key).ok) << "by itself it is a log";
  EXPECT_EQ(ledger::VerifyExport(rewritten.directory(), *key, older).problem, "CONSISTENCY");
  const Forger shorter(300, "case", 7);
  EXPECT_EQ(ledger::VerifyExport(shorter.directory(), *key, older).problem, "CONSISTENCY");
}

// A stopped hub's directory, whose store is altered before it starts again.
class StoreTamper : public testing::Test {
 protected:
  StoreTamper() { SetLogLevel(LogLevel::kError); }
  void Run(uint64_t size, const std::string& what = "case") {
    LedgerHub hub(directory_.path());
    ASSERT_TRUE(hub.started.ok()) << hub.started;
    ASSERT_NE(hub.GrowTo(size, what), nullptr);
  }
  void Alter(const storage::Batch& batch) {
    const auto store = storage::RocksStore::Open(directory_.path() / "store");
    ASSERT_TRUE(store.ok() && (*store)->Apply(batch).ok());
  }
  std::string Row(Table table, const std::string& key) {
    const auto store = storage::RocksStore::OpenReadOnly(directory_.path() / "store");
    return (*store)->Get(table, key)->value_or("");
  }
  std::string Starting() { return ReasonOf(LedgerHub(directory_.path()).started); }
  // What export and verification say of the store, from the checkpoint `outside` (none: the second place's).
  std::string Verdict(std::string outside = {}) {
    if (outside.empty()) outside = ReadFile(directory_.path() / "last-checkpoint");
    const auto store = storage::RocksStore::OpenReadOnly(directory_.path() / "store");
    if (!store.ok()) return ReasonOf(store.status());
    const fs::path out = directory_.path() / "export";
    fs::remove_all(out);
    const auto report = ledger::ExportLog(**store, out);
    if (!report.ok()) return ReasonOf(report.status());
    const auto verified = ledger::VerifyExport(out, KeyOfTheLog(), outside);
    return verified.ok
               ? "ok"
               : absl::StrCat(verified.problem, verified.index ? absl::StrCat(" #", *verified.index) : "");
  }
  static ledger::VerifierKey KeyOfTheLog() {
    return ledger::VerifierKeyOf(**ledger::Ed25519FileSigner::FromSeed(std::string(32, 7), kOrigin));
  }
  void Copy(const char* from, const char* to) {
    fs::remove_all(directory_.path() / to);
    fs::copy(directory_.path() / from, directory_.path() / to, fs::copy_options::recursive);
  }
  const storage::TemporaryDirectory directory_;
};

TEST_F(StoreTamper, AnEntryIsNotAlteredUnnoticed) {
  Run(700);
  for (const auto& [index, starting, verdict] :
       std::vector<std::tuple<uint64_t, std::string, std::string>>{{699, "LEDGER_HEAD_DIFFERENT", "ROOT"},
                                                                   {5, "", "ENTRY_ALTERED #5"},
                                                                   {300, "", "ENTRY_ALTERED #300"}}) {
    const std::string key = storage::BigEndian(index);
    const std::string entry = Row(Table::kEntries, key);
    storage::Batch batch;
    batch.Put(Table::kEntries, key, Flipped(entry, -1));
    Alter(batch);
    EXPECT_EQ(Starting(), starting) << index;
    EXPECT_EQ(Verdict(), verdict) << index;
    batch.Put(Table::kEntries, key, entry);
    Alter(batch);
  }
  EXPECT_EQ(Starting(), "");
  EXPECT_EQ(Verdict(), "ok");
}

TEST_F(StoreTamper, WhatIsRemovedIsMissed) {
  Run(700);
  Copy("store", "kept");
  const auto without = [&](Table table, const std::string& key) {
    Copy("kept", "store");
    storage::Batch batch;
    batch.Delete(table, key);
    Alter(batch);
    return absl::StrCat(Starting(), "/", Verdict());
  };
  EXPECT_EQ(without(Table::kEntries, storage::BigEndian(699)), "LEDGER_ENTRY_MISSING/LEDGER_ENTRY_MISSING");
  EXPECT_EQ(without(Table::kEntries, storage::BigEndian(100)), "/LEDGER_ENTRY_MISSING");
  EXPECT_EQ(without(Table::kTiles, ledger::TileKey(0, 1)), "LEDGER_TILE_MISSING/LEDGER_TILE_MISSING");
  EXPECT_EQ(without(Table::kMeta, std::string(ledger::kHeadKey)).substr(0, 25), "LEDGER_ENTRY_BEYOND_HEAD/");
}

TEST_F(StoreTamper, TilesHeadAndCheckpointAreNotAlteredUnnoticed) {
  Run(700);
  Copy("store", "kept");
  const auto with = [&](Table table, const std::string& key, const std::string& value) {
    Copy("kept", "store");
    storage::Batch batch;
    batch.Put(table, key, value);
    Alter(batch);
    return Starting();
  };
  const std::string tile = ledger::TileKey(0, 1);
  EXPECT_EQ(with(Table::kTiles, tile, Flipped(Row(Table::kTiles, tile), 77)), "LEDGER_HEAD_DIFFERENT");
  const std::string head(ledger::kHeadKey);
  for (const int64_t byte : {0, 11, 19, 30, -1}) {  // magic, size, time, frontier
    Copy("kept", "store");
    const std::string starting = with(Table::kMeta, head, Flipped(Row(Table::kMeta, head), byte));
    EXPECT_TRUE(starting.starts_with("LEDGER_") || byte == 19) << byte << " " << starting;
  }
  Copy("kept", "store");
  const std::string checkpoint = Row(Table::kMeta, std::string(ledger::kCheckpointKey));
  EXPECT_EQ(with(Table::kMeta, std::string(ledger::kCheckpointKey), Flipped(checkpoint, -5)),
            "LEDGER_CHECKPOINT_FOREIGN");
  Copy("kept", "store");
  EXPECT_EQ(ReasonOf(LedgerHub(directory_.path(), 9).started), "LEDGER_CHECKPOINT_FOREIGN")
      << "the tail is not re-signed";
}

TEST_F(StoreTamper, AStoreRolledBackToACopyDoesNotStart) {
  Run(300);
  Copy("store", "copy");
  Run(400);
  Copy("copy", "store");
  EXPECT_EQ(Starting(), "LEDGER_BEHIND_CHECKPOINT");
}

TEST_F(StoreTamper, AForkDoesNotStart) {
  Run(300);
  Copy("store", "copy");
  Run(400);
  Copy("last-checkpoint", "kept-checkpoint");
  Copy("copy", "store");
  fs::remove(directory_.path() / "last-checkpoint");
  Run(450, "another history");  // with the evidence gone a second history can begin
  Copy("kept-checkpoint", "last-checkpoint");
  EXPECT_EQ(Starting(), "LEDGER_FORKED");
}

// Below the rows: any byte of any file of the store. Either something refuses, or everything signed for is
// unaltered; never does a hub start and sign for another log.
TEST_F(StoreTamper, ABitTurnedInAnyFileIsRefusedOrHarmless) {
  Run(300);
  Run(600);  // the first part is in tables by now, the rest in the write-ahead log
  Copy("store", "kept");
  const Files files(directory_.path() / "kept");
  const std::string outside = ReadFile(directory_.path() / "last-checkpoint");
  std::vector<std::pair<std::string, size_t>> places;
  for (const auto& [name, bytes] : files.all()) {
    if (name.starts_with("LOG") || name.starts_with("OPTIONS") || name == "zhanqiao.lock") continue;
    for (size_t at = 0; at < bytes.size(); ++at) places.emplace_back(name, at);
  }
  Copy("kept", "store");
  ASSERT_EQ(Starting(), "") << "a copy is as good as what it was copied from";
  ASSERT_EQ(Verdict(outside), "ok");
  const uint64_t seed = std::random_device()();
  std::mt19937_64 random(seed);
  int refused = 0;
  for (int round = 0; round < 60 && !HasFailure(); ++round) {
    const auto& [name, at] = places[random() % places.size()];
    SCOPED_TRACE(absl::StrCat("seed ", seed, " round ", round, ": ", name, " byte ", at));
    Copy("kept", "store");
    WriteFile(directory_.path() / "store" / name, Flipped(files.at(name), static_cast<int64_t>(at)));
    WriteFile(directory_.path() / "last-checkpoint", outside);
    const std::string starting = Starting();
    const std::string verdict = Verdict(outside);
    refused += starting.empty() && verdict == "ok" ? 0 : 1;
    if (starting.empty()) {
      EXPECT_TRUE(verdict == "ok" || verdict.starts_with("STORE_") || verdict.starts_with("LEDGER_"))
          << verdict;
      const auto kept =
          ledger::OpenCheckpoint(ReadFile(directory_.path() / "last-checkpoint"), KeyOfTheLog());
      ASSERT_TRUE(kept.ok());
      EXPECT_GE(kept->size, 600u);
    }
  }
  std::printf("%d of 60 refused, the rest harmless\n", refused);
  EXPECT_GT(refused, 20);
}

}  // namespace
}  // namespace zhanqiao::faults
