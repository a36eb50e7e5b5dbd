#include "hub/access/access_service.h"

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/commitment.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/access/role_event.h"

namespace zhanqiao::access {
namespace {

constexpr std::string_view kRevoked = "revokedCertificates/";
constexpr size_t kReasonMax = 500;

absl::Status BadName(std::string_view field, std::string_view shape) {
  return BadField("NAME_INVALID", field, absl::StrCat("Not a name of the right form; give ", Absl(shape), "."));
}

template <typename Message>
absl::StatusOr<Message> Read(const documents::Version& version) {
  auto message = version.As<Message>();
  if (!message.ok()) return message.status();
  message->set_etag(version.etag());
  return message;
}

absl::Status CheckState(v1::RegistrationState state, std::string_view field) {
  if (state == v1::REGISTRATION_STATE_ACTIVE || state == v1::REGISTRATION_STATE_DISABLED) return absl::OkStatus();
  return BadField("STATE_REQUIRED", field, "Give REGISTRATION_STATE_ACTIVE or REGISTRATION_STATE_DISABLED.");
}

absl::Status CheckPerson(const v1::Person& person) {
  if (!IsSubjectName(person.name(), "persons")) return BadName("person.name", "organizations/{code}/persons/{id}");
  TRY(CheckText("person.display_name", person.display_name(), 50, true));
  TRY(CheckState(person.state(), "person.state"));
  if (person.roles().empty()) return BadField("ROLES_REQUIRED", "person.roles", "Give at least one role.");
  int exclusive = 0;
  for (int i = 0; i < person.roles_size(); ++i) {
    const auto role = static_cast<v1::Role>(person.roles(i));
    if (RoleName(role).empty()) return BadField("ROLE_UNKNOWN", absl::StrCat("person.roles[", i, "]"), "Give a role of access.proto.");
    for (int j = 0; j < i; ++j) {
      if (person.roles(j) == person.roles(i)) {
        return BadField("ROLE_REPEATED", absl::StrCat("person.roles[", i, "]"), "The role is named twice; name it once.");
      }
    }
    if (role == v1::ROLE_SYSTEM_ADMIN || role == v1::ROLE_SECURITY_ADMIN || role == v1::ROLE_AUDITOR) ++exclusive;
  }
  if (exclusive > 1) {
    return BadField("ROLE_EXCLUSIVE", "person.roles",
                    "No one is two of system_admin, security_admin and auditor; give the roles to different persons.");
  }
  return absl::OkStatus();
}

absl::Status CheckConnector(const v1::Connector& connector) {
  if (!IsSubjectName(connector.name(), "connectors")) {
    return BadName("connector.name", "organizations/{code}/connectors/{id}");
  }
  TRY(CheckText("connector.display_name", connector.display_name(), 100, true));
  if (!connector.signing_key().empty() && connector.signing_key().size() != 32) {
    return BadField("SIGNING_KEY_SIZE", "connector.signing_key", "Give an Ed25519 public key of 32 bytes, or leave it empty.");
  }
  return CheckState(connector.state(), "connector.state");
}

absl::StatusOr<std::string> ListPrefix(std::string_view parent) {
  constexpr std::string_view kPrefix = "organizations/";
  if (parent.substr(0, kPrefix.size()) != kPrefix) return BadName("parent", "organizations/{code} or organizations/-");
  const std::string_view code = parent.substr(kPrefix.size());
  if (code == "-") return std::string(kPrefix);
  if (!IsOrganizationCode(code)) return BadName("parent", "organizations/{code} or organizations/-");
  return absl::StrCat(Absl(parent), "/");
}

absl::StatusOr<uint64_t> RequiredEtag(std::string_view etag, std::string_view field) {
  if (etag.empty()) return BadField("ETAG_REQUIRED", field, "Send the etag of the version you read.");
  return documents::RevisionOf(etag);
}

}  // namespace

AccessService::AccessService(documents::DocumentStore& store, const catalog::Catalog& catalog,
                             const Rules& rules, const Clock& clock, Random& random, Connected connected)
    : store_(store), catalog_(catalog), rules_(rules), clock_(clock), random_(random),
      connected_(std::move(connected)), writer_(store, rules, clock, random) {}

absl::StatusOr<v1::CallerIdentity> AccessService::GetCaller(const Caller& caller, const v1::GetCallerRequest&) {
  v1::CallerIdentity identity;
  identity.set_subject(caller.subject);
  identity.set_organization(caller.organization);
  identity.set_identity(caller.identity);
  identity.set_fingerprint(caller.fingerprint);
  for (int role = v1::ROLE_SYSTEM_ADMIN; role <= v1::ROLE_ORG_CLERK; ++role) {
    if (caller.HasRole(RoleName(static_cast<v1::Role>(role)))) identity.add_roles(static_cast<v1::Role>(role));
  }
  return identity;
}

template <typename Message>
absl::StatusOr<Message> AccessService::Put(const Caller& caller, Message message, std::string name,
                                           uint64_t expected_revision, std::string_view reason,
                                           storage::LogRecord further) {
  message.clear_etag();
  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = std::string(reason);
  documents::Change change;
  change.name = std::move(name);
  change.type = Message::descriptor()->full_name();
  change.document = documents::Canonical(message);
  change.expected_revision = expected_revision;
  transaction.changes.push_back(std::move(change));
  if (!further.body.empty()) transaction.further_records.push_back(std::move(further));
  const auto versions = TRY(store_.Apply(std::move(transaction)));
  return Read<Message>(versions.at(0));
}

absl::StatusOr<v1::Person> AccessService::CreatePerson(const Caller& caller, const v1::CreatePersonRequest& request) {
  if (!HoldsAny(caller, {"security_admin"})) return RoleRequired("security_admin");
  TRY(CheckPerson(request.person()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  if (catalog_.FindOrganization(OrganizationOf(request.person().name())) == nullptr) {
    return BadField("ORGANIZATION_UNKNOWN", "person.name", "No such organisation; store it first.");
  }
  return Put(caller, request.person(), request.person().name(), 0, request.reason(),
             RoleEventOf(caller.subject, caller.trace, {}, request.person(), request.reason()));
}

absl::StatusOr<v1::Person> AccessService::GetPerson(const Caller& caller, const v1::GetPersonRequest& request) {
  if (!IsSubjectName(request.name(), "persons")) return BadName("name", "organizations/{code}/persons/{id}");
  if (!HoldsAny(caller, {"security_admin", "auditor", "office"}) &&
      caller.organization != OrganizationOf(request.name())) {
    return RoleRequired("security_admin, auditor, office, or a subject of the organisation");
  }
  const auto version = TRY(store_.Get(request.name()));
  return Read<v1::Person>(version);
}

absl::StatusOr<v1::Person> AccessService::UpdatePerson(const Caller& caller, const v1::UpdatePersonRequest& request) {
  if (!HoldsAny(caller, {"security_admin"})) return RoleRequired("security_admin");
  TRY(CheckPerson(request.person()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  const uint64_t revision = TRY(RequiredEtag(request.person().etag(), "person.etag"));
  // If it is not the version the etag names, the write below is refused.
  const auto version = TRY(store_.Get(request.person().name()));
  const auto before = TRY(version.As<v1::Person>());
  return Put(caller, request.person(), request.person().name(), revision, request.reason(),
             RoleEventOf(caller.subject, caller.trace, before, request.person(), request.reason()));
}

absl::StatusOr<v1::ListPersonsResponse> AccessService::ListPersons(const Caller& caller,
                                                                   const v1::ListPersonsRequest& request) {
  const std::string prefix = TRY(ListPrefix(request.parent()));
  if (!HoldsAny(caller, {"security_admin", "auditor", "office"}) && caller.organization != request.parent()) {
    return RoleRequired("security_admin, auditor, office, or a subject of the organisation");
  }
  const int size = TRY(PageSize(request.page_size()));
  const auto page = TRY(store_.List(prefix, size, request.page_token(), {}, [](const documents::Version& version) {
    return version.type == "zhanqiao.v1.Person";
  }));
  v1::ListPersonsResponse response;
  for (const auto& version : page.versions) *response.add_persons() = TRY(Read<v1::Person>(version));
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::Connector> AccessService::CreateConnector(const Caller& caller,
                                                             const v1::CreateConnectorRequest& request) {
  const std::string body = OrganizationOf(request.connector().name());
  if (!HoldsAny(caller, {"security_admin"}) && !HoldsAnyAt(caller, body, {"org_clerk"})) {
    return RoleRequired("security_admin, org_clerk of the body");
  }
  TRY(CheckConnector(request.connector()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  if (catalog_.FindOrganization(body) == nullptr) {
    return BadField("ORGANIZATION_UNKNOWN", "connector.name", "No such organisation; store it first.");
  }
  v1::Connector connector = request.connector();
  connector.clear_connected();
  return Put(caller, connector, connector.name(), 0, request.reason());
}

absl::StatusOr<v1::Connector> AccessService::GetConnector(const Caller& caller,
                                                          const v1::GetConnectorRequest& request) {
  if (!IsSubjectName(request.name(), "connectors")) return BadName("name", "organizations/{code}/connectors/{id}");
  if (!HoldsAny(caller, {"security_admin", "system_admin", "auditor", "office"}) &&
      caller.organization != OrganizationOf(request.name())) {
    return RoleRequired("security_admin, system_admin, auditor, office, or a subject of the organisation");
  }
  const auto version = TRY(store_.Get(request.name()));
  auto connector = TRY(Read<v1::Connector>(version));
  connector.set_connected(connected_ && connected_(connector.name()));
  return connector;
}

absl::StatusOr<v1::Connector> AccessService::UpdateConnector(const Caller& caller,
                                                             const v1::UpdateConnectorRequest& request) {
  if (!HoldsAny(caller, {"security_admin"}) &&
      !HoldsAnyAt(caller, OrganizationOf(request.connector().name()), {"org_clerk"})) {
    return RoleRequired("security_admin, org_clerk of the body");
  }
  TRY(CheckConnector(request.connector()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  const uint64_t revision = TRY(RequiredEtag(request.connector().etag(), "connector.etag"));
  TRY(store_.Get(request.connector().name()));
  v1::Connector connector = request.connector();
  connector.clear_connected();
  auto stored = TRY(Put(caller, connector, connector.name(), revision, request.reason()));
  stored.set_connected(connected_ && connected_(stored.name()));
  return stored;
}

absl::StatusOr<v1::ListConnectorsResponse> AccessService::ListConnectors(const Caller& caller,
                                                                         const v1::ListConnectorsRequest& request) {
  const std::string prefix = TRY(ListPrefix(request.parent()));
  if (!HoldsAny(caller, {"security_admin", "system_admin", "auditor", "office"}) &&
      caller.organization != request.parent()) {
    return RoleRequired("security_admin, system_admin, auditor, office, or a subject of the organisation");
  }
  const int size = TRY(PageSize(request.page_size()));
  const auto page = TRY(store_.List(prefix, size, request.page_token(), {}, [](const documents::Version& version) {
    return version.type == "zhanqiao.v1.Connector";
  }));
  v1::ListConnectorsResponse response;
  for (const auto& version : page.versions) {
    auto& connector = *response.add_connectors();
    connector = TRY(Read<v1::Connector>(version));
    connector.set_connected(connected_ && connected_(connector.name()));
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

absl::StatusOr<v1::RevokedCertificate> AccessService::RevokeCertificate(const Caller& caller,
                                                                        const v1::RevokeCertificateRequest& request) {
  if (!HoldsAny(caller, {"security_admin"})) return RoleRequired("security_admin");
  const auto bytes = FromHex(request.fingerprint());
  if (!bytes.ok() || bytes->size() != 32) {
    return BadField("FINGERPRINT_INVALID", "fingerprint", "Give the SHA-256 of the DER certificate as 64 hex characters.");
  }
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  if (!request.subject().empty() && !IsSubjectName(request.subject(), "systems") &&
      !IsSubjectName(request.subject(), "persons") && !IsSubjectName(request.subject(), "connectors")) {
    return BadName("subject", "organizations/{code}/{systems|persons|connectors}/{id}");
  }
  v1::RevokedCertificate revoked;
  const std::string fingerprint = ToHex(*bytes);
  revoked.set_name(absl::StrCat(Absl(kRevoked), fingerprint));
  revoked.set_subject(request.subject());
  revoked.set_reason(request.reason());
  revoked.mutable_revoke_time()->set_seconds(absl::ToUnixSeconds(clock_.Now()));

  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(caller.subject);
  entry.set_trace(caller.trace);
  auto& event = *entry.mutable_certificate_event();
  event.set_fingerprint(fingerprint);
  event.set_subject(request.subject());
  event.set_verb("revoked");
  event.set_reason(request.reason());

  documents::Transaction transaction;
  transaction.actor = caller.subject;
  transaction.reason = request.reason();
  documents::Change change;
  change.name = revoked.name();
  change.type = revoked.GetDescriptor()->full_name();
  change.document = documents::Canonical(revoked);
  change.expected_revision = 0;
  transaction.changes.push_back(std::move(change));
  transaction.records.push_back({entry.SerializeAsString(), ""});
  TRY(store_.Apply(std::move(transaction)));
  return revoked;
}

absl::StatusOr<v1::ListRevokedCertificatesResponse> AccessService::ListRevokedCertificates(
    const Caller& caller, const v1::ListRevokedCertificatesRequest& request) {
  if (!HoldsAny(caller, {"security_admin", "auditor", "office", "system_admin"})) {
    return RoleRequired("security_admin, auditor, office, system_admin");
  }
  const int size = TRY(PageSize(request.page_size()));
  const auto page = TRY(store_.List(kRevoked, size, request.page_token()));
  v1::ListRevokedCertificatesResponse response;
  for (const auto& version : page.versions) {
    *response.add_revoked_certificates() = TRY(version.As<v1::RevokedCertificate>());
  }
  response.set_next_page_token(page.next_page_token);
  return response;
}

}  // namespace zhanqiao::access
