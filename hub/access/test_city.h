// A small city for tests: two bodies, a consumer system, persons, one conditional and one unconditional resource,
// over the real pipeline, log and documents on a store in memory, with a clock that moves only when told.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "catalog/base/error.h"
#include "catalog/base/records.h"
#include "catalog/documents/document_store.h"
#include "catalog/model/catalog.h"
#include "catalog/storage/memory_store.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/access_service.h"
#include "hub/access/directory.h"
#include "hub/access/grant_sweep.h"
#include "hub/access/grant_view.h"
#include "hub/access/refusals.h"
#include "hub/ledger/log.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {

inline constexpr char kSystem[] = "organizations/370200-ZWFWB/systems/approval";
inline constexpr char kResidence[] = "resources/306001~000001";  // conditional
inline constexpr char kProjects[] = "resources/307001~000001";   // unconditional
inline constexpr char kConnectorA[] = "organizations/370200-GAJ/connectors/a";
inline constexpr char kConnectorB[] = "organizations/370200-GAJ/connectors/b";
inline const std::string kFingerprint(64, 'a');

class TestCity {
 public:
  explicit TestCity(absl::CivilSecond start = absl::CivilSecond(2026, 11, 24, 9, 0, 0))
      : clock(absl::FromCivil(start, Shanghai())) {
    Put("organizations/370200-ZWFWB", Body("organizations/370200-ZWFWB"));
    Put("organizations/370200-GAJ", Body("organizations/370200-GAJ"));
    Put(kSystem, System(kSystem));
    Put("organizations/370200-ZWFWB/systems/other", System("organizations/370200-ZWFWB/systems/other"));
    Put(kConnectorA, Connector(kConnectorA));
    Put(kConnectorB, Connector(kConnectorB));
    Put(kResidence, Entry(kResidence, v1::SHARE_TYPE_CONDITIONAL));
    Put(kProjects, Entry(kProjects, v1::SHARE_TYPE_UNCONDITIONAL));
    for (absl::Status followed : {catalog.Follow(documents), directory.Follow(documents), grants.Follow(documents)}) {
      if (!followed.ok()) std::abort();
    }
  }
  ~TestCity() { pipeline.Stop(); }  // its answers go to what is declared below

  template <typename Message>
  uint64_t Put(std::string name, const Message& message) {
    documents::Transaction transaction;
    documents::Change change;
    change.name = std::move(name);
    change.type = message.GetDescriptor()->full_name();
    change.document = documents::Canonical(message);
    transaction.changes.push_back(std::move(change));
    transaction.actor = "hub";
    return documents.Apply(std::move(transaction)).value().at(0).revision;
  }

  static v1::Organization Body(const std::string& name) {
    v1::Organization body;
    body.set_name(name);
    body.set_display_name("单位");
    return body;
  }
  static v1::InformationSystem System(const std::string& name) {
    v1::InformationSystem system;
    system.set_name(name);
    system.set_display_name(name);
    system.set_state(v1::REGISTRATION_STATE_ACTIVE);
    return system;
  }
  static v1::Connector Connector(const std::string& name) {
    v1::Connector connector;
    connector.set_name(name);
    connector.set_display_name("连接器");
    connector.set_state(v1::REGISTRATION_STATE_ACTIVE);
    return connector;
  }
  static v1::Resource Entry(const std::string& name, v1::ShareType share) {
    v1::Resource entry;
    entry.set_name(name);
    entry.set_display_name(name);
    entry.set_provider("organizations/370200-GAJ");
    entry.set_share_type(share);
    entry.set_state(v1::RESOURCE_STATE_PUBLISHED);
    entry.add_connectors(kConnectorA);
    entry.add_connectors(kConnectorB);
    const std::vector<std::pair<std::string, bool>> fields = {{"id_number", true}, {"name", false}, {"address", false}, {"district", true}};
    std::vector<SchemaField> schema;
    for (const auto& [field, key] : fields) {
      auto& added = *entry.add_fields();
      added.set_field(field);
      added.set_data_type(v1::DATA_TYPE_CHARACTER);
      added.set_length(50);
      added.set_key(key);
      if (field == "name") added.set_mask(v1::MASK_NAME);
      if (field == "id_number") added.set_person_key(true);
      schema.push_back({field, v1::DATA_TYPE_CHARACTER});
    }
    entry.set_schema_fingerprint(std::string(Bytes(SchemaFingerprint(schema))));
    return entry;
  }

