#include "catalog/model/code_table_service.h"

#include "catalog/model/code_table.h"
#include "catalog/model/service_support.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {
namespace {

absl::Status CheckName(std::string_view name) {
  if (IsCodeTableName(name)) return absl::OkStatus();
  return BadField("CODE_TABLE_NAME", "name",
                  "Give codeTables/classification, codeTables/certificate_types or codeTables/base_databases.");
}

}  // namespace

absl::StatusOr<v1::CodeTable> CodeTableService::GetCodeTable(const Caller&, const v1::GetCodeTableRequest& request) {
  TRY(CheckName(request.name()));
  return Fetch<v1::CodeTable>(store_, request.name(), request.read_at());
}

absl::StatusOr<v1::ImportCodeTableResponse> CodeTableService::ImportCodeTable(
    const Caller& caller, const v1::ImportCodeTableRequest& request) {
  TRY(RequireRole(caller, "", {}));
  TRY(CheckName(request.name()));
  Violations found;
  found.Text("source", request.source(), Violations::Presence::kRequired, 500, /*lines=*/true);
  std::vector<Violation> violations = found.Take();
  CheckReason(request.reason(), false, violations);
  TRY(BadFields(violations));
  CodeTablePlan plan = PlanCodeTable(request.name(), request.csv());
  v1::ImportCodeTableResponse response;
  response.set_rows(plan.table.rows_size());
  if (!plan.problems.empty()) {
    response.mutable_problems()->Add(plan.problems.begin(), plan.problems.end());
    return response;
  }
  plan.table.set_source(request.source());
  const auto stored = store_.Get(request.name());
  if (!stored.ok() && stored.status().code() != absl::StatusCode::kNotFound) return stored.status();
  response.set_changed(!stored.ok() || stored->document != documents::Canonical(plan.table));
  if (request.validate_only() || !response.changed()) return response;
  TRY(Put(store_, caller, plan.table, stored.ok() ? stored->revision : 0, request.reason()));
  return response;
}

}  // namespace zhanqiao::catalog
