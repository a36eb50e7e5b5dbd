// The document store against a plain list of versions in memory, through random operations, failing writes and
// reopenings. ZHANQIAO_SEED repeats a run.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <map>
#include <random>

#include "absl/strings/str_cat.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/rocks_store.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::documents {
namespace {

std::string TextOf(const Version& version) {
  return absl::StrCat(version.name, " r", version.revision, " ", version.type, " ", version.document,
                      version.deleted ? " deleted " : " ", FormatDay(version.effective), " @", version.known_at,
                      " ", absl::ToUnixMicros(version.change_time), " ", version.actor, " ", version.reason);
}

std::vector<std::string> TextsOf(const std::vector<Version>& versions) {
  std::vector<std::string> texts;
  for (const auto& version : versions) texts.push_back(TextOf(version));
  return texts;
}

// What the store should hold: every version in the order it was logged.
class Model {
 public:
  const Version* Newest(const std::string& name) const {
    const auto found = versions_.find(name);
    return found == versions_.end() ? nullptr : &found->second.back();
  }
  const Version* At(const std::string& name, const ReadAt& at) const {
    const Version* best = nullptr;
    const auto found = versions_.find(name);
    if (found == versions_.end()) return nullptr;
    for (const Version& version : found->second) {
      if (at.known_at && version.known_at > *at.known_at) continue;
      if (at.as_of && version.effective > *at.as_of) continue;
      if (best == nullptr || !at.as_of || version.effective >= best->effective) best = &version;
    }
    return best != nullptr && best->deleted ? nullptr : best;
  }
  std::vector<Version> List(const std::string& prefix, const ReadAt& at) const {
    std::vector<Version> listed;
    for (const auto& [name, all] : versions_) {
      if (name.compare(0, prefix.size(), prefix) != 0) continue;
      if (const Version* version = At(name, at)) listed.push_back(*version);
    }
    return listed;
  }
  std::vector<Version> History(const std::string& name) const {
    const auto found = versions_.find(name);
    if (found == versions_.end()) return {};
    return {found->second.rbegin(), found->second.rend()};
  }
  void Add(const Version& version) {
    versions_[version.name].push_back(version);
    feed.push_back(version);
  }

  std::vector<Version> feed;

 private:
  std::map<std::string, std::vector<Version>> versions_;
};

class Comparison {
 public:
  explicit Comparison(uint64_t seed) : random_(seed), salts_(seed) {}

  // Runs on the store `open` gives, anew after each reopening.
  void Run(const std::function<storage::Store*()>& open, storage::MemoryStore* failing, int steps) {
    store_ = open();
    hub_.emplace(*store_, clock_, salts_);
    Follow();
    for (int step = 0; step < steps && !::testing::Test::HasFailure(); ++step) {
      if (Below(4) == 0) clock_.Advance(absl::Hours(Below(40)));
      size_t action = Below(100);
      if (failing != nullptr && action < 4) {
        failing->FailAfter(0, Below(2) == 0);
        Change();
        failing->Mend();
        // Half of the times the hub goes on as it is, else it is started anew.
        if (Below(2) == 0) {
          ASSERT_TRUE(failing->Reopen().ok());
          action = 99;
        } else {
          ASSERT_TRUE(hub_->pipeline.WaitUntilOpen(absl::Now() + absl::Seconds(30)));
        }
      }
      if (action < 55) Change();
      if (action >= 55 && action < 96) Read();
      if (action >= 97) {
        hub_.reset();
        store_ = open();
        ASSERT_NE(store_, nullptr);
        hub_.emplace(*store_, clock_, salts_);
        ASSERT_EQ(hub_->sequencer.size(), log_size_);
        Follow();
      }
      CheckView();
    }
    hub_.reset();
  }

