#include <gtest/gtest.h>

#include "hub/ledger/audit/test_audit.h"

namespace zhanqiao::ledger {
namespace {

class EraseSubjectTest : public testing::Test {
 protected:
  absl::StatusOr<v1::EraseSubjectResponse> Erase(const Caller& caller, int person) {
    v1::EraseSubjectRequest request;
    request.set_id_number(PersonNumber(person));
    request.set_legal_basis("个人信息保护法第四十七条");
    request.set_reason("本人申请");
    return hub_.service->EraseSubject(caller, request);
  }
  uint64_t Looked(int person) {
    v1::QuerySubjectRequest request;
    request.set_id_number(PersonNumber(person));
    request.set_purpose("核查");
    return hub_.service->QuerySubject(hub_.auditor(), request)->found();
  }
  std::optional<v1::EntrySecret> SecretOf(uint64_t index) {
    const auto stored = hub_.log.log.store().Get(storage::Table::kSalts, storage::BigEndian(index)).value();
    if (!stored) return std::nullopt;
    v1::EntrySecret secret;
    EXPECT_TRUE(secret.ParseFromString(*stored));
    return secret;
  }
  AuditedLog hub_;
};

TEST_F(EraseSubjectTest, WhatTiesEntriesToThePersonGoesAndTheTreeStillVerifies) {
  const uint64_t alone = hub_.Release(1, 0, {PersonNumber(1)});
  const uint64_t together = hub_.Release(1, 0, {PersonNumber(1), PersonNumber(2)});
  const uint64_t other = hub_.Release(1, 0, {PersonNumber(2)});
  ASSERT_EQ(Looked(1), 2u);
  const SignedCheckpointPtr before = hub_.log.log.Sign();
  const auto erased = Erase(hub_.office(), 1);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->entries(), 2u);
  EXPECT_FALSE(SecretOf(alone).has_value());
  ASSERT_TRUE(SecretOf(together).has_value());
  EXPECT_EQ(SecretOf(together)->seed(), "");
  EXPECT_EQ(SecretOf(together)->subjects_size(), 1);
  EXPECT_EQ(SecretOf(other)->seed().size(), 32u);
  EXPECT_EQ(Looked(1), 0u);
  EXPECT_EQ(Looked(2), 2u);
  // The entry says why and how much, and never who.
  v1::LedgerEntry entry;
  const std::string bytes = *hub_.log.online->Entry(erased->index());
  ASSERT_TRUE(entry.ParseFromString(bytes));
  EXPECT_EQ(entry.erasure().entries(), 2u);
  EXPECT_EQ(entry.erasure().legal_basis(), "个人信息保护法第四十七条");
  EXPECT_EQ(bytes.find(PersonNumber(1)), std::string::npos);
  // The log is the same log.
  const auto head = LoadHead(hub_.log.log.store());
  ASSERT_TRUE(head.ok()) << head.status();
  const HeadHashes hashes(hub_.log.log.store(), hub_.log.log.log().head());
  const auto proof = ConsistencyProof(hashes, before->checkpoint.size, head->size());
  ASSERT_TRUE(proof.ok());
  EXPECT_TRUE(VerifyConsistency(before->checkpoint.size, head->size(), *proof, before->checkpoint.root,
                                head->tree.Root())
                  .ok());
}

TEST_F(EraseSubjectTest, OnlyTheOfficeErasesAndOnlyOnAStatedGround) {
  hub_.Release(1, 0, {PersonNumber(1)});
  EXPECT_EQ(ReasonOf(Erase(hub_.auditor(), 1).status()), "ROLE_REQUIRED");
  v1::EraseSubjectRequest request;
  request.set_id_number(PersonNumber(1));
  request.set_reason("本人申请");
  EXPECT_EQ(ReasonOf(hub_.service->EraseSubject(hub_.office(), request).status()), "TEXT_REQUIRED");
  EXPECT_EQ(Looked(1), 1u);
}

TEST_F(EraseSubjectTest, APersonWhoStandsNowhereIsAnErasureOfNothingThatIsStillWritten) {
  const auto erased = Erase(hub_.office(), 9);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->entries(), 0u);
  v1::LedgerEntry entry;
  ASSERT_TRUE(entry.ParseFromString(*hub_.log.online->Entry(erased->index())));
  EXPECT_TRUE(entry.has_erasure());
}

}  // namespace
}  // namespace zhanqiao::ledger
