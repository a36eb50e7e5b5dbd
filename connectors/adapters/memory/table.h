// Rows held in memory, indexed by the entry's key fields: what file adapters load into.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/call_once.h"
#include "absl/container/flat_hash_map.h"
#include "absl/types/span.h"
#include "connectors/adapters/adapter.h"
#include "connectors/adapters/cursor.h"
#include "connectors/adapters/schema.h"

namespace zhanqiao::connectors {

// Never changes once made, so that reading takes no lock. Thread-safe.
class Table final : public Adapter {
 public:
  // `rows` hold a value for each field of `entry`, in its order and of its type (the caller has checked them).
  // `key`: fields that together identify a row, by which chunks go; empty: all key fields of the entry.
  Table(const v1::Resource& entry, std::vector<v1::Row> rows, const std::vector<std::string>& key = {});

  // An equality, a range or a beginning on a key field costs a look-up and the rows it finds; without one every row
  // is looked at. The first chunk sorts the rows by their key.
  absl::Status Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const override;

  size_t size() const { return rows_.size(); }

 private:
  using Positions = std::vector<uint32_t>;

  // One key field: its values by order (AppendOrdered), each with its rows.
  struct Index {
    absl::flat_hash_map<std::string, Positions> rows;
    std::vector<std::string_view> sorted;  // keys of `rows`, which never changes
  };
  // The whole table by key.
  struct Order {
    bool unique = false;
    std::vector<std::pair<std::string, uint32_t>> rows;  // key, position
  };

  // A condition with its field looked up.
  struct Wanted {
    int column;
    v1::DataType type;
    const v1::Condition* condition;
  };

  // The fewest rows an index leaves of those that may meet `conditions`, in order; false if none narrows.
  bool Narrow(absl::Span<const Wanted> conditions, Positions& positions) const;
  // The part of `index` that meets `condition`, as a range of `sorted`.
  static std::pair<size_t, size_t> Range(const Index& index, const Wanted& wanted);
  absl::Status AnswerChunk(const v1::ConnectorQuery& query, absl::Span<const Wanted> conditions,
                           const Projection& projection, v1::ConnectorReply& reply) const;
  const Order& Sorted() const;
  // The key of a row as bytes in its order; false if a part of it is absent.
  bool KeyOf(const v1::Row& row, std::string& key) const;

  const Schema schema_;
  const std::vector<v1::Row> rows_;
  std::vector<int> key_;                     // columns; set by the constructor only, as the next two
  absl::flat_hash_map<int, Index> indexes_;  // by column of a key field
  const CursorForm cursors_;
  mutable absl::once_flag sorting_;
  mutable Order order_;  // made once, by the first chunk
};

}  // namespace zhanqiao::connectors
