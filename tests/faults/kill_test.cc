// Nothing acknowledged is lost, and nothing is half there, when the process dies or the disk refuses at any moment.
// ZHANQIAO_FAULT_ROUNDS (20) sets the rounds of each test, ZHANQIAO_SEED repeats a run.
#include <gtest/gtest.h>

#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/commitment.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/storage/rocks_store.h"
#include "catalog/storage/temporary_directory.h"
#include "tests/faults/victim.h"

namespace zhanqiao {
namespace {

using documents::Version;
using storage::Table;

int Rounds() {
  const char* given = std::getenv("ZHANQIAO_FAULT_ROUNDS");
  return given != nullptr ? std::atoi(given) : 20;
}

uint64_t Seed() {
  const char* given = std::getenv("ZHANQIAO_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

std::string HexOf(std::string_view text) {
  const Digest digest = Sha256(text);
  return ToHex(Bytes(digest));
}

// A running writer.cc.
class Writer : public faults::Victim {
 public:
  Writer(const std::filesystem::path& store, uint64_t seed, size_t memtable_bytes, uint64_t file_bytes_max)
      : Victim(FAULTS_WRITER, {store.string(), absl::StrCat(seed), absl::StrCat(memtable_bytes),
                               absl::StrCat(file_bytes_max)}) {}
};

// What was acknowledged over all rounds, and what must hold of a store at rest.
class Witness {
 public:
  // Takes one line of the writer; returns the reason if it says that a write failed.
  std::string Take(const std::string& line) {
    std::istringstream words(line);
    std::string kind;
    words >> kind;
    if (kind == "D") {
      std::string name, revision, known_at, digest, deleted;
      words >> name >> revision >> known_at >> digest >> deleted;
      versions_[name][std::stoull(revision)] = absl::StrCat(known_at, " ", digest, " ", deleted);
      ++acknowledged;
    } else if (kind == "R") {
      uint64_t index = 0;
      words >> index >> records_[index];
      ++acknowledged;
    } else {
      std::string reason;
      words >> reason;
      return reason.empty() ? "UNKNOWN_LINE" : reason;
    }
    return "";
  }

  void Check(const std::filesystem::path& directory) {
    const auto store = storage::RocksStore::Open(directory);
    ASSERT_TRUE(store.ok()) << store.status();
    documents::LowerHub hub(**store, clock_, salts_);
    CheckAcknowledged(**store, hub);
    CheckLogAndDocumentsAgree(**store, hub);
  }

  uint64_t acknowledged = 0;

 private:
  void CheckAcknowledged(const storage::Store& store, const documents::LowerHub& hub) {
    for (const auto& [name, revisions] : versions_) {
      std::map<uint64_t, std::string> stored;
      std::string token;
      do {
        const auto page = hub.documents.History(name, 1000, token);
        ASSERT_TRUE(page.ok()) << page.status();
        for (const Version& version : page->versions) {
          stored[version.revision] = absl::StrCat(version.known_at, " ", HexOf(version.document), " ",
                                                  version.deleted ? 1 : 0);
        }
        token = page->next_page_token;
      } while (!token.empty());
      for (const auto& [revision, facts] : revisions) ASSERT_EQ(stored[revision], facts) << name << revision;
    }
    for (const auto& [index, digest] : records_) {
      const auto entry = store.Get(Table::kEntries, storage::BigEndian(index));
      ASSERT_TRUE(entry.ok() && *entry) << "record " << index << " was acknowledged and is not there";
      ASSERT_EQ(HexOf(**entry), digest);
    }
  }

  // Entries stand without gaps up to the head; each document entry has its version, and the other way round.
  void CheckLogAndDocumentsAgree(const storage::Store& store, const documents::LowerHub& hub) {
    std::map<uint64_t, v1::LedgerEntry> changes;
    uint64_t next = 0;
    ASSERT_TRUE(store.Scan(Table::kEntries, "", "", [&](std::string_view key, std::string_view body) {
      EXPECT_EQ(storage::FromBigEndian(key), next);
      v1::LedgerEntry entry;
      if (entry.ParseFromArray(body.data(), static_cast<int>(body.size())) && entry.has_document_change()) {
        changes[next] = entry;
      }
      ++next;
      return true;
    }).ok());
    ASSERT_EQ(next, hub.sequencer.size());
    std::optional<uint64_t> position;
    std::map<std::string, Version> newest;
    while (true) {
      const auto feed = hub.documents.ChangesSince(position, 1000);
      ASSERT_TRUE(feed.ok()) << feed.status();
      if (feed->empty()) break;
      for (const Version& version : *feed) {
        ASSERT_EQ(changes.count(version.known_at), 1u) << "a version without its entry";
        const auto& change = changes[version.known_at].document_change();
        ASSERT_EQ(change.name(), version.name);
        ASSERT_EQ(change.revision(), version.revision);
        const auto kept = store.Get(Table::kSalts, storage::BigEndian(version.known_at));
        ASSERT_TRUE(kept.ok() && *kept);
        v1::EntrySecret secret;
        ASSERT_TRUE(secret.ParseFromString(**kept));
        const Digest commitment = Commitment(secret.seed(), "document", version.document);
        ASSERT_EQ(change.commitment(), Bytes(commitment));
        changes.erase(version.known_at);
        newest[version.name] = version;
      }
      position = feed->back().known_at;
    }
    ASSERT_TRUE(changes.empty()) << "an entry without its version";
    for (const auto& [name, version] : newest) {
      const auto current = hub.documents.Get(name);
      ASSERT_EQ(current.ok() ? current->revision : 0, version.deleted ? 0 : version.revision) << name;
    }
  }

  SystemClock clock_;
  SystemRandom salts_;
  std::map<std::string, std::map<uint64_t, std::string>> versions_;
  std::map<uint64_t, std::string> records_;
};

class FaultTest : public ::testing::Test {
 protected:
  void SetUp() override {
    RecordProperty("seed", absl::StrCat(seed_));
    std::printf("ZHANQIAO_SEED=%llu\n", static_cast<unsigned long long>(seed_));
  }
  // Small memtables now and then, so that flushes and compactions are hit too.
  size_t AnyMemtable() { return random_() % 2 == 0 ? 64 << 10 : 64 << 20; }

  const uint64_t seed_ = Seed();
  std::mt19937_64 random_{seed_};
  storage::TemporaryDirectory directory_;
  Witness witness_;
};

TEST_F(FaultTest, NothingAcknowledgedIsLostWhenTheProcessIsKilled) {
  SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", seed_));
  for (int round = 0; round < Rounds() && !HasFatalFailure(); ++round) {
    Writer writer(directory_.path(), random_(), AnyMemtable(), 0);
    const uint64_t last = 1 + random_() % 600;
    for (uint64_t seen = 0;; ++seen) {
      if (seen == last) writer.Kill();
      const auto line = writer.Next();
      if (!line) break;
      ASSERT_EQ(witness_.Take(*line), "");
    }
    const int status = writer.Wait();
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    witness_.Check(directory_.path());
  }
  EXPECT_GT(witness_.acknowledged, static_cast<uint64_t>(Rounds()));
  std::printf("acknowledged %llu in %d rounds\n", static_cast<unsigned long long>(witness_.acknowledged), Rounds());
}

// A file that may not grow stands for a disk that refuses: in the write-ahead log, a table file or the manifest.
TEST_F(FaultTest, ARefusingDiskClosesTheStoreLosesNothingAndStopsNoProcess) {
  SCOPED_TRACE(absl::StrCat("ZHANQIAO_SEED=", seed_));
  for (int round = 0; round < Rounds() && !HasFatalFailure(); ++round) {
    Writer writer(directory_.path(), random_(), AnyMemtable(), 1024 + random_() % (256 << 10));
    std::string reason;
    while (const auto line = writer.Next()) {
      const std::string failed = witness_.Take(*line);
      if (!failed.empty()) reason = failed;
    }
    const int status = writer.Wait();
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << "round " << round << ": " << status;
    ASSERT_EQ(reason, "LEDGER_UNAVAILABLE");
    witness_.Check(directory_.path());
  }
}

}  // namespace
}  // namespace zhanqiao
