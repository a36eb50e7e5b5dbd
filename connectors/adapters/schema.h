// A catalogue entry seen by adapters: which columns a request asks for, and whether it may be asked.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// The fields of one request, resolved.
struct Projection {
  std::vector<std::string> fields;
  std::vector<int> columns;  // positions in the entry's fields
  std::string fingerprint;   // of `fields`, 32 bytes
};

// Thread-safe.
class Schema {
 public:
  explicit Schema(const v1::Resource& entry);

  const std::vector<v1::Field>& fields() const { return fields_; }
  // Position of the field called `name`, or -1.
  int Column(std::string_view name) const;

  // The columns `query` asks for, after its form was checked: fields known and not repeated, row limit positive,
  // each condition one its field's type has, fingerprint that of these fields here. Errors: see Adapter::Answer.
  // Resolved field lists are kept (a grant asks for the same ones again and again).
  absl::StatusOr<std::shared_ptr<const Projection>> Check(const v1::ConnectorQuery& query) const;

 private:
  absl::Status CheckConditions(const v1::ConnectorQuery& query) const;
  absl::StatusOr<std::shared_ptr<const Projection>> Resolve(const v1::ConnectorQuery& query) const;

  const std::vector<v1::Field> fields_;
  absl::flat_hash_map<std::string, int> columns_;  // set by the constructor only
  mutable absl::Mutex mu_;
  // By fingerprint. Shared with the requests that are using one while it is dropped.
  mutable absl::flat_hash_map<std::string, std::shared_ptr<const Projection>> known_ ABSL_GUARDED_BY(mu_);
};

}  // namespace zhanqiao::connectors
