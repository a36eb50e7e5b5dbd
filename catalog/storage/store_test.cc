#include "catalog/storage/store.h"

#include <gtest/gtest.h>
#include <rocksdb/db.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/rocks_store.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::storage {
namespace {

using Rows = std::vector<std::pair<std::string, std::string>>;

Rows ScanAll(const Reader& reader, Table table, std::string_view from = "", std::string_view to = "") {
  Rows rows;
  EXPECT_TRUE(reader.Scan(table, from, to, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
    return true;
  }).ok());
  return rows;
}

Rows ScanAllBackwards(const Reader& reader, Table table, std::string_view from, std::string_view to) {
  Rows rows;
  EXPECT_TRUE(reader.ScanBackwards(table, from, to, [&](std::string_view key, std::string_view value) {
    rows.emplace_back(key, value);
    return true;
  }).ok());
  return rows;
}

Batch Put(Table table, std::string key, std::string value) {
  Batch batch;
  batch.Put(table, std::move(key), std::move(value));
  return batch;
}

TEST(Keys, NumbersSortAsKeys) {
  const std::vector<uint64_t> numbers = {0, 1, 255, 256, 65535, 1ULL << 40, UINT64_MAX};
  for (size_t i = 0; i < numbers.size(); ++i) {
    EXPECT_EQ(FromBigEndian(BigEndian(numbers[i])), numbers[i]);
  }
  for (size_t i = 1; i < numbers.size(); ++i) EXPECT_LT(BigEndian(numbers[i - 1]), BigEndian(numbers[i]));
}

TEST(Keys, APrefixEndsBeforeTheNextKeyWithoutIt) {
  EXPECT_EQ(PrefixEnd("ab"), "ac");
  EXPECT_EQ(PrefixEnd("a\xff"), "b");
  EXPECT_EQ(PrefixEnd("\xff\xff"), "");
  EXPECT_EQ(PrefixEnd(""), "");
}

class RocksStoreTest : public ::testing::Test {
 protected:
  std::unique_ptr<RocksStore> Open() {
    auto store = RocksStore::Open(directory_.path());
    EXPECT_TRUE(store.ok()) << store.status();
    return store.ok() ? *std::move(store) : nullptr;
  }
  std::string ReasonOfOpening(RocksStore::Options options = {}) {
    return ReasonOf(RocksStore::Open(directory_.path(), options).status());
  }
  std::vector<std::filesystem::path> Files(std::string_view extension) {
    std::vector<std::filesystem::path> files;
    for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
      if (file.path().extension() == extension) files.push_back(file.path());
    }
    return files;
  }
  // Names, sizes and times of every file.
  std::string Listing() {
    std::map<std::string, std::string> files;
    for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
      files[file.path().filename()] =
          absl::StrCat(file.file_size(), "@", file.last_write_time().time_since_epoch().count());
    }
    std::string listing;
    for (const auto& [name, facts] : files) absl::StrAppend(&listing, name, " ", facts, "\n");
    return listing;
  }

  TemporaryDirectory directory_;
};

TEST_F(RocksStoreTest, WhatWasAppliedIsThereAfterReopening) {
  ASSERT_TRUE(Open()->Apply(Put(Table::kEntries, "k", "v")).ok());
  const auto store = Open();
  EXPECT_EQ(*store->Get(Table::kEntries, "k"), "v");
  EXPECT_EQ(*store->Get(Table::kSalts, "k"), std::nullopt);
}

TEST_F(RocksStoreTest, ASecondOpenIsRefusedWithASentenceForTheOperator) {
  const auto store = Open();
  const auto status = RocksStore::Open(directory_.path()).status();
  EXPECT_EQ(ReasonOf(status), "STORE_IN_USE");
  EXPECT_EQ(status.message(), "Another process has this store open; stop it or name another directory.");
  EXPECT_EQ(ReasonOf(RocksStore::OpenReadOnly(directory_.path()).status()), "STORE_IN_USE");
}

TEST_F(RocksStoreTest, AFullDiskIsRefusedBeforeAnythingIsTouched) {
  ASSERT_TRUE(Open()->Apply(Put(Table::kEntries, "k", "v")).ok());
  const std::string before = Listing();
  const auto status = RocksStore::Open(directory_.path(), {.free_bytes_min = UINT64_MAX}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(status), "STORE_DISK_FULL");
  EXPECT_EQ(FactOf(status, "needed_bytes"), absl::StrCat(UINT64_MAX));
  EXPECT_NE(FactOf(status, "free_bytes"), "");
  EXPECT_EQ(Listing(), before);
}

