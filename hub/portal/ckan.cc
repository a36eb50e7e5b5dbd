#include "hub/portal/ckan.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

constexpr size_t kBodyBytesMax = 1 << 20;

bool IsCallback(std::string_view name) {
  if (name.empty() || name.size() > 64 || absl::ascii_isdigit(static_cast<unsigned char>(name[0]))) return false;
  return std::all_of(name.begin(), name.end(), [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '$' || c == '.';
  });
}

json::object ObjectOf(const std::vector<std::pair<std::string, std::string>>& pairs) {
  json::object object;
  for (const auto& [name, value] : pairs) object[name] = value;
  return object;
}

// The parameters of a call, or why they cannot be read.
struct Read {
  json::object params;
  std::string problem;
};

Read ParamsOf(const Ask& ask) {
  Read read;
  read.params = ObjectOf(ask.query);
  if (ask.method == "GET") return read;
  const std::string& body = ask.request->body;
  if (body.size() > kBodyBytesMax) return {{}, "Bad request - the body is larger than 1 MiB"};
  if (absl::StripAsciiWhitespace(body).empty()) return read;
  const std::string type = absl::AsciiStrToLower(Absl(ask.Header("content-type")));
  if (absl::StartsWith(type, "application/x-www-form-urlencoded") && body.find('{') != 0) {
    const auto pairs = DecodePairs(body);
    if (!pairs) return {{}, "Bad request - the form cannot be read"};
    for (const auto& [name, value] : *pairs) read.params[name] = value;
    return read;
  }
  json::error_code failed;
  json::parse_options options;
  options.max_depth = 16;
  json::value value = json::parse(body, failed, {}, options);
  if (failed) return {{}, "Bad request - JSON Error: the request data cannot be decoded"};
  if (!value.is_object()) return {{}, "Bad request - JSON Error: Request data JSON decoded to something other than a dictionary"};
  for (const auto& member : value.as_object()) read.params[member.key()] = member.value();
  return read;
}

Page Bare(int status, std::string_view text) {
  Page page;
  page.status = status;
  page.body = json::serialize(json::value(json::string(text)));
  page.keep = false;
  return page;
}

}  // namespace

CkanError CkanNotFound(std::string_view message) { return {404, "Not Found Error", {{"message", json::string(message)}}, ""}; }

CkanError CkanInvalid(std::string_view field, std::string_view message) {
  return {409, "Validation Error", {{json::string(field), json::array({json::string(message)})}}, ""};
}

std::string CkanParams::Text(std::string_view name) const {
  const json::value* const value = Value(name);
  if (value == nullptr || value->is_null()) return "";
  if (value->is_string()) return std::string(value->as_string());
  return json::serialize(*value);
}

std::vector<std::string> CkanParams::List(std::string_view name) const {
  const json::value* value = Value(name);
  if (value == nullptr || value->is_null()) return {};
  json::value parsed;
  if (value->is_string() && absl::StartsWith(Absl(std::string_view(value->as_string())), "[")) {
    json::error_code failed;
    parsed = json::parse(value->as_string(), failed);
    if (!failed && parsed.is_array()) value = &parsed;
  }
  std::vector<std::string> list;
  if (!value->is_array()) {
    list.push_back(Text(name));
    return list;
  }
  for (const json::value& one : value->as_array()) {
    list.push_back(one.is_string() ? std::string(one.as_string()) : json::serialize(one));
  }
  return list;
}

std::variant<int64_t, CkanError> CkanParams::Whole(std::string_view name, int64_t absent) const {
  const std::string text = Text(name);
  if (text.empty()) return absent;
  int64_t number = 0;
  if (!absl::SimpleAtoi(text, &number)) return CkanInvalid(name, "Invalid integer");
  return number;
}

bool CkanParams::Flag(std::string_view name, bool absent) const {
  const std::string text = absl::AsciiStrToLower(Text(name));
  if (text.empty()) return absent;
  return text == "true" || text == "1" || text == "yes" || text == "t" || text == "y" || text == "on";
}

