// zq query.
#include <CLI/CLI.hpp>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/signatures.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/receipts.h"
#include "hub/cli/resources.h"
#include "hub/ledger/commitments.h"
#include "zhanqiao/v1/access.grpc.pb.h"
#include "zhanqiao/v1/exchange.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

struct Question {
  v1::QueryRequest request;
  std::vector<std::string> where;  // key=value
  std::string sign;                // PEM file of the key to sign with
  std::string save;                // prefix of the files to keep
  bool stream = false;
};

// Signs what is really asked: fields and row limit filled in, for the resource of the grant.
absl::Status Sign(Session& session, const std::string& key_file, v1::QueryRequest& request) {
  if (key_file.empty()) return absl::OkStatus();
  const Ed25519Key key = TRY(Ed25519Key::Open(key_file));
  v1::GetGrantRequest get_grant;
  get_grant.set_name(request.grant());
  const v1::Grant grant = TRY(session.Call(&v1::AccessService::Stub::GetGrant, get_grant));
  google::protobuf::RepeatedPtrField<std::string> granted;
  for (const auto& field : grant.fields()) *granted.Add() = field.field();
  request = Explicit(std::move(request), granted);
  const Digest digest = Sha256(ledger::CanonicalRequest(request, grant.resource()));
  request.set_digest(std::string(Bytes(digest)));
  request.set_signature(key.Sign(SignedTree({digest}).SignedBytes(kSignedRequests)));
  return absl::OkStatus();
}

// What was asked and answered, and the receipt that proves it: PREFIX.request.json, .answer.json,
// .receipt.json.
absl::Status Keep(Session& session, const std::string& prefix, const v1::QueryRequest& request,
                  const v1::QueryResponse& response) {
  if (prefix.empty()) return absl::OkStatus();
  TRY(WriteJsonFile(prefix + ".answer.json", response));
  TRY(WriteJsonFile(prefix + ".request.json", Explicit(request, response.records().fields())));
  const v1::Receipt receipt = TRY(FetchReceipt(session, response.receipt().index()));
  return WriteJsonFile(prefix + ".receipt.json", receipt);
}

absl::Status StatusOf(const google::rpc::Status& error) {
  return FromDetails(static_cast<absl::StatusCode>(error.code()), error.message(), error.SerializeAsString());
}

// The same request on a stream of its own.
absl::StatusOr<v1::QueryResponse> AskOnStream(Session& session, const v1::QueryRequest& request) {
  const auto channel = TRY(session.Channel());
  v1::ExchangeService::Stub stub(channel);
  grpc::ClientContext context;
  session.Prepare(context);
  const auto stream = stub.QueryStream(&context);
  v1::QueryStreamRequest asked;
  auto* numbered = asked.add_queries();
  numbered->set_number(1);
  *numbered->mutable_query() = request;
  numbered->mutable_query()->clear_signature();
  asked.set_signature(request.signature());
  stream->Write(asked);
  stream->WritesDone();
  v1::QueryStreamResponse answer;
  absl::StatusOr<v1::QueryResponse> result =
      Fail(absl::StatusCode::kUnavailable, "STREAM_ENDED", "The stream ended without an answer; ask again.");
  while (stream->Read(&answer)) {
    for (const auto& one : answer.answers()) {
      if (one.has_error()) {
        result = StatusOf(one.error());
      } else {
        result = one.response();
      }
    }
  }
  const grpc::Status ended = stream->Finish();
  if (!ended.ok()) return FromGrpc(ended);
  return result;
}

absl::Status Ask(Context& context, const Question& question) {
  Session session(context.options);
  v1::QueryRequest request = question.request;
  request.set_grant(GrantArgument(request.grant()));
  TRY(AddConditions(session, request.grant(), question.where, *request.mutable_conditions()));
  TRY(Sign(session, question.sign, request));
  const v1::QueryResponse response =
      TRY(question.stream ? AskOnStream(session, request)
                          : session.Call(&v1::ExchangeService::Stub::Query, request));
  TRY(Keep(session, question.save, request, response));
  if (context.json()) {
    PrintJson(response, context.out);
    return absl::OkStatus();
  }
  PrintRecords(response.records(), context.out);
  context.out << "\n";
  Sheet sheet;
  sheet.Add("records", absl::StrCat(response.records().rows_size(),
                                    response.truncated() ? " (more met the conditions)" : ""));
  sheet.Add("ledger", absl::StrCat(response.receipt().index()));
  sheet.Add("leaf hash", ToHex(response.receipt().leaf_hash()));
  sheet.Add("log", response.receipt().origin());
  context.out << sheet.Render();
  return absl::OkStatus();
}

}  // namespace

void AddQueryCommand(CLI::App& app, Context& context) {
  auto* query = app.add_subcommand("query", "Asks for records under a grant");
  auto question = std::make_shared<Question>();
  v1::QueryRequest& request = question->request;
  query->add_option("--grant", *request.mutable_grant(), "grants/{id} or id")->required();
  query->add_option_function<std::vector<std::string>>(
      "--field",
      [question](const std::vector<std::string>& fields) {
        for (const std::string& field : fields) question->request.add_fields(field);
      },
      "Field wanted; may be repeated; all granted fields if left out");
  query->add_option("--where", question->where, "Condition field=value, also with <, <=, >, >=, ^= (begins with); may be repeated");
  query->add_option("--matter", *request.mutable_matter(), "Number of the case this is for; logged")
      ->required();
  query->add_option_function<int>(
      "--limit", [question](int rows) { question->request.set_row_limit(rows); },
      "Rows at most (100; up to 1000)");
  query->add_option("--request-id", *request.mutable_request_id(), "Your id; a retry repeats it");
  query->add_option("--on-behalf-of", *request.mutable_on_behalf_of(), "organizations/{code}/persons/{id}");
  query->add_option("--sign", question->sign, "Key to sign the request with (zq cert signing-key: .pem)");
  query->add_option("--save", question->save,
                    "Keep request, answer and receipt in PREFIX.request.json, .answer.json, .receipt.json");
  query->add_flag("--stream", question->stream, "Ask on QueryStream instead of Query");
  query->callback(
      [&context, question] { context.action = [&context, question] { return Ask(context, *question); }; });
}

}  // namespace zhanqiao::cli
