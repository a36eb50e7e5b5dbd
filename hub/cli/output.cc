#include "hub/cli/output.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/util/json_util.h>

#include <array>
#include <cstdio>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "google/rpc/error_details.pb.h"
#include "hub/cli/display.h"

namespace zhanqiao::cli {
namespace {

// The details of an error as they came.
struct Details {
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad;
};

Details DetailsOf(const absl::Status& status) {
  Details details;
  google::rpc::Status wire;
  wire.ParseFromString(ToDetails(status));
  for (const auto& any : wire.details()) {
    if (any.Is<google::rpc::ErrorInfo>()) any.UnpackTo(&details.info);
    if (any.Is<google::rpc::BadRequest>()) any.UnpackTo(&details.bad);
  }
  return details;
}

struct Fix {
  std::string_view reason;
  std::string_view text;
};
constexpr std::array kFixes = {
    Fix{"GRANT_NOT_FOUND", "List the grants you hold with zq grant list, or apply with zq grant create."},
    Fix{"GRANT_NOT_YOURS", "Use a grant of the system whose certificate you present."},
    Fix{"GRANT_NOT_ACTIVE", "See its state with zq grant get; a revoked grant needs a new application."},
    Fix{"FIELD_NOT_GRANTED",
        "Ask only for granted fields (zq grant get), or apply for a grant that names it."},
    Fix{"CONDITION_NOT_GRANTED", "Put conditions only on granted fields, or on key fields of the resource."},
    Fix{"CERTIFICATE_REVOKED", "Have the security administrator issue a new certificate."},
    Fix{"CALLER_UNREGISTERED", "Have the identity of this certificate registered first."},
    Fix{"CALLER_DISABLED", "Have the registration enabled by the body that keeps it."},
    Fix{"CALLER_NOT_SYSTEM",
        "Ask with the certificate of a registered system; people never receive records directly."},
    Fix{"ROLE_REQUIRED", "Act with the certificate of a person who holds the role."},
    Fix{"FOUR_EYES", "Another person of the provider has to decide."},
    Fix{"ETAG_MISMATCH", "Read it again and repeat the change on the newest version."},
    Fix{"CONNECTOR_UNAVAILABLE",
        "Start the provider's connector; zq connector list shows which are connected."},
    Fix{"STORE_IN_USE", "The hub is running: leave out --store, or stop it first."},
};

std::string CodeText(absl::StatusCode code) {
  return absl::StatusCodeToString(code);
}

void PrintErrorJson(const absl::Status& status, const Details& details, std::ostream& err) {
  err << "{\"error\":{\"code\":" << JsonText(CodeText(status.code()))
      << ",\"reason\":" << JsonText(details.info.reason())
      << ",\"message\":" << JsonText(Std(status.message())) << ",\"facts\":{";
  const char* comma = "";
  for (const auto& [name, value] : details.info.metadata()) {
    err << comma << JsonText(name) << ":" << JsonText(value);
    comma = ",";
  }
  err << "},\"violations\":[";
  comma = "";
  for (const auto& wrong : details.bad.field_violations()) {
    err << comma << "{\"field\":" << JsonText(wrong.field()) << ",\"reason\":" << JsonText(wrong.reason())
        << ",\"description\":" << JsonText(wrong.description()) << "}";
    comma = ",";
  }
  err << "]}}\n";
}

// "\"grants\":[]," for every list of an answer that has nothing in it: protobuf JSON leaves it out, and a program that goes
// through the list would have to ask first.
std::string EmptyLists(const google::protobuf::Message& message) {
  std::string lists;
  const google::protobuf::Descriptor& type = *message.GetDescriptor();
  if (!absl::EndsWith(type.name(), "Response")) return lists;
  for (int i = 0; i < type.field_count(); ++i) {
    const google::protobuf::FieldDescriptor& field = *type.field(i);
    const bool list = field.is_repeated() && !field.is_map() && field.message_type() != nullptr;
    if (!list || message.GetReflection()->FieldSize(message, &field) > 0) continue;
    absl::StrAppend(&lists, lists.empty() ? "" : ",", "\n \"", field.json_name(), "\": []");
  }
  return lists;
}

}  // namespace

void PrintJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = false;
  std::string text;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return;
  const std::string lists = EmptyLists(message);
  if (!lists.empty()) {
    const bool alone = text.find('"') == std::string::npos;
    text.insert(text.find('{') + 1, alone ? lists + "\n" : lists + ",");
  }
  out << text;
}

