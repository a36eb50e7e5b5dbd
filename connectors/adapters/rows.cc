#include "connectors/adapters/rows.h"

namespace zhanqiao::connectors {

Rows::Rows(const v1::ConnectorQuery& query, const Projection& projection, v1::ConnectorReply& reply)
    : records_(*reply.mutable_records()),
      row_limit_(query.row_limit()),
      bytes_max_(query.chunk() ? kChunkBytesMax : kAnswerBytesMax),
      columns_(static_cast<int>(projection.columns.size())) {
  records_.set_schema_fingerprint(projection.fingerprint);
  for (const auto& field : projection.fields) records_.add_fields(field);
}

v1::Row& Rows::Add() {
  v1::Row& row = *records_.add_rows();
  row.mutable_values()->Reserve(columns_);
  return row;
}

}  // namespace zhanqiao::connectors
