// The entries, rows and requests of the adapters' contract suite.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "zhanqiao/v1/catalog.pb.h"
#include "zhanqiao/v1/connector.pb.h"

namespace zhanqiao::connectors {

// permit (key, C), level (key, C), floors (I), issued (D), and three rows of it.
v1::Resource ContractEntry();
std::vector<v1::Row> ContractRows();

// id (key, C) and one field of each data type: c n y d t l m g b i f.
v1::Resource EveryTypeEntry();
// Rows of it with absent, least, greatest and odd values; drawn from `random`.
std::vector<v1::Row> EveryTypeRows(int count, std::mt19937_64& random);
// A value of `type` such as those rows have, never absent.
v1::Value RandomValue(v1::DataType type, std::mt19937_64& random);

// All fields named, row limit 100, fingerprint that of the entry.
v1::ConnectorQuery AskOf(const v1::Resource& entry, const std::vector<std::string>& fields);
std::vector<std::string> FieldNames(const v1::Resource& entry);
void Where(v1::ConnectorQuery& query, const std::string& field, v1::Comparison comparison,
           const v1::Value& value);
void Where(v1::ConnectorQuery& query, const std::string& field, const std::string& text);

v1::Value TextValue(const std::string& text);
v1::Value IntegerValue(int64_t number);

// A row as one line by which rows are told apart: equivalent values are written the same.
std::string Line(const v1::Row& row, const v1::Resource& entry, const std::vector<std::string>& fields);

// Text of a value as CSV files and SQL literals have it (binary as base64); empty for absent values.
std::string PlainText(const v1::Value& value);

}  // namespace zhanqiao::connectors
