#include "hub/ledger/receipt.h"

#include <gtest/gtest.h>

#include "catalog/base/signatures.h"
#include "hub/ledger/commitments.h"
#include "hub/ledger/receipt_service.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

constexpr char kConsumer[] = "organizations/A/systems/s";
constexpr char kProvider[] = "organizations/B";

class ReceiptTest : public testing::Test {
 protected:
  // A log of `size` entries, of which entry 1 is an exchange with everything in it.
  void Fill(uint64_t size) {
    const std::string seed(32, 's');
    v1::LedgerEntry entry = ExchangeEntry(1, kConsumer, kProvider);
    v1::Exchange& exchange = *entry.mutable_exchange();
    exchange.set_resource("resources/r");
    exchange.set_request_commitment(std::string(Bytes(Commitment(seed, kRequestLabel, "request"))));
    exchange.set_answer_commitment(std::string(Bytes(Commitment(seed, kAnswerLabel, "answer"))));
    exchange.set_released_commitment(std::string(Bytes(Commitment(seed, kReleasedLabel, "released"))));
    v1::EntrySecret secret;
    secret.set_seed(seed);
    const auto sign = [](std::string_view purpose, const Ed25519Key& key, const Digest& digest, auto* place) {
      const SignedTree tree({Sha256("before"), digest, Sha256("after")});
      *place = tree.Place(1, key.public_key(), key.Sign(tree.SignedBytes(purpose)));
      return std::string(Bytes(Sha256(place->signature())));
    };
    exchange.set_request_signature_hash(
        sign(kSignedRequests, consumer_key_, Sha256("request"), secret.mutable_request_signature()));
    const Digest answer = AnswerDigest(exchange.request_commitment(), "resources/r", false, "answer");
    exchange.set_answer_signature_hash(
        sign(kSignedAnswers, connector_key_, answer, secret.mutable_answer_signature()));
    ASSERT_TRUE(hub_.Commit({{entry.SerializeAsString(), secret.SerializeAsString()}}));
    hub_.GrowTo(size);
    hub_.Sign();
    service_ =
        std::make_unique<ReceiptService>(hub_.log(), hub_.checkpointer(), hub_.pipeline(), TestLog::kOrigin);
  }
  static Caller Of(SubjectKind kind, std::string organization, std::string subject,
                   std::vector<std::string> roles = {}) {
    Caller caller;
    caller.kind = kind;
    caller.organization = std::move(organization);
    caller.subject = std::move(subject);
    caller.roles = std::move(roles);
    return caller;
  }
  const Caller consumer_ = Of(SubjectKind::kSystem, "organizations/A", kConsumer);
  const Caller connector_ = Of(SubjectKind::kConnector, kProvider, "organizations/B/connectors/c");
  const Caller auditor_ =
      Of(SubjectKind::kPerson, "organizations/Z", "organizations/Z/persons/a", {"auditor"});
  const Caller colleague_ = Of(SubjectKind::kPerson, "organizations/A", "organizations/A/persons/p");
  const Caller stranger_ = Of(SubjectKind::kSystem, "organizations/C", "organizations/C/systems/s");

  absl::StatusOr<v1::Receipt> Get(const Caller& caller, uint64_t index = 1) {
    v1::GetReceiptRequest request;
    request.set_index(index);
    return service_->GetReceipt(caller, request);
  }
  std::string Labels(const Caller& caller) {
    std::string labels;
    const auto receipt = Get(caller);
    EXPECT_TRUE(receipt.ok()) << receipt.status();
    for (const auto& salt : receipt->salts()) labels += salt.label() + " ";
    return labels;
  }
  absl::StatusOr<v1::AcknowledgeResponse> Acknowledge(const Caller& caller, std::vector<uint64_t> indexes) {
    v1::AcknowledgeRequest request;
    request.mutable_indexes()->Assign(indexes.begin(), indexes.end());
    return service_->Acknowledge(caller, request);
  }

  const Ed25519Key consumer_key_ = Ed25519Key::FromSeed(std::string(32, 'k'));
  const Ed25519Key connector_key_ = Ed25519Key::FromSeed(std::string(32, 'l'));
  TestLog hub_;
  std::unique_ptr<ReceiptService> service_;
};

