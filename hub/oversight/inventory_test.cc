#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "catalog/model/catalog.h"
#include "hub/oversight/cleanup.h"
#include "hub/oversight/facility.h"
#include "hub/oversight/inventory_figures.h"
#include "hub/oversight/inventory_service.h"
#include "hub/oversight/likeness.h"
#include "hub/oversight/test_year.h"

namespace zhanqiao::oversight {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::vector<std::string> WrongIn(const v1::Facility& facility) {
  std::vector<std::string> wrong;
  for (const Violation& violation : Check(facility)) wrong.push_back(violation.field + " " + violation.reason);
  return wrong;
}

TEST(Facility, OnlyANetworkHasATargetAndOneThatIsMovedMustHaveIt) {
  v1::Facility exit = TestYear::Facility("organizations/370200-FGW/facilities/exit", v1::FACILITY_KIND_INTERNET_EXIT);
  EXPECT_THAT(WrongIn(exit), IsEmpty());
  exit.set_target_network(v1::SYSTEM_NETWORK_INTRANET);
  exit.set_is_vertical(true);
  EXPECT_THAT(WrongIn(exit), ElementsAre("target_network TARGET_NETWORK", "is_vertical VERTICAL_OF_NETWORK"));
  v1::Facility line = TestYear::Facility("organizations/370200-FGW/facilities/line", v1::FACILITY_KIND_BUSINESS_NETWORK);
  line.set_done_date("2018-12-01");
  EXPECT_THAT(WrongIn(line), ElementsAre("target_network TARGET_NETWORK_MISSING"));
  line.set_target_network(v1::SYSTEM_NETWORK_EXTRANET);
  EXPECT_THAT(WrongIn(line), IsEmpty());
}

TEST(Likeness, CountsPiecesInCommon) {
  const auto likeness = [](std::string_view a, std::string_view b) { return LikenessPercent(PiecesOf(a), PiecesOf(b)); };
  EXPECT_EQ(likeness("行政审批系统", "行政审批系统"), 100);
  EXPECT_EQ(likeness("行政审批 系统。", "行政审批系统"), 100);
  EXPECT_GT(likeness("行政审批系统", "行政审批平台"), 55);
  EXPECT_EQ(likeness("行政审批", "视频会议"), 0);
  EXPECT_EQ(likeness("", "视频会议"), 0);
}

class InventoryTest : public ::testing::Test, protected TestYear {
 protected:
  InventoryTest() { EXPECT_TRUE(catalog_.Follow(hub.documents).ok()); }

  void Idle(const std::string& system, const std::string& substitute) {
    v1::InformationSystem made = System(system, [&](v1::Inventory& i) {
      i.set_usage_frequency(v1::USAGE_FREQUENCY_NEVER);
      i.set_construction_status(v1::CONSTRUCTION_STATUS_NOT_MAINTAINED);
      i.set_substitute_system(substitute);
    });
    made.set_function("考勤");
    Put(made);
  }
  void Doing(const std::string& system, const std::string& name, const std::string& function, const std::string& approved) {
    v1::InformationSystem made = System(system, [&](v1::Inventory& i) { i.set_approval_date(approved); });
    made.set_display_name(name);
    made.set_function(function);
    Put(made);
  }
  std::vector<v1::CleanupProposal> Proposals() {
    v1::ListCleanupProposalsRequest request;
    const auto response = service_.ListCleanupProposals(Office(), request).value();
    return {response.proposals().begin(), response.proposals().end()};
  }
  static Caller Office() {
    Caller caller;
    caller.kind = SubjectKind::kPerson;
    caller.organization = "organizations/370200-DZZWXZB";
    caller.subject = caller.organization + "/persons/office";
    caller.roles = {"office"};
    return caller;
  }
  absl::StatusOr<v1::CleanupJudgement> Judge(const v1::CleanupProposal& proposal, bool confirmed, const std::string& reason = "") {
    v1::JudgeCleanupProposalRequest request;
    request.set_system(proposal.system());
    request.set_rule(proposal.rule());
    request.set_confirmed(confirmed);
    request.set_etag(proposal.etag());
    request.set_reason(reason);
    return service_.JudgeCleanupProposal(Office(), request);
  }
  v1::InformationSystem Stored(const std::string& name) { return hub.documents.Get(name).value().As<v1::InformationSystem>().value(); }
  // Calls `use` with what is recorded.
  void View(const std::function<void(const RecordsView&)>& use) {
    const absl::Status read = records.Read([&](const RecordsView& view, const documents::ChangeReader&) -> absl::Status {
      use(view);
      return absl::OkStatus();
    });
    ASSERT_TRUE(read.ok()) << read;
  }

  catalog::Catalog catalog_;
  InventoryService service_{hub.documents, catalog_, records, clock};
};

TEST_F(InventoryTest, WhatIsIdleUntouchedAndReplaceableIsProposedAsAZombie) {
  Put(System(kOa));
  Idle("organizations/370200-FGW/systems/old", kOa);
  Idle("organizations/370200-FGW/systems/needed", "");  // nothing replaces it
  const std::vector<v1::CleanupProposal> proposals = Proposals();
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].system(), "organizations/370200-FGW/systems/old");
  EXPECT_EQ(proposals[0].rule(), v1::CLEANUP_RULE_ZOMBIE);
  EXPECT_EQ(proposals[0].other(), kOa);
  EXPECT_THAT(proposals[0].facts(), ElementsAre("IDLE", "NOT_UPDATED", "NOT_MAINTAINED", "REPLACEABLE"));
}

