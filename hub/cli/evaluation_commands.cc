// zq evaluation: the yearly evaluation (年度评估), its indicators and why a score is what it is.
#include <CLI/CLI.hpp>

#include <google/protobuf/util/json_util.h>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/matters.h"
#include "hub/cli/output.h"
#include "hub/cli/subcommand.h"
#include "zhanqiao/v1/evaluation.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::EvaluationService::Stub;

std::string PointsText(double points) { return absl::StrFormat("%.2f", points); }

// Every indicator of one body, down to its inputs.
void Explain(const v1::BodyScore& score, std::ostream& out) {
  Sheet sheet;
  sheet.Add("单位 body", absl::StrCat(CodeIn(score.organization()), " ", score.display_name()));
  sheet.Add("得分 score", absl::StrCat(PointsText(score.score()), ", rank ", score.rank()));
  if (score.adjustment() != 0) {
    sheet.Add("adjustment", absl::StrCat(PointsText(score.adjustment()), ", final ", PointsText(score.final_score())));
  }
  for (const v1::IndicatorScore& one : score.indicators()) {
    sheet.Add(one.display_name(), absl::StrCat(PointsText(one.score()), " / ", PointsText(one.weight()), "  ", one.explanation()));
  }
  sheet.Add("建议 advice", score.advice());
  out << sheet.Render();
}

absl::Status Print(Context& context, const absl::StatusOr<v1::Evaluation>& answered) {
  const v1::Evaluation evaluation = TRY(answered);
  if (context.json()) {
    PrintJson(evaluation, context.out);
    return absl::OkStatus();
  }
  Sheet sheet;
  sheet.Add("评估 evaluation", absl::StrCat(evaluation.year(), "  ", EnumText(v1::EvaluationState_descriptor(), evaluation.state())));
  sheet.Add("as of", absl::StrCat(evaluation.as_of(), ", known at entry ", evaluation.known_at()));
  sheet.Add("indicators", absl::StrCat(evaluation.indicator_system(), " ", evaluation.indicator_system_etag()));
  sheet.Add("advice", evaluation.advice());
  sheet.Add("etag", evaluation.etag());
  context.out << sheet.Render() << "\n";
  if (evaluation.scores_size() == 1) {
    Explain(evaluation.scores(0), context.out);
  } else {
    Table table({"RANK", "BODY", "NAME", "SCORE", "ADJUSTED", "FINAL"});
    for (const v1::BodyScore& score : evaluation.scores()) {
      table.Add({absl::StrCat(score.rank()), CodeIn(score.organization()), score.display_name(), PointsText(score.score()),
                 score.adjustment() == 0 ? "" : PointsText(score.adjustment()), PointsText(score.final_score())});
    }
    context.out << table.Render();
  }
  for (const v1::ScoreObjection& objection : evaluation.objections()) {
    context.out << "objection " << objection.id() << " of " << CodeIn(objection.organization()) << ": "
                << Printable(objection.reason()) << " (" << EnumText(v1::ScoreObjectionState_descriptor(), objection.state()) << ") "
                << Printable(objection.answer()) << "\n";
  }
  return absl::OkStatus();
}

