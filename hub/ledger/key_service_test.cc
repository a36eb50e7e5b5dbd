#include "hub/ledger/key_service.h"

#include <gtest/gtest.h>

#include "catalog/base/error.h"
#include "hub/ledger/ledger_service.h"
#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

Caller PersonWith(std::string role) {
  Caller caller;
  caller.kind = SubjectKind::kPerson;
  caller.subject = "organizations/A/persons/p";
  caller.roles = {std::move(role)};
  return caller;
}

class KeyServiceTest : public testing::Test {
 protected:
  KeyServiceTest() {
    EXPECT_TRUE(hub_.Commit({GenesisRecord(TestLog::kOrigin, keys_->Active().front()->public_key())}));
  }
  const storage::TemporaryDirectory directory_;
  TestLog hub_;
  storage::MemoryStore empty_;
  const std::unique_ptr<LogKeys> keys_ = *LogKeys::Open(
      empty_, std::make_unique<FileKeyVault>(directory_.path(), TestLog::kOrigin), TestLog::kOrigin);
  LedgerKeyService service_{*keys_, hub_.pipeline()};
};

TEST_F(KeyServiceTest, OnlyTheSecurityAdministratorChangesKeys) {
  for (const char* role : {"office", "auditor", "system_admin", "org_approver"}) {
    EXPECT_EQ(ReasonOf(service_.AddLedgerKey(PersonWith(role), {}).status()), "ROLE_REQUIRED") << role;
    EXPECT_EQ(ReasonOf(service_.RetireLedgerKey(PersonWith(role), {}).status()), "ROLE_REQUIRED") << role;
  }
  EXPECT_EQ(ReasonOf(service_.AddLedgerKey(Caller(), {}).status()), "CALLER_UNREGISTERED");
  EXPECT_EQ(ReasonOf(service_.ListLedgerKeys(Caller(), {}).status()), "CALLER_UNREGISTERED");
  EXPECT_EQ(keys_->List().size(), 1u);
}

TEST_F(KeyServiceTest, AKeyIsAddedAndAnotherRetired) {
  const auto added = service_.AddLedgerKey(PersonWith("security_admin"), {});
  ASSERT_TRUE(added.ok()) << added.status();
  const auto before = service_.ListLedgerKeys(PersonWith("auditor"), {});
  ASSERT_EQ(before->keys_size(), 2);
  EXPECT_EQ(before->keys(1).verifier_key(), added->verifier_key());
  EXPECT_GT(before->keys(1).added_index(), 0u);
  v1::RetireLedgerKeyRequest request;
  request.set_key_id(before->keys(0).key_id());
  const auto retired = service_.RetireLedgerKey(PersonWith("security_admin"), request);
  ASSERT_TRUE(retired.ok()) << retired.status();
  EXPECT_TRUE(retired->retired());
  EXPECT_GT(retired->retired_index(), before->keys(1).added_index());
}

// What the service shows of witnesses is what the source says.
class FixedWord final : public VouchingSource {
 public:
  explicit FixedWord(Vouching word) : word_(std::move(word)) {}
  Vouching vouching() const override { return word_; }

 private:
  const Vouching word_;
};

TEST_F(KeyServiceTest, ACheckpointComesWithTheWordOfTheWitnesses) {
  const SignedCheckpointPtr newest = hub_.Sign();
  LedgerService ledger(hub_.log(), hub_.checkpointer());
  EXPECT_EQ(ledger.GetCheckpoint(PersonWith("auditor"), {})->quorum(), "");
  const FixedWord word({"audit", newest, {{"audit", hub_.key(), 2, 1'795'000'000, "WITNESS_UNREACHABLE"}}});
  ledger.ShowWitnesses(word);
  const auto shown = ledger.GetCheckpoint(PersonWith("auditor"), {});
  ASSERT_TRUE(shown.ok()) << shown.status();
  EXPECT_EQ(shown->quorum(), "audit");
  EXPECT_EQ(shown->cosigned_checkpoint(), newest->note);
  EXPECT_EQ(shown->cosigned_size(), newest->checkpoint.size);
  ASSERT_EQ(shown->witnesses_size(), 1);
  EXPECT_EQ(shown->witnesses(0).size(), 2u);
  EXPECT_EQ(shown->witnesses(0).time_s(), 1'795'000'000u);
  EXPECT_EQ(shown->witnesses(0).problem(), "WITNESS_UNREACHABLE");
  EXPECT_EQ(shown->verifier_keys_size(), 1);
}

}  // namespace
}  // namespace zhanqiao::ledger
