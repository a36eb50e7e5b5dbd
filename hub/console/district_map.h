// The office's own approved map of the districts (GeoJSON, RFC 7946), drawn by the console in place of its scheme. The hub ships
// no borders: maps of China need official review, and the approval is the office's.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace zhanqiao::console {

// `geojson` if the console can draw it: a FeatureCollection of at most 4 MiB whose features are Polygons or MultiPolygons in
// WGS 84 longitude and latitude, each with a six-digit `code` (or `adcode`) of its own and a `name` in its properties, and with
// `approval` (审图号) beside `features`. INVALID_ARGUMENT / MAP_INVALID (facts: feature = its number from 0, expected).
absl::StatusOr<std::string> CheckedMap(std::string geojson);

}  // namespace zhanqiao::console