TEST_F(RocksStoreTest, ANewerFormatIsRefused) {
  ASSERT_TRUE(Open()->Apply(Put(Table::kMeta, std::string(kFormatKey), absl::StrCat(kFormat + 1))).ok());
  const auto status = RocksStore::Open(directory_.path()).status();
  EXPECT_EQ(ReasonOf(status), "STORE_FORMAT_NEWER");
  EXPECT_EQ(FactOf(status, "format"), absl::StrCat(kFormat + 1));
  EXPECT_EQ(ReasonOf(RocksStore::OpenReadOnly(directory_.path()).status()), "STORE_FORMAT_NEWER");
}

TEST_F(RocksStoreTest, RowsWithoutAFormatAreNotTakenForOurs) {
  Batch batch = Put(Table::kDocuments, "k", "v");
  batch.Delete(Table::kMeta, std::string(kFormatKey));
  ASSERT_TRUE(Open()->Apply(batch).ok());
  EXPECT_EQ(ReasonOfOpening(), "STORE_FOREIGN");
}

TEST_F(RocksStoreTest, AFileInPlaceOfTheDirectoryIsAClearError) {
  const auto file = directory_.path() / "file";
  std::ofstream(file) << "x";
  const auto status = RocksStore::Open(file / "store").status();
  EXPECT_EQ(ReasonOf(status), "STORE_OPEN_FAILED");
}

TEST_F(RocksStoreTest, ReadersOfAStoppedStoreChangeNoFile) {
  ASSERT_TRUE(Open()->Apply(Put(Table::kEntries, "k", "v")).ok());
  const std::string before = Listing();
  {
    const auto first = RocksStore::OpenReadOnly(directory_.path());
    const auto second = RocksStore::OpenReadOnly(directory_.path());
    ASSERT_TRUE(first.ok() && second.ok()) << first.status() << second.status();
    EXPECT_EQ(*(*first)->Get(Table::kEntries, "k"), "v");
    EXPECT_EQ(ScanAll(**second, Table::kEntries), (Rows{{"k", "v"}}));
    EXPECT_EQ(ReasonOfOpening(), "STORE_IN_USE");
  }
  EXPECT_EQ(Listing(), before);
}

// Takes column families out of a stopped store, as if it had been made before they were.
void MadeBefore(const std::string& path, const std::vector<std::string>& families) {
  std::vector<std::string> names;
  ASSERT_TRUE(rocksdb::DB::ListColumnFamilies(rocksdb::DBOptions(), path, &names).ok());
  std::vector<rocksdb::ColumnFamilyDescriptor> all;
  for (const auto& name : names) all.emplace_back(name, rocksdb::ColumnFamilyOptions());
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
  rocksdb::DB* raw = nullptr;
  ASSERT_TRUE(rocksdb::DB::Open(rocksdb::DBOptions(), path, all, &handles, &raw).ok());
  const std::unique_ptr<rocksdb::DB> db(raw);
  for (size_t i = 0; i < names.size(); ++i) {
    if (std::find(families.begin(), families.end(), names[i]) != families.end()) {
      ASSERT_TRUE(db->DropColumnFamily(handles[i]).ok());
    }
    ASSERT_TRUE(db->DestroyColumnFamilyHandle(handles[i]).ok());
  }
}

TEST_F(RocksStoreTest, AStoreMadeBeforeATableIsReadWithoutItAndGetsItWhenItIsWritten) {
  ASSERT_TRUE(Open()->Apply(Put(Table::kEntries, "k", "v")).ok());
  MadeBefore(directory_.path().string(), {"segments", "published", "feeds"});
  const std::string before = Listing();
  {
    const auto reader = RocksStore::OpenReadOnly(directory_.path());
    ASSERT_TRUE(reader.ok()) << reader.status();
    EXPECT_EQ(*(*reader)->Get(Table::kEntries, "k"), "v");
    EXPECT_EQ(*(*reader)->Get(Table::kFeeds, "k"), std::nullopt);
    EXPECT_TRUE(ScanAll(**reader, Table::kSegments).empty());
  }
  EXPECT_EQ(Listing(), before);
  ASSERT_TRUE(Open()->Apply(Put(Table::kFeeds, "k", "w")).ok());
  EXPECT_EQ(*(*RocksStore::OpenReadOnly(directory_.path()))->Get(Table::kFeeds, "k"), "w");
}

