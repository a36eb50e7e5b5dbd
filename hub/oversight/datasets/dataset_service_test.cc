#include "hub/oversight/datasets/dataset_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/oversight/datasets/test_datasets.h"

namespace zhanqiao::datasets {
namespace {

class DatasetServiceTest : public ::testing::Test, protected TestDatasets {
 protected:
  absl::StatusOr<v1::Dataset> Create(const v1::Dataset& dataset) {
    v1::CreateDatasetRequest request;
    *request.mutable_dataset() = dataset;
    return room->service().CreateDataset(clerk(), request);
  }
  absl::StatusOr<v1::Dataset> Get(const Caller& caller, const std::string& name) {
    v1::GetDatasetRequest request;
    request.set_name(name);
    return room->service().GetDataset(caller, request);
  }
  static std::vector<v1::DatasetColumn> PersonColumns() {
    return {Column("age", "年龄段", v1::COLUMN_ROLE_QUASI_IDENTIFIER), Column("illness", "病种", v1::COLUMN_ROLE_SENSITIVE)};
  }
  static std::string Persons(int rows) {
    std::string csv = "年龄段,病种\n";
    for (int i = 0; i < rows; ++i) absl::StrAppend(&csv, i % 2 ? "30-39,甲\n" : "30-39,乙\n");
    return csv;
  }
};

TEST_F(DatasetServiceTest, GoesFromDraftThroughTheGateAndTwoPeopleToThePublic) {
  const v1::Dataset made = Created();
  EXPECT_EQ(made.state(), v1::DATASET_STATE_DRAFT);
  EXPECT_EQ(made.license(), "qingdao-open");
  const v1::Dataset uploaded = Uploaded(made.name(), Parks(), ParkColumns());
  EXPECT_EQ(uploaded.candidate_state(), v1::CANDIDATE_STATE_PREPARING);
  EXPECT_EQ(uploaded.candidate().distributions(0).rows(), 3);
  EXPECT_EQ(ReasonOf(Propose(made.name()).status()), "RISK_NOT_ASSESSED");
  const v1::RiskReport report = Assess(made.name()).value();
  EXPECT_TRUE(report.passed());
  EXPECT_EQ(report.name(), made.name() + "/riskReports/1");
  EXPECT_EQ(Propose(made.name())->candidate_state(), v1::CANDIDATE_STATE_PROPOSED);
  const v1::Dataset published = Decide(made.name(), approver()).value();
  EXPECT_EQ(published.state(), v1::DATASET_STATE_PUBLISHED);
  EXPECT_EQ(published.issue_date(), "2018-05-07");
  EXPECT_EQ(published.current().number(), 1);
  EXPECT_EQ(published.current().proposer(), clerk().subject);
  EXPECT_EQ(published.current().decider(), approver().subject);
  EXPECT_FALSE(published.has_candidate());
}

TEST_F(DatasetServiceTest, TheProposerDoesNotDecideAndAClerkNeitherDoes) {
  const std::string name = Created().name();
  Uploaded(name, Parks(), ParkColumns());
  Assess(name).value();
  v1::ProposeDatasetRequest propose;
  propose.set_name(name);
  ASSERT_TRUE(room->service().ProposeDataset(approver(), propose).ok());
  EXPECT_EQ(ReasonOf(Decide(name, approver()).status()), "FOUR_EYES");
  EXPECT_EQ(ReasonOf(Decide(name, clerk()).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Decide(name, office("a")).status()), "ROLE_REQUIRED");
  EXPECT_TRUE(Decide(name, Person("370200-GAJ", "second", {"org_approver"})).ok());
}

TEST_F(DatasetServiceTest, WhatIsSentBackIsProposedAnew) {
  const std::string name = Created().name();
  Uploaded(name, Parks(), ParkColumns());
  Assess(name).value();
  Propose(name).value();
  const v1::Dataset back = Decide(name, approver(), false).value();
  EXPECT_EQ(back.candidate_state(), v1::CANDIDATE_STATE_ASSESSED);
  EXPECT_EQ(back.candidate().comment(), "请补充说明");
  EXPECT_TRUE(Propose(name).ok());
}

TEST_F(DatasetServiceTest, DataThatDoNotPassTheGateGoNowhere) {
  const std::string name = Created("ill").name();
  Uploaded(name, Persons(19), PersonColumns());
  const v1::RiskReport report = Assess(name).value();
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(ReasonOf(Propose(name).status()), "RISK_NOT_PASSED");
  Uploaded(name, Persons(20), {});
  EXPECT_TRUE(Assess(name)->passed());
  EXPECT_TRUE(Propose(name).ok());
}

TEST_F(DatasetServiceTest, AControlledDatasetNeedsFive) {
  const std::string name = Created("ill", kConditionalEntry).name();
  Uploaded(name, Persons(6), PersonColumns());
  EXPECT_TRUE(Assess(name)->passed());
}

TEST_F(DatasetServiceTest, ChangedDataAreAssessedAnew) {
  const std::string name = Created().name();
  Uploaded(name, Parks(), ParkColumns());
  Assess(name).value();
  Uploaded(name, Parks(4), {});
  EXPECT_EQ(ReasonOf(Propose(name).status()), "RISK_NOT_ASSESSED");
  Assess(name).value();
  Propose(name).value();
  EXPECT_EQ(ReasonOf(TryUpload(name, Parks(5), {}).status()), "DATASET_STATE") << "what a second person looks at stands still";
}

TEST_F(DatasetServiceTest, TheReportIsStoredAndItsDigestStandsInTheLedger) {
  const std::string name = Created().name();
  Uploaded(name, Parks(), ParkColumns());
  v1::RiskReport report = Assess(name).value();
  report.clear_etag();
  const std::string digest = ToHex(Bytes(Sha256(documents::Canonical(report))));
  EXPECT_EQ(ToHex(Get(clerk(), name)->candidate().risk_report_sha256()), digest);
  const auto entries = Entries();
  EXPECT_TRUE(absl::StrContains(entries.back().document_change().reason(), digest));
}

TEST_F(DatasetServiceTest, ANextReleaseIsComparedWithTheOneInForceWhichIsServedMeanwhile) {
  const std::string name = Created("ill").name();
  Uploaded(name, Persons(40), PersonColumns());
  Released(name);
  Uploaded(name, Persons(41), {});
  const v1::RiskReport report = Assess(name).value();
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.previous_release(), 1);
  EXPECT_EQ(Get(clerk(), name)->current().number(), 1);
  Uploaded(name, Persons(80), {});
  EXPECT_EQ(Released(name).current().number(), 2);
}

TEST_F(DatasetServiceTest, ItDerivesFromAnOpenEntryOfTheBody) {
  v1::Dataset dataset = Wanted();
  dataset.set_resource("resources/307001~000099");
  EXPECT_EQ(ReasonOf(Create(dataset).status()), "ENTRY_UNKNOWN");
  PutEntry("resources/307001~000098", v1::OPEN_TYPE_NOT_OPEN);
  dataset.set_resource("resources/307001~000098");
  EXPECT_EQ(ReasonOf(Create(dataset).status()), "ENTRY_NOT_OPEN");
  dataset = Wanted("x", kConditionalEntry);
  dataset.set_access(v1::DATASET_ACCESS_PUBLIC);
  EXPECT_EQ(ReasonOf(Create(dataset).status()), "ENTRY_OPEN_CONDITIONALLY");
}

TEST_F(DatasetServiceTest, AnEntryClosedBeforeTheDecisionStopsIt) {
  const std::string name = Created().name();
  Uploaded(name, Parks(), ParkColumns());
  Assess(name).value();
  Propose(name).value();
  PutEntry(kOpenEntry, v1::OPEN_TYPE_UNCONDITIONAL, v1::RESOURCE_STATE_WITHDRAWN);
  EXPECT_EQ(ReasonOf(Decide(name, approver()).status()), "ENTRY_NOT_OPEN");
}

TEST_F(DatasetServiceTest, WhatTheEntryCallsPersonalIsNotDeclaredOrdinary) {
  v1::Resource entry = Entry(kOpenEntry, v1::SHARE_TYPE_UNCONDITIONAL);
  entry.set_open_type(v1::OPEN_TYPE_UNCONDITIONAL);
  entry.mutable_fields(2)->set_sensitivity(v1::SENSITIVITY_PERSONAL);  // address
  entry.mutable_fields(3)->set_sensitivity(v1::SENSITIVITY_SENSITIVE);  // district
  Put(kOpenEntry, entry);
  const std::string name = Created().name();
  const std::string csv = "x\na\n";
  EXPECT_EQ(ReasonOf(TryUpload(name, csv, {Column("address", "x")}).status()), "COLUMN_PERSONAL");
  EXPECT_EQ(ReasonOf(TryUpload(name, csv, {Column("district", "x", v1::COLUMN_ROLE_QUASI_IDENTIFIER)}).status()), "COLUMN_SENSITIVE");
  EXPECT_EQ(ReasonOf(TryUpload(name, csv, {Column("id_number", "x")}).status()), "COLUMN_IDENTIFIES");
  EXPECT_TRUE(TryUpload(name, csv, {Column("address", "x", v1::COLUMN_ROLE_QUASI_IDENTIFIER)}).ok());
}

TEST_F(DatasetServiceTest, UploadsComeInPartsAndAreHeldToTheirDigest) {
  const std::string name = Created().name();
  const std::string csv = Parks();
  v1::UploadDataRequest request;
  request.set_name(name);
  request.set_distribution("data");
  request.set_part(csv.substr(0, 10));
  EXPECT_EQ(room->service().UploadData(clerk(), request)->received(), 10);
  request.set_offset(10);
  request.set_part(csv.substr(10));
  request.set_last(true);
  request.set_sha256(std::string(32, 'x'));
  for (const auto& column : ParkColumns()) *request.add_columns() = column;
  EXPECT_EQ(ReasonOf(room->service().UploadData(clerk(), request).status()), "SHA256_DIFFERS");
  request.set_offset(0);
  request.set_part(csv);
  request.set_sha256(std::string(Bytes(Sha256(csv))));
  const auto done = room->service().UploadData(clerk(), request);
  ASSERT_TRUE(done.ok()) << done.status();
  EXPECT_EQ(**room->data().Get(request.sha256()), csv);
}

TEST_F(DatasetServiceTest, AddressesElsewhereAreFetchedToBeAssessed) {
  const std::string name = Created().name();
  v1::AddAddressRequest request;
  request.set_name(name);
  request.mutable_distribution()->set_id("csv");
  request.mutable_distribution()->set_format("CSV");
  for (const char* address : {"http://127.0.0.1/x", "http://localhost/x", "http://169.254.169.254/", "ftp://a.example/x", "javascript:alert(1)",
                              "http://a.example/\"><script>", "http://[::1]/"}) {
    request.mutable_distribution()->set_address(address);
    EXPECT_EQ(ReasonOf(room->service().AddAddress(clerk(), request).status()), "ADDRESS_NOT_ALLOWED") << address;
  }
  request.mutable_distribution()->set_address("http://data.example.cn/parks.csv");
  ASSERT_TRUE(room->service().AddAddress(clerk(), request).ok());
  EXPECT_EQ(ReasonOf(Assess(name).status()), "NOTHING_TO_ASSESS");
  for (const auto& column : ParkColumns()) *request.mutable_distribution()->add_columns() = column;
  ASSERT_TRUE(room->service().AddAddress(clerk(), request).ok());
  EXPECT_EQ(ReasonOf(Assess(name).status()), "HTTP_UNREACHABLE");
  network["http://data.example.cn/parks.csv"] = {200, "text/csv", Parks()};
  EXPECT_TRUE(Assess(name)->passed());
  EXPECT_EQ(Get(clerk(), name)->candidate().distributions(0).sha256(), Bytes(Sha256(Parks())));
}

TEST_F(DatasetServiceTest, WithdrawnItCanComeBackRecalledDataCannot) {
  const std::string name = Published().name();
  v1::WithdrawDatasetRequest withdraw;
  withdraw.set_name(name);
  EXPECT_EQ(ReasonOf(room->service().WithdrawDataset(approver(), withdraw).status()), "TEXT_REQUIRED");
  withdraw.set_reason("停止维护");
  EXPECT_EQ(ReasonOf(room->service().WithdrawDataset(clerk(), withdraw).status()), "ROLE_REQUIRED");
  EXPECT_EQ(room->service().WithdrawDataset(office("a"), withdraw)->state(), v1::DATASET_STATE_WITHDRAWN);
  Uploaded(name, Parks(), {});
  EXPECT_EQ(Released(name).state(), v1::DATASET_STATE_PUBLISHED);

  const std::string digest = Get(clerk(), name)->current().distributions(0).sha256();
  EXPECT_EQ(Recall(name).state(), v1::DATASET_STATE_RECALLED);
  EXPECT_EQ(ReasonOf(room->data().Get(digest).status()), "DATA_MISSING");
  EXPECT_EQ(ReasonOf(TryUpload(name, Parks(), ParkColumns()).status()), "DATA_RECALLED");
  Uploaded(name, Parks(7), ParkColumns());
  EXPECT_EQ(Released(name).state(), v1::DATASET_STATE_PUBLISHED);
}

TEST_F(DatasetServiceTest, ARecallLeavesWhatAnotherDatasetGivesOut) {
  const v1::Dataset one = Published("one");
  const v1::Dataset other = Published("other");
  Recall(one.name());
  EXPECT_TRUE(room->data().Read(other.current().distributions(0).sha256()).ok());
}

TEST_F(DatasetServiceTest, StrangersSeeWhatWasPublishedWithoutWhatIsPrepared) {
  const std::string name = Created().name();
  EXPECT_EQ(ReasonOf(Get(consumer_clerk(), name).status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Get(consumer_clerk(), std::string(kBody) + "/datasets/nothing").status()), "ROLE_REQUIRED");
  Uploaded(name, Parks(), ParkColumns());
  Released(name);
  Uploaded(name, Parks(9), {});
  EXPECT_TRUE(Get(clerk(), name)->has_candidate());
  EXPECT_FALSE(Get(consumer_clerk(), name)->has_candidate());
  v1::ListDatasetsRequest list;
  list.set_parent("organizations/-");
  Created("second");
  EXPECT_EQ(room->service().ListDatasets(consumer_clerk(), list)->datasets_size(), 1);
  EXPECT_EQ(room->service().ListDatasets(clerk(), list)->datasets_size(), 2);
}

TEST_F(DatasetServiceTest, APublishedDatasetIsNotWidened) {
  const std::string name = Created("ill", kConditionalEntry).name();
  Uploaded(name, Persons(6), PersonColumns());
  Released(name);
  PutEntry(kConditionalEntry, v1::OPEN_TYPE_UNCONDITIONAL);
  v1::UpdateDatasetRequest update;
  *update.mutable_dataset() = Get(approver(), name).value();
  update.mutable_dataset()->set_access(v1::DATASET_ACCESS_PUBLIC);
  EXPECT_EQ(ReasonOf(room->service().UpdateDataset(approver(), update).status()), "ACCESS_WIDENED");
}

TEST_F(DatasetServiceTest, AnUpdateChangesNeitherStateNorData) {
  const std::string name = Published().name();
  v1::UpdateDatasetRequest update;
  *update.mutable_dataset() = Get(approver(), name).value();
  update.mutable_dataset()->set_title("停车场（2018）");
  update.mutable_dataset()->set_state(v1::DATASET_STATE_DRAFT);
  update.mutable_dataset()->clear_current();
  EXPECT_EQ(ReasonOf(room->service().UpdateDataset(clerk(), update).status()), "ROLE_REQUIRED");
  const auto updated = room->service().UpdateDataset(approver(), update);
  ASSERT_TRUE(updated.ok()) << updated.status();
  EXPECT_EQ(updated->title(), "停车场（2018）");
  EXPECT_EQ(updated->state(), v1::DATASET_STATE_PUBLISHED);
  EXPECT_EQ(updated->current().number(), 1);
}

TEST_F(DatasetServiceTest, WrongElementsAreAllNamed) {
  v1::Dataset dataset = Wanted();
  dataset.set_title("");
  dataset.add_tags("<script>");
  dataset.set_license("mine");
  dataset.mutable_contact()->set_email("<a>@b");
  dataset.set_temporal_start("2018-02-30");
  const auto violations = ViolationsOf(Create(dataset).status());
  EXPECT_EQ(violations.size(), 5u);
}

}  // namespace
}  // namespace zhanqiao::datasets
