#include "catalog/model/coverage.h"

#include "catalog/model/electronic_certificate.h"
#include "catalog/model/update_cycle.h"

namespace zhanqiao::catalog {
namespace {

double Share(int part, int whole) { return whole == 0 ? 0 : static_cast<double>(part) / whole; }

}  // namespace

void Coverage::AddTo(Count& count, const v1::Resource& resource) const {
  const auto state = resource.state();
  if (state == v1::RESOURCE_STATE_DRAFT || state == v1::RESOURCE_STATE_SUBMITTED) ++count.in_preparation;
  if (state != v1::RESOURCE_STATE_PUBLISHED) return;
  ++count.published;
  count.items += resource.fields_size();
  count.unconditional += resource.share_type() == v1::SHARE_TYPE_UNCONDITIONAL ? 1 : 0;
  count.overdue += IsOverdue(resource, as_of_) ? 1 : 0;
  count.providers.insert(resource.provider());
}

void Coverage::Add(const v1::Resource& resource) {
  if (resource.base_database().empty() && !IsCertificateCode(resource.resource_code())) return;  // most entries
  for (size_t i = 0; i < counts_.size(); ++i) {
    if (CountsFor(resource, kBaseDatabases[i].name)) AddTo(counts_[i], resource);
  }
}

std::vector<v1::BaseDatabaseCoverage> Coverage::Figures(const CodeTable& expected) const {
  std::vector<v1::BaseDatabaseCoverage> figures;
  for (size_t i = 0; i < counts_.size(); ++i) {
    const Count& count = counts_[i];
    v1::BaseDatabaseCoverage& coverage = figures.emplace_back();
    coverage.set_base_database(std::string(kBaseDatabases[i].name));
    coverage.set_guide_item(std::string(kBaseDatabases[i].guide_item));
    coverage.set_entries_published(count.published);
    coverage.set_entries_in_preparation(count.in_preparation);
    coverage.set_providers(static_cast<int>(count.providers.size()));
    const std::vector<std::string> providers = expected.ExpectedProviders(kBaseDatabases[i].name);
    for (const std::string& provider : providers) {
      if (!count.providers.contains(provider)) coverage.add_providers_missing(provider);
    }
    const int all = static_cast<int>(providers.size());
    coverage.set_providers_expected(all);
    coverage.set_provider_share(Share(all - coverage.providers_missing_size(), all));
    coverage.set_items(count.items);
    coverage.set_unconditional_share(Share(count.unconditional, count.published));
    coverage.set_overdue(count.overdue);
  }
  return figures;
}

}  // namespace zhanqiao::catalog
