#include "hub/console/district_map.h"

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "catalog/base/error.h"

namespace zhanqiao::console {
namespace {

namespace json = boost::json;

constexpr size_t kBytesMax = size_t{4} << 20;

absl::Status Bad(std::string_view feature, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "MAP_INVALID", "The map of the districts cannot be drawn; mend the file or leave [console] map out.",
              {{"feature", std::string(feature)}, {"expected", std::string(expected)}});
}

std::string TextOf(const json::object& object, std::string_view key) {
  const json::value* const value = object.if_contains(key);
  if (value == nullptr) return "";
  if (const json::string* text = value->if_string()) return std::string(*text);
  return value->is_int64() ? absl::StrCat(value->get_int64()) : "";
}

bool IsPosition(const json::value& value) {
  const json::array* const at = value.if_array();
  if (at == nullptr || at->size() < 2 || !at->at(0).is_number() || !at->at(1).is_number()) return false;
  const double longitude = at->at(0).to_number<double>();
  const double latitude = at->at(1).to_number<double>();
  return longitude >= -180 && longitude <= 180 && latitude >= -90 && latitude <= 90;
}

// A closed ring of at least four positions.
bool IsRing(const json::value& value) {
  const json::array* const ring = value.if_array();
  return ring != nullptr && ring->size() >= 4 && std::all_of(ring->begin(), ring->end(), IsPosition) && ring->front() == ring->back();
}

bool IsPolygon(const json::value& value) {
  const json::array* const rings = value.if_array();
  return rings != nullptr && !rings->empty() && std::all_of(rings->begin(), rings->end(), IsRing);
}

bool IsDrawable(const json::object& geometry) {
  const std::string type = TextOf(geometry, "type");
  const json::value* const coordinates = geometry.if_contains("coordinates");
  if (coordinates == nullptr) return false;
  if (type == "Polygon") return IsPolygon(*coordinates);
  const json::array* const polygons = coordinates->if_array();
  return type == "MultiPolygon" && polygons != nullptr && !polygons->empty() && std::all_of(polygons->begin(), polygons->end(), IsPolygon);
}

absl::Status CheckFeature(const json::value& value, const std::string& number, std::set<std::string>& codes) {
  const json::object* const feature = value.if_object();
  const json::value* const properties = feature == nullptr ? nullptr : feature->if_contains("properties");
  const json::value* const geometry = feature == nullptr ? nullptr : feature->if_contains("geometry");
  if (properties == nullptr || !properties->is_object() || geometry == nullptr || !geometry->is_object()) {
    return Bad(number, "a Feature with properties and geometry");
  }
  const json::object& said = properties->get_object();
  const std::string code = TextOf(said, said.contains("code") ? "code" : "adcode");
  if (code.size() != 6 || !std::all_of(code.begin(), code.end(), absl::ascii_isdigit)) return Bad(number, "properties.code: the six digits of a division");
  if (!codes.insert(code).second) return Bad(number, absl::StrCat("a code of its own; ", code, " was there before"));
  if (TextOf(said, "name").empty()) return Bad(number, "properties.name");
  if (!IsDrawable(geometry->get_object())) {
    return Bad(number, "a Polygon or MultiPolygon of closed rings in degrees of longitude and latitude");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::string> CheckedMap(std::string geojson) {
  if (geojson.size() > kBytesMax) return Bad("", "at most 4 MiB; simplify its lines");
  boost::system::error_code error;
  const json::value map = json::parse(geojson, error);
  const json::object* const collection = error ? nullptr : map.if_object();
  if (collection == nullptr || TextOf(*collection, "type") != "FeatureCollection") return Bad("", "a GeoJSON FeatureCollection");
  if (TextOf(*collection, "approval").empty()) return Bad("", "`approval` beside `features`: the number of the map's review (审图号), shown under the map");
  const json::value* const features = collection->if_contains("features");
  if (features == nullptr || !features->is_array() || features->get_array().empty()) return Bad("", "`features`: at least one district");
  std::set<std::string> codes;
  for (size_t i = 0; i < features->get_array().size(); ++i) TRY(CheckFeature(features->get_array()[i], absl::StrCat(i), codes));
  return geojson;
}

}  // namespace zhanqiao::console
