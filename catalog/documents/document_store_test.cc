#include "catalog/documents/document_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::documents {
namespace {

using ::testing::ElementsAre;

const absl::CivilDay kJanuary(2017, 1, 1);
const absl::CivilDay kMarch(2017, 3, 1);
const absl::CivilDay kJune(2017, 6, 1);

class DocumentStoreTest : public ::testing::Test {
 protected:
  absl::StatusOr<Version> Apply(Change change) {
    auto versions = documents().Apply(Changing(std::move(change)));
    if (!versions.ok()) return versions.status();
    return versions->at(0);
  }
  std::string TextAt(std::string_view name, ReadAt at = {}) {
    const auto version = documents().Get(name, at);
    return version.ok() ? version->document : ReasonOf(version.status());
  }
  std::vector<std::string> Names(const absl::StatusOr<DocumentStore::Page>& page) {
    std::vector<std::string> names;
    EXPECT_TRUE(page.ok()) << page.status();
    if (page.ok()) {
      for (const auto& version : page->versions) names.push_back(version.name);
    }
    return names;
  }
  DocumentStore& documents() { return hub_->documents; }
  // Another life of the same store.
  void Restart() {
    hub_.reset();
    hub_.emplace(store_, clock_, random_);
  }

  storage::MemoryStore store_;
  SimulatedClock clock_{absl::FromCivil(absl::CivilSecond(2017, 12, 29, 10, 0, 0), Shanghai())};
  SeededRandom random_{7};
  std::optional<LowerHub> hub_{std::in_place, store_, clock_, random_};
};

TEST_F(DocumentStoreTest, AVersionSaysWhatWhoWhenAndWhy) {
  const auto made = Apply(Put("tasks/1", "text"));
  ASSERT_TRUE(made.ok());
  const auto read = documents().Get("tasks/1");
  ASSERT_TRUE(read.ok());
  for (const Version& version : {*made, *read}) {
    EXPECT_EQ(version.name, "tasks/1");
    EXPECT_EQ(version.revision, 1u);
    EXPECT_EQ(version.etag(), "r1");
    EXPECT_EQ(version.type, "zhanqiao.test.Text");
    EXPECT_EQ(version.document, "text");
    EXPECT_FALSE(version.deleted);
    EXPECT_EQ(version.effective, absl::CivilDay(2017, 12, 29));
    EXPECT_EQ(version.known_at, 0u);
    EXPECT_EQ(version.change_time, clock_.Now());
    EXPECT_EQ(version.actor, "organizations/370200-ZWFWB/persons/clerk");
    EXPECT_EQ(version.reason, "test");
  }
}

TEST_F(DocumentStoreTest, WhatIsNotThereIsNotFound) {
  EXPECT_EQ(TextAt("tasks/1"), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(documents().History("tasks/1", 0, "").status()), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Apply(Delete("tasks/1")).status()), "DOCUMENT_NOT_FOUND");
}

TEST_F(DocumentStoreTest, AnOldRevisionIsRefusedWithBothNamed) {
  ASSERT_TRUE(Apply(Put("tasks/1", "a")).ok());
  ASSERT_TRUE(Apply(Put("tasks/1", "b", 1)).ok());
  const auto refused = Apply(Put("tasks/1", "c", 1)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ReasonOf(refused), "ETAG_MISMATCH");
  EXPECT_EQ(FactOf(refused, "document"), "tasks/1");
  EXPECT_EQ(FactOf(refused, "expected"), "r1");
  EXPECT_EQ(FactOf(refused, "stored"), "r2");
  EXPECT_EQ(TextAt("tasks/1"), "b");
  EXPECT_EQ(hub_->sequencer.size(), 2u);
}

TEST_F(DocumentStoreTest, CreatingTwiceIsRefused) {
  ASSERT_TRUE(Apply(Put("tasks/1", "a", 0)).ok());
  const auto refused = Apply(Put("tasks/1", "b", 0)).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(ReasonOf(refused), "DOCUMENT_EXISTS");
}

