#include "hub/oversight/oversight.h"

#include <utility>

namespace zhanqiao::oversight {

Oversight::Oversight(Parts parts)
    : parts_(std::move(parts)), records_(parts_.store), figures_(records_), sharing_(records_, parts_.index, parts_.rules),
      service_(figures_, sharing_, parts_.clock, parts_.progress),
      inventory_(parts_.store, parts_.catalog, records_, parts_.clock) {}

}  // namespace zhanqiao::oversight
