#include "hub/oversight/sharing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <random>

#include "hub/ledger/audit/test_audit.h"
#include "hub/oversight/test_year.h"

namespace zhanqiao::oversight {
namespace {

constexpr char kUser[] = "organizations/370200-FGW/systems/oa";
constexpr char kEntry[] = "resources/306001~000001";

class SharingTest : public ::testing::Test, protected TestYear {
 protected:
  SharingTest() {
    Grant("grants/1", "核验");
    Grant("grants/2", "统计");
    v1::Resource entry;
    entry.set_name(kEntry);
    entry.set_provider(kGaj);
    entry.set_state(v1::RESOURCE_STATE_PUBLISHED);
    Put(entry);
  }
  void Grant(const std::string& name, const std::string& purpose) {
    v1::Grant grant;
    grant.set_name(name);
    grant.set_consumer(kUser);
    grant.set_resource(kEntry);
    grant.set_purpose(purpose);
    Put(grant);
  }
  void Release(const std::string& grant, uint32_t rows = 1, const std::string& consumer = kUser) {
    v1::LedgerEntry entry = ledger::ExchangeEntry(1, consumer, kGaj);
    entry.mutable_exchange()->set_grant(grant);
    entry.mutable_exchange()->set_resource(kEntry);
    entry.mutable_exchange()->set_rows(rows);
    entry.mutable_exchange()->set_released_bytes(rows * 10);
    log_.Append(entry);
  }
  void Refuse(const std::string& grant, const std::string& reason, uint32_t count = 1) {
    v1::LedgerEntry entry;
    entry.set_version(1);
    entry.mutable_denial()->set_grant(grant);
    entry.mutable_denial()->set_consumer(kUser);
    entry.mutable_denial()->set_resource(kEntry);
    entry.mutable_denial()->set_reason(reason);
    entry.mutable_denial()->set_count(count);
    log_.Append(entry);
  }
  // Two thousand exchanges of a generated sample on one day of June 2018.
  void LoadSample() {
    v1::SharingSample sample;
    sample.set_name("sharingSamples/2018-06");
    for (const char* text : {kUser, kGaj, kEntry, "样例", ""}) sample.add_texts(text);
    v1::SharingSampleCell& cell = *sample.add_cells();
    cell.set_day(30);
    cell.set_provider(1);
    cell.set_resource(2);
    cell.set_purpose(3);
    cell.set_reason(4);
    cell.set_count(2000);
    cell.set_rows(4000);
    Put(sample);
  }
  v1::Sharing Ask(std::vector<v1::SharingKey> keys, const std::string& organization = "", bool ledger_only = false) {
    v1::GetSharingRequest request;
    request.set_from_day("2000-01-01");
    request.set_to_day("2100-01-01");
    request.set_ledger_only(ledger_only);
    for (const v1::SharingKey key : keys) request.add_keys(key);
    return sharing_.Sum(request, organization, absl::Now() + absl::Seconds(10)).value();
  }
  std::string Reason(const v1::GetSharingRequest& request) {
    return ReasonOf(sharing_.Sum(request, "", absl::Now() + absl::Seconds(10)).status());
  }

