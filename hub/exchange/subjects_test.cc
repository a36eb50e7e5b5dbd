// Whose records were asked for: noted with every release and refusal, under keyed tokens, and nowhere in
// plain.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/str_join.h"
#include "catalog/base/commitment.h"
#include "hub/exchange/test_exchange.h"

namespace zhanqiao::exchange {
namespace {

using testing::ElementsAreArray;
using testing::IsEmpty;

constexpr char kLi[] = "11010519491231002X";
constexpr char kWang[] = "440524188001010014";

class SubjectsTest : public ::testing::Test {
 protected:
  // A grant in force whose fields include the ID number.
  v1::Grant Granted(bool with_id_number) {
    auto application = city_.Apply(access::kProjects);
    if (with_id_number) application.mutable_grant()->add_fields()->set_field("id_number");
    const auto made = city_.service.CreateGrant(city_.SystemCaller(), application).value();
    return city_.service.SubmitGrant(city_.SystemCaller(), ExchangeCity::Named<v1::SubmitGrantRequest>(made))
        .value();
  }
  // Asks under `grant` and has the connector answer one row for each of `id_numbers`; gives the entry's
  // index.
  uint64_t Release(const v1::Grant& grant, v1::QueryRequest request,
                   const std::vector<std::string>& id_numbers) {
    const auto pending = city_.Ask(city_.SystemCaller(), std::move(request));
    const auto asked = connector_.Asked();
    EXPECT_EQ(asked.size(), 1u);
    v1::ConnectorReply reply = ExchangeCity::Good(asked[0]);
    const v1::Row row = reply.records().rows(0);
    reply.mutable_records()->clear_rows();
    for (const auto& id_number : id_numbers) {
      v1::Row& added = *reply.mutable_records()->add_rows();
      added = row;
      for (int i = 0; i < asked[0].fields_size(); ++i) {
        if (asked[0].fields(i) == "id_number") added.mutable_values(i)->set_text(id_number);
      }
    }
    connector_.Reply(reply);
    const auto& response = pending->Wait();
    EXPECT_TRUE(response.ok()) << response.status() << grant.name();
    return response.ok() ? response->receipt().index() : 0;
  }
  std::vector<std::string> Tokens(const std::vector<std::string>& id_numbers) {
    return city_.subjects->TokensAt(city_.clock.Now(), id_numbers).value();
  }
  static v1::QueryRequest About(const v1::Grant& grant, const std::string& id_number) {
    auto request = ExchangeCity::Request(grant);
    auto& condition = *request.add_conditions();
    condition.set_field("id_number");
    condition.set_comparison(v1::COMPARISON_EQUALS);
    condition.mutable_value()->set_text(id_number);
    return request;
  }
  ExchangeCity city_;
  ExchangeCity::Played connector_ = city_.Connect(access::kConnectorA);
};

TEST_F(SubjectsTest, EveryPersonInTheRowsIsNotedOnceBeforeMaskingAndCommittedTo) {
  const auto grant = Granted(true);
  const uint64_t index = Release(grant, ExchangeCity::Request(grant), {kWang, kLi, kWang});
  const auto secret = city_.SecretAt(index);
  const auto expected = Tokens({kLi, kWang});
  ASSERT_EQ(expected.size(), 2u);
  EXPECT_THAT(secret.subjects(), ElementsAreArray(expected));
  const auto entry = city_.Entries().at(index);
  EXPECT_EQ(entry.exchange().subjects_commitment(),
            Bytes(Commitment(secret.seed(), ledger::kSubjectsLabel, absl::StrJoin(expected, ""))));
  EXPECT_EQ(entry.SerializeAsString().find(kLi), std::string::npos);
}

TEST_F(SubjectsTest, APersonNamedInAConditionIsNotedThoughNoRowTellsOfThem) {
  const auto grant = Granted(false);
  const uint64_t index = Release(grant, About(grant, kLi), {});
  EXPECT_THAT(city_.SecretAt(index).subjects(), ElementsAreArray(Tokens({kLi})));
}

TEST_F(SubjectsTest, AReleaseWithoutPersonsHasNoTokensAndNoCommitment) {
  const auto grant = Granted(false);
  const uint64_t index = Release(grant, ExchangeCity::Request(grant), {kLi});
  EXPECT_THAT(city_.SecretAt(index).subjects(), IsEmpty());
  EXPECT_EQ(city_.Entries().at(index).exchange().subjects_commitment(), "");
}

TEST_F(SubjectsTest, ARefusedAttemptToLookIsNotedToo) {
  const auto grant = Granted(false);
  auto request = About(grant, kLi);
  request.add_fields("district");  // not granted
  const auto refused = city_.Ask(city_.SystemCaller(), request)->Wait().status();
  EXPECT_EQ(ReasonOf(refused), "FIELD_NOT_GRANTED");
  uint64_t index = 0;
  ASSERT_TRUE(absl::SimpleAtoi(FactOf(refused, "ledger_index"), &index));
  EXPECT_THAT(city_.SecretAt(index).subjects(), ElementsAreArray(Tokens({kLi})));
  EXPECT_EQ(city_.Entries().at(index).denial().subjects_commitment().size(), 32u);
  // Under a grant that does not exist nobody knows the fields: what has the form of an ID number counts.
  request.set_grant("grants/none");
  request.mutable_conditions(0)->set_field("whatever");
  const auto unknown = city_.Ask(city_.SystemCaller(), request)->Wait().status();
  ASSERT_TRUE(absl::SimpleAtoi(FactOf(unknown, "ledger_index"), &index));
  EXPECT_THAT(city_.SecretAt(index).subjects(), ElementsAreArray(Tokens({kLi})));
}

TEST_F(SubjectsTest, PersonsOfRefusalsThatAreOnlyCountedAreNotedWithTheirCount) {
  const auto grant = Granted(false);
  for (int i = 0; i < 12; ++i) {
    auto request = About(grant, i == 11 ? kWang : kLi);
    request.add_fields("district");
    city_.Ask(city_.SystemCaller(), request)->Wait();
  }
  city_.clock.Advance(absl::Minutes(2));
  city_.refusals.Sweep();
  // The sweep hands over its entry; one more act waits until that is written.
  city_.Put("organizations/370200-ZWFWB", ExchangeCity::Body("organizations/370200-ZWFWB"));
  const auto entries = city_.Entries();
  for (uint64_t index = 0; index < entries.size(); ++index) {
    if (entries[index].denial().count() != 2) continue;
    EXPECT_THAT(city_.SecretAt(index).subjects(), ElementsAreArray(Tokens({kLi, kWang})));
    return;
  }
  ADD_FAILURE() << "no entry counts the refusals beyond ten";
}

TEST_F(SubjectsTest, WithoutASubjectKeyNothingOfAPersonIsReleased) {
  const auto grant = Granted(true);
  const storage::TemporaryDirectory empty;
  const auto none = ledger::SubjectKeys::Open(empty.path(), city_.random).value();
  EXPECT_EQ(ReasonOf(none->TokensAt(city_.clock.Now(), {kLi}).status()), "SUBJECT_KEY_MISSING");
}

}  // namespace
}  // namespace zhanqiao::exchange
