// Grants as zq writes and reads them.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "hub/cli/commands.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::cli {

// "name (name), address": fields with their masks.
std::string FieldsText(const google::protobuf::RepeatedPtrField<v1::GrantedField>& fields);

// One grant in full, or its JSON.
void PrintGrant(Context& context, const v1::Grant& grant);

// "name" or "name:mask". INVALID_ARGUMENT / MASK_UNKNOWN.
absl::StatusOr<v1::GrantedField> FieldOf(std::string_view text);

// "district=市南区": equal to. INVALID_ARGUMENT / CONDITION_FORM.
absl::StatusOr<v1::Condition> ConditionOf(std::string_view text);

// Name, media type (by its ending), size and SHA-256 of a file, which stays where it is. NOT_FOUND / FILE_NOT_READABLE.
absl::StatusOr<v1::Attachment> AttachmentOf(const std::string& path);

// Answers to the risk checklist as CSV with the heading `question,value,mitigation`; value met, partly, not_met or
// not_applicable. INVALID_ARGUMENT / ANSWERS_INVALID (facts: row, column), CSV_INVALID.
absl::StatusOr<google::protobuf::RepeatedPtrField<v1::RiskAnswer>> AnswersOf(std::string_view csv);

}  // namespace zhanqiao::cli