TEST_F(InventoryTest, ASystemThatLooksLikeAnotherBodysIsProposedAsItsShadow) {
  Doing(kOa, "公文办公系统", "公文流转、会议安排、督查督办", "2010-01-01");
  Doing("organizations/370200-GAJ/systems/oa", "公文办公系统", "公文流转、会议安排、督查督办、信息报送", "2015-01-01");
  Doing("organizations/370200-GAJ/systems/residents", "人口系统", "户籍登记", "2015-01-01");
  const std::vector<v1::CleanupProposal> proposals = Proposals();
  ASSERT_EQ(proposals.size(), 1u);
  EXPECT_EQ(proposals[0].system(), "organizations/370200-GAJ/systems/oa");
  EXPECT_EQ(proposals[0].other(), kOa);
  EXPECT_EQ(proposals[0].rule(), v1::CLEANUP_RULE_SHADOW);
  EXPECT_GE(proposals[0].likeness_percent(), kLikenessMin);
}

TEST_F(InventoryTest, SystemsOfOneBodyAreNoShadowsOfEachOther) {
  Doing(kOa, "公文办公系统", "公文流转、会议安排", "2010-01-01");
  Doing("organizations/370200-FGW/systems/oa2", "公文办公系统", "公文流转、会议安排", "2015-01-01");
  EXPECT_THAT(Proposals(), IsEmpty());
}

TEST_F(InventoryTest, AConfirmedProposalClassesTheSystemInTheSameCommit) {
  Put(System(kOa));
  Idle("organizations/370200-FGW/systems/old", kOa);
  const auto judged = Judge(Proposals().at(0), true);
  ASSERT_TRUE(judged.ok()) << judged.status();
  const v1::InformationSystem system = Stored("organizations/370200-FGW/systems/old");
  EXPECT_EQ(system.inventory().cleanup_class(), v1::CLEANUP_CLASS_ZOMBIE);
  EXPECT_EQ(system.inventory().substitute_system(), kOa);
  EXPECT_EQ(judged->judge(), "organizations/370200-DZZWXZB/persons/office");
  EXPECT_THAT(Proposals(), IsEmpty());
}

TEST_F(InventoryTest, ADismissedProposalComesBackOnlyWhenTheSystemChanges) {
  Put(System(kOa));
  Idle("organizations/370200-FGW/systems/old", kOa);
  const v1::CleanupProposal proposal = Proposals().at(0);
  EXPECT_EQ(ReasonOf(Judge(proposal, false).status()), "TEXT_REQUIRED");
  ASSERT_TRUE(Judge(proposal, false, "年审时使用").ok());
  EXPECT_THAT(Proposals(), IsEmpty());
  EXPECT_EQ(ReasonOf(Judge(proposal, true).status()), "PROPOSAL_GONE");
  Change("organizations/370200-FGW/systems/old", [](v1::Inventory& i) { i.set_funding_source("财政"); });
  EXPECT_EQ(Proposals().size(), 1u);
  EXPECT_EQ(ReasonOf(Judge(proposal, true).status()), "ETAG_MISMATCH");
}

TEST_F(InventoryTest, MergeTreesWalkFromTheBigSystemAndShowCircles) {
  Put(System("organizations/370200-FGW/systems/big"));
  const auto merged = [](const std::string& into, const std::string& date) {
    return [=](v1::Inventory& i) {
      i.set_merged_into(into);
      i.set_merged_date(date);
    };
  };
  Put(System("organizations/370200-FGW/systems/a", merged("organizations/370200-FGW/systems/big", "2018-06-15")));
  Put(System("organizations/370200-FGW/systems/b", merged("organizations/370200-FGW/systems/a", "")));
  Put(System("organizations/370200-FGW/systems/x", merged("organizations/370200-FGW/systems/y", "")));
  Put(System("organizations/370200-FGW/systems/y", merged("organizations/370200-FGW/systems/x", "")));
  View([](const RecordsView& view) {
    std::vector<std::string> walk;
    for (const v1::MergeNode& node : MergeTrees(view, {Day(6, 30), {}, ""})) {
      walk.push_back(absl::StrCat(node.display_name(), node.depth(), node.merged() ? "m" : "", node.cycle() ? "!" : ""));
    }
    EXPECT_THAT(walk, ElementsAre("big0", "a1m", "b2", "x0!", "y1!"));
    EXPECT_FALSE(MergeTrees(view, {Day(6, 14), {}, ""}).at(1).merged());
    EXPECT_THAT(MergeTrees(view, {Day(6, 30), {}, kGaj}), IsEmpty());
  });
}