const std::vector<Ckan::Action>& Ckan::Table() {
  static const auto* const table = new std::vector<Action>{
      {"current_package_list_with_resources", &Ckan::CurrentPackageList, "Datasets with their resources, newest change first: limit, offset."},
      {"datastore_search", &Ckan::DatastoreSearch,
       "Rows of a resource: resource_id, filters, q, distinct, limit (100, at most 32000), offset, fields, sort, include_total, "
       "records_format (objects, lists, csv, tsv)."},
      {"format_autocomplete", &Ckan::FormatAutocomplete, "Formats that contain q: q, limit."},
      {"group_list", &Ckan::GroupList, "Themes: sort, limit, offset, all_fields."},
      {"group_show", &Ckan::GroupShow, "One theme: id, include_datasets."},
      {"help_show", &Ckan::HelpShow, "What an action does: name."},
      {"license_list", &Ckan::LicenseList, "Licences."},
      {"organization_list", &Ckan::OrganizationList, "Bodies with datasets: sort, limit, offset, all_fields."},
      {"organization_show", &Ckan::OrganizationShow, "One body: id, include_datasets."},
      {"package_autocomplete", &Ckan::PackageAutocomplete, "Datasets whose name or title contains q: q, limit."},
      {"package_list", &Ckan::PackageList, "Names of datasets: limit, offset."},
      {"package_search", &Ckan::PackageSearch,
       "Datasets found by q and fq, with facets: q, fq, fq_list, sort, rows (10, at most 1000), start, facet, facet.field, facet.limit, "
       "facet.mincount."},
      {"package_show", &Ckan::PackageShow, "One dataset: id (or name)."},
      {"resource_search", &Ckan::ResourceSearch, "Resources by field:term: query, offset, limit."},
      {"resource_show", &Ckan::ResourceShow, "One resource: id."},
      {"site_read", &Ckan::StatusShow, "Whether the site may be read."},
      {"status_show", &Ckan::StatusShow, "What this site is."},
      {"tag_list", &Ckan::TagList, "Tags: query, all_fields."},
      {"tag_show", &Ckan::TagShow, "One tag: id, include_datasets."}};
  return *table;
}

std::vector<std::string> Ckan::Actions() {
  std::vector<std::string> names;
  for (const Action& action : Table()) names.emplace_back(action.name);
  return names;
}

CkanResult Ckan::Run(const Action& action, const CkanParams& params, const Shelf& shelf) { return (this->*action.run)(params, shelf); }

Page Ckan::Answer(const Ask& ask, const Shelf& shelf) {
  std::string_view path = ask.path;
  for (const std::string_view prefix : {"/api/3", "/api"}) {
    if (!absl::StartsWith(Absl(path), Absl(prefix))) continue;
    path.remove_prefix(prefix.size());
    break;
  }
  if (path.empty() || path == "/") {
    Page page;
    page.body = R"({"version": 3})";
    return page;
  }
  if (!absl::StartsWith(Absl(path), "/action/")) return NotFound();
  const std::string name(path.substr(8));
  if (ask.method != "GET" && ask.method != "POST") return Bare(400, "Bad request - GET or POST");
  const auto& table = Table();
  const auto action = std::find_if(table.begin(), table.end(), [&](const Action& one) { return one.name == name; });
  if (action == table.end()) return Bare(400, absl::StrCat("Bad request: Action name not known: ", name));
  Read read = ParamsOf(ask);
  if (!read.problem.empty()) return Bare(400, read.problem);
  std::string callback;
  if (const auto* asked = read.params.if_contains("callback"); asked != nullptr && ask.method == "GET" && asked->is_string()) {
    callback = std::string(asked->as_string());
    if (!IsCallback(callback)) return Bare(400, "Bad request - callback is not a name");
    read.params.erase("callback");
  }
  const CkanResult result = Run(*action, CkanParams(std::move(read.params)), shelf);
  Page page;
  const std::string help = absl::StrCat(R"({"help": ")", std::string(1, kSite), "/api/3/action/help_show?name=", name, R"(", "success": )");
  if (result.error) {
    json::object error = result.error->fields;
    error["__type"] = result.error->type;
    page.status = result.error->status;
    page.body = absl::StrCat(help, "false, \"error\": ", json::serialize(error), "}");
  } else {
    page.body = absl::StrCat(help, "true, \"result\": ", result.json, "}");
  }
  page.keep = result.keep && ask.method == "GET";
  page.use = result.use;
  page.used = result.used;
  if (callback.empty()) return page;
  page.type = "application/javascript; charset=utf-8";
  page.body = absl::StrCat("/**/", callback, "(", page.body, ");");
  return page;
}

}  // namespace zhanqiao::portal
