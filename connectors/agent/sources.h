// The adapters of one agent, by resource.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "connectors/adapters/adapter.h"

namespace zhanqiao::connectors {

// Load and Answer are not called at once: sessions follow one another, and requests follow their welcome.
class Sources {
 public:
  explicit Sources(std::map<std::string, AdapterFactory> factories) : factories_(std::move(factories)) {}

  // Makes adapters for the hub's `entries` that are new, changed, or failed before. What fails is logged (each bad
  // cell by row and column) and answered with that error from then on; the other resources are served.
  void Load(const google::protobuf::RepeatedPtrField<v1::Resource>& entries);

  // Answers `query` into `reply`: number, records or error, and the time the source took. Answers larger than
  // `bytes_max` become RESOURCE_EXHAUSTED / ANSWER_TOO_LARGE; an entry that is not here, NOT_FOUND /
  // RESOURCE_NOT_SERVED. Returns the size of the reply.
  size_t Answer(const v1::ConnectorQuery& query, size_t bytes_max, v1::ConnectorReply& reply) const;

 private:
  struct Source {
    std::string schema;  // the fields it was made for
    absl::StatusOr<std::unique_ptr<Adapter>> adapter;
  };

  const std::map<std::string, AdapterFactory> factories_;
  absl::flat_hash_map<std::string, Source> sources_;
};

// Makes `reply` the refusal of its request with `status`.
void SetError(const absl::Status& status, v1::ConnectorReply& reply);

}  // namespace zhanqiao::connectors
