// AccessService: every RPC as one method. Blocking (a write waits for its commit): call from a worker thread.
// Thread-safe. Errors are those of access.proto; a caller's right is asked before whether a thing exists.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/base/workdays.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "hub/access/grants.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

// Numbers the rules give; each is a policy row of the city.
struct AccessPolicy {
  int answer_working_days = 10;  // 国发〔2016〕51号 Art. 12: the provider answers within this many working days
};

class AccessService {
 public:
  // Whether a connector's stream is open now.
  using Connected = std::function<bool(std::string_view connector)>;

  // Everything referred to must outlive it.
  AccessService(documents::DocumentStore& store, const catalog::Catalog& catalog, const WorkCalendar& calendar,
                const Clock& clock, Random& random, AccessPolicy policy, Connected connected);

  absl::StatusOr<v1::CallerIdentity> GetCaller(const Caller& caller, const v1::GetCallerRequest& request);

  absl::StatusOr<v1::Person> CreatePerson(const Caller& caller, const v1::CreatePersonRequest& request);
  absl::StatusOr<v1::Person> GetPerson(const Caller& caller, const v1::GetPersonRequest& request);
  absl::StatusOr<v1::Person> UpdatePerson(const Caller& caller, const v1::UpdatePersonRequest& request);
  absl::StatusOr<v1::ListPersonsResponse> ListPersons(const Caller& caller, const v1::ListPersonsRequest& request);

  absl::StatusOr<v1::Connector> CreateConnector(const Caller& caller, const v1::CreateConnectorRequest& request);
  absl::StatusOr<v1::Connector> GetConnector(const Caller& caller, const v1::GetConnectorRequest& request);
  absl::StatusOr<v1::Connector> UpdateConnector(const Caller& caller, const v1::UpdateConnectorRequest& request);
  absl::StatusOr<v1::ListConnectorsResponse> ListConnectors(const Caller& caller,
                                                            const v1::ListConnectorsRequest& request);

  absl::StatusOr<v1::RevokedCertificate> RevokeCertificate(const Caller& caller,
                                                           const v1::RevokeCertificateRequest& request);
  absl::StatusOr<v1::ListRevokedCertificatesResponse> ListRevokedCertificates(
      const Caller& caller, const v1::ListRevokedCertificatesRequest& request);

  absl::StatusOr<v1::Grant> CreateGrant(const Caller& caller, const v1::CreateGrantRequest& request);
  absl::StatusOr<v1::Grant> GetGrant(const Caller& caller, const v1::GetGrantRequest& request);
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(const Caller& caller, const v1::ListGrantsRequest& request);
  absl::StatusOr<v1::Grant> SubmitGrant(const Caller& caller, const v1::SubmitGrantRequest& request);
  absl::StatusOr<v1::Grant> AcceptGrant(const Caller& caller, const v1::AcceptGrantRequest& request);
  absl::StatusOr<v1::Grant> ProposeGrantDecision(const Caller& caller, const v1::ProposeGrantDecisionRequest& request);
  absl::StatusOr<v1::Grant> DecideGrant(const Caller& caller, const v1::DecideGrantRequest& request);
  absl::StatusOr<v1::Grant> SuspendGrant(const Caller& caller, const v1::SuspendGrantRequest& request);
  absl::StatusOr<v1::Grant> ResumeGrant(const Caller& caller, const v1::ResumeGrantRequest& request);
  absl::StatusOr<v1::Grant> RevokeGrant(const Caller& caller, const v1::RevokeGrantRequest& request);

 private:
  struct Held;  // a grant as read, with its provider

  // The grant called `name` if the caller may see it; the same answer for others whether it exists or not.
  absl::StatusOr<Held> Visible(const Caller& caller, std::string_view name, const documents::ReadAt& at) const;
  // The grant, checked for a verb: role, etag, state.
  absl::StatusOr<Held> Move(const Caller& caller, GrantVerb verb, std::string_view name, std::string_view etag) const;
  // Stores the moved grant with one GrantEvent for each of `verbs` and returns it.
  absl::StatusOr<v1::Grant> Store(const Caller& caller, v1::Grant grant, uint64_t expected_revision,
                                  std::initializer_list<std::string_view> verbs, std::string_view reason,
                                  std::vector<documents::Change> more = {});
  template <typename Message>
  absl::StatusOr<Message> Put(const Caller& caller, Message message, std::string name, uint64_t expected_revision,
                              std::string_view reason, storage::LogRecord further = {});

  documents::DocumentStore& store_;
  const catalog::Catalog& catalog_;
  const WorkCalendar& calendar_;
  const Clock& clock_;
  Random& random_;
  const AccessPolicy policy_;
  const Connected connected_;
};

}  // namespace zhanqiao::access
