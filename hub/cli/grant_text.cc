#include "hub/cli/grant_text.h"

#include <CLI/CLI.hpp>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/digest.h"
#include "hub/cli/display.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {
namespace {

void AddLimits(const v1::Grant& grant, Sheet& sheet) {
  const auto limit = [&](const char* label, int64_t max) {
    if (max > 0) sheet.Add(label, absl::StrCat(max));
  };
  limit("calls a second", grant.rate_per_second());
  limit("calls a day", grant.daily_calls_max());
  limit("rows a day", grant.daily_rows_max());
  limit("bytes a day", grant.daily_bytes_max());
  limit("persons a day", grant.daily_persons_max());
  limit("weight among those that wait", grant.weight());
}

void AddDecision(const v1::Grant& grant, Sheet& sheet) {
  if (grant.has_assessment()) {
    const auto& assessment = grant.assessment();
    sheet.Add("risk assessment", absl::StrCat(assessment.passed() ? "passed, " : "not passed, ", assessment.score(), " of at most ",
                                              assessment.score_max(), ", by ", assessment.assessor()));
  }
  if (grant.has_escalation()) {
    const auto& escalation = grant.escalation();
    sheet.Add("escalated", absl::StrCat(EnumText(v1::EscalationCause_descriptor(), escalation.cause()), ", after ",
                                        escalation.working_days(), " working days, to be decided by ", escalation.due_date()));
    sheet.Add("because", escalation.reason());
  }
  if (!grant.has_decision()) return;
  const auto& decision = grant.decision();
  sheet.Add("proposed by", decision.proposer());
  if (decision.has_terms()) sheet.Add("less is granted", FieldsText(decision.terms().fields()));
  sheet.Add("decided by", decision.decider());
  sheet.Add("in the place of", decision.on_behalf_of());
  sheet.Add("decided", TimeText(decision.decide_time()));
  if (!decision.decider().empty()) sheet.Add("after working days", absl::StrCat(decision.working_days()));
  sheet.Add("decision's reason", decision.reason());
}

std::string MediaTypeOf(std::string_view name) {
  const size_t dot = name.rfind('.');
  const std::string ending = dot == std::string_view::npos ? "" : absl::AsciiStrToLower(Absl(name.substr(dot + 1)));
  for (const auto& [known, type] : {std::pair("pdf", "application/pdf"), std::pair("ofd", "application/ofd"),
                                    std::pair("jpg", "image/jpeg"), std::pair("png", "image/png"), std::pair("txt", "text/plain"),
                                    std::pair("docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document")}) {
    if (ending == known) return type;
  }
  return "application/octet-stream";
}

absl::Status BadAnswer(int row, std::string_view column, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "ANSWERS_INVALID", "The answers have a mistake at the named cell.",
              {{"row", absl::StrCat(row)}, {"column", std::string(column)}, {"expected", std::string(expected)}});
}

}  // namespace

std::string FieldsText(const google::protobuf::RepeatedPtrField<v1::GrantedField>& fields) {
  std::string text;
  for (const auto& field : fields) {
    if (!text.empty()) text += ", ";
    text += field.field();
    if (field.mask() != v1::MASK_UNSPECIFIED) text += " (" + EnumText(v1::Mask_descriptor(), field.mask()) + ")";
  }
  return text;
}

