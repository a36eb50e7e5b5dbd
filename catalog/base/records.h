// Records in their transport-independent form: what commitments are made over and schemas identified by.
// Grammar with a worked example: hub/ledger/FORMAT.md.
#pragma once

#include <compare>
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

// True if two values are the same in kind and content.
bool SameValue(const v1::Value& a, const v1::Value& b);

// The order of two values of `type` (record.proto Comparison): numbers by value ("1.0" and "1.00" are equivalent),
// times by the moment they name, text by its UTF-8 bytes. Values of L and G are equivalent or unordered; a value
// that is absent, not of the type's form, or not a number, is unordered with every other.
std::partial_ordering CompareValues(const v1::Value& a, const v1::Value& b, v1::DataType type);

// True if `value` meets `comparison` with `wanted`, both of `type`. COMPARISON_EQUALS is met by equivalent values.
bool Meets(const v1::Value& value, v1::Comparison comparison, const v1::Value& wanted, v1::DataType type);

// OK if `condition` can be asked of a field of `type`: a comparison the type has, and a value that is present, not
// NaN, and of the type's form. INVALID_ARGUMENT / CONDITION_INVALID naming `path` with its member, or VALUE_TYPE.
absl::Status CheckCondition(const v1::Condition& condition, v1::DataType type, int length, std::string_view path);

// Appends bytes that order as CompareValues orders (memcmp; equivalent values give equal bytes), for indexes: of a
// value that is present and of `type`'s form. L and G: their canonical encoding.
void AppendOrdered(const v1::Value& value, v1::DataType type, std::string& out);

}  // namespace zhanqiao
