#include "hub/portal/openapi.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/descriptor_database.h"
#include "catalog/base/text.h"
#include "hub/portal/ckan.h"
#include "hub/portal/contract_texts.h"
#include "hub/portal/package.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;
using google::protobuf::Descriptor;
using google::protobuf::DescriptorPool;
using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;

constexpr char kPackage[] = "zhanqiao.v1";

// What the contract says of `full_name`; empty: nothing.
std::string_view TextOf(std::string_view full_name) {
  const auto* const end = kContractTexts + kContractTextCount;
  const auto* const found = std::lower_bound(kContractTexts, end, full_name, [](const auto& one, std::string_view name) { return one.first < name; });
  return found != end && found->first == full_name ? found->second : std::string_view();
}

void Describe(json::object& schema, std::string_view full_name) {
  const std::string_view text = TextOf(full_name);
  if (!text.empty()) schema["description"] = json::string(text);
}

std::string Reference(const std::string& full_name) { return absl::StrCat("#/components/schemas/", full_name); }

// Schemas of messages and enumerations, each once, with all they refer to.
class Schemas {
 public:
  void Need(const Descriptor* message) {
    if (!told_.insert(message->full_name()).second) return;
    json::object properties;
    for (int i = 0; i < message->field_count(); ++i) {
      json::object field = OfField(message->field(i));
      Describe(field, message->field(i)->full_name());
      properties[message->field(i)->name()] = std::move(field);
    }
    json::object schema = {{"type", "object"}, {"properties", std::move(properties)}, {"additionalProperties", false}};
    Describe(schema, message->full_name());
    schemas_[message->full_name()] = std::move(schema);
  }
  json::object Take() { return std::move(schemas_); }

 private:
  json::object OfField(const FieldDescriptor* field) {
    if (field->is_map()) {
      return {{"type", "object"}, {"additionalProperties", OfValue(field->message_type()->FindFieldByName("value"))}};
    }
    if (field->is_repeated()) return {{"type", "array"}, {"items", OfValue(field)}};
    return OfValue(field);
  }

  json::object OfValue(const FieldDescriptor* field) {
    switch (field->cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return {{"type", "integer"}, {"format", "int32"}};
      case FieldDescriptor::CPPTYPE_UINT32:
        return {{"type", "integer"}, {"format", "int64"}, {"minimum", 0}};
      case FieldDescriptor::CPPTYPE_INT64:
        return {{"type", "string"}, {"pattern", "^-?[0-9]+$"}, {"format", "int64"}};
      case FieldDescriptor::CPPTYPE_UINT64:
        return {{"type", "string"}, {"pattern", "^[0-9]+$"}, {"format", "uint64"}};
      case FieldDescriptor::CPPTYPE_DOUBLE:
      case FieldDescriptor::CPPTYPE_FLOAT:
        return {{"type", "number"}};
      case FieldDescriptor::CPPTYPE_BOOL:
        return {{"type", "boolean"}};
      case FieldDescriptor::CPPTYPE_STRING:
        if (field->type() == FieldDescriptor::TYPE_BYTES) return {{"type", "string"}, {"contentEncoding", "base64"}};
        return {{"type", "string"}};
      case FieldDescriptor::CPPTYPE_ENUM:
        Need(field->enum_type());
        return {{"$ref", Reference(field->enum_type()->full_name())}};
      case FieldDescriptor::CPPTYPE_MESSAGE:
        return OfMessage(field->message_type());
    }
    return {};
  }

  json::object OfMessage(const Descriptor* message) {
    if (message->full_name() == "google.protobuf.Timestamp") return {{"type", "string"}, {"format", "date-time"}};
    if (message->full_name() == "google.protobuf.Duration") return {{"type", "string"}, {"pattern", "^-?[0-9]+(\\.[0-9]+)?s$"}};
    if (message->full_name() == "google.protobuf.FieldMask") return {{"type", "string"}};
    Need(message);
    return {{"$ref", Reference(message->full_name())}};
  }