 private:
  size_t Below(size_t limit) { return random_() % limit; }
  std::string AnyName() {
    static const char* const kNames[] = {"a", "a/b", "a/b/c", "a!", "ab", "b", "机构/1", "机构/2"};
    return kNames[Below(std::size(kNames))];
  }
  absl::CivilDay AnyDay() { return absl::CivilDay(2017, 11, 1) + static_cast<int>(Below(90)); }
  ReadAt AnyTime() {
    ReadAt at;
    if (Below(2) == 0) at.as_of = AnyDay();
    if (Below(2) == 0) at.known_at = Below(log_size_ + 2);
    return at;
  }
  documents::Change AnyChange(const std::string& name) {
    documents::Change change = Put(name, absl::StrCat("text ", Below(1000)));
    if (Below(4) == 0) change = Delete(name);
    if (Below(2) == 0) change.effective = AnyDay();
    const Version* newest = model_.Newest(name);
    const uint64_t current = newest != nullptr && !newest->deleted ? newest->revision : 0;
    const size_t kind = Below(10);
    if (kind < 4) change.expected_revision = current;
    if (kind == 4) change.expected_revision = Below(6);
    return change;
  }
  // The reason for which `change` has to be refused; empty if it has to work.
  std::string Refusal(const documents::Change& change) {
    const Version* newest = model_.Newest(change.name);
    const bool exists = newest != nullptr && !newest->deleted;
    const uint64_t current = exists ? newest->revision : 0;
    if (change.expected_revision && *change.expected_revision != current) {
      return *change.expected_revision == 0 ? "DOCUMENT_EXISTS" : "ETAG_MISMATCH";
    }
    return change.deleted && !exists ? "DOCUMENT_NOT_FOUND" : "";
  }

  void Change() {
    Transaction transaction;
    transaction.actor = absl::StrCat("actor ", Below(3));
    transaction.reason = absl::StrCat("reason ", Below(3));
    std::map<std::string, bool> names;
    for (size_t left = 1 + Below(3); left > 0; --left) names[AnyName()] = true;
    std::string refusal;
    for (const auto& [name, unused] : names) {
      transaction.changes.push_back(AnyChange(name));
      if (refusal.empty()) refusal = Refusal(transaction.changes.back());
    }
    const bool typed = Below(3) == 0;
    for (size_t left = typed ? 1 + Below(2) : 0; left > 0; --left) transaction.records.push_back({"typed", "s"});

    std::vector<Version> expected;
    for (size_t i = 0; i < transaction.changes.size(); ++i) {
      const auto& change = transaction.changes[i];
      Version version;
      const Version* newest = model_.Newest(change.name);
      version.name = change.name;
      version.revision = newest != nullptr ? newest->revision + 1 : 1;
      version.type = change.type;
      version.document = change.document;
      version.deleted = change.deleted;
      version.effective = change.effective.value_or(CivilDayOf(clock_.Now()));
      version.known_at = log_size_ + (typed ? 0 : i);
      version.change_time = clock_.Now();
      version.actor = transaction.actor;
      version.reason = transaction.reason;
      expected.push_back(version);
    }
    const uint64_t records = typed ? transaction.records.size() : transaction.changes.size();
    const auto applied = hub_->documents.Apply(std::move(transaction));
    if (!refusal.empty()) {
      EXPECT_EQ(ReasonOf(applied.status()), refusal);
      return;
    }
    if (applied.ok()) {
      EXPECT_EQ(TextsOf(*applied), TextsOf(expected));
    } else {
      // A failed write may have surfaced: then all of it did.
      EXPECT_EQ(ReasonOf(applied.status()), "LEDGER_UNAVAILABLE");
      if (storage::FakeSequencer(*store_, clock_).size() == log_size_) return;
    }
    log_size_ += records;
    for (const auto& version : expected) model_.Add(version);
  }

  // An in-memory view as those of the hub.
  void Follow() {
    view_.clear();
    ASSERT_TRUE(hub_->documents.Observe("", [this](const Version& version) {
      if (version.deleted) view_.erase(version.name);
      if (!version.deleted) view_[version.name] = version.revision;
    }).ok());
  }
  void CheckView() {
    if (!hub_->pipeline.health().ok()) return;
    std::map<std::string, uint64_t> current;
    for (const Version& version : model_.List("", {})) current[version.name] = version.revision;
    EXPECT_EQ(view_, current);
  }

