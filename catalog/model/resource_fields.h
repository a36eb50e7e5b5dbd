// The rules of 信息项, the fields of an entry; part of resource.h's Check and FindingsOf.
#pragma once

#include <vector>

#include "catalog/model/text_rules.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

void CheckFields(const v1::Resource& resource, Violations& found);
void AddFieldFindings(const v1::Resource& resource, std::vector<v1::Finding>& findings);

// One finding.
v1::Finding MakeFinding(std::string_view reason, std::string_view field, std::string_view description);

}  // namespace zhanqiao::catalog