TEST_F(InventoryTest, CompletenessCountsWhatIsWantedOfEachSystem) {
  v1::InformationSystem bare = System(kOa);
  bare.clear_inventory();
  Put(bare);
  v1::InformationSystem full = System("organizations/370200-GAJ/systems/full", [](v1::Inventory& i) {
    i.set_usage_scope(v1::USAGE_SCOPE_BODY);
    i.set_usage_frequency(v1::USAGE_FREQUENCY_DAILY);
    i.set_funding_source("财政");
    i.set_approval_dept("市发展改革委");
    i.set_approval_date("2015-01-01");
    i.set_build_mode(v1::BUILD_MODE_GOVERNMENT_INVESTED);
    i.set_cleanup_class(v1::CLEANUP_CLASS_NORMAL);
    i.set_network(v1::SYSTEM_NETWORK_EXTRANET);
    i.set_audit_status(v1::AUDIT_STATUS_AUDITED);
    i.set_mlps_level(2);
  });
  full.set_function("业务");
  Put(full);
  View([](const RecordsView& view) {
    const auto bodies = CompletenessOf(view, {Day(1, 2), {}, ""});
    ASSERT_EQ(bodies.size(), 2u);
    EXPECT_EQ(bodies[0].without_inventory(), 1);
    EXPECT_EQ(bodies[0].score_percent(), 0);
    EXPECT_EQ(bodies[1].score_percent(), 92);  // 12 of 13: no date is planned for the cloud
    ASSERT_EQ(bodies[1].missing_size(), 1);
    EXPECT_EQ(bodies[1].missing(0).reason(), "planned_cloud_date");
  });
}

TEST_F(InventoryTest, CostIsComparedWithWhatItBringsAndWithBefore) {
  const auto measured = [this](const std::string& name, int64_t cost, int64_t before, int64_t transactions, int cpu) {
    Put(System(name, [&](v1::Inventory& i) {
      v1::CloudUse& use = *i.mutable_cloud_use();
      use.set_measured_date("2018-01-01");
      use.set_vcpus(8);
      use.set_cpu_use_percent(cpu);
      use.set_memory_use_percent(cpu);
      use.set_yearly_cost_yuan(cost);
      use.set_yearly_cost_before_yuan(before);
      use.set_monthly_transactions(transactions);
    }));
  };
  measured("organizations/370200-FGW/systems/a", 12'000, 24'000, 1000, 50);
  measured("organizations/370200-FGW/systems/b", 12'000, 10'000, 1000, 10);
  measured("organizations/370200-GAJ/systems/c", 120'000, 0, 1000, 90);
  measured("organizations/370200-GAJ/systems/d", 1'000, 0, 0, 50);
  View([](const RecordsView& view) {
    const auto all = CloudComparisons(view, {Day(1, 2), {}, ""});
    ASSERT_EQ(all.size(), 4u);
    EXPECT_DOUBLE_EQ(all[0].yuan_per_thousand_transactions(), 1000);
    EXPECT_DOUBLE_EQ(all[0].cost_change_percent(), -50);
    EXPECT_THAT(all[0].advice(), IsEmpty());
    EXPECT_THAT(all[1].advice(), ElementsAre("OVERSIZED", "DEARER"));
    EXPECT_THAT(all[2].advice(), ElementsAre("TIGHT", "COSTLY"));
    EXPECT_THAT(all[3].advice(), ElementsAre("UNUSED"));
    const auto own = CloudComparisons(view, {Day(1, 2), {}, kFgw});
    ASSERT_EQ(own.size(), 2u);
    EXPECT_DOUBLE_EQ(own[0].median_yuan_per_thousand(), all[0].median_yuan_per_thousand());
  });
}

TEST_F(InventoryTest, AFacilityIsKeptWithItsHistoryAndItsKindNeverChanges) {
  v1::CreateFacilityRequest create;
  *create.mutable_facility() = Facility("organizations/370200-FGW/facilities/exit", v1::FACILITY_KIND_INTERNET_EXIT);
  create.set_request_id("one");
  const v1::Facility made = service_.CreateFacility(Office(), create).value();
  EXPECT_EQ(service_.CreateFacility(Office(), create).value().etag(), made.etag());
  v1::UpdateFacilityRequest update;
  *update.mutable_facility() = made;
  update.mutable_facility()->set_kind(v1::FACILITY_KIND_PORTAL);
  EXPECT_EQ(ReasonOf(service_.UpdateFacility(Office(), update).status()), "KIND_FIXED");
  update.mutable_facility()->set_kind(v1::FACILITY_KIND_INTERNET_EXIT);
  update.mutable_facility()->set_done_date("2018-01-01");
  EXPECT_EQ(service_.UpdateFacility(Office(), update).value().etag(), "r2");
  EXPECT_EQ(ReasonOf(service_.UpdateFacility(Office(), update).status()), "ETAG_MISMATCH");
  v1::ListFacilitiesRequest list;
  list.set_parent("organizations/-");
  EXPECT_EQ(service_.ListFacilities(Office(), list).value().facilities_size(), 1);
  list.set_kind(v1::FACILITY_KIND_PORTAL);
  EXPECT_EQ(service_.ListFacilities(Office(), list).value().facilities_size(), 0);
}

}  // namespace
}  // namespace zhanqiao::oversight
