#include "connectors/adapters/postgres/columns.h"

#include <utility>

namespace zhanqiao::connectors {

Column PostgresColumn(std::string name, Oid oid, int modifier) {
  Column column;
  column.name = std::move(name);
  switch (oid) {  // pg_type.dat; these numbers are part of the protocol
    case 16:
      column.kind = ColumnKind::kBoolean;
      break;
    case 17:
      column.kind = ColumnKind::kBinary;
      break;
    case 20:
      column.kind = ColumnKind::kInteger;
      break;
    case 21:
      column.kind = ColumnKind::kInteger, column.bytes = 2;
      break;
    case 23:
      column.kind = ColumnKind::kInteger, column.bytes = 4;
      break;
    case 700:
    case 701:
      column.kind = ColumnKind::kReal;
      break;
    case 1700:
      column.kind = ColumnKind::kDecimal;
      break;
    case 25:
      column.kind = ColumnKind::kText;
      break;
    case 1042:
    case 1043:  // char(n), varchar(n)
      column.kind = ColumnKind::kText;
      if (modifier > 4) column.length_max = modifier - 4;
      break;
    case 1082:
      column.kind = ColumnKind::kDate;
      break;
    case 1114:
      column.kind = ColumnKind::kTimestamp;
      break;
    case 1184:
      column.kind = ColumnKind::kZonedTimestamp;
      break;
    default:
      break;  // shown and compared as text
  }
  return column;
}

}  // namespace zhanqiao::connectors
