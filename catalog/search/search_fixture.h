// A catalogue over a store in memory with its search, for the tests of this room.
#pragma once

#include <cstdlib>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "catalog/documents/hub_fixture.h"
#include "catalog/model/catalog.h"
#include "catalog/search/providers.h"
#include "catalog/search/search_index.h"
#include "catalog/search/search_service.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/temporary_directory.h"

namespace zhanqiao::search {

inline constexpr uint64_t kEverything = std::numeric_limits<uint64_t>::max();

// An entry of 公安局 unless told otherwise.
inline v1::Resource Entry(std::string_view code, std::string_view display_name,
                          std::string_view abstract = "", std::vector<std::string> fields = {}) {
  v1::Resource resource;
  resource.set_name(absl::StrCat("resources/", absl::StrReplaceAll(Absl(code), {{"/", "~"}})));
  resource.set_resource_code(std::string(code));
  resource.set_display_name(std::string(display_name));
  resource.set_abstract(std::string(abstract));
  resource.set_provider("organizations/370200-GAJ");
  resource.set_state(v1::RESOURCE_STATE_PUBLISHED);
  resource.set_share_type(v1::SHARE_TYPE_CONDITIONAL);
  resource.set_open_type(v1::OPEN_TYPE_NOT_OPEN);
  resource.set_update_cycle(v1::UPDATE_CYCLE_DAILY);
  resource.set_format_category(v1::FORMAT_CATEGORY_DATABASE);
  for (std::string& field : fields) resource.add_fields()->set_display_name(std::move(field));
  return resource;
}

class SearchCity {
 public:
  SearchCity() {
    Body("370200-GAJ", "青岛市公安局", "市公安局");
    Body("370200-MZJ", "青岛市民政局", "市民政局");
    Body("370200-RMYH", "中国人民银行青岛市中心支行", "人行青岛中支");
    if (!catalog.Follow(hub.documents).ok() || !providers.Follow(hub.documents).ok()) std::abort();
    Reopen();
  }
  ~SearchCity() {
    service.reset();
    index.reset();
    hub.pipeline.Stop();
  }

  void Reopen() { Open(SearchIndex::Start(hub.documents, {.directory = directory.path() / "search"})); }
  void Open(absl::StatusOr<std::unique_ptr<SearchIndex>> started) {
    service.reset();
    index = *std::move(started);
    service = std::make_unique<SearchService>(*index, catalog, providers);
  }

  uint64_t Body(const std::string& code, const std::string& display_name, const std::string& short_name) {
    v1::Organization body;
    body.set_name("organizations/" + code);
    body.set_display_name(display_name);
    body.set_short_name(short_name);
    return Put(body);
  }

  // Gives the ledger index of the change.
  template <typename Message>
  uint64_t Put(const Message& message) {
    documents::Change change = documents::Put(message.name(), documents::Canonical(message));
    change.type = Message::descriptor()->full_name();
    return hub.documents.Apply(documents::Changing(std::move(change))).value().at(0).known_at;
  }
  void Delete(const std::string& name) {
    documents::Change change = documents::Delete(name);
    change.type = v1::Resource::descriptor()->full_name();
    if (!hub.documents.Apply(documents::Changing(std::move(change))).ok()) std::abort();
  }

  // Everything written so far is found.
  absl::StatusOr<v1::SearchResourcesResponse> Ask(v1::SearchResourcesRequest request) {
    request.set_min_ledger_index(kEverything);
    return service->SearchResources(caller, request);
  }
  v1::SearchResourcesResponse Search(std::string_view text) {
    v1::SearchResourcesRequest request;
    request.set_text(std::string(text));
    return Ask(request).value();
  }
  // Codes of the hits, in order.
  static std::vector<std::string> Codes(const v1::SearchResourcesResponse& response) {
    std::vector<std::string> codes;
    for (const v1::SearchHit& hit : response.hits()) codes.push_back(hit.resource_code());
    return codes;
  }
  std::vector<std::string> Found(std::string_view text) { return Codes(Search(text)); }

  storage::MemoryStore store;
  SimulatedClock clock{absl::FromUnixSeconds(1'514'764'800)};  // 2018-01-01
  SeededRandom random{7};
  documents::LowerHub hub{store, clock, random};
  storage::TemporaryDirectory directory;
  catalog::Catalog catalog;
  Providers providers;
  std::unique_ptr<SearchIndex> index;
  std::unique_ptr<SearchService> service;
  Caller caller = Clerk();

 private:
  static Caller Clerk() {
    Caller clerk;
    clerk.kind = SubjectKind::kPerson;
    clerk.subject = "organizations/370200-MZJ/persons/clerk";
    clerk.organization = "organizations/370200-MZJ";
    return clerk;
  }
};

}  // namespace zhanqiao::search
