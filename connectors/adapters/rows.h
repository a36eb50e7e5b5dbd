// The rows of one answer while they are gathered: counts them and their bytes, so that no answer grows
// without bound.
#pragma once

#include <cstddef>

#include "connectors/adapters/schema.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

inline constexpr size_t kChunkBytesMax = 1 << 20;   // a chunk ends once it has as many
inline constexpr size_t kAnswerBytesMax = 4 << 20;  // beyond any answer that is sent: gathering stops

// Not thread-safe. `query` and `reply` must outlive it.
class Rows {
 public:
  // Sets fields and fingerprint of the answer.
  Rows(const v1::ConnectorQuery& query, const Projection& projection, v1::ConnectorReply& reply);

  // No further row is taken: the limit is reached, or the bytes are.
  bool full() const { return records_.rows_size() == row_limit_ || bytes_ >= bytes_max_; }
  int size() const { return records_.rows_size(); }

  // An empty row to fill; call Added when it is.
  v1::Row& Add();
  void Added(const v1::Row& row) { bytes_ += row.ByteSizeLong(); }
  // The last row does not belong to the answer after all.
  void Drop() { records_.mutable_rows()->RemoveLast(); }

 private:
  v1::RecordBatch& records_;
  const int row_limit_;
  const size_t bytes_max_;
  const int columns_;
  size_t bytes_ = 0;
};

}  // namespace zhanqiao::connectors
