// The first persons of a new hub: without them nobody could register anybody.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao {

// Stores the persons of `file` (JSON array of zhanqiao.v1.Person) that the hub does not know yet, as one
// transaction by "hub". Persons already stored are left as they are. INVALID_ARGUMENT / BOOTSTRAP_INVALID naming
// the element that is wrong.
absl::Status StoreFirstPersons(documents::DocumentStore& documents, const std::string& file);

}  // namespace zhanqiao
