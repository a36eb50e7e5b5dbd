// Who decides in an approver's place, and for how long.
#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/documents/request_id.h"
#include "hub/access/access_rules.h"
#include "hub/access/access_service.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kReasonMax = 500;
constexpr int kPage = 1000;

absl::StatusOr<v1::Delegation> DelegationOf(const documents::Version& version) {
  v1::Delegation delegation = TRY(version.As<v1::Delegation>());
  delegation.set_etag(version.etag());
  return delegation;
}

documents::Transaction Storing(const Caller& caller, const v1::Delegation& delegation, uint64_t expected_revision,
                               std::string_view reason) {
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  documents::Change change;
  change.name = delegation.name();
  change.type = delegation.GetDescriptor()->full_name();
  change.document = documents::Canonical(delegation);
  change.expected_revision = expected_revision;
  transaction.changes.push_back(std::move(change));
  return transaction;
}

bool InForce(const v1::Delegation& delegation, absl::CivilDay day) {
  const std::string today = FormatDay(day);
  return !delegation.revoked() && delegation.start_date() <= today && today <= delegation.end_date();
}

std::string Prefix(std::string_view organization) { return absl::StrCat(Absl(organization), "/delegations/"); }

bool IsActive(const v1::Person& person) { return person.state() == v1::REGISTRATION_STATE_ACTIVE; }

bool IsApprover(const v1::Person& person) {
  const auto& roles = person.roles();
  return IsActive(person) && std::find(roles.begin(), roles.end(), v1::ROLE_ORG_APPROVER) != roles.end();
}

// The three administrators decide nothing of an organisation (三权分立), in nobody's place either.
bool IsAdministrator(const v1::Person& person) {
  const auto& roles = person.roles();
  return std::any_of(roles.begin(), roles.end(), [](int role) {
    return role == v1::ROLE_SYSTEM_ADMIN || role == v1::ROLE_SECURITY_ADMIN || role == v1::ROLE_AUDITOR;
  });
}

}  // namespace

absl::StatusOr<v1::Person> AccessService::PersonCalled(std::string_view name) const {
  const auto version = TRY(store_.Get(name));
  return version.As<v1::Person>();
}

absl::StatusOr<std::string> AccessService::DelegatorOf(const Caller& caller, std::string_view organization) const {
  std::string token;
  do {
    const auto page = TRY(store_.List(Prefix(organization), kPage, token));
    for (const auto& version : page.versions) {
      const auto delegation = TRY(DelegationOf(version));
      if (delegation.delegate() != caller.subject || !InForce(delegation, Today())) continue;
      // Who lost the role can lend it no longer, and who became an administrator cannot use it.
      const auto delegator = PersonCalled(delegation.delegator());
      const auto delegate = PersonCalled(caller.subject);
      if (delegator.ok() && IsApprover(*delegator) && delegate.ok() && !IsAdministrator(*delegate)) return delegation.delegator();
    }
    token = page.next_page_token;
  } while (!token.empty());
  return std::string();
}

absl::StatusOr<v1::Delegation> AccessService::CreateDelegation(const Caller& caller,
                                                               const v1::CreateDelegationRequest& request) {
  if (!HoldsAny(caller, {"org_approver"})) return RoleRequired("org_approver");
  v1::Delegation delegation = request.delegation();
  TRY(documents::CheckRequestId(request.request_id()));
  const std::string key = documents::RequestKey("delegation", caller.subject, request.request_id());
  if (const auto made = TRY(documents::MadeBefore(store_, key))) return DelegationOf(*made);
  TRY(CheckText("delegation.reason", delegation.reason(), kReasonMax, true));
  const auto delegate = PersonCalled(delegation.delegate());
  if (!IsSubjectName(delegation.delegate(), "persons") || OrganizationOf(delegation.delegate()) != caller.organization ||
      delegation.delegate() == caller.subject || !delegate.ok() || !IsActive(*delegate)) {
    return BadField("DELEGATE_UNKNOWN", "delegation.delegate", "Name another registered, active person of your own body.");
  }
  if (IsAdministrator(*delegate)) {
    return BadField("DELEGATE_IS_ADMINISTRATOR", "delegation.delegate",
                    "An administrator or auditor decides in nobody's place; name a person without these roles.");
  }
  const auto start = ParseDay(delegation.start_date());
  const auto end = ParseDay(delegation.end_date());
  if (!start.ok()) return BadField("DATE_INVALID", "delegation.start_date", "Give a real date YYYY-MM-DD.");
  if (!end.ok()) return BadField("DATE_INVALID", "delegation.end_date", "Give a real date YYYY-MM-DD.");
  if (*end < *start || *end < Today()) return BadField("TERM_INVALID", "delegation.end_date", "Give a day not before the start and today.");
  const int64_t days_max = TRY(rules_.policy.At("delegation.days_max", Today()));
  if (*end - *start >= days_max) {
    return BadField("DELEGATION_LONG", "delegation.end_date", absl::StrCat("A delegation lasts at most ", days_max, " days; end it earlier."));
  }
  delegation.set_name(absl::StrCat(Prefix(caller.organization), NewId(clock_.Now(), random_)));
  delegation.set_delegator(caller.subject);
  delegation.clear_revoked();
  delegation.clear_etag();
  return DelegationOf(TRY(documents::CreateOnce(store_, key, Storing(caller, delegation, 0, delegation.reason()))));
}

absl::StatusOr<v1::ListDelegationsResponse> AccessService::ListDelegations(const Caller& caller,
                                                                           const v1::ListDelegationsRequest& request) {
  const bool own = caller.kind == SubjectKind::kPerson && caller.organization == request.parent();
  if (!own && !HoldsAny(caller, {"office", "auditor", "security_admin"})) {
    return RoleRequired("person of the body, office, auditor, security_admin");
  }
  constexpr std::string_view kOrganizations = "organizations/";
  if (request.parent().rfind(kOrganizations, 0) != 0 || !IsOrganizationCode(request.parent().substr(kOrganizations.size()))) {
    return BadField("NAME_INVALID", "parent", "Not a name of the right form; give organizations/{code}.");
  }
  const int size = TRY(PageSize(request.page_size()));
  const auto keep = [&](const documents::Version& version) {
    const auto delegation = version.As<v1::Delegation>();
    return delegation.ok() && (!request.in_force() || InForce(*delegation, Today()));
  };
  const auto page = TRY(store_.List(Prefix(request.parent()), size, request.page_token(), {}, keep));
  v1::ListDelegationsResponse response;
  for (const auto& version : page.versions) *response.add_delegations() = TRY(DelegationOf(version));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Delegation> AccessService::RevokeDelegation(const Caller& caller,
                                                               const v1::RevokeDelegationRequest& request) {
  const std::string organization = OrganizationOf(request.name());
  if (!IsSubjectName(request.name(), "delegations")) {
    return BadField("NAME_INVALID", "name", "Not a name of the right form; give organizations/{code}/delegations/{id}.");
  }
  if (!HoldsAnyAt(caller, organization, {"org_approver"})) return RoleRequired("org_approver of the body");
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  const auto version = TRY(store_.Get(request.name()));
  v1::Delegation delegation = TRY(version.As<v1::Delegation>());
  const uint64_t expected = request.etag().empty() ? version.revision : TRY(documents::RevisionOf(request.etag()));
  if (delegation.revoked() && expected == version.revision) return DelegationOf(version);
  delegation.set_revoked(true);
  const auto versions = TRY(store_.Apply(Storing(caller, delegation, expected, request.reason())));
  return DelegationOf(versions.at(0));
}

}  // namespace zhanqiao::access
