// The gate of project filings (plan 三（五）: 不符合共建共享要求的, 不予审批, 不拨运维费): what a filing lacks, and what keeps its
// money. Pure.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "catalog/model/catalog.h"
#include "zhanqiao/v1/project.pb.h"

namespace zhanqiao::oversight {

// Form: texts, names, numbers. INVALID_ARGUMENT naming every wrong element.
absl::Status CheckProject(const v1::Project& project, const catalog::Catalog& catalog);

// The nine items: INVALID_ARGUMENT / ITEM_MISSING naming each that a filing needs and has not.
absl::Status CheckNineItems(const v1::Project& project);

// What keeps its money: no entry that can be shared, unless one is 不予共享 with its basis; no filing of protection; systems
// nobody registered. In the order they are looked for; none: compliant.
std::vector<v1::ProjectFinding> FindingsOf(const v1::Project& project, const catalog::Catalog& catalog);

// What stands against its acceptance besides: entries that are not published, an audit that asks for rectification or,
// of what was built, none at all.
std::vector<v1::ProjectFinding> AcceptanceFindings(const v1::Project& project, const catalog::Catalog& catalog);

// `project` with what the gate finds now.
v1::Project Judged(v1::Project project, const catalog::Catalog& catalog);

// FAILED_PRECONDITION / NOT_COMPLIANT (facts: findings, first) of findings; OK without any.
absl::Status Blocked(const std::vector<v1::ProjectFinding>& findings);

}  // namespace zhanqiao::oversight