  Caller Person(const std::string& organization, const std::string& id, std::vector<std::string> roles) const {
    Caller caller;
    caller.kind = SubjectKind::kPerson;
    caller.organization = "organizations/" + organization;
    caller.subject = caller.organization + "/persons/" + id;
    caller.roles = std::move(roles);
    return caller;
  }
  Caller SystemCaller() const {
    Presented presented;
    presented.identities = {"zhanqiao://qingdao/org/370200-ZWFWB/system/approval"};
    presented.fingerprint = kFingerprint;
    return directory.Resolve(presented).value();
  }
  Caller security() const { return Person("370200-ZWFWB", "security", {"security_admin"}); }
  Caller consumer_clerk() const { return Person("370200-ZWFWB", "clerk", {"org_clerk"}); }
  Caller office(const std::string& id) const { return Person("370200-ZFBGT", id, {"office"}); }
  Caller clerk() const { return Person("370200-GAJ", "clerk", {"org_clerk"}); }
  Caller approver() const { return Person("370200-GAJ", "approver", {"org_approver"}); }

  // An application of the system for two fields.
  v1::CreateGrantRequest Apply(const std::string& resource) const {
    v1::CreateGrantRequest request;
    auto& grant = *request.mutable_grant();
    grant.set_consumer(kSystem);
    grant.set_resource(resource);
    grant.add_fields()->set_field("name");
    grant.add_fields()->set_field("address");
    grant.set_purpose("办理审批");
    grant.set_legal_basis("条例第一条");
    grant.set_end_date("2027-12-31");
    return request;
  }
  template <typename Request>
  static Request Named(const v1::Grant& grant, std::string reason = "") {
    Request request;
    request.set_name(grant.name());
    if constexpr (requires { request.set_reason(reason); }) request.set_reason(reason);
    return request;
  }
  v1::Grant Submitted(const std::string& resource) {
    const auto made = service.CreateGrant(SystemCaller(), Apply(resource)).value();
    return service.SubmitGrant(SystemCaller(), Named<v1::SubmitGrantRequest>(made)).value();
  }
  v1::Grant Accepted() {
    return service.AcceptGrant(clerk(), Named<v1::AcceptGrantRequest>(Submitted(kResidence))).value();
  }
  v1::Grant Active() { return Approved(Accepted()); }
  // Taken from ACCEPTED through both persons of the provider.
  v1::Grant Approved(const v1::Grant& grant) {
    auto propose = Named<v1::ProposeGrantDecisionRequest>(grant);
    propose.set_approve(true);
    service.ProposeGrantDecision(clerk(), propose).value();
    auto decide = Named<v1::DecideGrantRequest>(grant);
    decide.set_approve(true);
    return service.DecideGrant(approver(), decide).value();
  }
  v1::Grant Rejected() {
    const auto grant = Accepted();
    service.ProposeGrantDecision(clerk(), Named<v1::ProposeGrantDecisionRequest>(grant, "用途不符")).value();
    return service.DecideGrant(approver(), Named<v1::DecideGrantRequest>(grant)).value();
  }
  v1::Grant Read(const v1::Grant& grant) const {
    auto version = documents.Get(grant.name()).value();
    return GrantOf(version).value();
  }
  // The events of grants in the log, in order.
  std::vector<v1::GrantEvent> Events() const {
    std::vector<v1::GrantEvent> events;
    for (const auto& entry : Entries()) {
      if (entry.has_grant_event()) events.push_back(entry.grant_event());
    }
    return events;
  }

  // Every entry of the log, decoded.
  std::vector<v1::LedgerEntry> Entries() const {
    std::vector<v1::LedgerEntry> entries;
    const absl::Status read = store.Scan(storage::Table::kEntries, "", "", [&](std::string_view, std::string_view bytes) {
      return entries.emplace_back().ParseFromArray(bytes.data(), static_cast<int>(bytes.size()));
    });
    if (!read.ok()) std::abort();
    return entries;
  }

  SimulatedClock clock;
  SystemRandom random;
  storage::MemoryStore store;
  std::unique_ptr<ledger::Log> log = ledger::Log::Open(store, clock).value();
  storage::CommitPipeline pipeline{store, log.get(), {}};
  documents::DocumentStore documents{store, pipeline, clock, random};
  catalog::Catalog catalog;
  Directory directory{"qingdao", clock};
  GrantView grants;
  Rules rules;
  Refusals refusals{pipeline, clock, random};
  AccessService service{documents, catalog, rules, clock, random, nullptr};
  std::set<std::string> delivered;  // grants under which something was released
  GrantSweep sweep{documents, catalog, rules, clock, random,
                   [this](std::string_view grant) { return delivered.contains(std::string(grant)); }};
};

}  // namespace zhanqiao::access
