#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "hub/cli/demo_story.h"
#include "hub/cli/files.h"
#include "hub/cli/receipts.h"
#include "hub/cli/resources.h"
#include "zhanqiao/v1/access.grpc.pb.h"
#include "zhanqiao/v1/code_table.grpc.pb.h"
#include "zhanqiao/v1/ledger.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

// Registered before is as good.
template <typename T>
absl::Status Registered(const absl::StatusOr<T>& created) {
  if (created.ok() || created.status().code() == absl::StatusCode::kAlreadyExists) return absl::OkStatus();
  return created.status();
}

absl::Status LoadOrganizations(Stage& stage, const std::string& data) {
  Session* const office = TRY(stage.As(kOffice));
  v1::ImportOrganizationsRequest request;
  request.set_csv(TRY(ReadFile(data + "/organizations.csv")));
  request.set_reason("demonstration");
  const auto done = TRY(office->Call(&v1::CatalogService::Stub::ImportOrganizations, request));
  if (!done.problems().empty()) {
    return Fail(absl::StatusCode::kInvalidArgument, "IMPORT_REFUSED",
                "The organisations of the demonstration are wrong.",
                {{"problem", done.problems(0).description()}});
  }
  stage.narrator().Note(
      absl::StrCat("机构 organisations: ", done.created() + done.updated() + done.unchanged()));
  return absl::OkStatus();
}

absl::Status Register(Stage& stage, const Player& player) {
  const std::string name(player.subject);
  const std::string display_name(player.display_name);
  if (absl::StrContains(name, "/persons/")) {
    v1::CreatePersonRequest request;
    request.mutable_person()->set_name(name);
    request.mutable_person()->set_display_name(display_name);
    request.mutable_person()->add_roles(player.role);
    request.mutable_person()->set_state(v1::REGISTRATION_STATE_ACTIVE);
    Session* const security = TRY(stage.As(kSecurity));
    return Registered(security->Call(&v1::AccessService::Stub::CreatePerson, request));
  }
  if (absl::StrContains(name, "/connectors/")) {
    v1::CreateConnectorRequest request;
    request.mutable_connector()->set_name(name);
    request.mutable_connector()->set_display_name(display_name);
    request.mutable_connector()->set_state(v1::REGISTRATION_STATE_ACTIVE);
    const std::string key =
        TRY(SigningKeyArgument(stage.files().Path(absl::StrCat("ids/", Absl(player.id), ".sign.pub"))));
    request.mutable_connector()->set_signing_key(key);
    Session* const security = TRY(stage.As(kSecurity));
    return Registered(security->Call(&v1::AccessService::Stub::CreateConnector, request));
  }
  v1::CreateInformationSystemRequest request;
  request.mutable_information_system()->set_name(name);
  request.mutable_information_system()->set_display_name(display_name);
  request.mutable_information_system()->set_state(v1::REGISTRATION_STATE_ACTIVE);
  Session* const office = TRY(stage.As(kOffice));
  return Registered(office->Call(&v1::CatalogService::Stub::CreateInformationSystem, request));
}

absl::Status LoadTables(Stage& stage, const std::string& data) {
  Session* const office = TRY(stage.As(kOffice));
  for (const char* id : {"classification", "certificate_types", "base_databases"}) {
    v1::ImportCodeTableRequest request;
    request.set_name(absl::StrCat("codeTables/", id));
    request.set_csv(TRY(ReadFile(absl::StrCat(data, "/", id, ".csv"))));
    request.set_source("deploy/demo/data/README.md");
    request.set_reason("demonstration");
    const auto done = TRY(office->Call(&v1::CodeTableService::Stub::ImportCodeTable, request));
    if (done.problems().empty()) continue;
    return Fail(absl::StatusCode::kInvalidArgument, "IMPORT_REFUSED", "A code table of the demonstration is wrong.",
                {{"table", id}, {"problem", done.problems(0).description()}});
  }
  return absl::OkStatus();
}

// The provider's approver submits (the office where none plays), the office reviews.
absl::Status PublishEntry(Stage& stage, const v1::Resource& entry) {
  using Stub = v1::CatalogService::Stub;
  Session* const office = TRY(stage.As(kOffice));
  if (entry.state() == v1::RESOURCE_STATE_DRAFT) {
    const bool played = absl::StartsWith(Absl(PlayerOf(kProviderApprover).subject), entry.provider() + "/");
    Session* const approver = TRY(stage.As(played ? kProviderApprover : kOffice));
    v1::SubmitResourceRequest submit;
    submit.set_name(entry.name());
    submit.set_reason("demonstration");
    TRY(approver->Call(&Stub::SubmitResource, submit));
  } else if (entry.state() != v1::RESOURCE_STATE_SUBMITTED) {
    return absl::OkStatus();
  }
  v1::ReviewResourceRequest review;
  review.set_name(entry.name());
  review.set_approved(true);
  review.set_comment("demonstration");
  return office->Call(&Stub::ReviewResource, review).status();
}

absl::Status LoadResources(Stage& stage, const std::string& data) {
  Session* const office = TRY(stage.As(kOffice));
  const std::string json = TRY(ReadFile(data + "/resources.json"));
  const auto wanted = TRY(ParseResources(json));
  for (const auto& resource : wanted.resources()) {
    const Applied applied = TRY(ApplyResource(*office, resource));
    TRY(PublishEntry(stage, applied.resource));
  }
  stage.narrator().Note(absl::StrCat("目录条目 catalogue entries: ", wanted.resources_size()));
  return absl::OkStatus();
}

// The first checkpoint ever seen and the log's key are kept: later runs must be consistent with them.
absl::Status KeepFirstCheckpoint(Stage& stage) {
  Session* const office = TRY(stage.As(kOffice));
  const auto newest = TRY(office->Call(&v1::LedgerService::Stub::GetCheckpoint, v1::GetCheckpointRequest()));
  const std::string vkey = stage.files().Path("log.vkey");
  if (ReadFile(vkey).ok()) return absl::OkStatus();
  TRY(WriteFile(stage.files().Path("first-checkpoint"), newest.checkpoint()));
  return WriteFile(vkey, newest.verifier_key() + "\n");
}

}  // namespace

absl::Status Load(const DemoFiles& files, const std::string& data, std::ostream& out) {
  Stage stage(files, out);
  TRY(KeepFirstCheckpoint(stage));
  stage.narrator().Chapter("准备：登记机构、系统、人员、前置机，发布目录",
                           "Getting ready: parties registered, catalogue published");
  TRY(LoadOrganizations(stage, data));
  TRY(LoadTables(stage, data));
  for (const Player& player : Players()) TRY(Register(stage, player));
  return LoadResources(stage, data);
}

}  // namespace zhanqiao::cli