TEST_F(ReceiptTest, VerifiesOfflineAtEverySizeAndIndex) {
  Fill(40);
  for (uint64_t index = 0; index < 40; ++index) {
    const auto receipt = Get(auditor_, index);
    ASSERT_TRUE(receipt.ok()) << receipt.status();
    const auto proved = CheckReceipt(*receipt, hub_.key());
    ASSERT_TRUE(proved.ok()) << index << proved.status();
    EXPECT_EQ(proved->checkpoint.size, 40u);
    const auto proof = ParseTlogProof(receipt->proof());
    ASSERT_TRUE(proof.ok());
    EXPECT_EQ(proof->ToText(), receipt->proof());
  }
}

TEST_F(ReceiptTest, EachPartyGetsTheSaltsOfWhatItHolds) {
  Fill(3);
  EXPECT_EQ(Labels(consumer_), "request released ");
  EXPECT_EQ(Labels(connector_), "request answer released ");
  EXPECT_EQ(Labels(auditor_), "");
  EXPECT_EQ(Labels(colleague_), "") << "people of the consumer see the entry, not its salts";
  EXPECT_EQ(ReasonOf(Get(stranger_).status()), "ENTRY_NOT_YOURS");
  EXPECT_EQ(ReasonOf(Get(consumer_, 99).status()), "ENTRY_INDEX");
  EXPECT_EQ(Get(connector_)->SerializeAsString().find(std::string(32, 's')), std::string::npos)
      << "never the seed";
}

TEST_F(ReceiptTest, TheRefusedCallerOpensItsRequest) {
  const std::string seed(32, 'd');
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(kConsumer);
  entry.mutable_denial()->set_consumer(kConsumer);
  entry.mutable_denial()->set_request_commitment(
      std::string(Bytes(Commitment(seed, kRequestLabel, "request"))));
  Fill(3);
  ASSERT_TRUE(hub_.Commit({{entry.SerializeAsString(), SecretOf(seed)}}));
  const auto receipt = Get(consumer_, 3);
  ASSERT_TRUE(receipt.ok()) << receipt.status();
  EXPECT_TRUE(CheckReceipt(*receipt, hub_.key()).ok());
  EXPECT_TRUE(OpenReceipt(*receipt, kRequestLabel, "request").ok());
  EXPECT_EQ(Get(auditor_, 3)->salts_size(), 0);
}

TEST_F(ReceiptTest, OpensOnlyToWhatWasCommittedAndSigned) {
  Fill(5);
  const v1::Receipt receipt = *Get(connector_);
  EXPECT_TRUE(OpenReceipt(receipt, kRequestLabel, "request").ok());
  EXPECT_TRUE(OpenReceipt(receipt, kAnswerLabel, "answer").ok());
  EXPECT_TRUE(OpenReceipt(receipt, kReleasedLabel, "released").ok());
  EXPECT_EQ(ReasonOf(OpenReceipt(receipt, kAnswerLabel, "other")), "COMMITMENT_DIFFERENT");
  EXPECT_EQ(ReasonOf(OpenReceipt(receipt, kDocumentLabel, "answer")), "COMMITMENT_MISSING");
  EXPECT_EQ(ReasonOf(OpenReceipt(*Get(consumer_), kAnswerLabel, "answer")), "SALT_MISSING");
  v1::Receipt moved = receipt;
  moved.mutable_answer_signature()->set_position(0);
  EXPECT_EQ(ReasonOf(OpenReceipt(moved, kAnswerLabel, "answer")), "SIGNATURE_WRONG");
}