absl::Status PrintSystem(Context& context, const absl::StatusOr<v1::IndicatorSystem>& answered) {
  const v1::IndicatorSystem system = TRY(answered);
  if (context.json()) {
    PrintJson(system, context.out);
    return absl::OkStatus();
  }
  context.out << system.name() << "  " << Printable(system.display_name()) << "  from " << system.from_date() << "  etag " << system.etag() << "\n";
  Table table({"ID", "指标", "WEIGHT", "FORMULA", "ZERO AT", "FULL AT"});
  for (const v1::Indicator& one : system.indicators()) {
    table.Add({one.id(), one.display_name(), absl::StrFormat("%g", one.weight()), one.formula(), absl::StrFormat("%g", one.zero_at()),
               absl::StrFormat("%g", one.full_at())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status Import(Context& context, const std::string& file, const std::string& reason) {
  v1::PutIndicatorSystemRequest request;
  const std::string json = TRY(ReadFile(file));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.mutable_indicator_system());
  if (!parsed.ok()) {
    return Fail(absl::StatusCode::kInvalidArgument, "INDICATORS_MALFORMED", "The file is no IndicatorSystem in JSON.",
                {{"file", file}, {"problem", std::string(parsed.message())}});
  }
  request.set_reason(reason);
  return PrintSystem(context, Session(context.options).Call(&Stub::PutIndicatorSystem, request));
}

// A command about the evaluation of one year.
template <typename Request>
CLI::App* AddMove(CLI::App& group, Context& context, const char* name, const char* help,
                  grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, v1::Evaluation*), std::shared_ptr<Request> request) {
  auto year = std::make_shared<int>(0);
  auto* command = Add(group, context, name, help, [year, request, method](Context& c) {
    request->set_name(absl::StrCat("evaluations/", *year));
    return Print(c, Session(c.options).Call(method, *request));
  });
  command->add_option("--year", *year, "YYYY")->required();
  return command;
}

}  // namespace

void AddEvaluationCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("evaluation", "The yearly evaluation (年度评估): scores, why, objections, publication");
  group->require_subcommand(1);

  auto get = std::make_shared<v1::GetEvaluationRequest>();
  auto body = std::make_shared<std::string>();
  auto year = std::make_shared<int>(0);
  auto* show = Add(*group, context, "show", "The scores of a year; of one body with what they are made of", [get, body, year](Context& c) {
    get->set_name(absl::StrCat("evaluations/", *year));
    if (!body->empty()) get->set_organization(OrganizationArgument(*body));
    return Print(c, Session(c.options).Call(&Stub::GetEvaluation, *get));
  });
  show->add_option("--year", *year, "YYYY")->required();
  show->add_option("--org", *body, "Code of one body");
  show->add_option("--as-of", *get->mutable_as_of(), "YYYY-MM-DD: compute for this date");
  AddKnownAt(*show, get);
  show->add_flag_callback("--recompute", [get] { get->set_recompute(true); }, "Compute now, though it is kept");

  AddMove(*group, context, "propose", "Compute and keep the scores; bodies may object", &Stub::ProposeEvaluation,
          std::make_shared<v1::ProposeEvaluationRequest>());
  auto object = std::make_shared<v1::ObjectToScoreRequest>();
  auto* objects = AddMove(*group, context, "object", "Object to a score of one's body", &Stub::ObjectToScore, object);
  objects->add_option("--reason", *object->mutable_reason(), "Why")->required();
  objects->add_option("--indicator", *object->mutable_indicator(), "Id of an indicator; the whole score if left out");
  auto answer = std::make_shared<v1::AnswerScoreObjectionRequest>();
  auto* answers = AddMove(*group, context, "answer", "Answer an objection", &Stub::AnswerScoreObjection, answer);
  answers->add_option_function<int32_t>("--objection", [answer](const int32_t& value) { answer->set_objection(value); }, "Its id")->required();
  answers->add_option("--answer", *answer->mutable_answer(), "What is said")->required();
  answers->add_flag_callback("--uphold", [answer] { answer->set_upheld(true); }, "It is right");
  answers->add_option_function<double>("--adjust", [answer](const double& value) { answer->set_adjustment(value); }, "Points, when upheld");
  auto publish = std::make_shared<v1::PublishEvaluationRequest>();
  AddMove(*group, context, "publish", "Publish the scores; a second person of the office", &Stub::PublishEvaluation, publish)
      ->add_option("--advice", *publish->mutable_advice(), "Advice for the city")->required();

  auto file = std::make_shared<std::string>();
  auto reason = std::make_shared<std::string>();
  auto* import = Add(*group, context, "import", "Store an indicator system from JSON", [file, reason](Context& c) { return Import(c, *file, *reason); });
  import->add_option("file", *file, "JSON of an IndicatorSystem")->required();
  import->add_option("--reason", *reason, "Why");
  auto system = std::make_shared<v1::GetIndicatorSystemRequest>();
  auto* indicators = Add(*group, context, "indicators", "The indicator system that holds",
                         [system](Context& c) { return PrintSystem(c, Session(c.options).Call(&Stub::GetIndicatorSystem, *system)); });
  indicators->add_option("--as-of", *system->mutable_as_of(), "YYYY-MM-DD; today if left out");
}

}  // namespace zhanqiao::cli
