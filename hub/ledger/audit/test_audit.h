// A small log with an audit service over it: two bodies, one grant with its people, releases and refusals.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "catalog/base/identifiers.h"
#include "hub/ledger/archive/test_archive.h"
#include "hub/ledger/audit/audit_service.h"

namespace zhanqiao::ledger {

inline constexpr char kSystem[] = "organizations/A/systems/s";
inline constexpr char kProvider[] = "organizations/B";
inline constexpr char kGrant[] = "grants/g1";
inline constexpr char kResource[] = "resources/r1";

// A valid ID number, by number.
inline std::string PersonNumber(int number) {
  const std::string first = absl::StrCat("37020219900101", 100 + number);
  return first + IdNumberCheck(first);
}

class AuditedLog {
 public:
  AuditedLog() {
    log.Start();
    keys_ = SubjectKeys::Open(files.path(), random).value();
    EXPECT_TRUE(keys_->Rotate(log.log.clock().Now(), {}).ok());
    service = std::make_unique<AuditService>(AuditService::Parts{
        .store = log.log.store(),
        .pipeline = log.log.pipeline(),
        .log = log.log.log(),
        .checkpointer = log.log.checkpointer(),
        .index = *log.index,
        .entries = *log.online,
        .archivist = *log.archivist,
        .subjects = *keys_,
        .random = random,
        .provider_of =
            [](std::string_view resource) { return resource == kResource ? std::string(kProvider) : ""; },
        .resources_of =
            [](std::string_view body) {
              return body == kProvider ? std::vector<std::string>{kResource} : std::vector<std::string>();
            }});
  }

  static Caller Person(std::string role, std::string organization = "organizations/OFFICE") {
    Caller caller;
    caller.kind = SubjectKind::kPerson;
    caller.organization = std::move(organization);
    caller.subject = caller.organization + "/persons/p";
    caller.roles = {std::move(role)};
    return caller;
  }
  Caller auditor() const { return Person("auditor"); }
  Caller office() const { return Person("office"); }

  uint64_t Append(const v1::LedgerEntry& entry, const std::vector<std::string>& persons = {}) {
    v1::EntrySecret secret;
    secret.set_seed(std::string(32, 's'));
    const auto tokens = keys_->TokensAt(log.log.clock().Now(), persons);
    EXPECT_TRUE(tokens.ok()) << tokens.status();
    for (const auto& token : *tokens) secret.add_subjects(token);
    const uint64_t index = log.log.log().head()->size();
    log.log.clock().Advance(absl::Seconds(1));
    EXPECT_TRUE(log.log.Commit({RecordOf(entry, secret.SerializeAsString())}));
    return index;
  }
  uint64_t Move(std::string verb, std::string actor, uint64_t revision, std::string grant = kGrant) {
    v1::LedgerEntry entry;
    entry.set_version(1);
    entry.set_actor(std::move(actor));
    auto& event = *entry.mutable_grant_event();
    event.set_grant(std::move(grant));
    event.set_verb(std::move(verb));
    event.set_revision(revision);
    event.set_consumer(kSystem);
    event.set_resource(kResource);
    event.set_purpose("办理审批");
    event.set_legal_basis("条例第一条");
    event.set_working_days(3);
    return Append(entry);
  }
  uint64_t Release(uint64_t revision, uint64_t grant_index, const std::vector<std::string>& persons = {}) {
    v1::LedgerEntry entry = ExchangeEntry(1, kSystem, kProvider);
    entry.mutable_exchange()->set_grant(kGrant);
    entry.mutable_exchange()->set_grant_revision(revision);
    entry.mutable_exchange()->set_grant_index(grant_index);
    entry.mutable_exchange()->set_resource(kResource);
    entry.mutable_exchange()->set_rows(2);
    entry.mutable_exchange()->set_released_bytes(100);
    entry.mutable_exchange()->add_fields("name");
    return Append(entry, persons);
  }
  uint64_t Refuse(std::string reason, uint32_t count = 1, const std::vector<std::string>& persons = {}) {
    v1::LedgerEntry entry;
    entry.set_version(1);
    entry.set_actor(kSystem);
    auto& denial = *entry.mutable_denial();
    denial.set_link("grant");
    denial.set_reason(std::move(reason));
    denial.set_grant(kGrant);
    denial.set_consumer(kSystem);
    denial.set_resource(kResource);
    denial.set_count(count);
    return Append(entry, persons);
  }

  ArchivedLog log;
  const storage::TemporaryDirectory files;
  SystemRandom random;
  std::unique_ptr<AuditService> service;

 private:
  std::unique_ptr<SubjectKeys> keys_;
};

}  // namespace zhanqiao::ledger
