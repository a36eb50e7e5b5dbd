#include "catalog/model/schema_change.h"

#include <algorithm>

#include "absl/container/flat_hash_map.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::catalog {
namespace {

using Fields = google::protobuf::RepeatedPtrField<v1::Field>;
using ByName = absl::flat_hash_map<std::string, const v1::Field*>;

ByName IndexOf(const Fields& fields) {
  ByName index;
  for (const auto& field : fields) index.emplace(field.field(), &field);
  return index;
}

bool Breaks(const v1::Field& before, const v1::Field& after) {
  return before.data_type() != after.data_type() || after.length() < before.length() || before.key() != after.key() ||
         before.person_key() != after.person_key();
}

bool SameOrder(const Fields& before, const Fields& after) {
  return std::equal(before.begin(), before.end(), after.begin(), after.end(),
                    [](const auto& a, const auto& b) { return a.field() == b.field(); });
}

}  // namespace

SchemaChange CompareSchemas(const v1::Resource& before, const v1::Resource& after) {
  SchemaChange change;
  bool breaks = false;
  const ByName old_fields = IndexOf(before.fields());
  for (const auto& field : after.fields()) {
    const auto old = old_fields.find(field.field());
    if (old == old_fields.end()) {
      change.added.push_back(field.field());
    } else if (documents::Canonical(*old->second) != documents::Canonical(field)) {
      change.changed.push_back(field.field());
      breaks = breaks || Breaks(*old->second, field);
    }
  }
  const ByName new_fields = IndexOf(after.fields());
  for (const auto& field : before.fields()) {
    if (!new_fields.contains(field.field())) change.removed.push_back(field.field());
  }
  if (breaks || !change.removed.empty()) {
    change.verdict = v1::SCHEMA_COMPATIBILITY_BREAKING;
  } else if (!change.added.empty() || !change.changed.empty() || !SameOrder(before.fields(), after.fields())) {
    change.verdict = v1::SCHEMA_COMPATIBILITY_COMPATIBLE;
  }
  return change;
}

}  // namespace zhanqiao::catalog
