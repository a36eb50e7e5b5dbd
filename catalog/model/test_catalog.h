// The small city tests of this room live in.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/names.h"
#include "catalog/storage/fake_sequencer.h"
#include "catalog/storage/memory_store.h"

namespace zhanqiao::catalog {

inline constexpr char kHeading[] = "code,name,short_name,kind,division_code,parent_code,plan_role\n";
inline constexpr char kFgw[] = "organizations/370200-FGW";
inline constexpr char kEntry[] = "resources/308001370200~000001";

inline Caller PersonOf(const std::string& organization, const std::string& role) {
  Caller caller;
  caller.kind = SubjectKind::kPerson;
  caller.organization = organization;
  caller.subject = absl::StrCat(organization, "/persons/p");
  caller.roles = {role};
  return caller;
}

// A city of three bodies and CatalogService over a store in memory, with a clock that moves only when told.
class CatalogServiceTest : public testing::Test {
 protected:
  CatalogServiceTest() {
    EXPECT_TRUE(catalog_.Follow(documents_).ok());
    const auto loaded = Import(std::string(kHeading) +
                               "370200,青岛市人民政府,市政府,municipal_office,370200,,\n"
                               "370200-FGW,青岛市发展和改革委员会,市发展改革委,municipal_department,370200,370200,\n"
                               "370200-GAJ,青岛市公安局,市公安局,municipal_department,370200,370200,\n");
    EXPECT_EQ(loaded.created(), 3) << loaded.DebugString();
  }

  v1::ImportOrganizationsResponse Import(const std::string& csv, bool validate_only = false) {
    v1::ImportOrganizationsRequest request;
    request.set_csv(csv);
    request.set_validate_only(validate_only);
    const auto response = service_.ImportOrganizations(office_, request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::ImportOrganizationsResponse());
  }

  static v1::Resource Draft() {
    v1::Resource resource;
    resource.set_resource_code("308001370200/000001");
    resource.set_display_name("政府核准的投资项目目录");
    resource.set_provider(kFgw);
    resource.set_abstract("企业投资项目的核准范围与权限。");
    resource.set_format_category(v1::FORMAT_CATEGORY_SPREADSHEET);
    resource.add_format_types("csv");
    v1::Field* field = resource.add_fields();
    field->set_field("item_code");
    field->set_display_name("事项编码");
    field->set_data_type(v1::DATA_TYPE_CHARACTER);
    field->set_length(8);
    resource.set_share_type(v1::SHARE_TYPE_UNCONDITIONAL);
    resource.set_share_mode_category(v1::SHARE_MODE_CATEGORY_PLATFORM);
    resource.set_share_mode_type(v1::SHARE_MODE_TYPE_FILE);
    resource.set_open_type(v1::OPEN_TYPE_UNCONDITIONAL);
    resource.set_update_cycle(v1::UPDATE_CYCLE_IRREGULAR);
    return resource;
  }

  absl::StatusOr<v1::Resource> Create(const v1::Resource& resource, const Caller& caller) {
    v1::CreateResourceRequest request;
    *request.mutable_resource() = resource;
    return service_.CreateResource(caller, request);
  }
  absl::StatusOr<v1::Resource> Update(const v1::Resource& resource, const Caller& caller) {
    v1::UpdateResourceRequest request;
    *request.mutable_resource() = resource;
    return service_.UpdateResource(caller, request);
  }
  absl::StatusOr<v1::Resource> Submit(const std::string& name, const Caller& caller, const std::string& etag = "") {
    v1::SubmitResourceRequest request;
    request.set_name(name);
    request.set_etag(etag);
    return service_.SubmitResource(caller, request);
  }
  absl::StatusOr<v1::Resource> Review(const std::string& name, const Caller& caller, bool approved,
                                      const std::string& comment = "") {
    v1::ReviewResourceRequest request;
    request.set_name(name);
    request.set_approved(approved);
    request.set_comment(comment);
    return service_.ReviewResource(caller, request);
  }
  // Submitted by `caller`, approved by the office.
  absl::StatusOr<v1::Resource> Publish(const std::string& name, const Caller& caller, const std::string& etag = "") {
    TRY(Submit(name, caller, etag));
    return Review(name, office_, true);
  }
  v1::Resource Published(const v1::Resource& resource, const Caller& caller) {
    return Publish(Create(resource, office_).value().name(), caller).value();
  }
  absl::StatusOr<v1::Resource> Withdraw(const std::string& name, const Caller& caller, const std::string& reason) {
    v1::WithdrawResourceRequest request;
    request.set_name(name);
    request.set_reason(reason);
    return service_.WithdrawResource(caller, request);
  }
  absl::StatusOr<v1::InformationSystem> CreateSystem(const std::string& name, const std::string& display_name,
                                                     const Caller& caller) {
    v1::CreateInformationSystemRequest request;
    request.mutable_information_system()->set_name(name);
    request.mutable_information_system()->set_display_name(display_name);
    request.mutable_information_system()->set_state(v1::REGISTRATION_STATE_ACTIVE);
    return service_.CreateInformationSystem(caller, request);
  }
  absl::StatusOr<v1::ListRevisionsResponse> Revisions(const std::string& name, const Caller& caller) {
    v1::ListRevisionsRequest request;
    request.set_name(name);
    return service_.ListRevisions(caller, request);
  }

  SimulatedClock clock_{absl::FromCivil(absl::CivilDay(2018, 3, 1), Shanghai())};
  SystemRandom random_;  // thread-safe
  storage::MemoryStore store_;
  storage::FakeSequencer sequencer_{store_, clock_};
  storage::CommitPipeline pipeline_{store_, &sequencer_, {}};
  documents::DocumentStore documents_{store_, pipeline_, clock_, random_};
  Catalog catalog_;
  std::vector<std::string> grantees_;  // of every resource
  CatalogService service_{documents_, catalog_, clock_, random_, [this](std::string_view) { return grantees_; }};
  const Caller office_ = PersonOf("organizations/370200-ZFBGT", "office");
  const Caller clerk_ = PersonOf(kFgw, "org_clerk");
  const Caller approver_ = PersonOf(kFgw, "org_approver");
  const Caller stranger_ = PersonOf("organizations/370200-GAJ", "org_approver");
};

}  // namespace zhanqiao::catalog
