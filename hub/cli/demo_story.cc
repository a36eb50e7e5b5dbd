#include "hub/cli/demo_story.h"

#include <sstream>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "catalog/base/clock.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/resources.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Access = v1::AccessService::Stub;
using Exchange = v1::ExchangeService::Stub;

constexpr absl::Duration kConnectorPatience = absl::Seconds(60);
constexpr absl::Duration kPollInterval = absl::Milliseconds(50);

// Waits until every connector of the demonstration has its stream open.
absl::Status AwaitConnectors(Stage& stage) {
  Session* const office = TRY(stage.As(kOffice));
  const absl::Time end = absl::Now() + kConnectorPatience;
  v1::ListConnectorsRequest request;
  request.set_parent("organizations/-");
  while (true) {
    const auto all = TRY(
        ListAll(*office, &Access::ListConnectors, request, &v1::ListConnectorsResponse::mutable_connectors));
    size_t open = 0;
    for (const auto& one : all.connectors()) open += one.connected() ? 1 : 0;
    if (open >= DemoConnectors().size()) return absl::OkStatus();
    if (absl::Now() >= end) {
      return Fail(absl::StatusCode::kUnavailable, "CONNECTORS_ABSENT",
                  "Not every connector has come up; its log in the demonstration's directory says why.",
                  {{"connected", absl::StrCat(open)}, {"expected", absl::StrCat(DemoConnectors().size())}});
    }
    absl::SleepFor(kPollInterval);
  }
}

absl::StatusOr<v1::Grant> GrantOnInvestments(Stage& stage) {
  Session* const approval = TRY(stage.As(kApproval));
  v1::CreateGrantRequest create;
  // A second run finds the grant of the first under the same request id.
  create.set_request_id("demonstration-investments");
  v1::Grant& grant = *create.mutable_grant();
  grant.set_consumer(std::string(PlayerOf(kApproval).subject));
  grant.set_resource(std::string(kInvestments));
  for (const char* field : {"item_code", "sector", "item", "condition", "authority_level", "authority"}) {
    grant.add_fields()->set_field(field);
  }
  grant.set_purpose("投资项目在线审批时核对核准权限");
  v1::Grant made = TRY(approval->Call(&Access::CreateGrant, create));
  if (made.state() != v1::GRANT_STATE_DRAFT) return made;
  v1::SubmitGrantRequest submit;
  submit.set_name(made.name());
  return approval->Call(&Access::SubmitGrant, submit);
}

absl::Status AskInvestments(Stage& stage, const std::string& grant, std::string_view field,
                            std::string_view value) {
  Session* const approval = TRY(stage.As(kApproval));
  v1::QueryRequest request;
  request.set_grant(grant);
  for (const char* name : {"item_code", "sector", "item", "authority_level"}) request.add_fields(name);
  auto* condition = request.add_conditions();
  condition->set_field(std::string(field));
  condition->set_comparison(v1::COMPARISON_EQUALS);
  condition->mutable_value()->set_text(std::string(value));
  request.set_row_limit(1000);
  request.set_matter("演示-投资-0001");
  const auto answer = TRY(approval->Call(&Exchange::Query, request));
  if (answer.records().rows().empty()) {
    return Fail(absl::StatusCode::kInternal, "STORY_FAILED", "The demonstration expected records.",
                {{"field", std::string(field)}});
  }
  stage.narrator().Say(absl::StrCat("按 ", Absl(field), " = ", Absl(value), " 查询："),
                       absl::StrCat("by ", Absl(field), " = ", Absl(value), ":"));
  stage.Released(answer);
  return absl::OkStatus();
}

absl::StatusOr<std::string> FirstResident(const DemoFiles& files) {
  const std::string csv = TRY(ReadFile(files.Path("residents.csv")));
  const std::vector<std::string> lines = absl::StrSplit(csv, absl::MaxSplits('\n', 2));
  if (lines.size() < 2) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESIDENTS_EMPTY",
                "The synthetic residents are missing; start with --fresh.");
  }
  return lines[1].substr(0, lines[1].find(','));
}

v1::Grant ResidentsApplication() {
  v1::Grant grant;
  grant.set_consumer(std::string(PlayerOf(kApproval).subject));
  grant.set_resource(std::string(kResidents));
  grant.add_fields()->set_field("id_number");
  auto* name = grant.add_fields();
  name->set_field("name");
  name->set_mask(v1::MASK_NAME);
  grant.add_fields()->set_field("district");
  grant.add_fields()->set_field("valid_until");
  grant.set_purpose("办理居住证持有人子女入学等事项时核验居住登记");
  grant.set_legal_basis("国务院令第663号《居住证暂行条例》");
  grant.set_end_date(FormatDay(CivilDayOf(absl::Now()) + 365));
  return grant;
}

