#include "hub/access/recipients.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hub/ledger/audit/test_audit.h"

namespace zhanqiao::access {
namespace {

using ledger::PersonNumber;

class RecipientsTest : public testing::Test {
 protected:
  void Release(const std::string& consumer, const std::string& resource,
               const std::vector<std::string>& persons) {
    v1::LedgerEntry entry = ledger::ExchangeEntry(1, consumer, ledger::kProvider);
    entry.mutable_exchange()->set_resource(resource);
    log_.Append(entry, persons);
  }
  std::vector<std::string> Of(const std::string& resource, const std::string& id_number) {
    const auto recipients = RecipientsByLedger(*log_.log.index, *log_.log.online, *keys_);
    return recipients(resource, id_number, absl::InfiniteFuture()).value();
  }

  ledger::AuditedLog log_;
  std::unique_ptr<ledger::SubjectKeys> keys_ =
      ledger::SubjectKeys::Open(log_.files.path(), log_.random).value();
};

TEST_F(RecipientsTest, AreTheBodiesThatReceivedThisPersonsRecordOfThisResource) {
  Release("organizations/C/systems/s", "resources/r1", {PersonNumber(1), PersonNumber(2)});
  Release("organizations/C/systems/t", "resources/r1", {PersonNumber(1)});
  Release("organizations/A/systems/s", "resources/r1", {PersonNumber(1)});
  Release("organizations/D/systems/s", "resources/r2", {PersonNumber(1)});
  Release("organizations/E/systems/s", "resources/r1", {PersonNumber(3)});
  EXPECT_THAT(Of("resources/r1", PersonNumber(1)),
              testing::ElementsAre("organizations/A", "organizations/C"));
  EXPECT_THAT(Of("resources/r1", PersonNumber(2)), testing::ElementsAre("organizations/C"));
  EXPECT_THAT(Of("resources/r1", PersonNumber(4)), testing::IsEmpty());
}

TEST_F(RecipientsTest, WhoWasRefusedReceivedNothing) {
  log_.Refuse("FIELD_NOT_GRANTED", 1, {PersonNumber(1)});
  EXPECT_THAT(Of(ledger::kResource, PersonNumber(1)), testing::IsEmpty());
}

}  // namespace
}  // namespace zhanqiao::access
