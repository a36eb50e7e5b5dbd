// AccessService: every RPC as one method. Blocking (a write waits for its commit): call from a worker thread.
// Thread-safe. Errors are those of access.proto; a caller's right is asked before whether a thing exists.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/clock.h"
#include "catalog/base/ids.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "google/protobuf/empty.pb.h"
#include "hub/access/grant_writer.h"
#include "hub/access/grants.h"
#include "hub/access/rules.h"
#include "zhanqiao/v1/access.pb.h"

namespace zhanqiao::access {

class AccessService {
 public:
  // Whether a connector's stream is open now.
  using Connected = std::function<bool(std::string_view connector)>;

  // Everything referred to must outlive it.
  AccessService(documents::DocumentStore& store, const catalog::Catalog& catalog, const Rules& rules,
                const Clock& clock, Random& random, Connected connected);

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

  // Applications: access_grants.cc.
  absl::StatusOr<v1::Grant> CreateGrant(const Caller& caller, const v1::CreateGrantRequest& request);
  absl::StatusOr<v1::Grant> GetGrant(const Caller& caller, const v1::GetGrantRequest& request);
  absl::StatusOr<v1::ListGrantsResponse> ListGrants(const Caller& caller, const v1::ListGrantsRequest& request);
  absl::StatusOr<v1::Grant> UpdateGrant(const Caller& caller, const v1::UpdateGrantRequest& request);
  absl::StatusOr<google::protobuf::Empty> DeleteGrant(const Caller& caller, const v1::DeleteGrantRequest& request);
  absl::StatusOr<v1::Grant> SubmitGrant(const Caller& caller, const v1::SubmitGrantRequest& request);
  absl::StatusOr<v1::Grant> RenewGrant(const Caller& caller, const v1::RenewGrantRequest& request);
  // Their decision: access_decisions.cc.
  absl::StatusOr<v1::Grant> AcceptGrant(const Caller& caller, const v1::AcceptGrantRequest& request);
  absl::StatusOr<v1::ListRiskQuestionsResponse> ListRiskQuestions(const Caller& caller,
                                                                  const v1::ListRiskQuestionsRequest& request);
  absl::StatusOr<v1::Grant> AssessGrant(const Caller& caller, const v1::AssessGrantRequest& request);
  absl::StatusOr<v1::Grant> ProposeGrantDecision(const Caller& caller, const v1::ProposeGrantDecisionRequest& request);
  absl::StatusOr<v1::Grant> DecideGrant(const Caller& caller, const v1::DecideGrantRequest& request);
  absl::StatusOr<v1::Grant> EscalateGrant(const Caller& caller, const v1::EscalateGrantRequest& request);
  // What becomes of a decided one: access_moves.cc.
  absl::StatusOr<v1::Grant> SuspendGrant(const Caller& caller, const v1::SuspendGrantRequest& request);
  absl::StatusOr<v1::Grant> ResumeGrant(const Caller& caller, const v1::ResumeGrantRequest& request);
  absl::StatusOr<v1::Grant> RevokeGrant(const Caller& caller, const v1::RevokeGrantRequest& request);
  // Who decides in another's place: access_delegations.cc.
  absl::StatusOr<v1::Delegation> CreateDelegation(const Caller& caller, const v1::CreateDelegationRequest& request);
  absl::StatusOr<v1::ListDelegationsResponse> ListDelegations(const Caller& caller,
                                                              const v1::ListDelegationsRequest& request);
  absl::StatusOr<v1::Delegation> RevokeDelegation(const Caller& caller, const v1::RevokeDelegationRequest& request);

 private:
  // A grant as read, and what a verb needs beside it.
  struct Held {
    v1::Grant grant;
    uint64_t revision = 0;
    std::shared_ptr<const v1::Resource> resource;  // null: gone
    std::string provider;                          // of the resource
    std::string request_key;                       // remembers the verb's request id; empty: none
    std::string on_behalf_of;                      // approver whose delegation the caller uses; empty: none
    bool repeated = false;                         // the verb was said before under this request id: nothing to do
  };

  // The grant called `name` if the caller may see it; the same answer for others whether it exists or not.
  absl::StatusOr<Held> Visible(const Caller& caller, std::string_view name, const documents::ReadAt& at) const;
  // The grant, checked for a verb: role, request id, etag, state.
  template <typename Request>
  absl::StatusOr<Held> Move(const Caller& caller, GrantVerb verb, const Request& request) const {
    return Move(caller, verb, Request::descriptor()->name(), request.name(), request.etag(), request.request_id());
  }
  absl::StatusOr<Held> Move(const Caller& caller, GrantVerb verb, std::string_view method, std::string_view name,
                            std::string_view etag, std::string_view request_id) const;
  // Who decides: an approver of the provider or its delegate (fills held.on_behalf_of), the office once escalated.
  absl::Status CheckDecider(const Caller& caller, Held& held) const;
  // The approver of `organization` in whose place the caller may decide today; empty: none.
  absl::StatusOr<std::string> DelegatorOf(const Caller& caller, std::string_view organization) const;
  absl::StatusOr<v1::Person> PersonCalled(std::string_view name) const;
  // Stores the moved grant with one entry for each of `verbs` and returns it.
  absl::StatusOr<v1::Grant> Store(const Caller& caller, Held held, std::vector<std::string_view> verbs,
                                  std::string_view reason);
  // Stores a new draft under the caller's request id; the second of two gets what the first made.
  absl::StatusOr<v1::Grant> StoreDraft(const Caller& caller, v1::Grant draft, const std::string& request_key);
  // The published and shared resource of an application, or why it cannot be applied for.
  absl::StatusOr<std::shared_ptr<const v1::Resource>> ResourceFor(const v1::Grant& application) const;
  absl::CivilDay Today() const { return CivilDayOf(clock_.Now()); }

  template <typename Message>
  absl::StatusOr<Message> Put(const Caller& caller, Message message, std::string name, uint64_t expected_revision,
                              std::string_view reason, storage::LogRecord further = {});

  documents::DocumentStore& store_;
  const catalog::Catalog& catalog_;
  const Rules& rules_;
  const Clock& clock_;
  Random& random_;
  const Connected connected_;
  GrantWriter writer_;
};

}  // namespace zhanqiao::access
