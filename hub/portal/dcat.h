// The catalogue by DCAT-AP 3.0.1, in pages of 100 datasets (Hydra), and single datasets; DCAT-US 1.1 as /data.json.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "hub/portal/graph.h"
#include "hub/portal/shelf.h"
#include "hub/portal/web.h"

namespace zhanqiao::portal {

// "ttl", "xml", "rdf", "jsonld" and their media types; else empty.
std::string_view RdfTypeOf(std::string_view extension);
// The extension that answers an Accept header; empty when it asks for none of them.
std::string_view RdfExtensionFor(std::string_view accept);
std::string Written(const Graph& graph, std::string_view extension);

// /catalog.{ext}?page=&modified_since=&q=&fq=. `extension` is one RdfTypeOf knows.
Page CatalogPage(const Ask& ask, std::string_view extension, const Shelf& shelf, absl::Time now);
// /dataset/{id}.{ext}
Page DatasetPage(const Package& package, std::string_view extension);

// /data.json: the non-federal catalogue (no bureauCode, no programCode). `email`: of contacts that give none.
Page DataJson(const Shelf& shelf, const std::string& email);

}  // namespace zhanqiao::portal
