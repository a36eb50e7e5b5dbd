// Text of a source as values of the entry's types.
#pragma once

#include <string>
#include <string_view>

#include "connectors/adapters/mapping.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::connectors {

// Reads `text` as a value of `field` by `how`: through its map of values, its format, its zone. Forms that
// databases write are understood: "2017-01-02 09:00:00.5+08", ".5", "5.0" of an integer, "t". Dates of times
// are their day; binary is base64. False, and `value` unspecified, if it is none or does not fit the field.
bool ReadText(std::string_view text, const v1::Field& field, const FieldMapping& how, v1::Value& value);

// What a text for `field` must be, for people.
std::string Expected(const v1::Field& field);

// True for "+08:00" and the like.
bool IsZone(std::string_view text);

// True for formats of FieldMapping.
bool IsFormat(std::string_view format);

// "2017-01-02" or "2017-01-02T09:00:00" in `format`, and back; empty if a part is missing in it or in the
// text.
std::string WriteFormat(std::string_view moment, std::string_view format);
std::string ReadFormat(std::string_view text, std::string_view format);

// `moment` (RFC 3339) as wall-clock time in `zone`: "2017-01-02T09:00:00.5".
std::string LocalTime(std::string_view moment, std::string_view zone);

}  // namespace zhanqiao::connectors
