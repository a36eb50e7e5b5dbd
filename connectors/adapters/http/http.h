// Serves a resource from a web service that answers in JSON.
#pragma once

#include <memory>
#include <string>

#include "connectors/adapters/adapter.h"
#include "connectors/adapters/http/client.h"
#include "connectors/adapters/mapping.h"

namespace zhanqiao::connectors {

struct HttpOptions {
  std::string url{};  // of the service: scheme, host, port
  HttpTls tls{};
  std::string
      token_url{};  // OAuth2 client credentials (RFC 6749, 4.4) are exchanged for a token here; empty: none
  std::string client_id{}, client_secret{}, scope{};
  int connections = 4;  // open at once for one resource
};

class HttpSource;

// A service that several resources share. INVALID_ARGUMENT / URL_INVALID, TLS_FILE_NOT_READABLE.
absl::StatusOr<std::shared_ptr<HttpSource>> OpenHttpSource(HttpOptions options);

// Rows are the members of the list at the mapping's `rows`; a column is the name of a member, or a JSON
// pointer into it. Equalities on fields with a query parameter are asked for by it; every condition is
// checked again on each row, so that a service that ignores one gives away nothing. Chunks need a `key` in
// the mapping and a service whose order of rows lasts: a chunk goes on in the page and at the row where the
// last one ended.
std::unique_ptr<Adapter> MakeHttpAdapter(std::shared_ptr<HttpSource> source, Mapping mapping,
                                         const v1::Resource& entry);

// A factory of such adapters; the mapping file is read each time. Fails as CheckMapping, HTTP_MAPPING if it
// has no [http].
AdapterFactory HttpResource(std::shared_ptr<HttpSource> source, std::string mapping_file);

}  // namespace zhanqiao::connectors
