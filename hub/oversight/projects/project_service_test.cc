#include "hub/oversight/projects/project_service.h"

#include <gmock/gmock.h>

#include "hub/oversight/test_office.h"

namespace zhanqiao::oversight {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ProjectServiceTest : public OfficeCity, public ::testing::Test {
 protected:
  ProjectServiceTest() { Put(std::string(kGaj) + "/systems/police", System(std::string(kGaj) + "/systems/police")); }

  // A filing with everything.
  static v1::Project Whole() {
    v1::Project project;
    project.set_kind(v1::PROJECT_KIND_BUILD);
    project.set_display_name("人口库二期");
    project.set_investment_fen(100'000'000);
    project.set_operation_fen(10'000'000);
    project.set_funding_channel("市级财政");
    project.add_resources(access::kResidence);
    project.set_applications("面向各部门的人口核查");
    project.set_mlps_filing("37020001234");
    project.set_mlps_level(3);
    project.add_systems(std::string(kGaj) + "/systems/police");
    return project;
  }
  absl::StatusOr<v1::Project> Create(const v1::Project& project) {
    v1::CreateProjectRequest request;
    *request.mutable_project() = project;
    return services.projects().CreateProject(ClerkOf("370200-GAJ"), request);
  }
  absl::StatusOr<v1::Project> File(const std::string& name) {
    v1::FileProjectRequest request;
    request.set_name(name);
    return services.projects().FileProject(ApproverOf("370200-GAJ"), request);
  }
  absl::StatusOr<v1::Project> Fund(const std::string& name) {
    v1::RequestFundingRequest request;
    request.set_name(name);
    request.set_amount_fen(5'000'000);
    return services.projects().RequestFunding(ApproverOf("370200-GAJ"), request);
  }
  absl::StatusOr<v1::Project> Decide(const std::string& name, int id, bool approved) {
    v1::DecideFundingRequest request;
    request.set_name(name);
    request.set_funding_request(id);
    request.set_approved(approved);
    return services.projects().DecideFunding(OfficeOne(), request);
  }
  absl::StatusOr<v1::Project> Accept(const std::string& name) {
    v1::AcceptProjectRequest request;
    request.set_name(name);
    return services.projects().AcceptProject(OfficeOne(), request);
  }
  absl::StatusOr<v1::Project> Audit(const std::string& name, v1::AuditVerdict verdict, const std::string& code = "370200-SJJ") {
    v1::RecordAuditOpinionRequest request;
    request.set_name(name);
    request.set_verdict(verdict);
    request.set_reference("青审〔2018〕1号");
    return services.projects().RecordAuditOpinion(ApproverOf(code), request);
  }
  static std::vector<std::string> Found(const v1::Project& project) {
    std::vector<std::string> reasons;
    for (const auto& finding : project.findings()) reasons.push_back(finding.reason());
    return reasons;
  }
};

TEST_F(ProjectServiceTest, AFilingNeedsTheNineItems) {
  v1::Project project = Whole();
  project.clear_funding_channel();
  project.clear_mlps_filing();
  const v1::Project created = Create(project).value();
  std::vector<std::string> fields;
  for (const Violation& violation : ViolationsOf(File(created.name()).status())) fields.push_back(violation.field);
  EXPECT_THAT(fields, ElementsAre("funding_channel", "mlps_filing"));
}

TEST_F(ProjectServiceTest, ASecretSystemFilesItsOwnProtection) {
  v1::Project project = Whole();
  project.set_is_classified(true);
  project.clear_mlps_filing();
  project.set_mlps_level(0);
  project.set_classified_protection_filing("FB-1");
  EXPECT_TRUE(File(Create(project).value().name()).value().sharing_compliant());
}

TEST_F(ProjectServiceTest, WithoutAShareableCatalogueItIsMarkedAndItsMoneyBlockedWithTheReason) {
  v1::Project project = Whole();
  project.clear_resources();
  const v1::Project filed = File(Create(project).value().name()).value();
  EXPECT_EQ(filed.state(), v1::PROJECT_STATE_FILED);
  EXPECT_FALSE(filed.sharing_compliant());
  EXPECT_THAT(Found(filed), ElementsAre("NO_SHAREABLE_CATALOGUE"));
  const v1::Project asked = Fund(filed.name()).value();
  EXPECT_EQ(asked.funding_requests(0).state(), v1::FUNDING_STATE_BLOCKED);
  EXPECT_THAT(asked.funding_requests(0).reasons(), ElementsAre("NO_SHAREABLE_CATALOGUE"));
  EXPECT_EQ(ReasonOf(Decide(filed.name(), 1, true).status()), "PROJECT_STATE");
}

TEST_F(ProjectServiceTest, WhatIsNotSharedNeedsItsBasis) {
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_share_type(v1::SHARE_TYPE_NOT_SHARED); });
  v1::Project project = Whole();
  EXPECT_FALSE(Create(project).value().sharing_compliant());
  project.set_no_sharing_basis("保密法第九条");
  EXPECT_TRUE(Create(project).value().sharing_compliant());
}

