#include "hub/ledger/archive/archivist.h"

#include <gtest/gtest.h>

#include "hub/ledger/archive/test_archive.h"
#include "hub/ledger/ledger_service.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;

std::vector<uint64_t> Found(const SegmentSet& set, const IndexQuery& query) {
  std::vector<uint64_t> found;
  set.Walk(query, {}, [&](uint64_t index) {
    found.push_back(index);
    return true;
  });
  return found;
}

TEST(ArchivistTest, ASealedSegmentIsArchivedOnceAndTheFileProvesItself) {
  ArchivedLog log;
  log.Grow(kSegmentEntries + 100);
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(log.Events("written"), 1);
  const auto units = log.archivist->archives();
  ASSERT_EQ(units.size(), 1u);
  EXPECT_EQ(units[0].sha256(), Bytes(Sha256(ReadAll(log.File(0)))));
  const auto file = ArchiveFile::Open(log.File(0));
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Verify(std::vector{log.log.key()}).ok());
  v1::LedgerEntry event;
  ASSERT_TRUE(event.ParseFromString(*log.online->Entry(units[0].event_index())));
  EXPECT_EQ(event.archive_event().sha256(), units[0].sha256());
}

TEST(ArchivistTest, AnArchiveCarriesTheWitnessesWordAndWaitsForItForOneSegment) {
  ArchivedLog log;
  SignedCheckpointPtr cosigned;
  log.Grow(kSegmentEntries + 100);
  log.Start({}, [&cosigned] { return cosigned; });
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(log.archivist->archives().size(), 0u);
  auto word = std::make_shared<SignedCheckpoint>(*log.log.checkpointer().Latest());
  word->note += "\u2014 witness.example AAAAAAAA\n";
  cosigned = word;
  ASSERT_TRUE(log.Work().ok());
  ASSERT_EQ(log.archivist->archives().size(), 1u);
  EXPECT_EQ(log.archivist->archives()[0].checkpoint(), word->note);
  log.Grow(2 * kSegmentEntries + 100);
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(log.archivist->archives().size(), 1u) << "the witnesses have not said anything of it yet";
  log.Grow(3 * kSegmentEntries + 100);
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(log.archivist->archives().size(), 2u) << "they were silent for long enough";
}

TEST(ArchivistTest, ALostFileIsWrittenAgainByteForByteAndAFileWithoutARowIsTakenOver) {
  ArchivedLog log;
  log.Grow(kSegmentEntries + 100);
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  const std::string original = ReadAll(log.File(0));
  log.Stop();
  fs::remove(log.File(0));
  log.Grow(kSegmentEntries + 300);  // a newer checkpoint: the one of then is used
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(ReadAll(log.File(0)), original);
  log.Stop();
  // As a crash between file and commit leaves it.
  storage::Batch batch;
  batch.Delete(storage::Table::kMeta, std::string(kArchiveRows) + storage::BigEndian(0));
  ASSERT_TRUE(log.log.store().Apply(batch).ok());
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(ReadAll(log.File(0)), original);
  EXPECT_EQ(log.archivist->archives().at(0).sha256(), Bytes(Sha256(original)));
  // And a file torn by it is not.
  log.Stop();
  ASSERT_TRUE(log.log.store().Apply(batch).ok());
  WriteAll(log.File(0), original.substr(0, original.size() / 2));
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  EXPECT_TRUE((*ArchiveFile::Open(log.File(0)))->Verify(std::vector{log.log.key()}).ok());
}

TEST(ArchivistTest, AnArchiveDirectoryAnswersAsTheLiveLogAndDamageIsFound) {
  ArchivedLog log;
  log.Grow(2 * kSegmentEntries + 10);
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  const storage::TemporaryDirectory copy;
  for (const auto& file : fs::directory_iterator(log.directory())) fs::copy(file, copy.path());
  const auto archives = ArchiveDirectory::Open(copy.path());
  ASSERT_TRUE(archives.ok()) << archives.status();
  EXPECT_TRUE((*archives)->persons());
  EXPECT_TRUE((*archives)->Verify(std::vector{log.log.key()}).ok()) << (*archives)->Verify(std::vector{log.log.key()});
  std::vector<IndexQuery> queries(4);
  queries[0].all_of = {{{Term(IndexField::kConsumer, log.entries.System(3))}},
                       {{Term(IndexField::kOutcome, "denied")}}};
  queries[1].all_of = {{{Term(IndexField::kEvent, "grant")}}};
  queries[2].all_of = {
      {{Term(IndexField::kReason, "QUOTA_EXCEEDED"), Term(IndexField::kReason, "GRANT_NOT_ACTIVE")}}};
  queries[3].all_of = {
      {{Term(IndexField::kSubject, SubjectToken(log.entries.key(), log.entries.Person(4711)))}}};
  for (IndexQuery& query : queries) {
    query.to = 2 * kSegmentEntries;
    const auto live = Found(log.All(), query);
    EXPECT_FALSE(live.empty());
    EXPECT_EQ(Found((*archives)->segments(), query), live);
    EXPECT_EQ(*(*archives)->entries().Entry(live[0]), *log.online->Entry(live[0]));
  }
  // Without the index files the same entries are found, but for persons.
  fs::remove(copy.path() / SegmentFile(1, kIndexExtension));
  const auto bare = ArchiveDirectory::Open(copy.path());
  ASSERT_TRUE(bare.ok()) << bare.status();
  EXPECT_FALSE((*bare)->persons());
  EXPECT_EQ(Found((*bare)->segments(), queries[0]), Found((*archives)->segments(), queries[0]));
  // One bit of one entry.
  const fs::path altered = copy.path() / SegmentFile(1, kArchiveExtension);
  std::string bytes = ReadAll(altered);
  bytes[bytes.size() - 40'000] = static_cast<char>(bytes[bytes.size() - 40'000] ^ 0x01);
  WriteAll(altered, bytes);
  const absl::Status found = (*ArchiveDirectory::Open(copy.path()))->Verify(std::vector{log.log.key()});
  EXPECT_EQ(ReasonOf(found), "PART_UNPROVED");
  EXPECT_EQ(FactOf(found, "archive"), "segment-000001.tar");
  fs::remove(copy.path() / SegmentFile(0, kArchiveExtension));
  EXPECT_EQ((*ArchiveDirectory::Open(copy.path()))->first(), 1u);
}

