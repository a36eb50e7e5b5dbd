// What the inventory comes to: merge trees, completeness, cost and performance. Pure, over one view.
#pragma once

#include <string>
#include <vector>

#include "hub/oversight/records.h"
#include "hub/oversight/scope.h"

namespace zhanqiao::oversight {

// Walks of the trees of merge targets whose root is the scope's body's (or of all), roots in name order.
std::vector<v1::MergeNode> MergeTrees(const RecordsView& view, const FigureScope& scope);

// Elements of the inventory that are wanted of `system` and not filled in, by their names in the contract; `wanted` is how
// many are wanted. Some are wanted only of some: a cloud date of what is on the cloud, a reason of what is exempt.
std::vector<std::string> MissingElements(const v1::InformationSystem& system, int& wanted);

std::vector<v1::BodyCompleteness> CompletenessOf(const RecordsView& view, const FigureScope& scope);

// Of measured systems, in name order.
std::vector<v1::CloudComparison> CloudComparisons(const RecordsView& view, const FigureScope& scope);

}  // namespace zhanqiao::oversight
