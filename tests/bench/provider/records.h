// The records of the bench: about 1 KiB each, the same however they are served.
#pragma once

#include <string>
#include <vector>

#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::bench {

// Fields of resource.json: record_key (key) and item_1 to item_7.
v1::Resource Entry(const std::string& name);

// 1,000 records of that entry; the first has the key the load generators ask for: 900 times "k".
std::vector<v1::Row> Records();

}  // namespace zhanqiao::bench
