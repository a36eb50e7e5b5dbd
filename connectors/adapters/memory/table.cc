#include "connectors/adapters/memory/table.h"

#include <algorithm>
#include <utility>

#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "connectors/adapters/rows.h"

namespace zhanqiao::connectors {
namespace {

// The least text that is above every text beginning with `prefix`; empty: none is.
std::string Beyond(std::string prefix) {
  while (!prefix.empty() && static_cast<uint8_t>(prefix.back()) == 0xFF) prefix.pop_back();
  if (!prefix.empty()) prefix.back() = static_cast<char>(static_cast<uint8_t>(prefix.back()) + 1);
  return prefix;
}

void Copy(const v1::Row& row, const Projection& projection, Rows& rows) {
  v1::Row& out = rows.Add();
  for (const int column : projection.columns) *out.add_values() = row.values(column);
  rows.Added(out);
}

std::vector<std::string> KeyFields(const v1::Resource& entry, const std::vector<std::string>& key) {
  if (!key.empty()) return key;
  std::vector<std::string> fields;
  for (const auto& field : entry.fields()) {
    if (field.key()) fields.push_back(field.field());
  }
  return fields;
}

}  // namespace

Table::Table(const v1::Resource& entry, std::vector<v1::Row> rows, const std::vector<std::string>& key)
    : schema_(entry), rows_(std::move(rows)), cursors_(KeyFields(entry, key)) {
  for (const std::string& field : KeyFields(entry, key)) key_.push_back(schema_.Column(field));
  for (size_t i = 0; i < schema_.fields().size(); ++i) {
    if (!schema_.fields()[i].key()) continue;
    const int column = static_cast<int>(i);
    Index& index = indexes_[column];
    std::string bytes;
    for (size_t row = 0; row < rows_.size(); ++row) {
      const v1::Value& value = rows_[row].values(column);
      if (value.kind_case() == v1::Value::KIND_NOT_SET) continue;
      bytes.clear();
      AppendOrdered(value, schema_.fields()[i].data_type(), bytes);
      index.rows[bytes].push_back(static_cast<uint32_t>(row));
    }
  }
  for (auto& [column, index] : indexes_) {
    for (const auto& [bytes, positions] : index.rows) index.sorted.push_back(bytes);
    std::sort(index.sorted.begin(), index.sorted.end());
  }
}

std::pair<size_t, size_t> Table::Range(const Index& index, const Wanted& wanted) {
  std::string bytes;
  AppendOrdered(wanted.condition->value(), wanted.type, bytes);
  const auto& sorted = index.sorted;
  const auto from = [&](std::string_view key) {
    return static_cast<size_t>(std::lower_bound(sorted.begin(), sorted.end(), key) - sorted.begin());
  };
  const auto after = [&](std::string_view key) {
    return static_cast<size_t>(std::upper_bound(sorted.begin(), sorted.end(), key) - sorted.begin());
  };
  switch (wanted.condition->comparison()) {
    case v1::COMPARISON_LESS: return {0, from(bytes)};
    case v1::COMPARISON_LESS_OR_EQUAL: return {0, after(bytes)};
    case v1::COMPARISON_GREATER: return {after(bytes), sorted.size()};
    case v1::COMPARISON_GREATER_OR_EQUAL: return {from(bytes), sorted.size()};
    case v1::COMPARISON_PREFIX: {
      const std::string end = Beyond(bytes);
      return {from(bytes), end.empty() ? sorted.size() : from(end)};
    }
    default: return {from(bytes), after(bytes)};
  }
}

bool Table::Narrow(absl::Span<const Wanted> conditions, Positions& positions) const {
  const Positions* equal = nullptr;
  const Index* ranged = nullptr;
  std::pair<size_t, size_t> range;
  std::string bytes;
  for (const Wanted& wanted : conditions) {
    const auto index = indexes_.find(wanted.column);
    if (index == indexes_.end()) continue;
    if (wanted.condition->comparison() == v1::COMPARISON_EQUALS) {
      bytes.clear();
      AppendOrdered(wanted.condition->value(), wanted.type, bytes);
      const auto found = index->second.rows.find(bytes);
      if (found == index->second.rows.end()) return true;
      if (equal == nullptr || found->second.size() < equal->size()) equal = &found->second;
    } else {
      const auto part = Range(index->second, wanted);
      if (ranged != nullptr && part.second - part.first >= range.second - range.first) continue;
      ranged = &index->second;
      range = part;
    }
  }
  if (equal != nullptr) {
    positions = *equal;
    return true;
  }
  if (ranged == nullptr) return false;
  for (size_t i = range.first; i < range.second; ++i) {
    const Positions& some = ranged->rows.find(Absl(ranged->sorted[i]))->second;
    positions.insert(positions.end(), some.begin(), some.end());
  }
  std::sort(positions.begin(), positions.end());
  return true;
}

absl::Status Table::Answer(const v1::ConnectorQuery& query, v1::ConnectorReply& reply) const {
  const std::shared_ptr<const Projection> projection = TRY(schema_.Check(query));
  std::vector<Wanted> conditions;
  for (const auto& condition : query.conditions()) {
    const int column = schema_.Column(condition.field());
    conditions.push_back({column, schema_.fields()[static_cast<size_t>(column)].data_type(), &condition});
  }
  if (query.chunk()) return AnswerChunk(query, conditions, *projection, reply);
  Rows rows(query, *projection, reply);
  Positions positions;
  const bool narrowed = Narrow(conditions, positions);
  const size_t candidates = narrowed ? positions.size() : rows_.size();
  const auto meets = [&](const v1::Row& row) {
    return std::all_of(conditions.begin(), conditions.end(), [&row](const Wanted& wanted) {
      return Meets(row.values(wanted.column), wanted.condition->comparison(), wanted.condition->value(), wanted.type);
    });
  };
  for (size_t i = 0; i < candidates; ++i) {
    const v1::Row& row = rows_[narrowed ? positions[i] : i];
    if (!meets(row)) continue;
    if (rows.full()) {
      reply.set_truncated(true);
      break;
    }
    Copy(row, *projection, rows);
  }
  return absl::OkStatus();
}

absl::Status Table::AnswerChunk(const v1::ConnectorQuery& query, absl::Span<const Wanted> conditions,
                                const Projection& projection, v1::ConnectorReply& reply) const {
  const Order& order = Sorted();
  if (!order.unique) return KeyRequired();
  auto next = order.rows.begin();
  if (!query.cursor().empty()) {
    const std::vector<std::string> key = TRY(cursors_.Decode(query.cursor()));
    std::string whole;
    for (const std::string& part : key) whole += part;
    next = std::upper_bound(order.rows.begin(), order.rows.end(), whole,
                            [](const std::string& bytes, const auto& row) { return bytes < row.first; });
  }
  Rows rows(query, projection, reply);
  std::string last;
  for (; next != order.rows.end() && !rows.full(); ++next) {
    const v1::Row& row = rows_[next->second];
    const bool meets = std::all_of(conditions.begin(), conditions.end(), [&row](const Wanted& wanted) {
      return Meets(row.values(wanted.column), wanted.condition->comparison(), wanted.condition->value(), wanted.type);
    });
    if (meets) Copy(row, projection, rows);
    last = next->first;
  }
  if (next == order.rows.end()) return absl::OkStatus();
  std::vector<std::string> parts(key_.size());
  parts[0] = last;  // the bytes of all parts are one: they sort as one
  reply.set_next_cursor(TRY(cursors_.Encode(parts)));
  return absl::OkStatus();
}

bool Table::KeyOf(const v1::Row& row, std::string& key) const {
  std::string part;
  for (const int column : key_) {
    const v1::Value& value = row.values(column);
    if (value.kind_case() == v1::Value::KIND_NOT_SET) return false;
    part.clear();
    AppendOrdered(value, schema_.fields()[static_cast<size_t>(column)].data_type(), part);
    for (const char c : part) {  // 0x00 becomes 0x00 0xFF, so that 0x00 0x00 ends a part below all that go on
      key += c;
      if (c == '\0') key += '\xFF';
    }
    key.append(2, '\0');
  }
  return true;
}

const Table::Order& Table::Sorted() const {
  absl::call_once(sorting_, [this] {
    if (key_.empty()) return;
    order_.rows.reserve(rows_.size());
    for (size_t i = 0; i < rows_.size(); ++i) {
      std::string key;
      if (!KeyOf(rows_[i], key)) return;
      order_.rows.emplace_back(std::move(key), static_cast<uint32_t>(i));
    }
    std::sort(order_.rows.begin(), order_.rows.end());
    order_.unique = std::adjacent_find(order_.rows.begin(), order_.rows.end(), [](const auto& a, const auto& b) {
                      return a.first == b.first;
                    }) == order_.rows.end();
  });
  return order_;
}

}  // namespace zhanqiao::connectors