  void Need(const EnumDescriptor* type) {
    if (!told_.insert(type->full_name()).second) return;
    json::array values;
    for (int i = 0; i < type->value_count(); ++i) values.push_back(json::string(type->value(i)->name()));
    json::object schema = {{"type", "string"}, {"enum", std::move(values)}};
    std::string text(TextOf(type->full_name()));
    for (int i = 0; i < type->value_count(); ++i) {
      const std::string_view said = TextOf(type->value(i)->full_name());
      if (!said.empty()) absl::StrAppend(&text, text.empty() ? "" : "\n", "- `", type->value(i)->name(), "`: ", Absl(said));
    }
    if (!text.empty()) schema["description"] = text;
    schemas_[type->full_name()] = std::move(schema);
  }

  std::set<std::string> told_;
  json::object schemas_;
};

json::object ErrorSchema() {
  return {{"type", "object"},
          {"properties",
           {{"code", {{"type", "string"}}},
            {"message", {{"type", "string"}}},
            {"details", {{"type", "array"}, {"items", {{"type", "object"}}}}}}},
          {"required", {"code", "message"}}};
}

json::object Body(const std::string& full_name) {
  return {{"application/json", {{"schema", {{"$ref", Reference(full_name)}}}}}};
}

json::object Answer(std::string_view description, const std::string& full_name) {
  return {{"description", json::string(description)}, {"content", Body(full_name)}};
}

std::vector<const google::protobuf::ServiceDescriptor*> ServicesOfContract() {
  std::vector<std::string> files;
  DescriptorPool::internal_generated_database()->FindAllFileNames(&files);
  std::vector<const google::protobuf::ServiceDescriptor*> services;
  for (const std::string& name : files) {
    const auto* file = DescriptorPool::generated_pool()->FindFileByName(name);
    if (file == nullptr || file->package() != kPackage) continue;
    for (int i = 0; i < file->service_count(); ++i) services.push_back(file->service(i));
  }
  std::sort(services.begin(), services.end(), [](const auto* a, const auto* b) { return a->name() < b->name(); });
  return services;
}

json::object Operation(const google::protobuf::MethodDescriptor& method) {
  json::object operation = {{"operationId", absl::StrCat(method.service()->name(), ".", method.name())},
          {"tags", {json::string(method.service()->name())}},
          {"requestBody", {{"required", true}, {"content", Body(method.input_type()->full_name())}}},
          {"responses",
           {{"200", Answer("The answer.", method.output_type()->full_name())},
            {"default", Answer("Refused: a stable reason in details[].debug.reason.", "Error")}}}};
  Describe(operation, method.full_name());
  return operation;
}

// A path the public asks without a sign-in.
json::object Reading(std::string_view id, std::string_view summary, std::string_view type, std::vector<std::string> parameters,
                     std::vector<std::string> in_path = {}) {
  json::array list;
  for (const std::string& name : in_path) {
    list.push_back({{"name", name}, {"in", "path"}, {"required", true}, {"schema", {{"type", "string"}}}});
  }
  for (const std::string& name : parameters) list.push_back({{"name", name}, {"in", "query"}, {"schema", {{"type", "string"}}}});
  json::object operation = {
      {"operationId", json::string(id)},
      {"tags", {"Portal"}},
      {"summary", json::string(summary)},
      {"security", json::array()},
      {"responses", {{"200", {{"description", "The answer."}, {"content", {{json::string(type), json::object()}}}}}}}};
  if (!list.empty()) operation["parameters"] = std::move(list);
  return {{"get", std::move(operation)}};
}