// Every question of the city's checklist answered; the last, a plan for both bodies, is not met in full yet.
absl::StatusOr<v1::Grant> AssessResidents(Session& clerk, const std::string& grant) {
  const auto checklist = TRY(clerk.Call(&Access::ListRiskQuestions, v1::ListRiskQuestionsRequest()));
  v1::AssessGrantRequest assess;
  assess.set_name(grant);
  for (const auto& question : checklist.questions()) {
    auto& answer = *assess.add_answers();
    answer.set_question(question.id());
    answer.set_value(v1::RISK_ANSWER_VALUE_MET);
  }
  if (!assess.answers().empty()) {
    auto& last = *assess.mutable_answers(assess.answers_size() - 1);
    last.set_value(v1::RISK_ANSWER_VALUE_PARTLY);
    last.set_mitigation("双方应急联系人已确定，联合演练列入明年计划");
  }
  assess.set_conclusion("最小范围、姓名脱敏，风险可控");
  return clerk.Call(&Access::AssessGrant, assess);
}

}  // namespace

void Narrator::Chapter(std::string_view chinese, std::string_view english) {
  out_ << "\n" << chinese << "\n" << english << "\n" << std::string(kScreenCells, '=') << "\n";
}

void Narrator::Say(std::string_view chinese, std::string_view english) {
  for (const std::string_view text : {chinese, english}) {
    for (const std::string& line : Wrapped(text, kScreenCells)) out_ << line << "\n";
  }
}

void Narrator::Note(std::string_view text) {
  for (const std::string& line : Wrapped(text, kScreenCells - 4)) out_ << "    " << line << "\n";
}

void Narrator::Show(const v1::QueryResponse& response) {
  constexpr int kShown = 4;
  v1::RecordBatch shown = response.records();
  while (shown.rows_size() > kShown) shown.mutable_rows()->RemoveLast();
  PrintRecords(shown, out_);
  if (response.records().rows_size() > kShown) {
    out_ << "… " << response.records().rows_size() - kShown << " 行 more rows\n";
  }
}

absl::StatusOr<Session*> Stage::As(std::string_view player) {
  auto found = sessions_.find(player);
  if (found == sessions_.end()) {
    Options options = TRY(files_.OptionsFor(player));
    found = sessions_.emplace(std::string(player), std::make_unique<Session>(std::move(options))).first;
  }
  return found->second.get();
}

void Stage::Released(const v1::QueryResponse& response) {
  narrator_.Show(response);
  narrator_.Note(absl::StrCat("放行 released: ", response.records().rows_size(), " 行 rows, 账本 ledger #",
                              response.receipt().index()));
  records += static_cast<uint64_t>(response.records().rows_size());
  Evidence made;
  made.released = true;
  made.index = response.receipt().index();
  made.leaf_hash = response.receipt().leaf_hash();
  evidence.push_back(std::move(made));
}

absl::Status Stage::Refused(const absl::Status& status, std::string_view reason) {
  Evidence made;
  made.reason = ReasonOf(status);
  const std::string link = FactOf(status, "link");
  const bool indexed = absl::SimpleAtoi(FactOf(status, "ledger_index"), &made.index);
  if (status.ok()) {
    return Fail(absl::StatusCode::kInternal, "STORY_FAILED",
                "The demonstration expected a refusal, but was served.", {{"expected", std::string(reason)}});
  }
  if (made.reason != reason || link.empty() || !indexed) return WithFact(status, "expected", reason);
  narrator_.Note(
      absl::StrCat("拒绝 refused: ", made.reason, ", 环节 link: ", link, ", 账本 ledger #", made.index));
  evidence.push_back(std::move(made));
  return absl::OkStatus();
}

absl::Status UnconditionalSharing(Stage& stage) {
  stage.narrator().Chapter("一、无条件共享：政府核准的投资项目目录",
                           "1. Unconditional sharing: the catalogue of projects the government approves");
  const v1::Grant grant = TRY(GrantOnInvestments(stage));
  stage.narrator().Say("市政务服务管理办的行政审批系统申请，即时生效，用途入账：" + grant.purpose(),
                       "The approval system applies; active at once, its purpose is in the ledger.");
  stage.narrator().Note(absl::StrCat(grant.name(), ", 账本 ledger #", grant.ledger_index()));
  TRY(AskInvestments(stage, grant.name(), "sector", "能源"));
  TRY(AskInvestments(stage, grant.name(), "item", "水利工程"));
  return AskInvestments(stage, grant.name(), "authority_level", "city");
}

