#include <google/protobuf/util/json_util.h>

#include <atomic>
#include <map>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/ids.h"
#include "hub/cli/demo_story.h"
#include "catalog/model/names.h"
#include "catalog/model/sample_catalog.h"
#include "catalog/model/update_cycle.h"
#include "hub/cli/files.h"
#include "hub/cli/paging.h"
#include "hub/cli/receipts.h"
#include "hub/cli/resources.h"
#include "zhanqiao/v1/access.grpc.pb.h"
#include "zhanqiao/v1/account.grpc.pb.h"
#include "zhanqiao/v1/code_table.grpc.pb.h"
#include "zhanqiao/v1/evaluation.grpc.pb.h"
#include "zhanqiao/v1/ledger.grpc.pb.h"
#include "zhanqiao/v1/task.grpc.pb.h"

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

// Four groups of four that can be read out and typed: 79 bits.
std::string NewPassword(Random& random) {
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789";  // without those that look alike
  std::string bytes(16, '\0'), password;
  random.Fill(bytes.data(), bytes.size());
  for (size_t at = 0; at < bytes.size(); ++at) {
    if (at > 0 && at % 4 == 0) password.push_back('-');
    password.push_back(kLetters[static_cast<uint8_t>(bytes[at]) % kLetters.size()]);
  }
  return password;
}

// A password nobody knows but who may read the file, in place of the initial one.
absl::Status SetPassword(Stage& stage, const Player& player, const std::string& initial) {
  SystemRandom random;
  v1::SignInRequest request;
  request.set_person(std::string(player.subject));
  request.set_password(initial);
  request.set_new_password(NewPassword(random));
  const Options nobody = TRY(stage.files().OptionsForNobody());
  Session session(nobody);
  TRY(session.Call(&v1::AccountService::Stub::SignIn, request));
  return WriteFile(stage.files().Path(absl::StrCat("ids/", Absl(player.id), ".password")), request.new_password() + "\n", 0600);
}

// Every person can sign in with the password in their file; one whose file is lost gets a new one.
absl::Status OpenAccount(Stage& stage, const Player& player) {
  Session* const security = TRY(stage.As(kSecurity));
  v1::CreateAccountRequest create;
  create.set_person(std::string(player.subject));
  const auto created = security->Call(&v1::AccountService::Stub::CreateAccount, create);
  if (created.ok()) return SetPassword(stage, player, created->initial_password());
  if (created.status().code() != absl::StatusCode::kAlreadyExists) return created.status();
  if (ReadFile(stage.files().Path(absl::StrCat("ids/", Absl(player.id), ".password"))).ok()) return absl::OkStatus();
  v1::ResetAccountRequest reset;
  reset.set_person(create.person());
  reset.set_reason("demonstration: the password's file is lost");
  const auto issued = TRY(security->Call(&v1::AccountService::Stub::ResetAccount, reset));
  return SetPassword(stage, player, issued.initial_password());
}

// Everybody who can sign in, for people: one line each of account, password and name.
absl::Status WriteAccounts(const DemoFiles& files) {
  std::string lines;
  for (const Player& player : Players()) {
    if (!absl::StrContains(Absl(player.subject), "/persons/")) continue;
    const std::string password = TRY(ReadFile(files.Path(absl::StrCat("ids/", Absl(player.id), ".password"))));
    const std::string account = absl::StrReplaceAll(Absl(player.subject), {{"organizations/", ""}, {"/persons/", "/"}});
    absl::StrAppend(&lines, account, "\t", password.substr(0, password.find('\n')), "\t", Absl(player.display_name), "\n");
  }
  return WriteFile(files.Path("accounts.tsv"), lines, 0600);
}

