// One open dataset as the public sees it: ready to be found, listed and rendered. A value; const use is thread-safe.
//
// Everything rendered here stands for addresses of the portal with kSite: DEL, which no clean text holds and no form
// escapes. The answer puts the portal's address in its place (web.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "boost/json.hpp"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/dataset.pb.h"

namespace zhanqiao::portal {

inline constexpr char kSite = '\x7F';

// A body or a theme: CKAN's organizations and groups.
struct Party {
  std::string id;     // UUID
  std::string name;   // [a-z0-9_-]
  std::string title;  // Chinese
  std::string code;   // of a body: organizations/{code}; of a theme empty
};
Party PartyOf(const std::string& organization, const v1::Organization* body);  // body null: unknown, its code is its title
Party ThemeOf(const std::string& theme);

// One distribution in the forms it is given in.
struct File {
  std::string id;       // UUID
  std::string format;   // "CSV"
  std::string media;    // media type
  std::string address;  // with kSite where it is the portal's
  const v1::Distribution* distribution = nullptr;  // of the package's dataset
  bool converted = false;  // made from the CSV when asked for
};

struct Package {
  std::string id;    // UUID that follows from the dataset's name
  std::string name;  // CKAN's name: {code in lower case}_{id}
  v1::Dataset dataset;
  Party body;
  std::vector<Party> themes;
  std::vector<File> files;
  std::vector<std::string> formats;  // of the files, each once, sorted
  std::string frequency;             // "monthly", …
  absl::Time created;
  absl::Time modified;
  std::string json;  // CKAN's package
};

// The package of a dataset that is PUBLISHED.
std::shared_ptr<const Package> MakePackage(v1::Dataset dataset, const v1::Organization* body);

std::string PackageName(std::string_view dataset);
// A UUID (version 8: SHA-256 of `name`) that stays the same for ever.
std::string UuidOf(std::string_view name);

// CKAN's dicts.
boost::json::object OrganizationJson(const Party& body, size_t packages, absl::Time created);
boost::json::object GroupJson(const Party& theme, size_t packages);
boost::json::object TagJson(std::string_view tag);
boost::json::object ResourceJson(const Package& package, const File& file, size_t position);

// "2018-05-07T01:00:00.000000", UTC without a zone as CKAN writes it.
std::string CkanTime(absl::Time time);

// The portal's licences: id, title, address of the text; empty title for an unknown id.
struct License {
  std::string_view id;
  std::string_view title;
  std::string_view url;
};
const std::vector<License>& Licenses();
License LicenseOf(std::string_view id);

// What a column's values are called in a datastore: text, numeric, int, float8, date, timestamp, bool.
std::string_view DatastoreType(v1::DataType type);

// 更新周期 in DCAT-US (ISO 8601 interval), DCAT-AP (EU authority) and words of the portal.
struct Frequency {
  std::string_view id;       // "monthly"
  std::string_view chinese;  // 每月
  std::string_view iso;      // "R/P1M"; empty: left out
  std::string_view eu;       // "MONTHLY"
};
Frequency FrequencyOf(v1::UpdateCycle cycle);

}  // namespace zhanqiao::portal
