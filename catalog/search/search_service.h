// SearchService (proto/zhanqiao/v1/search.proto). Methods may wait for the index, and read disk: call from a
// worker thread. Thread-safe.
#pragma once

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/model/catalog.h"
#include "catalog/search/providers.h"
#include "catalog/search/search_index.h"
#include "zhanqiao/v1/search.pb.h"

namespace zhanqiao::search {

class SearchService {
 public:
  // All must outlive it; `catalog` and `providers` follow the store that `index` follows. What a hit shows is
  // read from `catalog`, and may be newer than what the index found it by.
  SearchService(SearchIndex& index, const catalog::Catalog& catalog, const Providers& providers);

  absl::StatusOr<v1::SearchResourcesResponse> SearchResources(const Caller&,
                                                              const v1::SearchResourcesRequest&);
  absl::StatusOr<v1::SuggestTermsResponse> SuggestTerms(const Caller&, const v1::SuggestTermsRequest&);

 private:
  v1::SearchHit HitOf(const v1::Resource& resource, const class Highlighter& highlighter) const;

  SearchIndex& index_;
  const catalog::Catalog& catalog_;
  const Providers& providers_;
};

}  // namespace zhanqiao::search
