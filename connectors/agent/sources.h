// The adapters of one agent, by resource.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "connectors/adapters/adapter.h"
#include "connectors/agent/lane.h"

namespace zhanqiao::connectors {

// Load and Find are not called at once: sessions follow one another, and requests follow their welcome.
class Sources {
 public:
  explicit Sources(std::map<std::string, AdapterFactory> factories) : factories_(std::move(factories)) {}

  // Makes adapters for the hub's `entries` that are new, changed, or failed before. What fails is logged (each bad
  // cell by row and column) and answered with that error from then on; the other resources are served.
  void Load(const google::protobuf::RepeatedPtrField<v1::Resource>& entries);

  struct Source {
    std::string schema;  // the fields it was made for
    absl::StatusOr<std::shared_ptr<const Adapter>> adapter;  // shared with its lane
    std::shared_ptr<Lane> lane;                              // of an adapter that waits; otherwise null
  };

  // The source of `resource`, whose adapter is OK. NOT_FOUND / RESOURCE_NOT_SERVED for an entry that is not here,
  // UNAVAILABLE / SOURCE_UNAVAILABLE for one that did not load.
  absl::Status Find(const std::string& resource, const Source*& source) const;

 private:
  const std::map<std::string, AdapterFactory> factories_;
  absl::flat_hash_map<std::string, Source> sources_;
};

// Closes the reply to `query` that an adapter answered with `status`: its number, or the refusal. Answers larger than
// `bytes_max` become RESOURCE_EXHAUSTED / ANSWER_TOO_LARGE. Returns the size of the reply.
size_t CloseReply(const v1::ConnectorQuery& query, absl::Status status, size_t bytes_max, v1::ConnectorReply& reply);

// Makes `reply` the refusal of its request with `status`.
void SetError(const absl::Status& status, v1::ConnectorReply& reply);

}  // namespace zhanqiao::connectors