TEST_F(RocksStoreTest, AMissingStoreIsNotCreatedForReading) {
  EXPECT_EQ(ReasonOf(RocksStore::OpenReadOnly(directory_.path()).status()), "STORE_MISSING");
  EXPECT_EQ(Listing(), "");
}

TEST_F(RocksStoreTest, WhatWasDeletedLeavesTheDiskOnceItIsCompacted) {
  constexpr char kSecret[] = "a secret of one person that has to go";
  const auto on_disk = [&] {
    size_t files = 0;
    for (const auto& file : std::filesystem::recursive_directory_iterator(directory_.path())) {
      std::ifstream in(file.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      files += bytes.find(kSecret) != std::string::npos ? 1 : 0;
    }
    return files;
  };
  const auto store = Open();
  Batch batch;
  batch.Put(Table::kSalts, "a", kSecret);
  batch.Put(Table::kSalts, "b", "of another");
  batch.Put(Table::kEntries, "a", "entry");
  ASSERT_TRUE(store->Apply(batch).ok());
  ASSERT_GT(on_disk(), 0u);
  batch.Clear();
  batch.Delete(Table::kSalts, "a");
  ASSERT_TRUE(store->Apply(batch).ok());
  ASSERT_TRUE(store->Compact(Table::kSalts, "", "").ok());
  EXPECT_EQ(on_disk(), 0u);
  EXPECT_EQ(*store->Get(Table::kSalts, "a"), std::nullopt);
  EXPECT_EQ(*store->Get(Table::kSalts, "b"), "of another");
  EXPECT_EQ(*store->Get(Table::kEntries, "a"), "entry");
}

TEST_F(RocksStoreTest, ASnapshotKeepsItsState) {
  const auto store = Open();
  ASSERT_TRUE(store->Apply(Put(Table::kEntries, "k", "old")).ok());
  const auto snapshot = store->Snapshot();
  ASSERT_TRUE(store->Apply(Put(Table::kEntries, "k", "new")).ok());
  EXPECT_EQ(*snapshot->Get(Table::kEntries, "k"), "old");
  EXPECT_EQ(*store->Get(Table::kEntries, "k"), "new");
}

TEST_F(RocksStoreTest, ATornTailCostsOnlyTheLastUnfinishedWrite) {
  {
    const auto store = Open();
    for (int i = 0; i < 10; ++i) ASSERT_TRUE(store->Apply(Put(Table::kEntries, absl::StrCat(i), "v")).ok());
  }
  const auto logs = Files(".log");
  ASSERT_EQ(logs.size(), 1u);
  std::filesystem::resize_file(logs[0], std::filesystem::file_size(logs[0]) - 3);
  EXPECT_EQ(ScanAll(*Open(), Table::kEntries).size(), 9u);
}

TEST_F(RocksStoreTest, DamageInTheMiddleOfTheLogIsRefusedNotRolledBack) {
  {
    const auto store = Open();
    for (int i = 0; i < 10; ++i) {
      ASSERT_TRUE(store->Apply(Put(Table::kEntries, absl::StrCat(i), std::string(100, 'v'))).ok());
    }
  }
  const auto logs = Files(".log");
  ASSERT_EQ(logs.size(), 1u);
  std::fstream log(logs[0], std::ios::in | std::ios::out | std::ios::binary);
  log.seekp(static_cast<std::streamoff>(std::filesystem::file_size(logs[0]) / 2));
  log.put('\x55');
  log.close();
  EXPECT_EQ(ReasonOfOpening(), "STORE_DAMAGED");
}

TEST_F(RocksStoreTest, TheDiaryKeepsItsLastTenVolumes) {
  for (int i = 0; i < 14; ++i) Open();
  size_t volumes = 0;
  for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
    if (file.path().filename().string().rfind("LOG.old.", 0) == 0) ++volumes;
  }
  EXPECT_GE(volumes, 8u);
  EXPECT_LE(volumes, 10u);
}

