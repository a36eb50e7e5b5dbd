#include "hub/ledger/ledger_service.h"

#include <gtest/gtest.h>

#include "hub/ledger/test_log.h"

namespace zhanqiao::ledger {
namespace {

Caller SystemOf(std::string_view organization) {
  Caller caller;
  caller.kind = SubjectKind::kSystem;
  caller.organization = std::string(organization);
  caller.subject = caller.organization + "/systems/s";
  return caller;
}

Caller PersonWith(std::string role) {
  Caller caller;
  caller.kind = SubjectKind::kPerson;
  caller.organization = "organizations/OFFICE";
  caller.roles = {std::move(role)};
  return caller;
}

Digest DigestOf(const std::string& bytes) { return DigestFrom(bytes); }

template <typename Message>
Proof ProofIn(const Message& message) {
  Proof proof;
  for (const auto& hash : message.hashes()) proof.push_back(DigestFrom(hash));
  return proof;
}

class LedgerServiceTest : public testing::Test {
 protected:
  // The service needs the checkpointer, which needs the log: fills it before `service_` is made.
  bool Prepare() {
    hub_.GrowTo(10);  // 1 to 9: A asks B
    v1::LedgerEntry denial;
    denial.set_version(1);
    denial.set_actor("organizations/D/systems/s");
    denial.mutable_denial()->set_consumer("organizations/D/systems/s");
    denial.mutable_denial()->set_resource("resources/of-C");
    EXPECT_TRUE(hub_.Commit({RecordOf(denial)}));  // 10: D is refused a resource of C
    hub_.GrowTo(600);
    return hub_.Sign() != nullptr;
  }
  std::vector<uint64_t> Listed(const Caller& caller, uint64_t from, int page_size) {
    v1::ListEntriesRequest request;
    request.set_from(from);
    request.set_page_size(page_size);
    const auto response = service_.ListEntries(caller, request);
    EXPECT_TRUE(response.ok()) << response.status();
    std::vector<uint64_t> indexes;
    for (const auto& entry : response->entries()) indexes.push_back(entry.index());
    next_ = response->next();
    return indexes;
  }
  std::string EntryRefusal(const Caller& caller, uint64_t index) {
    v1::GetEntryRequest request;
    request.set_index(index);
    return ReasonOf(service_.GetEntry(caller, request).status());
  }
  TestLog hub_;
  const bool prepared_ = Prepare();
  const LedgerService service_{hub_.log(), hub_.checkpointer(), [](std::string_view resource) {
    return resource == "resources/of-C" ? "organizations/C" : "";
  }};
  uint64_t next_ = 0;
};

TEST_F(LedgerServiceTest, UnregisteredCallersGetNothing) {
  const Caller nobody;
  EXPECT_EQ(ReasonOf(service_.GetCheckpoint(nobody, {}).status()), "CALLER_UNREGISTERED");
  EXPECT_EQ(ReasonOf(service_.GetEntry(nobody, {}).status()), "CALLER_UNREGISTERED");
  EXPECT_EQ(ReasonOf(service_.ListEntries(nobody, {}).status()), "CALLER_UNREGISTERED");
  EXPECT_EQ(ReasonOf(service_.GetInclusionProof(nobody, {}).status()), "CALLER_UNREGISTERED");
  EXPECT_EQ(ReasonOf(service_.GetConsistencyProof(nobody, {}).status()), "CALLER_UNREGISTERED");
}

TEST_F(LedgerServiceTest, TheCheckpointIsTheSignedOneOfTheWholeLog) {
  const auto response = service_.GetCheckpoint(SystemOf("organizations/A"), {});
  ASSERT_TRUE(response.ok()) << response.status();
  const VerifierKey key = *ParseVerifierKey(response->verifier_key());
  EXPECT_EQ(OpenCheckpoint(response->checkpoint(), key)->size, 600u);
  v1::GetCheckpointRequest beyond;
  beyond.set_size_min(601);
  EXPECT_EQ(ReasonOf(service_.GetCheckpoint(SystemOf("organizations/A"), beyond).status()), "TREE_SIZE");
}

TEST_F(LedgerServiceTest, ARecipientProvesAnEntryAgainstTheCheckpoint) {
  const Caller caller = SystemOf("organizations/A");
  for (const uint64_t index : {0u, 9u, 300u, 599u}) {
    v1::GetInclusionProofRequest request;
    request.set_index(index);
    const auto response = service_.GetInclusionProof(caller, request);
    ASSERT_TRUE(response.ok()) << response.status();
    const Checkpoint checkpoint = *OpenCheckpoint(response->checkpoint(), hub_.key());
    EXPECT_EQ(response->tree_size(), checkpoint.size);
    EXPECT_TRUE(VerifyInclusion(DigestOf(response->leaf_hash()), index, checkpoint.size, ProofIn(*response),
                                checkpoint.root).ok());
  }
}

TEST_F(LedgerServiceTest, TheLogProvesThatItOnlyGrew) {
  const SignedCheckpointPtr before = hub_.Sign();
  hub_.GrowTo(1000);
  const SignedCheckpointPtr after = hub_.Sign();
  v1::GetConsistencyProofRequest request;
  request.set_old_size(before->checkpoint.size);
  const auto response = service_.GetConsistencyProof(SystemOf("organizations/A"), request);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->checkpoint(), after->note);
  EXPECT_TRUE(VerifyConsistency(600, 1000, ProofIn(*response), before->checkpoint.root, after->checkpoint.root).ok());
}

TEST_F(LedgerServiceTest, ProofsOutsideTheLogAreRefused) {
  const Caller caller = SystemOf("organizations/A");
  v1::GetInclusionProofRequest inclusion;
  inclusion.set_index(600);
  const absl::Status refused = service_.GetInclusionProof(caller, inclusion).status();
  EXPECT_EQ(ReasonOf(refused), "ENTRY_INDEX");
  EXPECT_EQ(FactOf(refused, "size"), "600");
  inclusion.set_tree_size(601);
  EXPECT_EQ(ReasonOf(service_.GetInclusionProof(caller, inclusion).status()), "TREE_SIZE");
  v1::GetConsistencyProofRequest consistency;
  consistency.set_old_size(601);
  EXPECT_EQ(ReasonOf(service_.GetConsistencyProof(caller, consistency).status()), "TREE_SIZE");
  consistency.set_new_size(601);
  EXPECT_EQ(ReasonOf(service_.GetConsistencyProof(caller, consistency).status()), "TREE_SIZE");
}

TEST_F(LedgerServiceTest, AuditorsAndTheOfficeSeeEveryEntry) {
  for (const char* role : {"auditor", "office"}) {
    EXPECT_EQ(Listed(PersonWith(role), 0, 1000).size(), 600u) << role;
    EXPECT_EQ(EntryRefusal(PersonWith(role), 10), "");
  }
  EXPECT_EQ(EntryRefusal(PersonWith("system_admin"), 10), "ENTRY_NOT_YOURS");
}

TEST_F(LedgerServiceTest, PartiesSeeWhatConcernsTheirOrganisation) {
  EXPECT_EQ(Listed(SystemOf("organizations/A"), 0, 1000).size(), 599u);  // all but the refusal
  EXPECT_EQ(Listed(SystemOf("organizations/B"), 0, 1000).size(), 599u);
  EXPECT_EQ(Listed(SystemOf("organizations/D"), 0, 1000), (std::vector<uint64_t>{0, 10}));
  EXPECT_EQ(Listed(SystemOf("organizations/C"), 0, 1000), (std::vector<uint64_t>{0, 10}));
  EXPECT_EQ(Listed(SystemOf("organizations/AB"), 0, 1000), (std::vector<uint64_t>{0}));
  EXPECT_EQ(EntryRefusal(SystemOf("organizations/D"), 10), "");
  EXPECT_EQ(EntryRefusal(SystemOf("organizations/A"), 10), "ENTRY_NOT_YOURS");
  EXPECT_EQ(EntryRefusal(SystemOf("organizations/A"), 600), "ENTRY_INDEX");
}

TEST_F(LedgerServiceTest, PagesJoinWithoutGapOrRepetition) {
  std::vector<uint64_t> all;
  for (next_ = 0; next_ < 600;) {
    const auto page = Listed(PersonWith("auditor"), next_, 77);
    ASSERT_LE(page.size(), 77u);
    all.insert(all.end(), page.begin(), page.end());
  }
  ASSERT_EQ(all.size(), 600u);
  for (uint64_t i = 0; i < 600; ++i) EXPECT_EQ(all[i], i);
  EXPECT_TRUE(Listed(PersonWith("auditor"), 10'000, 5).empty());
}

TEST_F(LedgerServiceTest, AnEntryIsReturnedAsHashed) {
  v1::GetEntryRequest request;
  request.set_index(7);
  const auto entry = service_.GetEntry(SystemOf("organizations/B"), request);
  ASSERT_TRUE(entry.ok()) << entry.status();
  EXPECT_EQ(DigestOf(entry->leaf_hash()), LeafHash(entry->entry()));
  EXPECT_EQ(entry->decoded().SerializeAsString(), entry->entry());
  EXPECT_EQ(entry->decoded().exchange().matter(), "case-7");
}

}  // namespace
}  // namespace zhanqiao::ledger
