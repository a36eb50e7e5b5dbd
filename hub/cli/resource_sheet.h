// One catalogue entry for people: every element of the guide under its Chinese name, in 80 columns.
#pragma once

#include <string>

#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::cli {

// All elements that are filled in, the 信息项 as a table, and the findings.
std::string ResourceSheet(const v1::Resource& resource);

// The guide's word for a value: "无条件共享", "草稿"; its number for one without.
std::string WordOf(v1::ShareType type);
std::string WordOf(v1::ResourceState state);
std::string WordOf(v1::SchemaCompatibility compatibility);

}  // namespace zhanqiao::cli