  ledger::AuditedLog log_;
  access::Rules rules_;
  SharingFigures sharing_{records, *log_.log.index, rules_};
};

TEST_F(SharingTest, ReleasesAndRefusalsAreSummedByPurpose) {
  Release("grants/1", 2);
  Release("grants/1", 3);
  Release("grants/2");
  Refuse("grants/2", "FIELD_NOT_GRANTED", 7);
  const v1::Sharing sharing = Ask({v1::SHARING_KEY_PURPOSE});
  ASSERT_EQ(sharing.rows_size(), 2);
  EXPECT_EQ(sharing.rows(0).purpose(), "核验");
  EXPECT_EQ(sharing.rows(0).released(), 2u);
  EXPECT_EQ(sharing.rows(0).rows(), 5u);
  EXPECT_EQ(sharing.rows(0).released_bytes(), 50u);
  EXPECT_EQ(sharing.rows(1).purpose(), "统计");
  EXPECT_EQ(sharing.rows(1).released(), 1u);
  EXPECT_EQ(sharing.rows(1).refused(), 7u);
  EXPECT_EQ(sharing.reached(), log_.log.log.log().head()->size());
}

TEST_F(SharingTest, ARefusalBelongsToTheProviderOfItsResource) {
  Refuse("grants/1", "QUOTA");
  const v1::Sharing sharing = Ask({v1::SHARING_KEY_PROVIDER, v1::SHARING_KEY_REASON});
  ASSERT_EQ(sharing.rows_size(), 1);
  EXPECT_EQ(sharing.rows(0).provider(), kGaj);
  EXPECT_EQ(sharing.rows(0).reason(), "QUOTA");
}

TEST_F(SharingTest, ABodySeesWhatItSuppliedAndWhatItUsed) {
  Release("grants/1");
  Release("grants/1", 1, "organizations/370202/systems/oa");
  EXPECT_EQ(Ask({}, kGaj).rows(0).released(), 2u);
  EXPECT_EQ(Ask({}, kFgw).rows(0).released(), 1u);
  EXPECT_EQ(Ask({}, "organizations/370200-SJJ").rows_size(), 0);
}

TEST_F(SharingTest, ASampleIsToldApartAndCanBeLeftOut) {
  LoadSample();
  Release("grants/1");
  const v1::SharingRow all = Ask({}).rows(0);
  EXPECT_EQ(all.released(), 2001u);
  EXPECT_EQ(all.sample(), 2000u);
  EXPECT_EQ(Ask({}, "", /*ledger_only=*/true).rows(0).released(), 1u);
  const v1::Sharing by_day = Ask({v1::SHARING_KEY_DAY});
  EXPECT_EQ(by_day.rows(0).day(), "2018-06-30");
}

TEST_F(SharingTest, WrongDaysAndKeysAreNamed) {
  v1::GetSharingRequest request;
  request.set_from_day("2018-02-29");
  request.set_to_day("2018-12-31");
  EXPECT_EQ(Reason(request), "DATE_INVALID");
  request.set_from_day("2018-02-28");
  request.add_keys(v1::SHARING_KEY_DAY);
  request.add_keys(v1::SHARING_KEY_MONTH);
  EXPECT_EQ(Reason(request), "SHARING_KEY");
}

// What `zq stats recount` does, here over the stored entries.
TEST_F(SharingTest, EqualsARecountOfTheEntries) {
  std::mt19937 dice(2018);
  const std::vector<std::string> consumers = {kUser, "organizations/370202/systems/oa", "organizations/370202/systems/b"};
  for (int i = 0; i < 600; ++i) {
    log_.log.log.clock().Advance(absl::Hours(dice() % 30));
    const std::string grant = absl::StrCat("grants/", 1 + dice() % 3);  // one of them nobody knows
    if (dice() % 5 == 0) {
      Refuse(grant, dice() % 2 == 0 ? "QUOTA" : "FIELD_NOT_GRANTED", static_cast<uint32_t>(dice() % 9));
    } else {
      Release(grant, static_cast<uint32_t>(dice() % 50), consumers[dice() % 3]);
    }
  }
  std::map<std::string, std::pair<uint64_t, uint64_t>> counted;  // releases and refusals, and rows
  const uint64_t size = log_.log.log.log().head()->size();
  const absl::Status read = log_.log.online->Read(0, size, [&](uint64_t, std::string_view bytes, std::string_view) -> absl::Status {
    v1::LedgerEntry entry;
    entry.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    const std::string day = FormatDay(CivilDayOf(absl::FromUnixMicros(static_cast<int64_t>(entry.time_us()))));
    const std::map<std::string, std::string> purposes = {{"grants/1", "核验"}, {"grants/2", "统计"}, {"grants/3", ""}};
    if (entry.has_exchange()) {
      const std::string& consumer = entry.exchange().consumer();
      auto& sum = counted[absl::StrCat(day, "|", consumer.substr(0, consumer.find("/systems")), "|", purposes.at(entry.exchange().grant()), "|")];
      sum.first += 1;
      sum.second += entry.exchange().rows();
    } else if (entry.has_denial()) {
      const std::string& consumer = entry.denial().consumer();
      auto& sum = counted[absl::StrCat(day, "|", consumer.substr(0, consumer.find("/systems")), "|", purposes.at(entry.denial().grant()), "|", entry.denial().reason())];
      sum.first += std::max<uint64_t>(1, entry.denial().count());
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(read.ok()) << read;
  std::map<std::string, std::pair<uint64_t, uint64_t>> told;
  const v1::Sharing sharing = Ask({v1::SHARING_KEY_DAY, v1::SHARING_KEY_CONSUMER, v1::SHARING_KEY_PURPOSE, v1::SHARING_KEY_REASON});
  for (const v1::SharingRow& row : sharing.rows()) {
    told[absl::StrCat(row.day(), "|", row.consumer(), "|", row.purpose(), "|", row.reason())] = {row.released() + row.refused(), row.rows()};
  }
  EXPECT_EQ(told, counted);
}

class SharingQualityTest : public SharingTest {
 protected:
  static google::protobuf::Timestamp At(int month, int day) {
    google::protobuf::Timestamp time;
    time.set_seconds(absl::ToUnixSeconds(absl::FromCivil(absl::CivilSecond(2018, month, day, 10, 0, 0), Shanghai())));
    return time;
  }
  void Apply(const std::string& name, int day, int answered, bool approve, const std::string& reason = "") {
    v1::Grant grant;
    grant.set_name(name);
    grant.set_resource(kEntry);
    *grant.mutable_submit_time() = At(6, day);
    grant.set_due_date("2018-06-15");
    grant.set_state(v1::GRANT_STATE_SUBMITTED);
    if (answered > 0) {
      grant.set_state(approve ? v1::GRANT_STATE_ACTIVE : v1::GRANT_STATE_REJECTED);
      *grant.mutable_decision()->mutable_decide_time() = At(6, answered);
      grant.mutable_decision()->set_approve(approve);
      grant.mutable_decision()->set_reason(reason);
    }
    Put(grant);
  }
};

TEST_F(SharingQualityTest, ApplicationsAreCountedInWorkingDays) {
  Apply("grants/a", 1, 5, true);            // Friday to Tuesday: two working days
  Apply("grants/b", 1, 20, false, "依据");  // late
  Apply("grants/c", 4, 0, false);           // open, and late after the 15th
  const v1::SharingQuality early = sharing_.Quality({Day(6, 10), {}, ""}, {}).value();
  EXPECT_EQ(early.applications().answered(), 1);
  EXPECT_EQ(early.applications().days_max(), 2);
  EXPECT_EQ(early.applications().open(), 2);
  EXPECT_EQ(early.applications().overdue(), 0);
  const v1::SharingQuality late = sharing_.Quality({Day(6, 30), {}, ""}, {}).value();
  EXPECT_EQ(late.applications_approved(), 1);
  EXPECT_EQ(late.applications_rejected(), 1);
  EXPECT_EQ(late.applications().overdue(), 2);
  ASSERT_EQ(late.rejections_size(), 1);
  EXPECT_EQ(late.rejections(0).reason(), "依据");
  EXPECT_EQ(sharing_.Quality({Day(6, 30), {}, kFgw}, {}).value().applications().answered(), 0);
  EXPECT_EQ(sharing_.Quality({Day(6, 30), {}, ""}, Day(6, 4)).value().applications().open(), 1);
}

TEST_F(SharingQualityTest, EntriesAreFreshWithinTheirCycle) {
  v1::Resource entry;
  entry.set_name(kEntry);
  entry.set_provider(kGaj);
  entry.set_state(v1::RESOURCE_STATE_PUBLISHED);
  entry.set_update_cycle(v1::UPDATE_CYCLE_MONTHLY);
  entry.set_data_update_date("2018-05-31");
  Put(entry);
  EXPECT_EQ(sharing_.Quality({Day(6, 30), {}, ""}, {}).value().entries_fresh(), 1);
  EXPECT_EQ(sharing_.Quality({Day(7, 1), {}, ""}, {}).value().entries_fresh(), 0);
  EXPECT_EQ(sharing_.Quality({Day(7, 1), {}, ""}, {}).value().entries_published(), 1);
}

}  // namespace
}  // namespace zhanqiao::oversight
