#include "hub/ledger/witness/witness.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <atomic>
#include <fstream>
#include <thread>

#include "catalog/base/error.h"
#include "hub/ledger/test_log.h"
#include "hub/ledger/witness/test_witness.h"

namespace zhanqiao::ledger {
namespace {

// A log and one witness that follows it.
class WitnessTest : public testing::Test {
 protected:
  std::string Note(uint64_t size) const { return *SignNote(CheckpointAt(size).ToText(), hub_.signer()); }
  Checkpoint CheckpointAt(uint64_t size) const {
    return {TestLog::kOrigin, size, *RootAt(HeadHashes(log().store(), log().head()), size)};
  }
  std::string Body(uint64_t old_size, uint64_t size) const {
    AddCheckpoint request;
    request.old_size = old_size;
    request.proof = *ConsistencyProof(HeadHashes(log().store(), log().head()), old_size, size);
    request.checkpoint = Note(size);
    return request.ToText();
  }
  const Log& log() const { return const_cast<TestLog&>(hub_).log(); }
  // The time of the cosignature when the answer is one for `size`; asserts it is.
  uint64_t TimeOf(const Witness::Answer& answer, uint64_t size) {
    EXPECT_EQ(answer.status, 200) << answer.body;
    ledger::Note note{CheckpointAt(size).ToText(), ParseSignatures(answer.body).value_or(std::vector<NoteSignature>())};
    const VerifierKey key = witness_.key();
    const auto verified = VerifySignatures(note, {&key, 1});
    return verified.ok() && verified->size() == 1 ? verified->front().time_s : 0;
  }
  uint64_t Known() { return witness_->Newest(TestLog::kOrigin).size; }

  void SetUp() override { hub_.GrowTo(600); }