TEST_F(DocumentStoreTest, ADeletedDocumentKeepsItsHistoryAndItsNumbersGoOn) {
  ASSERT_TRUE(Apply(Put("tasks/1", "a", 0)).ok());
  ASSERT_TRUE(Apply(Delete("tasks/1", 1)).ok());
  EXPECT_EQ(TextAt("tasks/1"), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(Apply(Put("tasks/1", "b", 2)).status()), "ETAG_MISMATCH");
  const auto again = Apply(Put("tasks/1", "b", 0));
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->revision, 3u);
  const auto history = documents().History("tasks/1", 0, "");
  ASSERT_TRUE(history.ok());
  ASSERT_EQ(history->versions.size(), 3u);
  EXPECT_TRUE(history->versions[1].deleted);
  EXPECT_EQ(history->versions[2].document, "a");
}

TEST_F(DocumentStoreTest, AsOfGivesWhatHeldOnThatDate) {
  ASSERT_TRUE(Apply(Put("tasks/1", "january", {}, kJanuary)).ok());
  ASSERT_TRUE(Apply(Put("tasks/1", "june", {}, kJune)).ok());
  ASSERT_TRUE(Apply(Put("tasks/1", "march", {}, kMarch)).ok());
  EXPECT_EQ(TextAt("tasks/1", {.as_of = kJanuary - 1, .known_at = {}}), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(TextAt("tasks/1", {.as_of = kJanuary, .known_at = {}}), "january");
  EXPECT_EQ(TextAt("tasks/1", {.as_of = kJune - 1, .known_at = {}}), "march");
  EXPECT_EQ(TextAt("tasks/1", {.as_of = kJune, .known_at = {}}), "june");
  EXPECT_EQ(TextAt("tasks/1"), "march");
}

TEST_F(DocumentStoreTest, ACorrectionForTheSameDateWinsOnceItIsKnown) {
  ASSERT_TRUE(Apply(Put("tasks/1", "wrong", {}, kMarch)).ok());
  ASSERT_TRUE(Apply(Put("tasks/1", "right", {}, kMarch)).ok());
  EXPECT_EQ(TextAt("tasks/1", {.as_of = kJune, .known_at = 0}), "wrong");
  EXPECT_EQ(TextAt("tasks/1", {.as_of = kJune, .known_at = 1}), "right");
}

TEST_F(DocumentStoreTest, KnownAtAloneGivesTheNewestVersionLoggedByThen) {
  ASSERT_TRUE(Apply(Put("tasks/1", "june", {}, kJune)).ok());
  ASSERT_TRUE(Apply(Put("tasks/2", "other")).ok());
  ASSERT_TRUE(Apply(Put("tasks/1", "march", {}, kMarch)).ok());
  EXPECT_EQ(TextAt("tasks/2", {.as_of = {}, .known_at = 0}), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(TextAt("tasks/1", {.as_of = {}, .known_at = 1}), "june");
  EXPECT_EQ(TextAt("tasks/1", {.as_of = {}, .known_at = 2}), "march");
}

TEST_F(DocumentStoreTest, AListPagesThroughNamesInOrder) {
  for (const char* name : {"tasks/b", "tasks/a", "tasks/a/x", "tasks/c", "other/a"}) {
    ASSERT_TRUE(Apply(Put(name, "1")).ok());
  }
  ASSERT_TRUE(Apply(Delete("tasks/b")).ok());
  const auto first = documents().List("tasks/", 2, "");
  EXPECT_THAT(Names(first), ElementsAre("tasks/a", "tasks/a/x"));
  const auto second = documents().List("tasks/", 2, first->next_page_token);
  EXPECT_THAT(Names(second), ElementsAre("tasks/c"));
  EXPECT_EQ(second->next_page_token, "");
  const auto exact = documents().List("tasks/", 3, "");
  EXPECT_EQ(exact->next_page_token, "");
}

TEST_F(DocumentStoreTest, AListOfThePastHoldsWhatWasThere) {
  ASSERT_TRUE(Apply(Put("tasks/a", "1")).ok());
  ASSERT_TRUE(Apply(Put("tasks/b", "1")).ok());
  ASSERT_TRUE(Apply(Delete("tasks/a")).ok());
  ASSERT_TRUE(Apply(Put("tasks/c", "1")).ok());
  const ReadAt past{.as_of = {}, .known_at = 1};
  const auto first = documents().List("tasks/", 1, "", past);
  EXPECT_THAT(Names(first), ElementsAre("tasks/a"));
  EXPECT_THAT(Names(documents().List("tasks/", 1, first->next_page_token, past)), ElementsAre("tasks/b"));
  EXPECT_THAT(Names(documents().List("tasks/", 9, "")), ElementsAre("tasks/b", "tasks/c"));
}

TEST_F(DocumentStoreTest, AListKeepsOnlyWhatIsAskedFor) {
  for (int i = 0; i < 9; ++i) ASSERT_TRUE(Apply(Put(absl::StrCat("tasks/", i), i % 3 == 0 ? "y" : "n")).ok());
  const auto keep = [](const Version& version) { return version.document == "y"; };
  const auto first = documents().List("tasks/", 2, "", {}, keep);
  EXPECT_THAT(Names(first), ElementsAre("tasks/0", "tasks/3"));
  EXPECT_THAT(Names(documents().List("tasks/", 2, first->next_page_token, {}, keep)), ElementsAre("tasks/6"));
}

TEST_F(DocumentStoreTest, APageTokenOfAnotherListIsRefused) {
  for (int i = 0; i < 3; ++i) ASSERT_TRUE(Apply(Put(absl::StrCat("tasks/", i), "1")).ok());
  ASSERT_TRUE(Apply(Put("tasks/0", "2")).ok());
  const std::string token = documents().List("tasks/", 1, "")->next_page_token;
  const std::string history = documents().History("tasks/0", 1, "")->next_page_token;
  EXPECT_EQ(ReasonOf(documents().List("task", 1, token).status()), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(documents().List("tasks/", 1, token, {.as_of = kMarch, .known_at = {}}).status()),
            "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(documents().List("tasks/", 1, history).status()), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(documents().List("tasks/", 1, "zz").status()), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(documents().History("tasks/1", 1, history).status()), "PAGE_TOKEN_INVALID");
  EXPECT_EQ(ReasonOf(documents().List("tasks/", -1, "").status()), "PAGE_SIZE_INVALID");
}

TEST_F(DocumentStoreTest, HistoryPagesFromTheNewest) {
  for (int i = 1; i <= 5; ++i) ASSERT_TRUE(Apply(Put("tasks/1", absl::StrCat(i))).ok());
  const auto first = documents().History("tasks/1", 3, "");
  ASSERT_EQ(first->versions.size(), 3u);
  EXPECT_EQ(first->versions[0].document, "5");
  const auto second = documents().History("tasks/1", 3, first->next_page_token);
  ASSERT_EQ(second->versions.size(), 2u);
  EXPECT_EQ(second->versions[1].document, "1");
  EXPECT_EQ(second->next_page_token, "");
}

TEST_F(DocumentStoreTest, TheFeedGivesChangesInLedgerOrder) {
  ASSERT_TRUE(Apply(Put("tasks/b", "1")).ok());
  ASSERT_TRUE(Apply(Put("tasks/a", "2")).ok());
  ASSERT_TRUE(Apply(Delete("tasks/b")).ok());
  const auto all = documents().ChangesSince(std::nullopt, 10);
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[1].document, "2");
  EXPECT_TRUE((*all)[2].deleted);
  const auto rest = documents().ChangesSince(0, 1);
  ASSERT_EQ(rest->size(), 1u);
  EXPECT_EQ((*rest)[0].name, "tasks/a");
  EXPECT_TRUE(documents().ChangesSince(2, 10)->empty());
  EXPECT_TRUE(documents().ChangesSince(UINT64_MAX, 10)->empty());
}

TEST_F(DocumentStoreTest, ChangesOfOnePositionAreNotSeparated) {
  Transaction transaction;
  transaction.records.push_back({"event", ""});
  for (const char* name : {"a", "b", "c"}) transaction.changes.push_back(Put(name, "1"));
  ASSERT_TRUE(Apply(Put("before", "1")).ok());
  ASSERT_TRUE(documents().Apply(transaction).ok());
  EXPECT_EQ(documents().ChangesSince(std::nullopt, 2)->size(), 1u);
  EXPECT_EQ(documents().ChangesSince(std::nullopt, 4)->size(), 4u);
  EXPECT_EQ(documents().ChangesSince(0, 2)->size(), 3u);
}

TEST_F(DocumentStoreTest, EachChangeIsLoggedWithACommitmentItsSeedOpens) {
  ASSERT_TRUE(Apply(Put("tasks/1", "secret", {}, kMarch)).ok());
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(**store_.Get(storage::Table::kEntries, storage::BigEndian(0))));
  v1::EntrySecret secret;
  ASSERT_TRUE(secret.ParseFromString(**store_.Get(storage::Table::kSalts, storage::BigEndian(0))));
  const auto& change = entry.document_change();
  EXPECT_EQ(entry.version(), 1u);
  EXPECT_EQ(entry.actor(), "organizations/370200-ZWFWB/persons/clerk");
  EXPECT_EQ(change.name(), "tasks/1");
  EXPECT_EQ(change.type(), "zhanqiao.test.Text");
  EXPECT_EQ(change.revision(), 1u);
  EXPECT_EQ(change.effective_date(), "2017-03-01");
  EXPECT_EQ(change.reason(), "test");
  EXPECT_FALSE(change.deleted());
  const Digest commitment = Commitment(secret.seed(), "document", "secret");
  EXPECT_EQ(change.commitment(), Bytes(commitment));
  EXPECT_EQ(entry.SerializeAsString().find("secret"), std::string::npos);
}

TEST_F(DocumentStoreTest, SeveralChangesAreAppliedTogetherOrNotAtAll) {
  ASSERT_TRUE(Apply(Put("tasks/1", "old")).ok());
  Transaction transaction = Changing(Put("tasks/2", "new"));
  transaction.changes.push_back(Put("tasks/1", "new", 9));
  EXPECT_EQ(ReasonOf(documents().Apply(transaction).status()), "ETAG_MISMATCH");
  EXPECT_EQ(TextAt("tasks/2"), "DOCUMENT_NOT_FOUND");
  transaction.changes[1].expected_revision = 1;
  const auto versions = documents().Apply(transaction);
  ASSERT_TRUE(versions.ok());
  EXPECT_EQ((*versions)[0].known_at, 1u);
  EXPECT_EQ((*versions)[1].known_at, 2u);
  EXPECT_EQ(TextAt("tasks/1") + TextAt("tasks/2"), "newnew");
}

TEST_F(DocumentStoreTest, TypedRecordsStandInPlaceOfTheDefaultOnes) {
  Transaction transaction = Changing(Put("grants/1", "g"));
  transaction.changes.push_back(Put("grants/2", "g"));
  transaction.records.push_back({"first", "salt"});
  transaction.records.push_back({"second", ""});
  const auto versions = documents().Apply(transaction);
  ASSERT_TRUE(versions.ok());
  EXPECT_EQ((*versions)[0].known_at, 0u);
  EXPECT_EQ((*versions)[1].known_at, 0u);
  EXPECT_EQ(hub_->sequencer.size(), 2u);
  EXPECT_EQ(*store_.Get(storage::Table::kEntries, storage::BigEndian(0)), "first");
}

TEST_F(DocumentStoreTest, FurtherRecordsStandAfterTheOthersInTheSameCommit) {
  Transaction transaction = Changing(Put("persons/1", "p"));
  transaction.further_records.push_back({"beside", ""});
  const auto versions = documents().Apply(transaction);
  ASSERT_TRUE(versions.ok());
  EXPECT_EQ((*versions)[0].known_at, 0u);
  EXPECT_EQ(hub_->sequencer.size(), 2u);
  EXPECT_EQ(*store_.Get(storage::Table::kEntries, storage::BigEndian(1)), "beside");
}

TEST_F(DocumentStoreTest, ACallersOwnConditionIsItsOwnToHandle) {
  ASSERT_TRUE(Apply(Put("grants/1", "g")).ok());
  Transaction transaction = Changing(Put("tasks/1", "t"));
  transaction.preconditions.push_back(DocumentStore::StillAt("grants/1", 1));
  ASSERT_TRUE(documents().Apply(transaction).ok());
  ASSERT_TRUE(Apply(Put("grants/1", "h")).ok());
  const auto refused = documents().Apply(transaction).status();
  EXPECT_EQ(ReasonOf(refused), "PRECONDITION_FAILED");
  EXPECT_EQ(FactOf(refused, "precondition"), "0");
}

TEST_F(DocumentStoreTest, StillAtZeroMeansAbsentOrDeleted) {
  Transaction transaction = Changing(Put("tasks/1", "t"));
  transaction.preconditions.push_back(DocumentStore::StillAt("grants/1", 0));
  EXPECT_TRUE(documents().Apply(transaction).ok());
  ASSERT_TRUE(Apply(Put("grants/1", "g")).ok());
  EXPECT_FALSE(documents().Apply(transaction).ok());
  ASSERT_TRUE(Apply(Delete("grants/1")).ok());
  EXPECT_TRUE(documents().Apply(transaction).ok());
}

TEST_F(DocumentStoreTest, BadChangesAreRefusedWithTheField) {
  EXPECT_EQ(ReasonOf(Apply(Put("", "x")).status()), "DOCUMENT_NAME_INVALID");
  EXPECT_EQ(ReasonOf(Apply(Put(std::string("a\0b", 3), "x")).status()), "DOCUMENT_NAME_INVALID");
  EXPECT_EQ(ReasonOf(Apply(Put(std::string(1025, 'a'), "x")).status()), "DOCUMENT_NAME_INVALID");
  Transaction twice = Changing(Put("tasks/1", "a"));
  twice.changes.push_back(Put("tasks/1", "b"));
  EXPECT_EQ(ReasonOf(documents().Apply(twice).status()), "DOCUMENT_REPEATED");
  Transaction wordy = Changing(Put("tasks/1", "a"));
  wordy.reason = std::string(70000, 'x');
  EXPECT_EQ(ReasonOf(documents().Apply(wordy).status()), "ENTRY_TOO_LARGE");
  EXPECT_EQ(hub_->sequencer.size(), 0u);
}

TEST_F(DocumentStoreTest, AnEtagIsReadStrictly) {
  EXPECT_EQ(*RevisionOf("r3"), 3u);
  EXPECT_EQ(*RevisionOf("r18446744073709551615"), UINT64_MAX);
  for (const char* wrong : {"", "r", "3", "r0", "r03", "r-1", "r 3", "r3 ", "R3", "r18446744073709551616"}) {
    EXPECT_EQ(ReasonOf(RevisionOf(wrong).status()), "ETAG_INVALID") << wrong;
  }
}

TEST_F(DocumentStoreTest, AMessageComesBackOnlyAsItsOwnType) {
  v1::DocumentChange message;
  message.set_name("n");
  Change change = Put("tasks/1", Canonical(message));
  change.type = message.GetTypeName();
  ASSERT_TRUE(Apply(change).ok());
  const auto version = documents().Get("tasks/1");
  EXPECT_EQ(version->As<v1::DocumentChange>()->name(), "n");
  EXPECT_EQ(ReasonOf(version->As<v1::Genesis>().status()), "DOCUMENT_TYPE");
}

TEST_F(DocumentStoreTest, AnObserverIsToldWhatIsAndThenWhatChanges) {
  ASSERT_TRUE(Apply(Put("tasks/1", "a")).ok());
  ASSERT_TRUE(Apply(Put("tasks/2", "b")).ok());
  ASSERT_TRUE(Apply(Put("other/1", "x")).ok());
  ASSERT_TRUE(Apply(Delete("tasks/2")).ok());
  std::vector<std::string> told;
  ASSERT_TRUE(documents().Observe("tasks/", [&](const Version& version) {
    told.push_back(absl::StrCat(version.name, version.deleted ? "-" : "=", version.document));
  }).ok());
  ASSERT_TRUE(Apply(Put("tasks/2", "c")).ok());
  ASSERT_TRUE(Apply(Put("other/1", "y")).ok());
  ASSERT_TRUE(Apply(Delete("tasks/1")).ok());
  EXPECT_THAT(told, ElementsAre("tasks/1=a", "tasks/2=c", "tasks/1-"));
}

TEST_F(DocumentStoreTest, AnObserverMissesNothingAndSeesNothingTwiceUnderTraffic) {
  std::atomic<bool> stop{false};
  std::thread writer([&] {
    while (!stop) ASSERT_TRUE(Apply(Put("tasks/1", "x")).ok());
  });
  std::vector<uint64_t> seen;
  while (!documents().Get("tasks/1").ok()) std::this_thread::yield();
  const auto observing = documents().Observe("tasks/", [&](const Version& version) {
    seen.push_back(version.revision);
  });
  while (documents().Get("tasks/1")->revision < 200) std::this_thread::yield();
  stop = true;
  writer.join();
  ASSERT_TRUE(observing.ok());
  ASSERT_FALSE(seen.empty());
  for (size_t i = 1; i < seen.size(); ++i) ASSERT_EQ(seen[i], seen[i - 1] + 1);
  EXPECT_EQ(seen.back(), documents().Get("tasks/1")->revision);
}

TEST_F(DocumentStoreTest, ChangesWithoutAnExpectedRevisionAllHappenUnderContention) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([this] {
      for (int i = 0; i < 25; ++i) EXPECT_TRUE(Apply(Put("tasks/1", "x")).ok());
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(documents().Get("tasks/1")->revision, 100u);
}

TEST_F(DocumentStoreTest, OnlyOneOfManyWithTheSameEtagWins) {
  ASSERT_TRUE(Apply(Put("tasks/1", "a")).ok());
  std::atomic<int> won{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([this, &won] {
      const auto version = Apply(Put("tasks/1", "b", 1));
      if (version.ok()) {
        ++won;
      } else {
        EXPECT_EQ(ReasonOf(version.status()), "ETAG_MISMATCH");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(won, 1);
}

TEST_F(DocumentStoreTest, EverythingIsThereAfterARestart) {
  ASSERT_TRUE(Apply(Put("tasks/1", "a")).ok());
  Restart();
  EXPECT_EQ(TextAt("tasks/1"), "a");
  EXPECT_EQ(Apply(Put("tasks/1", "b", 1))->known_at, 1u);
}

TEST_F(DocumentStoreTest, WhenTheLedgerCannotBeWrittenNothingChanges) {
  store_.FailAfter(0);
  const auto refused = Apply(Put("tasks/1", "a")).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(refused), "LEDGER_UNAVAILABLE");
  EXPECT_EQ(TextAt("tasks/1"), "DOCUMENT_NOT_FOUND");
}

}  // namespace
}  // namespace zhanqiao::documents