void PrintGrant(Context& context, const v1::Grant& grant) {
  if (context.json()) return PrintJson(grant, context.out);
  Sheet sheet;
  sheet.Add("name", grant.name());
  sheet.Add("state", EnumText(v1::GrantState_descriptor(), grant.state()));
  sheet.Add("reason", grant.state_reason());
  sheet.Add("consumer", grant.consumer());
  sheet.Add("resource", grant.resource());
  sheet.Add("fields", FieldsText(grant.fields()));
  sheet.Add("purpose", grant.purpose());
  sheet.Add("matter", grant.business_matter());
  sheet.Add("legal basis", grant.legal_basis());
  for (const auto& row : grant.row_conditions()) sheet.Add("only rows", row.field() + " = " + ValueText(row.value()));
  for (const auto& paper : grant.attachments()) sheet.Add("attachment", absl::StrCat(paper.name(), ", SHA-256 ", ToHex(paper.sha256())));
  sheet.Add("renews", grant.renews());
  sheet.Add("from", grant.start_date());
  sheet.Add("to", grant.end_date());
  AddLimits(grant, sheet);
  sheet.Add("applicant", grant.applicant());
  sheet.Add("submitted", TimeText(grant.submit_time()));
  sheet.Add("to be taken up by", grant.accept_due_date());
  sheet.Add("to be answered by", grant.due_date());
  if (grant.overdue_working_days() > 0) sheet.Add("late by", absl::StrCat(grant.overdue_working_days(), " working days"));
  AddDecision(grant, sheet);
  sheet.Add("ledger", absl::StrCat(grant.ledger_index()));
  sheet.Add("etag", grant.etag());
  context.out << sheet.Render();
}

absl::StatusOr<v1::GrantedField> FieldOf(std::string_view text) {
  v1::GrantedField field;
  const size_t colon = text.find(':');
  field.set_field(std::string(text.substr(0, colon)));
  if (colon == std::string_view::npos) return field;
  v1::Mask mask = v1::MASK_UNSPECIFIED;
  if (!v1::Mask_Parse("MASK_" + absl::AsciiStrToUpper(Absl(text.substr(colon + 1))), &mask)) {
    return BadField("MASK_UNKNOWN", "--field", "Name a mask of record.proto without MASK_, for example id_number, name_display, pseudonym or all.");
  }
  field.set_mask(mask);
  return field;
}

absl::StatusOr<v1::Condition> ConditionOf(std::string_view text) {
  const size_t equals = text.find('=');
  if (equals == 0 || equals == std::string_view::npos) {
    return BadField("CONDITION_FORM", "--only-rows", "Give field=value, for example district=市南区.");
  }
  v1::Condition condition;
  condition.set_field(std::string(text.substr(0, equals)));
  condition.set_comparison(v1::COMPARISON_EQUALS);
  condition.mutable_value()->set_text(std::string(text.substr(equals + 1)));
  return condition;
}

absl::StatusOr<v1::Attachment> AttachmentOf(const std::string& path) {
  const std::string content = TRY(ReadFile(path));
  v1::Attachment attachment;
  attachment.set_name(path.substr(path.rfind('/') + 1));
  attachment.set_media_type(MediaTypeOf(attachment.name()));
  attachment.set_size_bytes(static_cast<int64_t>(content.size()));
  attachment.set_sha256(std::string(Bytes(Sha256(content))));
  return attachment;
}

absl::StatusOr<google::protobuf::RepeatedPtrField<v1::RiskAnswer>> AnswersOf(std::string_view csv) {
  const CsvTable table = TRY(ParseCsv(csv));
  if (table.header != std::vector<std::string>{"question", "value", "mitigation"}) {
    return BadAnswer(1, "question", "the heading question,value,mitigation");
  }
  google::protobuf::RepeatedPtrField<v1::RiskAnswer> answers;
  for (const CsvRow& row : table.rows) {
    auto& answer = *answers.Add();
    v1::RiskAnswerValue value = v1::RISK_ANSWER_VALUE_UNSPECIFIED;
    if (!v1::RiskAnswerValue_Parse("RISK_ANSWER_VALUE_" + absl::AsciiStrToUpper(row.cells[1]), &value)) {
      return BadAnswer(row.line, "value", "met, partly, not_met or not_applicable");
    }
    answer.set_question(row.cells[0]);
    answer.set_value(value);
    answer.set_mitigation(row.cells[2]);
  }
  return answers;
}

}  // namespace zhanqiao::cli