TEST(ArchivistTest, EntriesLeaveTheStoreWhenTheirTimeIsOverAndProofsAndAnswersStay) {
  ArchivedLog log;
  log.Grow(kSegmentEntries + 500);
  log.Start();
  ASSERT_TRUE(log.Work().ok());
  IndexQuery query;
  query.all_of = {{{Term(IndexField::kEvent, "grant")}}};
  query.to = kSegmentEntries;
  const auto before = Found(log.All(), query);
  const std::string entry = *log.online->Entry(before.front());
  log.log.clock().Advance(absl::Hours(24 * 365 * 3 - 48));
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(*MinimumIndex(log.log.store()), 0u);  // not yet
  log.log.clock().Advance(absl::Hours(24 * 20));
  // A damaged archive keeps its entries online.
  const std::string good = ReadAll(log.File(0));
  std::string bad = good;
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
  WriteAll(log.File(0), bad);
  EXPECT_EQ(ReasonOf(log.Work()), "ARCHIVE_DAMAGED");
  EXPECT_EQ(*MinimumIndex(log.log.store()), 0u);
  WriteAll(log.File(0), good);
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(*MinimumIndex(log.log.store()), kSegmentEntries);
  EXPECT_EQ(*log.log.store().Get(storage::Table::kEntries, storage::BigEndian(5)), std::nullopt);
  EXPECT_EQ(*log.log.store().Get(storage::Table::kSalts, storage::BigEndian(5)), std::nullopt);
  EXPECT_EQ(log.Events("retired"), 1);
  EXPECT_EQ(Found(log.All(), query), before);
  EXPECT_EQ(*log.online->Entry(before.front()), entry);
  // Proofs of retired entries and between sizes before and after still work, and the log opens.
  const HeadPtr head = log.log.log().head();
  const HeadHashes hashes(log.log.store(), head);
  const auto inclusion = InclusionProof(hashes, before.front(), head->size());
  ASSERT_TRUE(inclusion.ok()) << inclusion.status();
  EXPECT_TRUE(
      VerifyInclusion(LeafHash(entry), before.front(), head->size(), *inclusion, head->tree.Root()).ok());
  const auto consistency = ConsistencyProof(hashes, kSegmentEntries + 3, head->size());
  ASSERT_TRUE(consistency.ok());
  EXPECT_TRUE(VerifyConsistency(kSegmentEntries + 3, head->size(), *consistency,
                                *RootAt(hashes, kSegmentEntries + 3), head->tree.Root())
                  .ok());
  EXPECT_TRUE(LoadHead(log.log.store()).ok());
  // Who asks for a retired entry by its index is told where it went.
  const LedgerService service(log.log.log(), log.log.checkpointer());
  Caller auditor;
  auditor.kind = SubjectKind::kPerson;
  auditor.roles = {"auditor"};
  v1::GetEntryRequest get;
  get.set_index(before.front());
  const absl::Status retired = service.GetEntry(auditor, get).status();
  EXPECT_EQ(ReasonOf(retired), "ENTRY_RETIRED");
  EXPECT_EQ(FactOf(retired, "minimum_index"), absl::StrCat(kSegmentEntries));
  EXPECT_EQ(ReasonOf(service.ListEntries(auditor, {}).status()), "ENTRY_RETIRED");
  log.Stop();
  log.Start();  // after a restart the index of retired entries is still there
  ASSERT_TRUE(log.Work().ok());
  EXPECT_EQ(Found(log.All(), query), before);
}

}  // namespace
}  // namespace zhanqiao::ledger
