#include "hub/oversight/records.h"

#include <utility>

namespace zhanqiao::oversight {
namespace {

// An entry without its 信息项 and texts, which are most of it and in no figure.
v1::Resource Reduced(v1::Resource resource) {
  resource.clear_fields();
  resource.clear_abstract();
  resource.clear_share_condition();
  resource.clear_open_condition();
  resource.clear_connectors();
  resource.clear_related_codes();
  resource.clear_census();
  v1::Resource copy;  // what is cleared keeps its memory until it is copied
  copy.CopyFrom(resource);
  return copy;
}

v1::Grant ReducedGrant(v1::Grant grant) {
  grant.clear_fields();
  v1::Grant copy;
  copy.CopyFrom(grant);
  return copy;
}

v1::Report ReducedReport(v1::Report report) {
  report.clear_figures();
  report.clear_full_month();
  report.clear_narratives();
  v1::Report copy;
  copy.CopyFrom(report);
  return copy;
}

}  // namespace

Records::Records(const documents::DocumentStore& store) : changes_(store) {
  absl::MutexLock lock(&mu_);
  changes_.Keep(view_.organizations);
  changes_.Keep(view_.systems);
  changes_.Keep(view_.facilities);
  changes_.Keep<v1::Resource>(view_.resources, &Reduced);
  changes_.Keep<v1::Grant>(view_.grants, &ReducedGrant);
  changes_.Keep(view_.demands);
  changes_.Keep(view_.objections);
  changes_.Keep(view_.judgements);
  changes_.Keep(view_.samples);
  changes_.Keep<v1::Report>(view_.reports, &ReducedReport);
  changes_.Keep(view_.tasks);
}

absl::Status Records::Warm() const {
  absl::MutexLock lock(&mu_);
  return changes_.CatchUp();
}

absl::Status Records::Read(Use use) const {
  TRY(Warm());
  absl::ReaderMutexLock lock(&mu_);
  return use(view_, changes_);
}

}  // namespace zhanqiao::oversight