void AddPortal(json::object& paths) {
  for (const std::string& action : Ckan::Actions()) {
    std::vector<std::string> parameters;
    if (absl::EndsWith(action, "_show")) parameters = {"id"};
    if (action == "package_search") parameters = {"q", "fq", "sort", "rows", "start", "facet.field", "facet.limit", "facet.mincount"};
    if (action == "datastore_search") parameters = {"resource_id", "filters", "q", "limit", "offset", "fields", "sort", "records_format"};
    if (absl::EndsWith(action, "_list")) parameters = {"limit", "offset"};
    paths[absl::StrCat("/api/3/action/", action)] =
        Reading(absl::StrCat("ckan.", action), "CKAN Action API, version 3.", "application/json", parameters);
  }
  paths["/catalog.{format}"] =
      Reading("catalog", "DCAT-AP 3.0.1: ttl, xml or jsonld, 100 datasets a page.", "text/turtle", {"page", "modified_since", "q", "fq"}, {"format"});
  paths["/dataset/{id}.{format}"] = Reading("dataset", "One dataset by DCAT-AP 3.0.1.", "text/turtle", {}, {"id", "format"});
  paths["/data.json"] = Reading("dataJson", "DCAT-US 1.1, non-federal.", "application/json", {});
  paths["/download/{dataset}/{distribution}.{format}"] =
      Reading("download", "A whole file: csv, json or xlsx.", "text/csv", {}, {"dataset", "distribution", "format"});
  paths["/dictionary/{dataset}/{distribution}.json"] =
      Reading("dictionary", "The item dictionary.", "application/json", {}, {"dataset", "distribution"});
  paths["/feeds/dataset.rss"] = Reading("rss", "RSS of changes.", "application/rss+xml", {});
  paths["/statistics/exchange.json"] = Reading("exchangeStatistics", "The exchange in figures, by month and provider.", "application/json", {});
  paths["/api/portal/summary"] = Reading("summary", "The portal in figures.", "application/json", {});
  paths["/api/portal/dataset/{name}"] = Reading("datasetPage", "Everything about one dataset.", "application/json", {}, {"name"});
  paths["/api/portal/submissions"] = Reading("submissions", "Feedback, corrections and requests.", "application/json", {"id", "dataset"});
}

json::object Make() {
  Schemas schemas;
  json::object paths;
  json::array tags;
  for (const auto* service : ServicesOfContract()) {
    json::object tag = {{"name", service->name()}};
    Describe(tag, service->full_name());
    tags.push_back(std::move(tag));
    for (int i = 0; i < service->method_count(); ++i) {
      const auto& method = *service->method(i);
      if (method.client_streaming() || method.server_streaming()) continue;  // by gRPC alone
      schemas.Need(method.input_type());
      schemas.Need(method.output_type());
      paths[absl::StrCat("/", service->full_name(), "/", method.name())] = {{"post", Operation(method)}};
    }
  }
  AddPortal(paths);
  json::object components = schemas.Take();
  components["Error"] = ErrorSchema();
  return {{"openapi", "3.1.0"},
          {"info",
           {{"title", "栈桥 Zhanqiao"},
            {"version", "v1"},
            {"description", "Every unary method of the contract as POST with JSON (Connect protocol), and what the open-data portal answers to "
                            "anyone. Streams need gRPC."},
            {"license", {{"name", "Apache-2.0"}, {"identifier", "Apache-2.0"}}}}},
          {"servers", {{{"url", std::string(1, kSite)}}}},
          {"security", {{{"certificate", json::array()}}, {{"session", json::array()}}}},
          {"tags", std::move(tags)},
          {"paths", std::move(paths)},
          {"components",
           {{"schemas", std::move(components)},
            {"securitySchemes",
             {{"certificate", {{"type", "mutualTLS"}}}, {"session", {{"type", "apiKey"}, {"in", "cookie"}, {"name", "__Host-zhanqiao"}}}}}}}};
}

}  // namespace

const json::object& OpenApiDocument() {
  static const auto* const document = new json::object(Make());
  return *document;
}

Page OpenApi() {
  Page page;
  page.body = json::serialize(OpenApiDocument());
  page.max_age_s = 3600;
  return page;
}

}  // namespace zhanqiao::portal