TEST_F(ProjectServiceTest, ADraftOfTheCatalogueOpensTheGateAndItsWithdrawalShutsIt) {
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_state(v1::RESOURCE_STATE_DRAFT); });
  const std::string name = Create(Whole()).value().name();
  EXPECT_TRUE(File(name).value().sharing_compliant());
  EXPECT_EQ(Fund(name).value().funding_requests(0).state(), v1::FUNDING_STATE_ASKED);
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_state(v1::RESOURCE_STATE_WITHDRAWN); });
  EXPECT_EQ(ReasonOf(Decide(name, 1, true).status()), "NOT_COMPLIANT");
}

TEST_F(ProjectServiceTest, AcceptanceNeedsPublishedEntriesAndACleanAudit) {
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_state(v1::RESOURCE_STATE_DRAFT); });
  const std::string name = Create(Whole()).value().name();
  File(name).value();
  Fund(name).value();
  EXPECT_EQ(ReasonOf(Accept(name).status()), "PROJECT_STATE");
  EXPECT_EQ(Decide(name, 1, true).value().state(), v1::PROJECT_STATE_FUNDED);
  EXPECT_EQ(FactOf(Accept(name).status(), "findings"), "CATALOGUE_NOT_PUBLISHED, AUDIT_MISSING");
  Change<v1::Resource>(access::kResidence, [](v1::Resource& entry) { entry.set_state(v1::RESOURCE_STATE_PUBLISHED); });
  Audit(name, v1::AUDIT_VERDICT_RECTIFY).value();
  EXPECT_EQ(FactOf(Accept(name).status(), "findings"), "AUDIT_NOT_RECTIFIED");
  Audit(name, v1::AUDIT_VERDICT_RECTIFIED).value();
  EXPECT_EQ(Accept(name).value().state(), v1::PROJECT_STATE_ACCEPTED);
}

TEST_F(ProjectServiceTest, TheAuditIsTheAuditBureausAlone) {
  const std::string name = Create(Whole()).value().name();
  File(name).value();
  EXPECT_EQ(ReasonOf(Audit(name, v1::AUDIT_VERDICT_CLEAN, "370200-GAJ").status()), "ROLE_REQUIRED");
  EXPECT_EQ(ReasonOf(Decide(name, 1, true).status()), "FUNDING_REQUEST_UNKNOWN");
}

TEST_F(ProjectServiceTest, OtherBodiesSeeNothingOfIt) {
  const std::string name = Create(Whole()).value().name();
  v1::GetProjectRequest get;
  get.set_name(name);
  EXPECT_EQ(ReasonOf(services.projects().GetProject(ClerkOf("370202"), get).status()), "ROLE_REQUIRED");
  EXPECT_TRUE(services.projects().GetProject(ClerkOf("370200-CZJ"), get).ok()) << "who decides on money does";
  EXPECT_THAT(services.projects().ListProjects(ClerkOf("370202"), {}).value().projects(), IsEmpty());
  v1::ListProjectsRequest held_up;
  held_up.set_not_compliant(true);
  EXPECT_THAT(services.projects().ListProjects(OfficeOne(), held_up).value().projects(), IsEmpty());
}

TEST_F(ProjectServiceTest, OnlyOwnEntriesAndRegisteredSystemsAreLinked) {
  v1::Project project = Whole();
  project.add_resources("resources/999999~000001");
  project.add_systems(std::string(kGaj) + "/systems/unknown");
  std::vector<std::string> reasons;
  for (const Violation& violation : ViolationsOf(Create(project).status())) reasons.push_back(violation.reason);
  EXPECT_THAT(reasons, ElementsAre("RESOURCE_UNKNOWN", "SYSTEM_UNKNOWN"));
}

}  // namespace
}  // namespace zhanqiao::oversight
