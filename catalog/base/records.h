// Records in their transport-independent form: what commitments are made over and schemas identified by.
// Grammar with a worked example: hub/ledger/FORMAT.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/types/span.h"
#include "catalog/base/digest.h"
#include "zhanqiao/v1/record.pb.h"

namespace zhanqiao {

struct SchemaField {
  std::string name;
  v1::DataType type = v1::DATA_TYPE_UNSPECIFIED;
};

// SHA-256 over `name 0x1F decimal type number 0x1E` of each field in order.
Digest SchemaFingerprint(absl::Span<const SchemaField> fields);

// True if `value` is absent or has the form of `type` (record.proto DataType). `length` 0: unbounded.
bool FitsType(const v1::Value& value, v1::DataType type, int length);

// OK if `value` is absent or has the form of `type` (record.proto DataType); otherwise INVALID_ARGUMENT /
// VALUE_TYPE without the value itself. `length` 0: unbounded. `field` names it in the error.
absl::Status CheckValue(const v1::Value& value, v1::DataType type, int length, std::string_view field);

// The canonical encoding of one value: tag byte, then for text and binary a big-endian u32 length and the bytes,
// for integer big-endian two's complement i64, for real the big-endian IEEE 754 bits (-0 as 0, NaN as one NaN),
// for logical one byte. Tags: 0 absent, 1 text, 2 integer, 3 real, 4 logical, 5 binary.
void AppendCanonical(const v1::Value& value, std::string& out);

// "ZQR1", u32 number of fields, each name as u32 length and bytes, u32 number of rows, then the values row by row.
std::string CanonicalRows(const v1::RecordBatch& batch);

// True if two values are equal by COMPARISON_EQUALS: same kind and same content.
bool SameValue(const v1::Value& a, const v1::Value& b);

}  // namespace zhanqiao
