#include <memory>

#include "absl/strings/str_cat.h"
#include "hub/cli/certificates.h"
#include "hub/cli/demo_story.h"
#include "hub/cli/files.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Access = v1::AccessService::Stub;
using Exchange = v1::ExchangeService::Stub;
using Stream = grpc::ClientReaderWriter<v1::QueryStreamRequest, v1::QueryStreamResponse>;

// The request of step 2, as anybody might send it.
v1::QueryRequest SameRequest(const Stage& stage) {
  v1::QueryRequest request;
  request.set_grant(stage.grant);
  request.set_matter("演示-居住-0002");
  auto* condition = request.add_conditions();
  condition->set_field("id_number");
  condition->set_comparison(v1::COMPARISON_EQUALS);
  condition->mutable_value()->set_text(stage.id_number);
  return request;
}

absl::Status WithoutGrant(Stage& stage) {
  stage.narrator().Say("没有授权的系统提出同样的请求：", "A system without a grant asks for the same:");
  Session* const outsider = TRY(stage.As(kOutsider));
  return stage.Refused(outsider->Call(&Exchange::Query, SameRequest(stage)).status(), "GRANT_NOT_YOURS");
}

absl::Status OutsideTheGrant(Stage& stage) {
  stage.narrator().Say("有授权的系统要求授权以外的信息项 mobile：",
                       "A granted system asks for a field outside its grant, mobile:");
  Session* const approval = TRY(stage.As(kApproval));
  v1::QueryRequest request = SameRequest(stage);
  request.add_fields("name");
  request.add_fields("mobile");
  return stage.Refused(approval->Call(&Exchange::Query, request).status(), "FIELD_NOT_GRANTED");
}

absl::Status WithRevokedCertificate(Stage& stage) {
  stage.narrator().Say("证书被吊销：同一连接，吊销前放行，吊销后拒绝：",
                       "A certificate is revoked: on one connection, served before and refused after:");
  Session* const retired = TRY(stage.As(kRetired));
  const auto before = TRY(retired->Call(&Exchange::Query, SameRequest(stage)));
  stage.Released(before);
  const std::string pem = TRY(ReadFile(stage.files().Path(absl::StrCat("ids/", Absl(kRetired), ".crt"))));
  v1::RevokeCertificateRequest revoke;
  revoke.set_fingerprint(TRY(Describe(pem)).fingerprint);
  revoke.set_subject(std::string(PlayerOf(kRetired).subject));
  revoke.set_reason("演示：密钥停用");
  Session* const security = TRY(stage.As(kSecurity));
  TRY(security->Call(&Access::RevokeCertificate, revoke));
  return stage.Refused(retired->Call(&Exchange::Query, SameRequest(stage)).status(), "CERTIFICATE_REVOKED");
}

// Sends one numbered request and waits for its answer; a stream that ends instead gives its status.
absl::StatusOr<v1::QueryResponse> AskOn(Stream& stream, uint64_t number, const v1::QueryRequest& query) {
  v1::QueryStreamRequest request;
  request.add_queries()->set_number(number);
  *request.mutable_queries(0)->mutable_query() = query;
  v1::QueryStreamResponse response;
  while (stream.Write(request) && stream.Read(&response)) {
    for (const auto& answer : response.answers()) {
      if (answer.number() != number) continue;
      if (!answer.has_error()) return answer.response();
      return FromDetails(static_cast<absl::StatusCode>(answer.error().code()), answer.error().message(),
                         answer.error().SerializeAsString());
    }
  }
  const grpc::Status ended = stream.Finish();
  if (!ended.ok()) return FromGrpc(ended);
  return Fail(absl::StatusCode::kInternal, "STORY_FAILED", "The stream ended without an answer.");
}

absl::Status RevokedInMidStream(Stage& stage) {
  stage.narrator().Say(
      "流式查询进行中，市公安局审批人撤销授权；同一条流的下一个请求即被拒绝：",
      "While a QueryStream is open the provider's approver revokes the grant; the next request on "
      "the same stream is refused:");
  Session* const approval = TRY(stage.As(kApproval));
  const auto channel = TRY(approval->Channel());
  v1::ExchangeService::Stub stub(channel);
  grpc::ClientContext context;
  approval->Prepare(context);
  const std::unique_ptr<Stream> stream = stub.QueryStream(&context);
  const auto before = TRY(AskOn(*stream, 1, SameRequest(stage)));
  stage.Released(before);
  v1::RevokeGrantRequest revoke;
  revoke.set_name(stage.grant);
  revoke.set_reason("演示：用途已结束");
  Session* const approver = TRY(stage.As(kProviderApprover));
  TRY(approver->Call(&Access::RevokeGrant, revoke));
  const absl::Status refused = AskOn(*stream, 2, SameRequest(stage)).status();
  stream->WritesDone();
  context.TryCancel();
  return stage.Refused(refused, "GRANT_NOT_ACTIVE");
}

}  // namespace

absl::Status Refusals(Stage& stage) {
  stage.narrator().Chapter("三、拒绝：每一次都指明环节与账本位置",
                           "3. Refusals: each names the link that refused and where it is written");
  TRY(WithoutGrant(stage));
  TRY(OutsideTheGrant(stage));
  TRY(WithRevokedCertificate(stage));
  return RevokedInMidStream(stage);
}

}  // namespace zhanqiao::cli