absl::StatusOr<v1::Grant> ApplyForResidents(Stage& stage) {
  Session* const consumer = TRY(stage.As(kConsumerClerk));
  Session* const clerk = TRY(stage.As(kProviderClerk));
  Session* const approver = TRY(stage.As(kProviderApprover));
  v1::CreateGrantRequest create;
  *create.mutable_grant() = ResidentsApplication();
  const v1::Grant draft = TRY(consumer->Call(&Access::CreateGrant, create));
  v1::SubmitGrantRequest submit;
  submit.set_name(draft.name());
  const v1::Grant submitted = TRY(consumer->Call(&Access::SubmitGrant, submit));
  stage.narrator().Say(
      absl::StrCat("市政务服务管理办经办人申请四个信息项（共九个），姓名脱敏；答复期限 ",
                   submitted.due_date()),
      absl::StrCat("The consumer's clerk applies for four of nine fields, the name masked; due ",
                   submitted.due_date()));
  v1::AcceptGrantRequest accept;
  accept.set_name(draft.name());
  TRY(clerk->Call(&Access::AcceptGrant, accept));
  const v1::Grant assessed = TRY(AssessResidents(*clerk, draft.name()));
  stage.narrator().Say(absl::StrCat("含个人信息：市公安局按清单作共享风险评估，风险分值 ", assessed.assessment().score(),
                                    "（不超过 ", assessed.assessment().score_max(), " 为通过）"),
                       absl::StrCat("Personal items: the provider assesses the risk of sharing, score ",
                                    assessed.assessment().score(), " of at most ", assessed.assessment().score_max()));
  v1::ProposeGrantDecisionRequest propose;
  propose.set_name(draft.name());
  propose.set_approve(true);
  TRY(clerk->Call(&Access::ProposeGrantDecision, propose));
  v1::DecideGrantRequest decide;
  decide.set_name(draft.name());
  decide.set_approve(true);
  return approver->Call(&Access::DecideGrant, decide);
}

absl::Status ConditionalSharing(Stage& stage) {
  stage.narrator().Chapter("二、有条件共享：居住证登记信息（2,000 名合成人员）",
                           "2. Conditional sharing: residence permits (2,000 synthetic people)");
  const v1::Grant grant = TRY(ApplyForResidents(stage));
  stage.grant = grant.name();
  stage.narrator().Say("市公安局两人办理：一人提出，另一人决定。授权生效。",
                       "Two people of the provider act: one proposes, another decides. The grant is active.");
  stage.narrator().Note(absl::StrCat(grant.name(), ", 账本 ledger #", grant.ledger_index()));
  stage.id_number = TRY(FirstResident(stage.files()));
  v1::QueryRequest request;
  request.set_grant(grant.name());
  request.set_matter("演示-居住-0001");
  auto* condition = request.add_conditions();
  condition->set_field("id_number");
  condition->set_comparison(v1::COMPARISON_EQUALS);
  condition->mutable_value()->set_text(stage.id_number);
  Session* const approval = TRY(stage.As(kApproval));
  const auto answer = TRY(approval->Call(&Exchange::Query, request));
  if (answer.records().rows_size() != 1 || answer.records().fields_size() != 4) {
    return Fail(absl::StatusCode::kInternal, "STORY_FAILED",
                "The demonstration expected one record of four fields.");
  }
  stage.narrator().Say("按公民身份号码查询：", "Asked by ID number:");
  stage.Released(answer);
  return absl::OkStatus();
}

absl::StatusOr<std::string> TellStory(const DemoFiles& files, std::ostream& out) {
  Stage stage(files, out);
  TRY(AwaitConnectors(stage));
  TRY(UnconditionalSharing(stage));
  TRY(ConditionalSharing(stage));
  TRY(Refusals(stage));
  const Proved proved = TRY(ProveLedger(stage));
  Session* const office = TRY(stage.As(kOffice));
  using Catalog = v1::CatalogService::Stub;
  const auto organizations = TRY(ListAll(*office, &Catalog::ListOrganizations, v1::ListOrganizationsRequest(),
                                         &v1::ListOrganizationsResponse::mutable_organizations));
  const auto resources = TRY(ListAll(*office, &Catalog::ListResources, v1::ListResourcesRequest(),
                                     &v1::ListResourcesResponse::mutable_resources));
  size_t released = 0;
  for (const Evidence& one : stage.evidence) released += one.released ? 1 : 0;
  return absl::StrCat(
      "{\"https\":\"https://", TRY(files.HubAddress()),
      "\",\"organizations\":", organizations.organizations_size(),
      ",\"resources\":", resources.resources_size(), ",\"exchanges\":{\"released\":", released,
      ",\"denied\":", stage.evidence.size() - released, "},\"records\":", stage.records,
      ",\"ledger\":{\"size\":", proved.size,
      ",\"verified\":true,\"tamper_detected\":", proved.tamper_detected ? "true" : "false", "}}");
}

}  // namespace zhanqiao::cli
