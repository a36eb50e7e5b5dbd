// The rules of organisations, over one document alone.
#pragma once

#include <string_view>
#include <vector>

#include "catalog/base/error.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// Brings codes typed by people into form (blanks, full-width characters, lower case).
void Normalize(v1::Organization& organization);

// Every violation of an organisation's elements; none: it may be stored, if its parent exists.
std::vector<Violation> Check(const v1::Organization& organization);

// "municipal_department" and so on, the words of organizations.csv; UNSPECIFIED for another word.
v1::OrganizationKind OrganizationKindOf(std::string_view word);
// Those words, for messages: "municipal_department, municipal_office, …".
std::string_view OrganizationKindWords();

}  // namespace zhanqiao::catalog