TEST_F(RocksStoreTest, AFailedWriteClosesTheStoreAndLosesNothingAcknowledged) {
  auto store = Open();
  ASSERT_TRUE(store->Apply(Put(Table::kEntries, "acknowledged", "v")).ok());
  // A file may not grow beyond 64 KiB for a while: the disk says no.
  std::signal(SIGXFSZ, SIG_IGN);
  struct rlimit before {};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  struct rlimit tight = before;
  tight.rlim_cur = 64 << 10;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  const auto failed = store->Apply(Put(Table::kEntries, "big", std::string(1 << 20, 'x')));
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &before), 0);
  EXPECT_EQ(ReasonOf(failed), "STORE_CLOSED");
  EXPECT_EQ(failed.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(store->Apply(Put(Table::kEntries, "later", "v"))), "STORE_CLOSED");
  store.reset();
  store = Open();
  ASSERT_NE(store, nullptr);
  EXPECT_EQ(*store->Get(Table::kEntries, "acknowledged"), "v");
  EXPECT_EQ(*store->Get(Table::kEntries, "later"), std::nullopt);
  EXPECT_TRUE(store->Apply(Put(Table::kEntries, "later", "v")).ok());
}

// A disk that refuses every larger write while this lives.
class RefusingDisk {
 public:
  explicit RefusingDisk(uint64_t file_bytes_max) {
    std::signal(SIGXFSZ, SIG_IGN);
    EXPECT_EQ(getrlimit(RLIMIT_FSIZE, &before_), 0);
    struct rlimit tight = before_;
    tight.rlim_cur = file_bytes_max;
    EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &tight), 0);
  }
  RefusingDisk(const RefusingDisk&) = delete;
  RefusingDisk& operator=(const RefusingDisk&) = delete;
  ~RefusingDisk() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  struct rlimit before_ {};
};

TEST_F(RocksStoreTest, AClosedStoreOpensAgainInPlaceOnceTheDiskTakesWrites) {
  const auto store = Open();
  ASSERT_TRUE(store->Apply(Put(Table::kEntries, "acknowledged", "v")).ok());
  {
    const RefusingDisk disk(16 << 10);
    EXPECT_EQ(ReasonOf(store->Apply(Put(Table::kEntries, "big", std::string(1 << 20, 'x')))), "STORE_CLOSED");
    EXPECT_EQ(ReasonOf(store->Reopen()), "STORE_OPEN_FAILED");
    EXPECT_EQ(*store->Get(Table::kEntries, "acknowledged"), "v") << "reads go on";
    EXPECT_EQ(ReasonOf(store->Apply(Put(Table::kEntries, "later", "v"))), "STORE_CLOSED");
  }
  ASSERT_TRUE(store->Reopen().ok());
  EXPECT_EQ(*store->Get(Table::kEntries, "acknowledged"), "v");
  EXPECT_TRUE(store->Apply(Put(Table::kEntries, "later", "v")).ok());
  EXPECT_TRUE(store->Reopen().ok()) << "an open store is left alone";
  EXPECT_EQ(*store->Get(Table::kEntries, "later"), "v");
  EXPECT_EQ(ReasonOfOpening(), "STORE_IN_USE") << "the lock is kept throughout";
}

TEST_F(RocksStoreTest, AReaderThatStaysPutsReopeningOffAndKeepsItsState) {
  const auto store = RocksStore::Open(directory_.path(), {.readers_wait_max = absl::Milliseconds(1)}).value();
  ASSERT_TRUE(store->Apply(Put(Table::kEntries, "k", "v")).ok());
  auto snapshot = store->Snapshot();
  {
    const RefusingDisk disk(16 << 10);
    EXPECT_FALSE(store->Apply(Put(Table::kEntries, "big", std::string(1 << 20, 'x'))).ok());
  }
  EXPECT_EQ(ReasonOf(store->Reopen()), "STORE_CLOSED");
  EXPECT_EQ(*snapshot->Get(Table::kEntries, "k"), "v");
  EXPECT_EQ(*store->Get(Table::kEntries, "k"), "v");
  snapshot.reset();
  ASSERT_TRUE(store->Reopen().ok());
  EXPECT_TRUE(store->Apply(Put(Table::kEntries, "later", "v")).ok());
}

