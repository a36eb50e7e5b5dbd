// What became of an entry's 信息项: whether consumers of the schema before can live with the one after.
#pragma once

#include <string>
#include <vector>

#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

struct SchemaChange {
  // IDENTICAL: not even a note differs. BREAKING: a 信息项 went, or its type, key mark or person key changed, or its
  // length shrank. COMPATIBLE: anything else.
  v1::SchemaCompatibility verdict = v1::SCHEMA_COMPATIBILITY_IDENTICAL;
  // Programs' names of 信息项; `added` and `changed` in the order of the schema after, `removed` of that before.
  std::vector<std::string> added;
  std::vector<std::string> removed;
  std::vector<std::string> changed;
};

// Pure. 信息项 are told apart by their programs' names, which are unique in an entry.
SchemaChange CompareSchemas(const v1::Resource& before, const v1::Resource& after);

}  // namespace zhanqiao::catalog