// The duties of the plan, and an example of indicators (样例).
absl::Status LoadOffice(Stage& stage, const std::string& data) {
  Session* const office = TRY(stage.As(kOffice));
  v1::ImportTasksRequest tasks;
  tasks.set_csv(TRY(ReadFile(data + "/plan_tasks.csv")));
  const auto imported = TRY(office->Call(&v1::TaskService::Stub::ImportTasks, tasks));
  v1::PutIndicatorSystemRequest indicators;
  const std::string json = TRY(ReadFile(data + "/indicators.json"));
  if (!google::protobuf::util::JsonStringToMessage(json, indicators.mutable_indicator_system()).ok()) {
    return Fail(absl::StatusCode::kInvalidArgument, "INDICATORS_MALFORMED", "indicators.json is no IndicatorSystem in JSON.");
  }
  TRY(office->Call(&v1::EvaluationService::Stub::PutIndicatorSystem, indicators));
  stage.narrator().Note(absl::StrCat("台账任务 duties of the plan: ", imported.created() + imported.updated() + imported.unchanged()));
  return absl::OkStatus();
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

// As if its provider kept to the cycle, more or less: one entry in eight is late, so that there is something to find.
void SetUpdated(absl::CivilDay today, size_t place, v1::Resource& entry) {
  entry.set_data_update_date(FormatDay(today));
  const auto due = catalog::UpdateDue([&] {
    v1::Resource published = entry;
    published.set_state(v1::RESOURCE_STATE_PUBLISHED);
    return published;
  }());
  if (!due) return;
  const int64_t cycle = *due - today;
  const int64_t age = place % 8 == 0 ? cycle + 1 + static_cast<int64_t>(place % 5) : static_cast<int64_t>(place * 7) % cycle;
  entry.set_data_update_date(FormatDay(today - age));
}

// Brings `entry` from where it stands to PUBLISHED.
absl::Status StoreSample(Session& office, const v1::Resource& entry, v1::ResourceState state) {
  using Stub = v1::CatalogService::Stub;
  const std::string name = catalog::ResourceName(entry.resource_code());
  if (state == v1::RESOURCE_STATE_UNSPECIFIED) {
    v1::CreateResourceRequest create;
    *create.mutable_resource() = entry;
    create.set_reason("sample catalogue");
    TRY(office.Call(&Stub::CreateResource, create));
    state = v1::RESOURCE_STATE_DRAFT;
  }
  if (state == v1::RESOURCE_STATE_DRAFT) {
    v1::SubmitResourceRequest submit;
    submit.set_name(name);
    submit.set_reason("sample catalogue");
    TRY(office.Call(&Stub::SubmitResource, submit));
    state = v1::RESOURCE_STATE_SUBMITTED;
  }
  if (state != v1::RESOURCE_STATE_SUBMITTED) return absl::OkStatus();
  v1::ReviewResourceRequest review;
  review.set_name(name);
  review.set_approved(true);
  review.set_comment("sample catalogue");
  return office.Call(&Stub::ReviewResource, review).status();
}

// The sample catalogue, many entries at a time: each waits for the disk, together they wait once.
absl::Status LoadSample(Stage& stage, const std::string& data) {
  using Stub = v1::CatalogService::Stub;
  Session* const office = TRY(stage.As(kOffice));
  const auto bodies = TRY(ListAll(*office, &Stub::ListOrganizations, v1::ListOrganizationsRequest(),
                                  &v1::ListOrganizationsResponse::mutable_organizations));
  const auto stored = TRY(ListAll(*office, &Stub::ListResources, v1::ListResourcesRequest(),
                                  &v1::ListResourcesResponse::mutable_resources));
  std::map<std::string, v1::ResourceState> states;
  for (const v1::Resource& one : stored.resources()) states[one.name()] = one.state();
  const std::string topics = TRY(ReadFile(data + "/sample_topics.csv"));
  const std::string items = TRY(ReadFile(data + "/sample_items.csv"));
  const std::vector<v1::Organization> organizations(bodies.organizations().begin(), bodies.organizations().end());
  std::vector<v1::Resource> sample = TRY(catalog::SampleCatalog(organizations, topics, items));
  const absl::CivilDay today = CivilDayOf(absl::Now());
  for (size_t place = 0; place < sample.size(); ++place) SetUpdated(today, place, sample[place]);
  constexpr size_t kAtOnce = 16;
  std::atomic<size_t> next{0};
  std::vector<absl::Status> outcomes(kAtOnce);
  std::vector<std::thread> workers;
  for (size_t worker = 0; worker < kAtOnce; ++worker) {
    workers.emplace_back([&, worker] {
      Session session = *office;  // the same channel: sixteen new connections at once may meet a limit
      for (size_t at = next++; at < sample.size() && outcomes[worker].ok(); at = next++) {
        const auto state = states.find(catalog::ResourceName(sample[at].resource_code()));
        outcomes[worker] =
            StoreSample(session, sample[at], state == states.end() ? v1::RESOURCE_STATE_UNSPECIFIED : state->second);
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  for (const absl::Status& outcome : outcomes) TRY(outcome);
  stage.narrator().Note(absl::StrCat("示例目录 sample catalogue entries: ", sample.size()));
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
  for (const Player& player : Players()) {
    TRY(Register(stage, player));
    if (absl::StrContains(Absl(player.subject), "/persons/")) TRY(OpenAccount(stage, player));
  }
  TRY(WriteAccounts(stage.files()));
  stage.narrator().Note(absl::StrCat("口令 passwords: ", files.Path("ids/*.password"), " (zq session sign-in 370200-GAJ/clerk …)"));
  TRY(LoadOffice(stage, data));
  TRY(LoadResources(stage, data));
  TRY(LoadSample(stage, data));
  return LoadDatasets(stage, data);
}

}  // namespace zhanqiao::cli