  TestLog hub_;
  TestWitness witness_{"witness.example/audit", 9, {hub_.key()}};
};

TEST_F(WitnessTest, CosignsWhatContinuesWhatItSaw) {
  EXPECT_EQ(TimeOf(witness_->Add(Body(0, 1)), 1), 1'795'000'000u);
  witness_.clock().Advance(absl::Seconds(5));
  EXPECT_EQ(TimeOf(witness_->Add(Body(1, 300)), 300), 1'795'000'005u);
  EXPECT_EQ(TimeOf(witness_->Add(Body(300, 600)), 600), 1'795'000'005u);
  EXPECT_EQ(Known(), 600u);
}

TEST_F(WitnessTest, SaysAgainWithAnewTimeWhatItSaidBefore) {
  witness_->Add(Body(0, 300));
  witness_.clock().Advance(absl::Hours(1));
  EXPECT_EQ(TimeOf(witness_->Add(Body(300, 300)), 300), 1'795'003'600u);
}

TEST_F(WitnessTest, AnswersAConflictWithItsSize) {
  witness_->Add(Body(0, 300));
  for (const uint64_t old_size : {0, 1, 299}) {
    const Witness::Answer answer = witness_->Add(Body(old_size, 600));
    EXPECT_EQ(answer.status, 409);
    EXPECT_EQ(answer.content_type, "text/x.tlog.size");
    EXPECT_EQ(answer.body, "300\n");
  }
  EXPECT_EQ(witness_->Add(Body(200, 200)).body, "300\n") << "an older checkpoint";
}

TEST_F(WitnessTest, RemembersAfterARestart) {
  witness_->Add(Body(0, 300));
  witness_.Open();
  EXPECT_EQ(Known(), 300u);
  EXPECT_EQ(witness_->Add(Body(0, 600)).status, 409);
  EXPECT_EQ(witness_->Add(Body(300, 600)).status, 200);
}

TEST_F(WitnessTest, NeverCosignsASecondHistory) {
  witness_->Add(Body(0, 300));
  TestLog other;
  ASSERT_TRUE(other.Commit({RecordOf(ExchangeEntry(999))}));
  other.GrowTo(600);
  AddCheckpoint fork;
  const HeadHashes hashes(other.log().store(), other.log().head());
  for (const uint64_t size : {300u, 301u, 600u}) {
    fork.old_size = 300;
    fork.proof = *ConsistencyProof(hashes, 300, size);
    fork.checkpoint = *SignNote(Checkpoint{TestLog::kOrigin, size, *RootAt(hashes, size)}.ToText(), other.signer());
    const Witness::Answer answer = witness_->Add(fork.ToText());
    EXPECT_EQ(answer.status, size == 300 ? 409 : 422);
    EXPECT_EQ(answer.body.find("\xE2\x80\x94"), std::string::npos);
  }
  EXPECT_EQ(Known(), 300u);
  const auto evidence = std::filesystem::directory_iterator(witness_.state() / "conflicts");
  EXPECT_EQ(std::distance(evidence, {}), 3) << "both signed checkpoints are kept";
}

TEST_F(WitnessTest, RefusesAWrongProof) {
  witness_->Add(Body(0, 300));
  AddCheckpoint request = *ParseAddCheckpoint(Body(300, 600));
  AddCheckpoint without = request;
  without.proof.clear();
  EXPECT_EQ(witness_->Add(without.ToText()).status, 422);
  request.proof[0][0] ^= 1;
  EXPECT_EQ(witness_->Add(request.ToText()).status, 422);
  AddCheckpoint more = *ParseAddCheckpoint(Body(300, 300));
  more.proof.push_back(Digest{});
  EXPECT_EQ(witness_->Add(more.ToText()).status, 422);
  EXPECT_EQ(Known(), 300u);
}

TEST_F(WitnessTest, RefusesLogsAndKeysItDoesNotKnow) {
  const auto stranger = *Ed25519FileSigner::FromSeed(std::string(32, 8), TestLog::kOrigin);
  AddCheckpoint request;
  request.checkpoint = *SignNote(CheckpointAt(1).ToText(), *stranger);
  EXPECT_EQ(witness_->Add(request.ToText()).status, 403);
  const auto elsewhere = *Ed25519FileSigner::FromSeed(std::string(32, 7), "elsewhere.example");
  request.checkpoint = *SignNote(Checkpoint{"elsewhere.example", 1, EmptyRoot()}.ToText(), *elsewhere);
  EXPECT_EQ(witness_->Add(request.ToText()).status, 404);
  std::string altered = Body(0, 1);
  altered[altered.size() - 10] = altered[altered.size() - 10] == 'A' ? 'B' : 'A';
  EXPECT_EQ(witness_->Add(altered).status, 403);
}

TEST_F(WitnessTest, OtherSignaturesDoNotMatter) {
  AddCheckpoint request = *ParseAddCheckpoint(Body(0, 1));
  for (int i = 0; i < 20; ++i) {
    request.checkpoint += NoteSignature{absl::StrCat("grease", i), 7, "a signature of some kind"}.ToLine();
  }
  EXPECT_EQ(witness_->Add(request.ToText()).status, 200);
}

TEST_F(WitnessTest, RefusesWhatIsNotARequest) {
  const std::string good = Body(300, 600);
  const std::string rest = good.substr(good.find('\n'));
  std::string proof;
  for (int i = 0; i < 64; ++i) proof += "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  const std::vector<std::string> bodies = {
      "",
      "old 0",
      "old 0\n\n",
      "old 0300" + rest,
      "old +300" + rest,
      "old -1" + rest,
      "old " + rest,
      "old  300" + rest,
      "new 300" + rest,
      "old 300\n" + proof + "\n" + Note(600),
      "old 300\nAAAA\n\n" + Note(600),
      "old 300\nnot base64\n\n" + Note(600),
      "old 300\n" + Note(600),
      "old 300\n\nnote\n\n",
      "old 601\n\n" + Note(600),
  };
  for (const std::string& body : bodies) {
    EXPECT_EQ(witness_->Add(body).status, 400) << body;
  }
  EXPECT_EQ(Known(), 0u);
}

TEST_F(WitnessTest, CosignsNothingItCannotKeep) {
  witness_->Add(Body(0, 300));
  std::filesystem::remove_all(witness_.state());
  EXPECT_EQ(witness_->Add(Body(300, 600)).status, 500);
  EXPECT_EQ(Known(), 300u);
}

TEST_F(WitnessTest, ADamagedStateIsNotTakenForNone) {
  witness_->Add(Body(0, 300));
  for (const auto& file : std::filesystem::directory_iterator(witness_.state())) {
    if (file.path().extension() == ".checkpoint") std::ofstream(file.path(), std::ios::trunc) << "nothing";
  }
  const storage::TemporaryDirectory other;
  std::filesystem::copy(witness_.state(), other.path(), std::filesystem::copy_options::recursive);
  const auto opened = Witness::Open(other.path(), {hub_.key()}, witness_.signer(), witness_.clock());
  EXPECT_EQ(ReasonOf(opened.status()), "WITNESS_STATE");
}

TEST_F(WitnessTest, TwoOnOneStateAreNotStarted) {
  const auto second = Witness::Open(witness_.state(), {hub_.key()}, witness_.signer(), witness_.clock());
  EXPECT_EQ(ReasonOf(second.status()), "WITNESS_RUNNING");
}

TEST_F(WitnessTest, BothKeysOfALogThatRotatesAreKnown) {
  const auto next = *Ed25519FileSigner::FromSeed(std::string(32, 8), TestLog::kOrigin);
  TestWitness witness("w.example", 11, {hub_.key(), VerifierKeyOf(*next)});
  EXPECT_EQ(witness->Add(Body(0, 300)).status, 200);
  AddCheckpoint request = *ParseAddCheckpoint(Body(300, 600));
  request.checkpoint = *SignNote(CheckpointAt(600).ToText(), *next);
  EXPECT_EQ(witness->Add(request.ToText()).status, 200);
}

// Of many who ask at once with the same old size, exactly one moves the state at a time, and it never goes back.
TEST_F(WitnessTest, ManyAtOnceAreOneStepEach) {
  witness_->Add(Body(0, 1));
  std::atomic<uint64_t> moved{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      for (uint64_t size = 2 + t; size <= 100; size += 8) {
        for (uint64_t known = 1;;) {
          if (known >= size) break;  // others went further
          const Witness::Answer answer = witness_->Add(Body(known, size));
          if (answer.status == 200) {
            ++moved;
            break;
          }
          ASSERT_EQ(answer.status, 409);
          const uint64_t hint = std::stoull(answer.body);
          ASSERT_GT(hint, known) << "the state went back";
          known = hint;
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Known(), 100u);
  EXPECT_GE(moved.load(), 1u);
  witness_.Open();
  EXPECT_EQ(Known(), 100u);
}

}  // namespace
}  // namespace zhanqiao::ledger
