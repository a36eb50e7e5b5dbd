#include "hub/cli/resources.h"

#include <google/protobuf/util/json_util.h>
#include <google/protobuf/util/message_differencer.h>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/identifiers.h"
#include "catalog/documents/document_store.h"
#include "hub/cli/commands.h"
#include "zhanqiao/v1/access.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

// Without what the hub alone writes, so that a file can be compared with what is stored.
v1::Resource Authored(v1::Resource resource) {
  resource.clear_name();
  resource.clear_state();
  resource.clear_schema_fingerprint();
  resource.clear_findings();
  resource.clear_schema_version();
  resource.clear_schema_compatibility();
  resource.clear_review();
  resource.clear_open_objections();
  resource.clear_revision();
  resource.clear_etag();
  return resource;
}

absl::Status WrongValue(std::string_view field, std::string_view expected) {
  return BadField("VALUE_TYPE", field, absl::StrCat("The value must be ", Absl(expected), "."));
}

// What the hub fills in where a file leaves it empty.
void TakeFilled(const v1::Resource& stored, v1::Resource& wanted) {
  if (wanted.release_date().empty()) wanted.set_release_date(stored.release_date());
  if (wanted.data_update_date().empty()) wanted.set_data_update_date(stored.data_update_date());
  if (wanted.provider_code().empty()) wanted.set_provider_code(stored.provider_code());
  if (wanted.base_database().empty()) wanted.set_base_database(stored.base_database());
}

absl::StatusOr<Applied> CreateResource(Session& session, const v1::Resource& resource) {
  v1::CreateResourceRequest create;
  *create.mutable_resource() = resource;
  create.set_reason("zq resource apply");
  // The hub gives the code: the same entry again is the same request.
  if (IsClassification(resource.resource_code())) {
    create.set_request_id(ToHex(Bytes(Sha256(documents::Canonical(resource)))));
  }
  return Applied{TRY(session.Call(&v1::CatalogService::Stub::CreateResource, create)), "created"};
}

}  // namespace

absl::StatusOr<v1::ListResourcesResponse> ParseResources(std::string_view json) {
  const size_t start = json.find_first_not_of(" \t\r\n\xEF\xBB\xBF");
  const bool array = start != std::string_view::npos && json[start] == '[';
  v1::ListResourcesResponse resources;
  const std::string text =
      array ? absl::StrCat("{\"resources\":", Absl(json.substr(start)), "}") : std::string(json);
  auto parsed = google::protobuf::util::JsonStringToMessage(text, &resources);
  if (!parsed.ok() && !array) {
    resources.Clear();
    parsed = google::protobuf::util::JsonStringToMessage(text, resources.add_resources());
  }
  if (parsed.ok()) return resources;
  return Fail(absl::StatusCode::kInvalidArgument, "RESOURCES_UNREADABLE",
              "The file is not protobuf JSON of catalogue entries; correct it at the named place.",
              {{"problem", std::string(parsed.message())}});
}

absl::StatusOr<Applied> ApplyResource(Session& session, const v1::Resource& resource) {
  using Stub = v1::CatalogService::Stub;
  if (resource.name().empty() && IsClassification(resource.resource_code())) return CreateResource(session, resource);
  v1::GetResourceRequest get;
  get.set_name(resource.name().empty() ? ResourceArgument(resource.resource_code()) : resource.name());
  const auto stored = session.Call(&Stub::GetResource, get);
  if (stored.status().code() == absl::StatusCode::kNotFound) return CreateResource(session, resource);
  if (!stored.ok()) return stored.status();
  v1::Resource wanted = Authored(resource);
  TakeFilled(*stored, wanted);
  if (google::protobuf::util::MessageDifferencer::Equals(Authored(*stored), wanted)) {
    return Applied{*stored, "unchanged"};
  }
  v1::UpdateResourceRequest update;
  *update.mutable_resource() = std::move(wanted);
  update.mutable_resource()->set_name(stored->name());
  update.mutable_resource()->set_etag(stored->etag());
  update.set_reason("zq resource apply");
  return Applied{TRY(session.Call(&Stub::UpdateResource, update)), "updated"};
}

namespace {

// The comparison at the beginning of `text`, which it takes off; unspecified if there is none.
v1::Comparison TakeComparison(std::string_view& text) {
  constexpr std::pair<std::string_view, v1::Comparison> kSigns[] = {
      {"<=", v1::COMPARISON_LESS_OR_EQUAL}, {">=", v1::COMPARISON_GREATER_OR_EQUAL}, {"^=", v1::COMPARISON_PREFIX},
      {"<", v1::COMPARISON_LESS}, {">", v1::COMPARISON_GREATER}, {"=", v1::COMPARISON_EQUALS}};
  for (const auto& [sign, comparison] : kSigns) {
    if (!text.starts_with(sign)) continue;
    text.remove_prefix(sign.size());
    return comparison;
  }
  return v1::COMPARISON_UNSPECIFIED;
}

}  // namespace

absl::StatusOr<v1::Value> ValueOf(const v1::Field& field, std::string_view text) {
  v1::Value value;
  switch (field.data_type()) {
    case v1::DATA_TYPE_INTEGER: {
      int64_t number = 0;
      if (!absl::SimpleAtoi(Absl(text), &number)) return WrongValue(field.field(), "a whole number");
      value.set_integer(number);
      break;
    }
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT: {
      double number = 0;
      if (!absl::SimpleAtod(Absl(text), &number)) return WrongValue(field.field(), "a number");
      value.set_real(number);
      break;
    }
    case v1::DATA_TYPE_LOGICAL:
      if (text != "true" && text != "false") return WrongValue(field.field(), "true or false");
      value.set_logical(text == "true");
      break;
    case v1::DATA_TYPE_GENERAL:
      value.set_binary(TRY(FromBase64(text)));
      break;
    default:
      value.set_text(std::string(text));
  }
  return value;
}

absl::StatusOr<v1::Condition> ConditionIn(const v1::Resource& resource, std::string_view text) {
  const std::string_view field = text.substr(0, text.find_first_of("<>^="));
  text.remove_prefix(field.size());
  const v1::Comparison comparison = TakeComparison(text);
  if (field.empty() || comparison == v1::COMPARISON_UNSPECIFIED) {
    return BadField("CONDITION_FORM", "--where", "Write it as field=value; <, <=, >, >= and ^= (begins with) go as well.");
  }
  const v1::Field* known = nullptr;
  for (const auto& one : resource.fields()) {
    if (one.field() == field || one.display_name() == field) known = &one;
  }
  if (known == nullptr) {
    return BadField("FIELD_UNKNOWN", field,
                    "The resource has no such field; zq resource get lists its fields.");
  }
  v1::Condition condition;
  condition.set_field(known->field());
  condition.set_comparison(comparison);
  *condition.mutable_value() = TRY(ValueOf(*known, text));
  return condition;
}

absl::Status AddConditions(Session& session, const std::string& grant, const std::vector<std::string>& texts,
                           google::protobuf::RepeatedPtrField<v1::Condition>& conditions) {
  if (texts.empty()) return absl::OkStatus();
  v1::GetGrantRequest get_grant;
  get_grant.set_name(grant);
  const v1::Grant found = TRY(session.Call(&v1::AccessService::Stub::GetGrant, get_grant));
  v1::GetResourceRequest get_resource;
  get_resource.set_name(found.resource());
  const v1::Resource resource = TRY(session.Call(&v1::CatalogService::Stub::GetResource, get_resource));
  for (const std::string& text : texts) *conditions.Add() = TRY(ConditionIn(resource, text));
  return absl::OkStatus();
}

}  // namespace zhanqiao::cli
