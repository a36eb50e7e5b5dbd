#include "hub/portal/package.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/substitute.h"
#include "catalog/base/clock.h"
#include "catalog/base/digest.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"

namespace zhanqiao::portal {
namespace {

namespace json = boost::json;

struct KnownTheme {
  std::string_view chinese;
  std::string_view name;
};
// The guide's twelve themes (发改高技〔2017〕1272号), for addresses that read well.
constexpr std::array<KnownTheme, 12> kThemes = {{{"公共服务", "public-service"},
                                                 {"健康保障", "health"},
                                                 {"社会保障", "social-security"},
                                                 {"食品药品安全", "food-and-drugs"},
                                                 {"安全生产", "work-safety"},
                                                 {"价格监管", "prices"},
                                                 {"能源安全", "energy"},
                                                 {"信用体系", "credit"},
                                                 {"城乡建设", "construction"},
                                                 {"社区治理", "community"},
                                                 {"生态环保", "environment"},
                                                 {"应急维稳", "emergency"}}};

absl::Time TimeOf(const google::protobuf::Timestamp& stamp) {
  return absl::FromUnixSeconds(stamp.seconds()) + absl::Nanoseconds(stamp.nanos());
}

std::string MediaOf(std::string_view format) {
  const std::string upper = absl::AsciiStrToUpper(Absl(format));
  if (upper == "CSV") return "text/csv";
  if (upper == "JSON") return "application/json";
  if (upper == "XLSX") return "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
  if (upper == "XML") return "application/xml";
  if (upper == "PDF") return "application/pdf";
  if (upper == "HTML") return "text/html";
  if (upper == "GEOJSON") return "application/geo+json";
  return "application/octet-stream";
}

void AddFiles(Package& package) {
  for (const v1::Distribution& one : package.dataset.current().distributions()) {
    if (!one.address().empty()) {
      const std::string upper = absl::AsciiStrToUpper(one.format());
      package.files.push_back({UuidOf(absl::StrCat(package.name, "/", one.id())), upper, MediaOf(upper), one.address(), &one, false});
      continue;
    }
    for (const char* format : {"CSV", "JSON", "XLSX"}) {
      const bool converted = std::string_view(format) != "CSV";
      const std::string key = absl::StrCat(package.name, "/", one.id(), converted ? absl::StrCat("/", format) : "");
      package.files.push_back({UuidOf(key), format, MediaOf(format),
                               absl::StrCat(std::string(1, kSite), "/download/", package.name, "/", one.id(), ".",
                                            absl::AsciiStrToLower(format)),
                               &one, converted});
    }
  }
  std::set<std::string> formats;
  for (const File& file : package.files) formats.insert(file.format);
  package.formats.assign(formats.begin(), formats.end());
}

json::array ExtrasOf(const Package& package) {
  const v1::Dataset& dataset = package.dataset;
  json::array extras;
  const auto add = [&](std::string_view key, std::string_view value) {
    if (!value.empty()) extras.push_back({{"key", json::string(key)}, {"value", json::string(value)}});
  };
  add("identifier", dataset.name());
  add("resource_code", catalog::ResourceCodeOf(dataset.resource()).value_or(""));
  add("title_en", dataset.title_en());
  add("frequency", FrequencyOf(dataset.update_cycle()).eu.empty()
                       ? ""
                       : absl::StrCat("http://publications.europa.eu/resource/authority/frequency/", Absl(FrequencyOf(dataset.update_cycle()).eu)));
  add("update_cycle", FrequencyOf(dataset.update_cycle()).chinese);
  add("data_update_date", dataset.current().data_update_date());
  add("release", absl::StrCat(dataset.current().number()));
  add("issued", dataset.issue_date());
  add("access_rights", dataset.access() == v1::DATASET_ACCESS_CONTROLLED ? "restricted" : "public");
  add("spatial_uri", dataset.spatial());
  add("temporal_start", dataset.temporal_start());
  add("temporal_end", dataset.temporal_end());
  add("contact_name", dataset.contact().unit());
  add("contact_email", dataset.contact().email());
  add("contact_phone", dataset.contact().phone());
  add("sample", dataset.sample() ? "true" : "false");
  return extras;
}

std::string Render(const Package& package) {
  const v1::Dataset& dataset = package.dataset;
  const License license = LicenseOf(dataset.license());
  json::array tags, groups, resources;
  for (const std::string& tag : dataset.tags()) tags.push_back(TagJson(tag));
  for (const Party& theme : package.themes) groups.push_back(GroupJson(theme, 0));
  for (size_t i = 0; i < package.files.size(); ++i) resources.push_back(ResourceJson(package, package.files[i], i));
  json::object organization = OrganizationJson(package.body, 0, package.created);
  organization.erase("package_count");
  json::object rendered = {
      {"id", package.id},
      {"name", package.name},
      {"title", dataset.title()},
      {"notes", dataset.description()},
      {"url", absl::StrCat(std::string(1, kSite), "/dataset/", package.name)},
      {"version", absl::StrCat(dataset.current().number())},
      {"author", package.body.title},
      {"author_email", dataset.contact().email()},
      {"maintainer", dataset.contact().unit()},
      {"maintainer_email", dataset.contact().email()},
      {"license_id", dataset.license()},
      {"license_title", json::string(license.title)},
      {"license_url", json::string(license.url)},
      {"isopen", dataset.access() == v1::DATASET_ACCESS_PUBLIC},
      {"type", "dataset"},
      {"state", "active"},
      {"private", false},
      {"owner_org", package.body.id},
      {"organization", std::move(organization)},
      {"groups", std::move(groups)},
      {"tags", tags},
      {"num_tags", tags.size()},
      {"resources", resources},
      {"num_resources", resources.size()},
      {"extras", ExtrasOf(package)},
      {"metadata_created", CkanTime(package.created)},
      {"metadata_modified", CkanTime(package.modified)},
      {"relationships_as_subject", json::array()},
      {"relationships_as_object", json::array()},
      {"creator_user_id", nullptr}};
  return json::serialize(rendered);
}

}  // namespace

Party PartyOf(const std::string& organization, const v1::Organization* body) {
  const std::string code = organization.substr(organization.find('/') + 1);
  return {UuidOf(organization), absl::AsciiStrToLower(code), body != nullptr ? body->display_name() : code, organization};
}

Party ThemeOf(const std::string& theme) {
  for (const KnownTheme& known : kThemes) {
    if (known.chinese == theme) return {UuidOf(absl::StrCat("theme/", theme)), std::string(known.name), theme, ""};
  }
  const Digest digest = Sha256(theme);
  return {UuidOf(absl::StrCat("theme/", theme)), absl::StrCat("theme-", ToHex(Bytes(digest).substr(0, 5))), theme, ""};
}

std::string PackageName(std::string_view dataset) {
  const std::string_view body = catalog::OrganizationOf(dataset);
  const std::string code = absl::AsciiStrToLower(Absl(body.substr(body.find('/') + 1)));
  return absl::StrCat(code, "_", Absl(dataset.substr(dataset.rfind('/') + 1)));
}

std::string UuidOf(std::string_view name) {
  std::string bytes(Bytes(Sha256("zhanqiao:", name)).substr(0, 16));
  bytes[6] = static_cast<char>((static_cast<unsigned char>(bytes[6]) & 0x0F) | 0x80);
  bytes[8] = static_cast<char>((static_cast<unsigned char>(bytes[8]) & 0x3F) | 0x80);
  const std::string hex = ToHex(bytes);
  return absl::StrCat(hex.substr(0, 8), "-", hex.substr(8, 4), "-", hex.substr(12, 4), "-", hex.substr(16, 4), "-", hex.substr(20));
}

std::shared_ptr<const Package> MakePackage(v1::Dataset dataset, const v1::Organization* body) {
  auto package = std::make_shared<Package>();
  package->dataset = std::move(dataset);
  const v1::Dataset& stored = package->dataset;
  package->name = PackageName(stored.name());
  package->id = UuidOf(stored.name());
  package->body = PartyOf(std::string(catalog::OrganizationOf(stored.name())), body);
  for (const std::string& theme : stored.themes()) package->themes.push_back(ThemeOf(theme));
  package->frequency = std::string(FrequencyOf(stored.update_cycle()).id);
  package->created = TimeOf(stored.create_time());
  package->modified = TimeOf(stored.update_time());
  AddFiles(*package);
  package->json = Render(*package);
  return package;
}

json::object OrganizationJson(const Party& body, size_t packages, absl::Time created) {
  return {{"id", body.id},
          {"name", body.name},
          {"title", body.title},
          {"display_name", body.title},
          {"type", "organization"},
          {"description", ""},
          {"image_url", ""},
          {"image_display_url", ""},
          {"created", CkanTime(created)},
          {"is_organization", true},
          {"approval_status", "approved"},
          {"state", "active"},
          {"num_followers", 0},
          {"package_count", packages}};
}

json::object GroupJson(const Party& theme, size_t packages) {
  return {{"id", theme.id},       {"name", theme.name},
          {"title", theme.title}, {"display_name", theme.title},
          {"type", "group"},      {"description", ""},
          {"image_url", ""},      {"image_display_url", ""},
          {"is_organization", false}, {"approval_status", "approved"},
          {"state", "active"},    {"num_followers", 0},
          {"package_count", packages}};
}

json::object TagJson(std::string_view tag) {
  return {{"id", UuidOf(absl::StrCat("tag/", Absl(tag)))},
          {"name", json::string(tag)},
          {"display_name", json::string(tag)},
          {"state", "active"},
          {"vocabulary_id", nullptr}};
}

json::object ResourceJson(const Package& package, const File& file, size_t position) {
  const v1::Distribution& one = *file.distribution;
  const std::string title = one.title().empty() ? package.dataset.title() : one.title();
  const bool here = one.address().empty();
  const absl::Time uploaded = TimeOf(one.upload_time());
  json::object rendered = {{"id", file.id},
                           {"package_id", package.id},
                           {"name", absl::StrCat(title, " (", file.format, ")")},
                           {"description", ""},
                           {"format", file.format},
                           {"mimetype", file.media},
                           {"mimetype_inner", nullptr},
                           {"url", file.address},
                           {"url_type", here ? json::value("upload") : json::value(nullptr)},
                           {"resource_type", nullptr},
                           {"size", nullptr},
                           {"hash", ""},
                           {"position", position},
                           {"state", "active"},
                           {"datastore_active", here && !file.converted && package.dataset.access() == v1::DATASET_ACCESS_PUBLIC},
                           {"cache_last_updated", nullptr},
                           {"cache_url", nullptr},
                           {"created", CkanTime(uploaded)},
                           {"last_modified", CkanTime(uploaded)},
                           {"metadata_modified", CkanTime(package.modified)}};
  if (!file.converted && !one.sha256().empty()) {
    rendered["size"] = one.bytes();
    rendered["hash"] = absl::StrCat("sha256:", ToHex(one.sha256()));
  }
  return rendered;
}

std::string CkanTime(absl::Time time) { return absl::FormatTime("%Y-%m-%dT%H:%M:%E6S", time, absl::UTCTimeZone()); }

const std::vector<License>& Licenses() {
  static const auto* const licenses = new std::vector<License>{
      {"qingdao-open", "公共数据开放利用许可", "\x7F/license/qingdao-open"},
      {"cc-by-4.0", "Creative Commons Attribution 4.0", "https://creativecommons.org/licenses/by/4.0/"},
      {"cc0-1.0", "Creative Commons CCZero", "https://creativecommons.org/publicdomain/zero/1.0/"}};
  return *licenses;
}

License LicenseOf(std::string_view id) {
  for (const License& one : Licenses()) {
    if (one.id == id) return one;
  }
  return {};
}

std::string_view DatastoreType(v1::DataType type) {
  switch (type) {
    case v1::DATA_TYPE_NUMERIC:
    case v1::DATA_TYPE_CURRENCY:
      return "numeric";
    case v1::DATA_TYPE_INTEGER:
      return "int";
    case v1::DATA_TYPE_DOUBLE:
    case v1::DATA_TYPE_FLOAT:
      return "float8";
    case v1::DATA_TYPE_DATE:
      return "date";
    case v1::DATA_TYPE_DATETIME:
      return "timestamp";
    case v1::DATA_TYPE_LOGICAL:
      return "bool";
    default:
      return "text";
  }
}

Frequency FrequencyOf(v1::UpdateCycle cycle) {
  switch (cycle) {
    case v1::UPDATE_CYCLE_REALTIME:
      return {"realtime", "实时", "R/PT1S", "UPDATE_CONT"};
    case v1::UPDATE_CYCLE_DAILY:
      return {"daily", "每日", "R/P1D", "DAILY"};
    case v1::UPDATE_CYCLE_WEEKLY:
      return {"weekly", "每周", "R/P1W", "WEEKLY"};
    case v1::UPDATE_CYCLE_MONTHLY:
      return {"monthly", "每月", "R/P1M", "MONTHLY"};
    case v1::UPDATE_CYCLE_QUARTERLY:
      return {"quarterly", "每季度", "R/P3M", "QUARTERLY"};
    case v1::UPDATE_CYCLE_SEMIANNUAL:
      return {"semiannual", "每半年", "R/P6M", "ANNUAL_2"};
    case v1::UPDATE_CYCLE_ANNUAL:
      return {"annual", "每年", "R/P1Y", "ANNUAL"};
    case v1::UPDATE_CYCLE_IRREGULAR:
      return {"irregular", "不定期", "irregular", "IRREG"};
    case v1::UPDATE_CYCLE_NEVER:
      return {"never", "不更新", "", "NEVER"};
    default:
      return {};
  }
}

}  // namespace zhanqiao::portal
