#include "hub/ledger/log.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "hub/ledger/commitments.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

using storage::BigEndian;
using storage::Table;

std::string Stored(const storage::Reader& reader, Table table, std::string_view key) {
  return reader.Get(table, key)->value_or("");
}

void Change(storage::MemoryStore& store, Table table, std::string key, std::optional<std::string> value) {
  storage::Batch batch;
  if (value) {
    batch.Put(table, std::move(key), *std::move(value));
  } else {
    batch.Delete(table, std::move(key));
  }
  ASSERT_TRUE(store.Apply(batch).ok());
}

// The reason for which a log is not opened.
std::string Refusal(const storage::MemoryStore& store) {
  const SystemClock clock;
  return ReasonOf(Log::Open(store, clock).status());
}

// The log as one would write it in five lines: all entries, and the definition of the root.
Digest NaiveRoot(const storage::Reader& reader, uint64_t begin, uint64_t end) {
  if (end - begin == 1) return LeafHash(Stored(reader, Table::kEntries, BigEndian(begin)));
  uint64_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return NodeHash(NaiveRoot(reader, begin, begin + k), NaiveRoot(reader, begin + k, end));
}

TEST(Log, AnEntryIsItsTimeAndItsBody) {
  TestLog hub;
  const v1::LedgerEntry entry = ExchangeEntry(1);
  ASSERT_TRUE(hub.Commit({RecordOf(entry, "seed of thirty-two bytes, secret")}));
  v1::LedgerEntry stored;
  const std::string bytes = Stored(hub.store(), Table::kEntries, BigEndian(1));
  ASSERT_TRUE(stored.ParseFromString(bytes));
  EXPECT_EQ(stored.time_us(), static_cast<uint64_t>(absl::ToUnixMicros(hub.clock().Now())));
  EXPECT_EQ(stored.SerializeAsString(), bytes) << "the prefix keeps the encoding canonical";
  stored.clear_time_us();
  EXPECT_EQ(stored.SerializeAsString(), entry.SerializeAsString());
  EXPECT_EQ(Stored(hub.store(), Table::kSalts, BigEndian(1)), "seed of thirty-two bytes, secret");
}

TEST(Log, TimeNeverRunsBackwards) {
  TestLog hub;
  hub.GrowTo(3);
  hub.clock().Advance(-absl::Hours(5));
  hub.GrowTo(5);
  uint64_t last = 0;
  for (uint64_t i = 0; i < 5; ++i) {
    v1::LedgerEntry entry;
    ASSERT_TRUE(entry.ParseFromString(Stored(hub.store(), Table::kEntries, BigEndian(i))));
    EXPECT_GE(entry.time_us(), last);
    last = entry.time_us();
  }
}

TEST(Log, PlacesTellIndexAndLeafHash) {
  TestLog hub;
  storage::Commit commit;
  commit.records = {RecordOf(ExchangeEntry(1)), RecordOf(ExchangeEntry(2))};
  const auto result = hub.pipeline().Run(std::move(commit));
  ASSERT_TRUE(result.ok());
  ASSERT_EQ(result->places.size(), 2u);
  EXPECT_EQ(result->places[1].index, 2u);
  EXPECT_EQ(result->places[1].leaf, LeafHash(Stored(hub.store(), Table::kEntries, BigEndian(2))));
}

TEST(Log, HeadAndTilesAreThoseOfANaiveLogAtEverySize) {
  constexpr uint64_t kSeed = 20261124;
  std::mt19937_64 random(kSeed);
  TestLog hub;
  uint64_t size = 1;
  while (size < 1400) {
    size += 1 + random() % 60;
    hub.GrowTo(size);
    const HeadPtr head = hub.log().head();
    ASSERT_EQ(head->size(), size);
    ASSERT_EQ(head->tree.Root(), NaiveRoot(hub.store(), 0, size)) << "seed " << kSeed << " size " << size;
    const HeadHashes hashes(hub.store(), head);
    const uint64_t old_size = 1 + random() % size;
    const Digest old_root = NaiveRoot(hub.store(), 0, old_size);
    ASSERT_EQ(*RootAt(hashes, old_size), old_root);
    ASSERT_TRUE(VerifyConsistency(old_size, size, *ConsistencyProof(hashes, old_size, size), old_root,
                                  head->tree.Root()).ok());
    const uint64_t index = random() % size;
    const Digest leaf = LeafHash(Stored(hub.store(), Table::kEntries, BigEndian(index)));
    ASSERT_TRUE(VerifyInclusion(leaf, index, size, *InclusionProof(hashes, index, size), head->tree.Root()).ok());
  }
}