void PrintWholeJson(const google::protobuf::Message& message, std::ostream& out) {
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  options.always_print_primitive_fields = true;
  options.preserve_proto_field_names = true;
  std::string text;
  if (google::protobuf::util::MessageToJsonString(message, &text, options).ok()) out << text;
}

std::string JsonText(std::string_view text) {
  std::string json = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      json += '\\';
      json += c;
    } else if (c == '\n') {
      json += "\\n";
    } else if (byte < 0x20 || byte == 0x7F) {
      std::array<char, 8> escape{};
      std::snprintf(escape.data(), escape.size(), "\\u%04x", byte);
      json += escape.data();
    } else {
      json += c;
    }
  }
  return json + "\"";
}

void PrintError(const absl::Status& status, bool json, std::ostream& err) {
  Details details = DetailsOf(status);
  if (json) return PrintErrorJson(status, details, err);
  auto& facts = *details.info.mutable_metadata();
  const auto take = [&facts](const char* name) {
    const auto fact = facts.find(name);
    std::string value = fact == facts.end() ? "" : fact->second;
    facts.erase(name);
    return value;
  };
  Sheet sheet;
  const std::string reason = details.info.reason();
  sheet.Add("reason", reason.empty() ? CodeText(status.code())
                                     : absl::StrCat(reason, " (", CodeText(status.code()), ")"));
  sheet.Add("link", take("link"));
  sheet.Add("ledger", take("ledger_index"));
  std::string fix = take("fix");
  if (!details.bad.field_violations().empty()) facts.erase("field");
  for (const auto& wrong : details.bad.field_violations()) {
    sheet.Add(wrong.field(),
              absl::StrCat(wrong.description(), wrong.reason().empty() ? "" : " [" + wrong.reason() + "]"));
  }
  for (const auto& [name, value] : facts) sheet.Add(name, value);
  sheet.Add("fix", fix.empty() ? std::string(FixFor(reason)) : fix);
  for (const std::string& line : Wrapped(absl::StrCat("zq: ", Absl(Std(status.message()))), kScreenCells))
    err << line << "\n";
  err << sheet.Render();
}

std::string_view FixFor(std::string_view reason) {
  for (const Fix& fix : kFixes) {
    if (fix.reason == reason) return fix.text;
  }
  return "";
}

std::string ValueText(const v1::Value& value) {
  switch (value.kind_case()) {
    case v1::Value::kText:
      return value.text();
    case v1::Value::kInteger:
      return absl::StrCat(value.integer());
    case v1::Value::kReal:
      return absl::StrCat(value.real());
    case v1::Value::kLogical:
      return value.logical() ? "true" : "false";
    case v1::Value::kBinary:
      return ToBase64(value.binary());
    case v1::Value::KIND_NOT_SET:
      break;
  }
  return "";
}

std::string TimeText(absl::Time time) {
  return absl::FormatTime("%Y-%m-%d %H:%M:%S", time, Shanghai());
}

std::string TimeText(const google::protobuf::Timestamp& time) {
  if (time.seconds() == 0) return "";
  return TimeText(absl::FromUnixSeconds(time.seconds()));
}

std::string EnumText(const google::protobuf::EnumDescriptor* type, int value) {
  const auto* found = type->FindValueByNumber(value);
  if (found == nullptr) return absl::StrCat(value);
  // The zero value is TYPE_NAME_UNSPECIFIED, which gives the prefix.
  const std::string& zero = type->value(0)->name();
  const size_t prefix = zero.size() - std::string_view("UNSPECIFIED").size();
  return value == 0 ? "" : found->name().substr(prefix);
}

void PrintRecords(const v1::RecordBatch& records, std::ostream& out) {
  Table table({records.fields().begin(), records.fields().end()});
  for (const auto& row : records.rows()) {
    std::vector<std::string> cells;
    for (const auto& value : row.values()) cells.push_back(ValueText(value));
    cells.resize(static_cast<size_t>(records.fields_size()));
    table.Add(std::move(cells));
  }
  out << table.Render();
}

}  // namespace zhanqiao::cli
