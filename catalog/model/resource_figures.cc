// What is wrong and how far things are: findings and coverage.
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/model/catalog_service.h"
#include "catalog/model/coverage.h"
#include "catalog/model/findings.h"
#include "catalog/model/names.h"
#include "catalog/model/resource_requests.h"
#include "catalog/model/service_support.h"

namespace zhanqiao::catalog {
namespace {

// Where a page of findings ended: an entry, and how many of its findings came.
struct Place {
  std::string resource;
  size_t findings = 0;
};

std::string PlaceText(const Place& place) { return absl::StrCat(place.resource, "\n", place.findings); }

absl::StatusOr<Place> PlaceIn(std::string_view token, std::string_view tag) {
  const std::string text = TRY(documents::LastOfPage(token, tag));
  Place place;
  if (text.empty()) return place;
  const std::vector<std::string> parts = absl::StrSplit(text, '\n');
  place.resource = parts[0];
  if (parts.size() != 2 || !absl::SimpleAtoi(parts[1], &place.findings)) {
    return BadField("PAGE_TOKEN_INVALID", "page_token", "Not a token of this list; start again with an empty token.");
  }
  return place;
}

// The organisation whose findings the caller gets; empty: all.
absl::StatusOr<std::string> Scope(const Caller& caller, const std::string& asked) {
  if (!asked.empty() && !IsOrganizationName(asked)) {
    return BadField("ORGANIZATION_NAME", "organization", "Give organizations/{code}, or nothing.");
  }
  if (caller.HasRole("office") || caller.HasRole("auditor")) return asked;
  if (!caller.organization.empty() && (asked.empty() || asked == caller.organization)) return caller.organization;
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
              "Findings of other bodies are for the office and the auditor; ask for those of your own.",
              {{"link", std::string(kLinkCaller)}, {"roles", "office, auditor"}});
}

}  // namespace

absl::StatusOr<v1::ListFindingsResponse> CatalogService::ListFindings(const Caller& caller,
                                                                      const v1::ListFindingsRequest& request) {
  const std::string organization = TRY(Scope(caller, request.organization()));
  absl::CivilDay as_of = Today();
  if (!request.as_of().empty()) {
    const auto day = ParseDay(request.as_of());
    if (!day.ok()) return BadField("DATE_INVALID", "as_of", "Give an existing date as YYYY-MM-DD, or nothing.");
    as_of = *day;
  }
  const size_t size = TRY(documents::PageSize(request.page_size()));
  const std::string tag = ListTag(request);
  const Place start = TRY(PlaceIn(request.page_token(), tag));
  v1::ListFindingsResponse response;
  Place last = start;
  const auto add = [&](const v1::Resource& resource) {
    size_t seen = 0;
    for (v1::Finding& finding : FindingsAmong(resource, catalog_, as_of)) {
      if (!request.reason().empty() && finding.reason() != request.reason()) continue;
      if (resource.name() == start.resource && seen++ < start.findings) continue;
      if (static_cast<size_t>(response.findings_size()) == size) {
        response.set_next_page_token(documents::PageToken(tag, PlaceText(last)));
        return false;
      }
      if (last.resource != resource.name()) last = {resource.name(), 0};
      ++last.findings;
      v1::ResourceFinding& one = *response.add_findings();
      one.set_resource(resource.name());
      one.set_display_name(resource.display_name());
      one.set_provider(resource.provider());
      *one.mutable_finding() = std::move(finding);
    }
    return true;
  };
  // The entry the page before ended in may have more.
  const auto first = catalog_.FindResource(start.resource);
  if (first != nullptr && !add(*first)) return response;
  catalog_.VisitResources(organization, start.resource, [&](const ResourcePtr& resource) { return add(*resource); });
  return response;
}

absl::StatusOr<v1::GetBaseDatabaseCoverageResponse> CatalogService::GetBaseDatabaseCoverage(
    const Caller&, const v1::GetBaseDatabaseCoverageRequest& request) {
  const documents::ReadAt read_at = TRY(ReadAtOf(request.read_at()));
  const absl::CivilDay as_of = read_at.as_of.value_or(Today());
  v1::GetBaseDatabaseCoverageResponse response;
  response.set_as_of(FormatDay(as_of));
  Coverage coverage(as_of);
  CodeTable expected;
  if (!IsPast(request.read_at())) {
    catalog_.VisitResources("", "", [&](const ResourcePtr& resource) { return coverage.Add(*resource), true; });
    expected = *catalog_.FindCodeTable(kBaseDatabasesTable);
  } else {
    std::string token;
    do {
      const auto page = TRY(store_.List(kResourcesPrefix, 1000, token, read_at));
      for (const documents::Version& version : page.versions) coverage.Add(TRY(DocumentOf<v1::Resource>(version)));
      token = page.next_page_token;
    } while (!token.empty());
    const auto table = store_.Get(kBaseDatabasesTable, read_at);
    if (table.ok()) expected = CodeTable(TRY(table->As<v1::CodeTable>()));
    if (!table.ok() && table.status().code() != absl::StatusCode::kNotFound) return table.status();
  }
  for (v1::BaseDatabaseCoverage& figure : coverage.Figures(expected)) *response.add_coverages() = std::move(figure);
  return response;
}

}  // namespace zhanqiao::catalog