TEST(Log, AnAbortedGroupLeavesNoTrace) {
  auto store = std::make_unique<storage::MemoryStore>();
  const SimulatedClock clock(absl::FromUnixSeconds(1'795'000'000));
  auto log = *Log::Open(*store, clock);
  const auto place = [&](uint64_t from, uint64_t to, bool durable) {
    storage::Batch batch;
    for (uint64_t i = from; i < to; ++i) log->Place(RecordOf(ExchangeEntry(i)), batch);
    log->Seal(batch);
    if (durable) {
      ASSERT_TRUE(store->Apply(batch).ok());
    }
    durable ? log->Committed() : log->Aborted();
  };
  place(0, 250, true);
  const HeadPtr before = log->head();
  place(1000, 1600, false);
  EXPECT_EQ(log->head(), before);
  place(250, 600, true);
  EXPECT_EQ(log->head()->size(), 600u);
  EXPECT_EQ(log->head()->tree.Root(), NaiveRoot(*store, 0, 600));
  EXPECT_EQ(Refusal(*store), "");
}

storage::LogRecord Release(const std::string& counter) {
  storage::LogRecord record = RecordOf(ExchangeEntry(1));
  record.counter = counter;
  return record;
}

v1::LedgerEntry EntryAt(const storage::Reader& reader, uint64_t index) {
  v1::LedgerEntry entry;
  const std::string bytes = Stored(reader, Table::kEntries, BigEndian(index));
  EXPECT_TRUE(entry.ParseFromString(bytes));
  EXPECT_EQ(entry.SerializeAsString(), bytes) << "canonical";
  return entry;
}

// Random groups of releases, refused commits and failed writes, with restarts in between, against a map.
TEST(Log, EachCounterRunsWithoutAGapWhateverFails) {
  constexpr uint64_t kSeed = 20261125;
  std::mt19937_64 random(kSeed);
  auto hub = std::make_unique<TestLog>();
  std::map<std::string, uint64_t> expected;
  for (int round = 0; round < 400; ++round) {
    const int fate = static_cast<int>(random() % 10);
    storage::Commit commit;
    std::vector<std::string> counters;
    for (uint64_t n = 1 + random() % 4; n > 0; --n) {
      counters.push_back("c" + std::to_string(random() % 5) + "\nr" + std::to_string(random() % 2));
      if (random() % 4 == 0) counters.back().clear();
      commit.records.push_back(Release(counters.back()));
    }
    if (fate == 0) commit.preconditions.push_back({Table::kMeta, "absent", "something"});
    const bool surfaces = random() % 2 == 0;  // a failed write that is nevertheless there
    if (fate == 1) hub->store().FailAfter(0, surfaces);
    const auto result = hub->pipeline().Run(std::move(commit));
    ASSERT_EQ(result.ok(), fate > 1) << "seed " << kSeed << " round " << round;
    for (size_t i = 0; result.ok() && i < counters.size(); ++i) {
      const uint64_t number = counters[i].empty() ? 0 : ++expected[counters[i]];
      ASSERT_EQ(EntryAt(hub->store(), result->places[i].index).sequence(), number)
          << "seed " << kSeed << " round " << round;
    }
    if (fate == 1) {
      hub->store().Mend();
      ASSERT_TRUE(hub->store().Reopen().ok());
    }
    for (size_t i = 0; fate == 1 && surfaces && i < counters.size(); ++i) {
      if (!counters[i].empty()) ++expected[counters[i]];
    }
    if (fate == 1 || fate == 2) hub = std::make_unique<TestLog>(hub->Stop());
  }
}

TEST(Log, NumbersGoOnAfterAWriteThatFailedAndIsThereNevertheless) {
  storage::MemoryStore store;
  const SimulatedClock clock(absl::FromUnixSeconds(1'795'000'000));
  auto log = *Log::Open(store, clock);
  storage::Batch batch;
  log->Place(Release("c\nr"), batch);
  log->Place(Release("c\nr"), batch);
  log->Seal(batch);
  ASSERT_TRUE(store.Apply(batch).ok());
  log->Aborted();  // as the pipeline does when the store says that the write failed
  ASSERT_TRUE(log->Reload().ok());
  batch.Clear();
  const uint64_t index = log->Place(Release("c\nr"), batch).index;
  log->Seal(batch);
  ASSERT_TRUE(store.Apply(batch).ok());
  log->Committed();
  EXPECT_EQ(EntryAt(store, index).sequence(), 3u);
}

TEST(Log, AnAbortedGroupTakesNoNumbers) {
  storage::MemoryStore store;
  const SimulatedClock clock(absl::FromUnixSeconds(1'795'000'000));
  auto log = *Log::Open(store, clock);
  const auto place = [&](int count, bool durable) {
    storage::Batch batch;
    for (int i = 0; i < count; ++i) log->Place(Release("c\nr"), batch);
    log->Seal(batch);
    if (durable) {
      ASSERT_TRUE(store.Apply(batch).ok());
    }
    durable ? log->Committed() : log->Aborted();
  };
  place(200, true);
  place(7, false);
  place(1, true);
  EXPECT_EQ(EntryAt(store, 200).sequence(), 201u);
  EXPECT_EQ(Stored(store, Table::kMeta, "ledger/counter/c\nr"), BigEndian(201));
  Change(store, Table::kMeta, "ledger/counter/c\nr", "short");
  EXPECT_EQ(Refusal(store), "LEDGER_COUNTER_MALFORMED");
}

TEST(Log, NothingIsShownBeforeItIsDurable) {
  TestLog hub;
  hub.store().FailAfter(0);
  EXPECT_FALSE(hub.Commit({RecordOf(ExchangeEntry(1))}));
  EXPECT_EQ(hub.log().head()->size(), 1u);
}

TEST(Log, AfterAFailedWriteItGoesOnWhereTheStoreEnds) {
  for (const bool surfaces : {false, true}) {
    TestLog hub;
    hub.GrowTo(254);
    hub.store().FailAfter(0, surfaces);
    EXPECT_FALSE(hub.Commit({RecordOf(ExchangeEntry(1)), RecordOf(ExchangeEntry(2)), RecordOf(ExchangeEntry(3))}));
    EXPECT_EQ(hub.log().head()->size(), 254u) << "nothing is shown before it is known";
    hub.store().Mend();
    ASSERT_TRUE(hub.pipeline().WaitUntilOpen(absl::Now() + absl::Seconds(30)));
    EXPECT_EQ(hub.log().head()->size(), surfaces ? 257u : 254u);
    hub.GrowTo(600);
    EXPECT_EQ(hub.log().head()->tree.Root(), NaiveRoot(hub.store(), 0, 600));
  }
}

TEST(Log, AStoreThatLostWhatWasDurableIsNotGoneOnWith) {
  TestLog hub;
  hub.GrowTo(3);
  TestLog other;
  other.GrowTo(2);
  storage::Batch back;  // the store as it was one entry ago
  for (const auto& key : {kHeadKey}) back.Put(Table::kMeta, std::string(key), Stored(other.store(), Table::kMeta, key));
  back.Put(Table::kEntries, BigEndian(0), Stored(other.store(), Table::kEntries, BigEndian(0)));
  back.Put(Table::kEntries, BigEndian(1), Stored(other.store(), Table::kEntries, BigEndian(1)));
  back.Delete(Table::kEntries, BigEndian(2));
  ASSERT_TRUE(hub.store().Apply(back).ok());
  EXPECT_EQ(ReasonOf(hub.log().Reload()), "LEDGER_LOST_ENTRIES");
  EXPECT_EQ(hub.log().head()->size(), 3u);
}

TEST(Log, AReopenedLogGoesOnWhereItWas) {
  for (const uint64_t size : {1, 2, 255, 256, 257, 511, 512, 70'000}) {
    TestLog first;
    first.GrowTo(size);
    const Head before = *first.log().head();
    TestLog second(first.Stop());
    EXPECT_EQ(second.log().head()->tree.frontier().hashes(), before.tree.frontier().hashes()) << size;
    EXPECT_EQ(second.log().head()->time_us, before.time_us);
    second.GrowTo(size + 300);
    EXPECT_EQ(*RootAt(HeadHashes(second.store(), second.log().head()), size), before.tree.Root());
  }
}

TEST(Log, ADamagedRightEdgeIsNotOpened) {
  const auto damaged = [](const std::function<void(storage::MemoryStore&)>& damage) {
    TestLog hub;
    hub.GrowTo(600);
    const auto store = hub.Stop();
    damage(*store);
    return Refusal(*store);
  };
  const std::string last = BigEndian(599);
  EXPECT_EQ(damaged([&](auto& s) { Change(s, Table::kEntries, last, "other"); }), "LEDGER_HEAD_DIFFERENT");
  EXPECT_EQ(damaged([&](auto& s) { Change(s, Table::kEntries, last, std::nullopt); }), "LEDGER_ENTRY_MISSING");
  EXPECT_EQ(damaged([&](auto& s) { Change(s, Table::kEntries, BigEndian(600), "more"); }), "LEDGER_ENTRY_BEYOND_HEAD");
  EXPECT_EQ(damaged([&](auto& s) { Change(s, Table::kMeta, std::string(kHeadKey), std::nullopt); }),
            "LEDGER_ENTRY_BEYOND_HEAD");
  EXPECT_EQ(damaged([&](auto& s) { Change(s, Table::kMeta, std::string(kHeadKey), "ZQH1"); }), "LEDGER_HEAD_MALFORMED");
  EXPECT_EQ(damaged([&](auto& s) { Change(s, Table::kTiles, TileKey(0, 1), std::nullopt); }), "LEDGER_TILE_MISSING");
  EXPECT_EQ(damaged([&](auto& s) {
    std::string tile = Stored(s, Table::kTiles, TileKey(0, 1));
    tile[100] ^= 1;
    Change(s, Table::kTiles, TileKey(0, 1), tile);
  }), "LEDGER_HEAD_DIFFERENT");
}

TEST(Log, EntriesTheFormatCannotHoldAreRefusedBeforehand) {
  EXPECT_TRUE(CheckEntry(std::string(kEntryBytesMax - kTimeBytes, 'x')).ok());
  EXPECT_EQ(ReasonOf(CheckEntry(std::string(kEntryBytesMax - kTimeBytes + 1, 'x'))), "ENTRY_TOO_LARGE");
  EXPECT_EQ(ReasonOf(CheckEntry("")), "ENTRY_EMPTY");
}

TEST(Log, ACommitWithAnEntryTooLargeIsRefusedWhole) {
  TestLog hub;
  storage::Commit commit;
  commit.writes.Put(Table::kMeta, "beside", "it");
  commit.records = {RecordOf(ExchangeEntry(1)), {std::string(kEntryBytesMax, 'x'), {}}};
  EXPECT_EQ(ReasonOf(hub.pipeline().Run(std::move(commit)).status()), "ENTRY_TOO_LARGE");
  EXPECT_EQ(hub.log().head()->size(), 1u);
  EXPECT_EQ(Stored(hub.store(), Table::kMeta, "beside"), "");
  EXPECT_TRUE(hub.Commit({RecordOf(ExchangeEntry(1))})) << "others are not touched";
}

TEST(Commitments, OpenOnlyWithTheirSaltAndPayload) {
  const std::string seed(32, 's');
  const std::string salt(Bytes(SaltFor(seed, kRequestLabel)));
  const std::string commitment(Bytes(Commitment(seed, kRequestLabel, "payload")));
  EXPECT_TRUE(CheckCommitment(salt, "payload", commitment).ok());
  EXPECT_EQ(ReasonOf(CheckCommitment(salt, "payloae", commitment)), "COMMITMENT_DIFFERENT");
  EXPECT_FALSE(CheckCommitment(std::string(Bytes(SaltFor(seed, kAnswerLabel))), "payload", commitment).ok());
}

TEST(Commitments, EveryFieldOfARequestCounts) {
  v1::QueryRequest request;
  request.set_grant("grants/1");
  request.add_fields("a");
  auto* condition = request.add_conditions();
  condition->set_field("k");
  condition->set_comparison(v1::COMPARISON_EQUALS);
  condition->mutable_value()->set_text("v");
  request.set_row_limit(5);
  request.set_matter("m");
  request.set_request_id("r");
  const std::string base = CanonicalRequest(request, "resources/x");
  EXPECT_NE(CanonicalRequest(request, "resources/y"), base);
  const auto differs = [&](auto change) {
    v1::QueryRequest other = request;
    change(other);
    return CanonicalRequest(other, "resources/x") != base;
  };
  EXPECT_TRUE(differs([](auto& r) { r.set_grant("grants/2"); }));
  EXPECT_TRUE(differs([](auto& r) { r.add_fields("b"); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_conditions(0)->set_field("l"); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_conditions(0)->set_comparison(v1::COMPARISON_UNSPECIFIED); }));
  EXPECT_TRUE(differs([](auto& r) { r.mutable_conditions(0)->mutable_value()->set_binary("v"); }));
  EXPECT_TRUE(differs([](auto& r) { r.set_row_limit(6); }));
  EXPECT_TRUE(differs([](auto& r) { r.set_matter("n"); }));
  EXPECT_TRUE(differs([](auto& r) { r.set_request_id("s"); }));
}

}  // namespace
}  // namespace zhanqiao::ledger