TEST(MemoryStoreTest, AFailedWriteClosesItAndMaySurface) {
  MemoryStore store;
  store.FailAfter(1, true);
  EXPECT_TRUE(store.Apply(Put(Table::kEntries, "a", "1")).ok());
  EXPECT_EQ(ReasonOf(store.Apply(Put(Table::kEntries, "b", "1"))), "STORE_CLOSED");
  EXPECT_FALSE(store.Apply(Put(Table::kEntries, "c", "1")).ok());
  EXPECT_EQ(ReasonOf(store.Reopen()), "STORE_CLOSED") << "the cause persists";
  store.Mend();
  EXPECT_TRUE(store.Reopen().ok());
  EXPECT_TRUE(store.Apply(Put(Table::kEntries, "d", "1")).ok());
  EXPECT_EQ(ScanAll(store, Table::kEntries), (Rows{{"a", "1"}, {"b", "1"}, {"d", "1"}}));
}

// Random batches, reads, scans, snapshots and reopenings: RocksDB and the plain map may never differ.
class SameAsMemory : public ::testing::TestWithParam<uint64_t> {
 protected:
  size_t Below(size_t limit) { return random_() % limit; }
  Table AnyTable() { return static_cast<Table>(1 + Below(kTableCount - 1)); }  // kMeta also holds the format
  std::string AnyKey() {
    std::string key(Below(4), '\0');
    for (char& byte : key) byte = "\0a\x7f\xff"[Below(4)];
    return key;
  }
  Batch AnyBatch() {
    Batch batch;
    for (size_t left = 1 + Below(6); left > 0; --left) {
      if (Below(3) == 0) {
        batch.Delete(AnyTable(), AnyKey());
      } else {
        batch.Put(AnyTable(), AnyKey(), std::string(Below(200), static_cast<char>('a' + Below(26))));
      }
    }
    return batch;
  }
  void Compare(const Reader& real, const Reader& model) {
    const Table table = AnyTable();
    const std::string key = AnyKey();
    EXPECT_EQ(*real.Get(table, key), *model.Get(table, key));
    const std::string from = AnyKey();
    const std::string to = Below(3) == 0 ? "" : AnyKey();
    EXPECT_EQ(ScanAll(real, table, from, to), ScanAll(model, table, from, to));
    EXPECT_EQ(ScanAllBackwards(real, table, from, to), ScanAllBackwards(model, table, from, to));
  }

  std::mt19937_64 random_{GetParam()};
};

TEST_P(SameAsMemory, UnderRandomOperations) {
  SCOPED_TRACE(absl::StrCat("seed ", GetParam()));
  const TemporaryDirectory directory;
  MemoryStore model;
  // Small memtables, so that flushes and compactions happen.
  const RocksStore::Options options{.memtable_bytes = 64 << 10};
  auto real = RocksStore::Open(directory.path(), options);
  ASSERT_TRUE(real.ok()) << real.status();
  std::vector<std::pair<std::unique_ptr<Reader>, std::unique_ptr<Reader>>> snapshots;
  for (int step = 0; step < 600 && !HasFailure(); ++step) {
    const size_t action = Below(100);
    if (action < 50) {
      const Batch batch = AnyBatch();
      ASSERT_TRUE((*real)->Apply(batch).ok());
      ASSERT_TRUE(model.Apply(batch).ok());
    } else if (action < 90) {
      Compare(**real, model);
    } else if (action < 95) {
      snapshots.emplace_back((*real)->Snapshot(), model.Snapshot());
    } else if (action < 98 && !snapshots.empty()) {
      const auto& [was, should] = snapshots[Below(snapshots.size())];
      Compare(*was, *should);
    } else {
      snapshots.clear();
      real->reset();
      real = RocksStore::Open(directory.path(), options);
      ASSERT_TRUE(real.ok()) << real.status();
    }
  }
  for (int table = 1; table < kTableCount; ++table) {
    EXPECT_EQ(ScanAll(**real, static_cast<Table>(table)), ScanAll(model, static_cast<Table>(table)));
  }
}

std::vector<uint64_t> Seeds() {
  const char* given = std::getenv("ZHANQIAO_SEED");
  if (given != nullptr) return {std::strtoull(given, nullptr, 10)};
  return {1, 2, 3, std::random_device()()};
}
INSTANTIATE_TEST_SUITE_P(Seeds, SameAsMemory, ::testing::ValuesIn(Seeds()));

}  // namespace
}  // namespace zhanqiao::storage
