#include "connectors/agent/check.h"

#include <google/protobuf/util/json_util.h>
#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>

#include <boost/json.hpp>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/digest.h"
#include "catalog/base/masks.h"
#include "catalog/base/records.h"
#include "connectors/adapters/settings.h"
#include "connectors/agent/channel.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"

namespace zhanqiao::connectors {
namespace {

namespace json = boost::json;

constexpr int kPatienceMs = 10'000;

v1::ConnectorQuery SampleQuery(const v1::Resource& entry, int rows) {
  v1::ConnectorQuery query;
  query.set_resource(entry.name());
  query.set_row_limit(rows);
  query.set_timeout_ms(kPatienceMs);
  std::vector<SchemaField> schema;
  for (const v1::Field& field : entry.fields()) {
    query.add_fields(field.field());
    schema.push_back({field.field(), field.data_type()});
  }
  query.set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
  return query;
}

std::string Shown(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kInteger:
      return absl::StrCat(value.integer());
    case v1::Value::kReal:
      return absl::StrFormat("%.17g", value.real());
    case v1::Value::kLogical:
      return value.logical() ? "true" : "false";
    case v1::Value::kBinary:
      return absl::StrCat(value.binary().size(), " bytes");
    default:
      return "";
  }
}

json::value JsonOf(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      return json::string(value.text());
    case v1::Value::kInteger:
      return value.integer();
    case v1::Value::kReal:
      return value.real();
    case v1::Value::kLogical:
      return value.logical();
    case v1::Value::kBinary:
      return json::string(ToBase64(value.binary()));
    default:
      return nullptr;
  }
}

}  // namespace

ResourceCheck CheckResource(const v1::Resource& entry, const AdapterFactory& factory, int rows) {
  ResourceCheck check;
  check.resource = entry.name();
  check.display_name = entry.display_name();
  const auto adapter = factory(entry);
  if (!adapter.ok()) {
    check.status = adapter.status();
    check.mismatches = ViolationsOf(check.status);
    return check;
  }
  auto mismatches = (*adapter)->Mismatches();
  if (!mismatches.ok()) {
    check.status = mismatches.status();
    return check;
  }
  check.mismatches = *std::move(mismatches);
  v1::ConnectorReply reply;
  check.status = (*adapter)->Answer(SampleQuery(entry, rows), reply);
  if (!check.status.ok()) return check;
  check.sample.Swap(reply.mutable_records());
  for (v1::Row& row : *check.sample.mutable_rows()) {
    for (int i = 0; i < row.values_size(); ++i) Apply(entry.fields(i).mask(), *row.mutable_values(i));
  }
  return check;
}

absl::StatusOr<v1::Resource> EntryFromHub(const AgentOptions& options, const std::string& name) {
  const std::shared_ptr<grpc::Channel> channel = TRY(ChannelTo(options));
  const auto stub = v1::CatalogService::NewStub(channel);
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(kPatienceMs));
  v1::GetResourceRequest request;
  request.set_name(name);
  v1::Resource entry;
  const absl::Status status = FromGrpc(stub->GetResource(&context, request, &entry));
  if (!status.ok()) return WithFact(status, "hub", options.hub);
  return entry;
}

absl::StatusOr<std::vector<v1::Resource>> EntriesFromFile(const std::string& path) {
  const std::string text = TRY(ReadSettingsFile(path));
  boost::system::error_code error;
  const json::value value = json::parse(text, error);
  std::vector<v1::Resource> entries;
  const auto add = [&entries](const json::value& one) {
    google::protobuf::util::JsonParseOptions options;
    options.ignore_unknown_fields = true;
    return google::protobuf::util::JsonStringToMessage(json::serialize(one), &entries.emplace_back(), options)
        .ok();
  };
  bool good = !error;
  if (good && value.is_array()) {
    for (const json::value& one : value.as_array()) good = good && add(one);
  } else if (good) {
    good = add(value);
  }
  if (good) return entries;
  return Fail(absl::StatusCode::kInvalidArgument, "ENTRY_INVALID",
              "The file is not a catalogue entry in JSON; make it with zq resource get --json.",
              {{"file", path}});
}

std::string ToText(const std::vector<ResourceCheck>& checks) {
  std::string out;
  for (const ResourceCheck& check : checks) {
    absl::StrAppend(&out, check.status.ok() ? "ok      " : "FAILED  ", check.resource, "  ",
                    check.display_name, "\n");
    if (!check.status.ok()) {
      absl::StrAppend(&out, "        ", ReasonOf(check.status), ": ", std::string(check.status.message()),
                      "\n");
    }
    for (const Violation& one : check.mismatches) {
      absl::StrAppend(&out, "        ", one.field, "  ", one.reason, "  ", one.description, "\n");
    }
    if (check.sample.rows().empty()) continue;
    const auto line = [&out](const auto& cells, const auto& show) {
      out += "        ";
      for (int i = 0; i < cells.size(); ++i) absl::StrAppend(&out, i == 0 ? "" : " | ", show(cells[i]));
      out += '\n';
    };
    line(check.sample.fields(), [](const std::string& field) { return field; });
    for (const v1::Row& row : check.sample.rows()) line(row.values(), Shown);
  }
  return out;
}

std::string ToJson(const std::vector<ResourceCheck>& checks) {
  json::array resources;
  for (const ResourceCheck& check : checks) {
    json::object one{
        {"resource", check.resource}, {"display_name", check.display_name}, {"ok", check.status.ok()}};
    if (!check.status.ok()) {
      one["reason"] = ReasonOf(check.status);
      one["message"] = std::string(check.status.message());
    }
    json::array mismatches;
    for (const Violation& bad : check.mismatches) {
      mismatches.push_back(
          json::object{{"field", bad.field}, {"reason", bad.reason}, {"description", bad.description}});
    }
    one["mismatches"] = std::move(mismatches);
    json::array fields, rows;
    for (const std::string& field : check.sample.fields()) fields.push_back(json::string(field));
    for (const v1::Row& row : check.sample.rows()) {
      json::array values;
      for (const v1::Value& value : row.values()) values.push_back(JsonOf(value));
      rows.push_back(std::move(values));
    }
    one["fields"] = std::move(fields);
    one["rows"] = std::move(rows);
    resources.push_back(std::move(one));
  }
  return json::serialize(json::object{{"resources", std::move(resources)}});
}

}  // namespace zhanqiao::connectors
