// A process killed at any moment never leaves a client with an index or a checkpoint that the log does not
// hold. ZHANQIAO_FAULT_ROUNDS (20) sets the rounds, ZHANQIAO_SEED repeats a run.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <sstream>

#include "absl/strings/str_cat.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/verify.h"
#include "tests/faults/ledger_hub.h"
#include "tests/faults/victim.h"

namespace zhanqiao::faults {
namespace {

uint64_t NumberIn(const char* variable, uint64_t otherwise) {
  const char* given = std::getenv(variable);
  return given != nullptr ? std::strtoull(given, nullptr, 10) : otherwise;
}

// What clients hold over all rounds.
struct Held {
  std::map<uint64_t, std::string> leaves;  // hex, by index
  std::vector<std::string> notes;

  void Take(const std::string& line) {
    std::istringstream words(line);
    std::string kind, first, second;
    words >> kind >> first >> second;
    ASSERT_TRUE(kind == "A" || kind == "C") << line;
    if (kind == "C") notes.push_back(*FromHex(first));
    if (kind == "A") {
      const auto [known, fresh] = leaves.try_emplace(std::stoull(first), second);
      ASSERT_TRUE(fresh) << "index " << first << " was given out twice";
    }
  }
};

void CheckAgainst(const std::filesystem::path& directory, const Held& held) {
  LedgerHub hub(directory);  // compares both places, as a hub that starts
  ASSERT_TRUE(hub.started.ok()) << hub.started;
  const ledger::HeadPtr head = hub.log->head();
  for (const auto& [index, leaf] : held.leaves) {
    ASSERT_LT(index, head->size()) << "a client holds an index that the log does not";
    const auto entry = hub.store->Get(storage::Table::kEntries, storage::BigEndian(index));
    ASSERT_TRUE(entry.ok() && *entry);
    ASSERT_EQ(ToHex(Bytes(ledger::LeafHash(**entry))), leaf) << index;
  }
  const ledger::HeadHashes hashes(*hub.store, head);
  for (const std::string& note : held.notes) {
    const auto checkpoint = ledger::OpenCheckpoint(note, ledger::VerifierKeyOf(*hub.signer));
    ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
    const auto proof = ledger::ConsistencyProof(hashes, checkpoint->size, head->size());
    ASSERT_TRUE(proof.ok()) << proof.status();
    ASSERT_TRUE(
        ledger::VerifyConsistency(checkpoint->size, head->size(), *proof, checkpoint->root, head->tree.Root())
            .ok());
  }
}

TEST(LedgerKill, NoClientEverHoldsWhatTheLogDoesNot) {
  const uint64_t seed = NumberIn("ZHANQIAO_SEED", std::random_device()());
  std::printf("ZHANQIAO_SEED=%llu\n", static_cast<unsigned long long>(seed));
  std::mt19937_64 random(seed);
  const uint64_t rounds = NumberIn("ZHANQIAO_FAULT_ROUNDS", 20);
  const storage::TemporaryDirectory directory;
  Held held;
  for (uint64_t round = 0; round < rounds && !testing::Test::HasFatalFailure(); ++round) {
    Victim victim(FAULTS_LEDGER_VICTIM, {directory.path().string(), std::to_string(round)});
    const uint64_t last = 1 + random() % 800;
    for (uint64_t seen = 0;; ++seen) {
      if (seen == last) victim.Kill();
      const auto line = victim.Next();
      if (!line) break;
      held.Take(*line);
    }
    const int status = victim.Wait();
    ASSERT_TRUE(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) << status;
    CheckAgainst(directory.path(), held);
  }
  EXPECT_GT(held.leaves.size(), rounds);
  EXPECT_GT(held.notes.size(), rounds / 2);
  std::printf("held %zu indexes and %zu checkpoints over %llu kills\n", held.leaves.size(), held.notes.size(),
              static_cast<unsigned long long>(rounds));
  const std::filesystem::path out = directory.path() / "export";
  {
    const auto reader = storage::RocksStore::OpenReadOnly(directory.path() / "store");
    ASSERT_TRUE(reader.ok() && ledger::ExportLog(**reader, out).ok());
  }
  const auto signer = ledger::Ed25519FileSigner::FromSeed(std::string(32, 7), kOrigin);
  EXPECT_TRUE(ledger::VerifyExport(out, ledger::VerifierKeyOf(**signer)).ok);
}

}  // namespace
}  // namespace zhanqiao::faults
