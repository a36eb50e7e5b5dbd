#include "hub/exchange/release.h"

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "catalog/base/masks.h"
#include "catalog/base/records.h"
#include "catalog/model/electronic_certificate.h"
#include "catalog/model/names.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::exchange {
namespace {

constexpr int kFieldsMax = 500;
constexpr int kConditionsMax = 20;

absl::Status NotGranted(std::string_view field) {
  return Fail(absl::StatusCode::kPermissionDenied, "FIELD_NOT_GRANTED",
              "The grant does not allow this field; ask for granted fields only.",
              {{"link", std::string(kLinkGrant)}, {"field", IsCleanText(field) ? std::string(field.substr(0, 63)) : ""}});
}

absl::Status Misfit(std::string_view what) {
  return Fail(absl::StatusCode::kInternal, "ANSWER_SCHEMA",
              "The connector's answer does not fit the entry's schema; its department has to correct it.",
              {{"link", std::string(kLinkConnector)}, {"misfit", std::string(what)}});
}

// Asks each message itself: discarding goes by reflection, which costs more than the rest of the check.
bool HasUnknown(const v1::RecordBatch& batch) {
  const auto unknown = [](const auto& message) {
    return !message.GetReflection()->GetUnknownFields(message).empty();
  };
  if (unknown(batch)) return true;
  for (const auto& row : batch.rows()) {
    if (unknown(row)) return true;
    for (const auto& value : row.values()) {
      if (unknown(value)) return true;
    }
  }
  return false;
}

using Checks = std::vector<std::pair<int, const v1::Condition*>>;  // column and what its values must meet

void AddChecks(const ReleasePlan& plan, const v1::Condition& condition, Checks& checks) {
  for (size_t i = 0; i < plan.columns.size(); ++i) {
    if (plan.columns[i].field == condition.field()) checks.emplace_back(static_cast<int>(i), &condition);
  }
}

// Nearly every condition is met by the very value it names.
bool MeetsCondition(const v1::Value& value, const v1::Condition& condition, v1::DataType type) {
  return (condition.comparison() == v1::COMPARISON_EQUALS && SameValue(value, condition.value())) ||
         Meets(value, condition.comparison(), condition.value(), type);
}

absl::Status CheckRows(const ReleasePlan& plan, const v1::QueryRequest& request, const v1::RecordBatch& answer) {
  Checks checks;
  for (const auto& condition : request.conditions()) AddChecks(plan, condition, checks);
  for (const auto& condition : plan.grant->row_conditions) AddChecks(plan, condition, checks);
  const int width = static_cast<int>(plan.columns.size());
  for (const auto& row : answer.rows()) {
    if (row.values_size() != width) return Misfit("value count");
    for (int i = 0; i < width; ++i) {
      const ReleasePlan::Column& column = plan.columns[static_cast<size_t>(i)];
      if (!FitsType(row.values(i), column.type, column.length)) return Misfit("value type");
    }
    for (const auto& [column, condition] : checks) {
      if (!MeetsCondition(row.values(column), *condition, plan.columns[static_cast<size_t>(column)].type)) {
        return Misfit("row outside the conditions");
      }
    }
  }
  return absl::OkStatus();
}

void WriteWireParts(ReleasePlan& plan) {
  v1::Exchange head;
  head.set_grant(plan.grant->name);
  head.set_grant_revision(plan.grant->revision);
  head.set_grant_index(plan.grant->grant_index);
  head.set_consumer(plan.grant->consumer);
  head.set_provider(plan.resource->provider());
  head.set_resource(plan.grant->resource);
  plan.entry_head = head.SerializeAsString();
  v1::Exchange fields;
  v1::ConnectorQuery query;
  query.set_resource(plan.grant->resource);
  query.set_schema_fingerprint(plan.fingerprint);
  for (const auto& column : plan.columns) {
    fields.add_fields(column.field);
    fields.add_masks(column.mask);
    query.add_fields(column.field);
  }
  plan.entry_fields = fields.SerializeAsString();
  plan.query_head = query.SerializeAsString();
  v1::QueryResponse answer;
  *answer.mutable_masks() = fields.masks();
  plan.answer_masks = answer.SerializeAsString();
  v1::ConnectorQuery conditions;
  for (const auto& condition : plan.grant->row_conditions) *conditions.add_conditions() = condition;
  plan.query_conditions = conditions.SerializeAsString();
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ReleasePlan>> MakePlan(
    std::shared_ptr<const access::GrantInForce> grant, std::shared_ptr<const v1::Resource> resource,
    const google::protobuf::RepeatedPtrField<std::string>& fields, const SealKey* pseudonyms) {
  if (fields.size() > kFieldsMax) return BadField("FIELDS_MANY", "fields", "Ask for at most 500 fields.");
  absl::flat_hash_map<std::string, const v1::Field*> known;
  for (const auto& field : resource->fields()) known[field.field()] = &field;
  auto plan = std::make_shared<ReleasePlan>();
  std::vector<SchemaField> schema;
  absl::flat_hash_set<std::string> named;
  bool pseudonym = false;
  const auto add = [&](const std::string& name) -> absl::Status {
    const auto mask = grant->masks.find(name);
    const auto field = known.find(name);
    if (mask == grant->masks.end() || field == known.end()) return NotGranted(name);
    if (!named.insert(name).second) return BadField("FIELD_REPEATED", "fields", "A field is named twice; name it once.");
    if (IsPersonKey(*field->second)) plan->person_columns.push_back(static_cast<int>(plan->columns.size()));
    plan->columns.push_back({name, field->second->data_type(), field->second->length(), mask->second});
    plan->masks = plan->masks || mask->second != v1::MASK_UNSPECIFIED;
    pseudonym = pseudonym || mask->second == v1::MASK_PSEUDONYM;
    schema.push_back({name, field->second->data_type()});
    return absl::OkStatus();
  };
  if (fields.empty()) {
    for (const auto& [name, mask] : grant->fields) TRY(add(name));
  } else {
    for (const auto& name : fields) TRY(add(name));
  }
  if (pseudonym && pseudonyms != nullptr) {
    plan->pseudonym_key = std::string(Bytes(pseudonyms->Derive("pseudonyms of " + grant->name)));
  }
  plan->fingerprint = std::string(Bytes(SchemaFingerprint(schema)));
  plan->grant = std::move(grant);
  plan->resource = std::move(resource);
  plan->not_withdrawn = documents::DocumentStore::StillAt(catalog::WithdrawnName(plan->resource->name()), 0);
  WriteWireParts(*plan);
  return plan;
}

std::shared_ptr<const ReleasePlan> ProbePlan(std::shared_ptr<const v1::Resource> resource) {
  auto plan = std::make_shared<ReleasePlan>();
  std::vector<SchemaField> schema;
  v1::ConnectorQuery query;
  query.set_resource(resource->name());
  for (const auto& field : resource->fields()) {
    schema.push_back({field.field(), field.data_type()});
    query.add_fields(field.field());
  }
  plan->fingerprint = std::string(Bytes(SchemaFingerprint(schema)));
  query.set_schema_fingerprint(plan->fingerprint);
  plan->query_head = query.SerializeAsString();
  plan->resource = std::move(resource);
  return plan;
}

bool IsPersonKey(const v1::Field& field) { return field.person_key() || DefaultForm(field.mask()) == v1::MASK_ID_NUMBER; }

std::vector<std::string> PersonsIn(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                                   const v1::Resource* resource) {
  std::vector<std::string> persons;
  for (const auto& condition : conditions) {
    const std::string& text = condition.value().text();
    bool person = resource == nullptr && IsIdNumber(NormalizeCode(text));
    if (resource != nullptr) {
      for (const auto& field : resource->fields()) {
        person = person || (field.field() == condition.field() && IsPersonKey(field));
      }
    }
    if (person && !text.empty()) persons.push_back(text);
  }
  return persons;
}

absl::Status CheckConditions(const google::protobuf::RepeatedPtrField<v1::Condition>& conditions,
                             const v1::Resource& resource) {
  if (conditions.empty() && resource.has_electronic_certificate() && catalog::NeedsOf(resource).key_condition) {
    return Fail(absl::StatusCode::kPermissionDenied, "KEY_REQUIRED",
                "Certificates of this level are asked for one holder at a time; name a key of the resource.",
                {{"link", std::string(kLinkGrant)}});
  }
  if (conditions.size() > kConditionsMax) return BadField("CONDITIONS_MANY", "conditions", "Give at most 20 conditions.");
  for (int i = 0; i < conditions.size(); ++i) {
    const auto& condition = conditions.Get(i);
    const v1::Field* field = nullptr;
    for (const auto& candidate : resource.fields()) {
      if (candidate.field() == condition.field()) field = &candidate;
    }
    if (field == nullptr || !field->key()) {
      return Fail(absl::StatusCode::kPermissionDenied, "CONDITION_NOT_GRANTED",
                  "Conditions are on key fields of the resource only; see its entry.",
                  {{"link", std::string(kLinkGrant)}, {"condition", absl::StrCat(i)}});
    }
    TRY(CheckCondition(condition, field->data_type(), field->length(), absl::StrCat("conditions[", i, "]")));
    // A person is asked for by the whole number: ranges and beginnings would list who is there.
    if (IsPersonKey(*field) && condition.comparison() != v1::COMPARISON_EQUALS) {
      return Fail(absl::StatusCode::kPermissionDenied, "CONDITION_NOT_GRANTED",
                  "A person is asked for by the whole ID number; use COMPARISON_EQUALS.",
                  {{"link", std::string(kLinkGrant)}, {"condition", absl::StrCat(i)}});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<Released> CheckAnswer(const ReleasePlan& plan, const v1::QueryRequest& request, int row_limit,
                                     v1::RecordBatch& answer) {
  if (answer.schema_fingerprint() != plan.fingerprint) return Misfit("schema fingerprint");
  if (answer.fields_size() != static_cast<int>(plan.columns.size())) return Misfit("field count");
  for (int i = 0; i < answer.fields_size(); ++i) {
    if (answer.fields(i) != plan.columns[static_cast<size_t>(i)].field) return Misfit("field order");
  }
  if (answer.rows_size() > row_limit) return Misfit("row count");
  TRY(CheckRows(plan, request, answer));
  Released released;
  released.answer_bytes = CanonicalRows(answer);
  for (const int column : plan.person_columns) {
    for (const auto& row : answer.rows()) released.persons.push_back(row.values(column).text());
  }
  if (plan.masks) {
    for (auto& row : *answer.mutable_rows()) {
      for (size_t i = 0; i < plan.columns.size(); ++i) {
        Apply(plan.columns[i].mask, *row.mutable_values(static_cast<int>(i)), plan.pseudonym_key);
      }
    }
    released.released_bytes = CanonicalRows(answer);
  }
  // Whatever else the connector sent along (unknown protobuf fields) stays behind.
  if (HasUnknown(answer)) answer.DiscardUnknownFields();
  released.rows = answer.rows_size();
  released.records = answer.SerializeAsString();
  return released;
}

}  // namespace zhanqiao::exchange