TEST_F(ReceiptTest, ADifferenceAnywhereIsFound) {
  Fill(70);
  const v1::Receipt good = *Get(connector_);
  ASSERT_TRUE(CheckReceipt(good, hub_.key()).ok());
  const auto reason = [&](const std::function<void(v1::Receipt&)>& change) {
    v1::Receipt receipt = good;
    change(receipt);
    return ReasonOf(CheckReceipt(receipt, hub_.key()).status());
  };
  EXPECT_EQ(reason([](auto& receipt) { receipt.set_index(2); }), "RECEIPT_INDEX");
  EXPECT_EQ(reason([](auto& receipt) { receipt.mutable_entry()->back() ^= 1; }), "PROOF_INVALID");
  EXPECT_EQ(reason([](auto& receipt) { receipt.mutable_answer_signature()->set_signature("other"); }),
            "RECEIPT_SIGNATURE");
  EXPECT_EQ(reason([](auto& receipt) { receipt.set_proof("c2sp.org/tlog-proof@v2\n"); }), "PROOF_MALFORMED");
  // Every byte of the proof counts; only cosignatures of unknown keys could be altered unnoticed, and there
  // are none.
  for (size_t at = 0; at < good.proof().size(); ++at) {
    EXPECT_NE(reason([&](auto& receipt) { (*receipt.mutable_proof())[at] ^= 0x20; }), "") << at;
  }
  const auto other = *Ed25519FileSigner::FromSeed(std::string(32, 8), TestLog::kOrigin);
  EXPECT_FALSE(CheckReceipt(good, VerifierKeyOf(*other)).ok());
}

TEST_F(ReceiptTest, ErasedSecretsSayThatTheyAre) {
  Fill(3);
  storage::Batch batch;
  batch.Delete(storage::Table::kSalts, storage::BigEndian(1));
  ASSERT_TRUE(hub_.store().Apply(batch).ok());
  const auto receipt = Get(consumer_);
  ASSERT_TRUE(receipt.ok());
  EXPECT_TRUE(receipt->erased());
  EXPECT_EQ(receipt->salts_size(), 0);
  EXPECT_TRUE(CheckReceipt(*receipt, hub_.key()).ok()) << "the log itself is whole";
}

TEST_F(ReceiptTest, AProofOfAnotherProgramMayCarryExtraData) {
  TlogProof proof;
  proof.index = 7;
  proof.hashes = {Sha256("a"), Sha256("b")};
  proof.checkpoint = "note\n";
  std::string text = proof.ToText();
  text.insert(text.find("index"), "extra aGk=\n");
  const auto parsed = ParseTlogProof(text);
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->index, 7u);
  EXPECT_EQ(parsed->hashes, proof.hashes);
  for (const char* bad :
       {"", "c2sp.org/tlog-proof@v1\nindex 07\n\nnote\n", "c2sp.org/tlog-proof@v1\nindex 7\nAA==\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nindex 7\n\n", "c2sp.org/tlog-proof@v1\nindex -1\n\nnote\n",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 7\n\nnote\n", "c2sp.org/tlog-proof@v1\n\nnote\n"}) {
    EXPECT_EQ(ReasonOf(ParseTlogProof(bad).status()), "PROOF_MALFORMED") << bad;
  }
}

TEST_F(ReceiptTest, AConsumerAcknowledgesItsOwnReleasesOnce) {
  Fill(6);
  const auto done = Acknowledge(consumer_, {4, 1, 4});
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(done->acknowledged(), 2u);
  const auto stored = Get(consumer_, done->receipt().index());
  ASSERT_TRUE(stored.ok()) << stored.status();
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(stored->entry()));
  EXPECT_EQ(entry.acknowledgement().indexes_size(), 2);
  EXPECT_EQ(entry.acknowledgement().indexes(0), 1u);
  EXPECT_EQ(Acknowledge(consumer_, {1, 4})->receipt().index(), done->receipt().index())
      << "repeated: the same entry";
  EXPECT_EQ(ReasonOf(Acknowledge(consumer_, {0}).status()), "RELEASE_NOT_YOURS");
  EXPECT_EQ(ReasonOf(Acknowledge(consumer_, {1000}).status()), "RELEASE_NOT_YOURS");
  EXPECT_EQ(ReasonOf(Acknowledge(stranger_, {1}).status()), "RELEASE_NOT_YOURS");
  EXPECT_EQ(ReasonOf(Acknowledge(auditor_, {1}).status()), "CALLER_NOT_SYSTEM");
  EXPECT_EQ(ReasonOf(Acknowledge(consumer_, {}).status()), "INDEXES_COUNT");
  EXPECT_EQ(ReasonOf(Acknowledge(consumer_, std::vector<uint64_t>(1001, 1)).status()), "INDEXES_COUNT");
}

}  // namespace
}  // namespace zhanqiao::ledger