  void Read() {
    const std::string name = AnyName();
    const ReadAt at = AnyTime();
    const auto got = hub_->documents.Get(name, at);
    const Version* wanted = model_.At(name, at);
    EXPECT_EQ(got.ok() ? TextOf(*got) : ReasonOf(got.status()),
              wanted != nullptr ? TextOf(*wanted) : "DOCUMENT_NOT_FOUND");
    const std::string prefix = Below(2) == 0 ? "" : Below(2) == 0 ? "a" : "机构/";
    EXPECT_EQ(TextsOf(ListAll(prefix, at)), TextsOf(model_.List(prefix, at)));
    if (model_.Newest(name) != nullptr) {
      EXPECT_EQ(TextsOf(HistoryOf(name)), TextsOf(model_.History(name)));
    }
    EXPECT_EQ(TextsOf(Feed()), TextsOf(model_.feed));
  }
  std::vector<Version> ListAll(const std::string& prefix, const ReadAt& at) {
    return Pages([&, size = static_cast<int>(1 + Below(4))](const std::string& token) {
      return hub_->documents.List(prefix, size, token, at);
    });
  }
  std::vector<Version> HistoryOf(const std::string& name) {
    return Pages([&, size = static_cast<int>(1 + Below(9))](const std::string& token) {
      return hub_->documents.History(name, size, token);
    });
  }
  template <typename NextPage>
  std::vector<Version> Pages(NextPage next) {
    std::vector<Version> all;
    std::string token;
    do {
      const auto page = next(token);
      EXPECT_TRUE(page.ok()) << page.status();
      if (!page.ok()) break;
      all.insert(all.end(), page->versions.begin(), page->versions.end());
      token = page->next_page_token;
    } while (!token.empty());
    return all;
  }
  std::vector<Version> Feed() {
    std::vector<Version> all;
    const int limit = static_cast<int>(1 + Below(20));
    std::optional<uint64_t> position;
    while (true) {
      const auto changes = hub_->documents.ChangesSince(position, limit);
      EXPECT_TRUE(changes.ok()) << changes.status();
      if (!changes.ok() || changes->empty()) return all;
      all.insert(all.end(), changes->begin(), changes->end());
      position = all.back().known_at;
    }
  }

  std::mt19937_64 random_;
  SeededRandom salts_;
  SimulatedClock clock_{absl::FromCivil(absl::CivilSecond(2017, 12, 1, 0, 0, 0), Shanghai())};
  storage::Store* store_ = nullptr;
  std::optional<LowerHub> hub_;
  Model model_;
  std::map<std::string, uint64_t> view_;  // revision by name, as observed
  uint64_t log_size_ = 0;
};

class DocumentStoreProperty : public ::testing::TestWithParam<uint64_t> {};

TEST_P(DocumentStoreProperty, OnRocksDbWithReopenings) {
  SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", GetParam()));
  const storage::TemporaryDirectory directory;
  std::unique_ptr<storage::RocksStore> store;
  const auto open = [&]() -> storage::Store* {
    store.reset();
    auto opened = storage::RocksStore::Open(directory.path(), {.memtable_bytes = 64 << 10});
    EXPECT_TRUE(opened.ok()) << opened.status();
    if (opened.ok()) store = *std::move(opened);
    return store.get();
  };
  Comparison(GetParam()).Run(open, nullptr, 400);
}

TEST_P(DocumentStoreProperty, InMemoryWithFailingWrites) {
  SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", GetParam()));
  storage::MemoryStore store;
  Comparison(GetParam()).Run([&] { return &store; }, &store, 500);
}

std::vector<uint64_t> Seeds() {
  const char* given = std::getenv("ZHANQIAO_SEED");
  if (given != nullptr) return {std::strtoull(given, nullptr, 10)};
  return {1, 2, 3, std::random_device()()};
}
INSTANTIATE_TEST_SUITE_P(Seeds, DocumentStoreProperty, ::testing::ValuesIn(Seeds()));

}  // namespace
}  // namespace zhanqiao::documents
