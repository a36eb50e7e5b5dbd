// Entries of every kind a hub writes, drawn from a seed: for property tests and for the bench.
#pragma once

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/storage/pipeline.h"
#include "hub/ledger/index/terms.h"
#include "hub/ledger/subject_keys.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {

// Not thread-safe; equal seeds give equal entries.
class RandomEntries {
 public:
  struct Options {
    int organizations = 60;
    int systems = 300;
    int resources = 500;
    int grants = 2000;
    int persons = 200'000;
    int refused_percent = 5;
    int other_percent = 1;  // grant events
  };
  explicit RandomEntries(uint64_t seed) : RandomEntries(seed, Options()) {}
  RandomEntries(uint64_t seed, Options options) : options_(options), random_(seed), key_(32, 'k') {}

  std::string System(int number) const {
    return absl::StrCat("organizations/37020", number % options_.organizations, "-BM/systems/system-",
                        number);
  }
  std::string Resource(int number) const { return absl::StrCat("resources/308001370200~", 100000 + number); }
  std::string Provider(int resource) const {
    return absl::StrCat("organizations/37020", resource % options_.organizations, "-BM");
  }
  std::string Grant(int number) const { return absl::StrCat("grants/01jd0000000000000000", 100000 + number); }
  std::string Person(int number) const { return absl::StrCat("37020019700101", 100000 + number); }
  const std::string& key() const { return key_; }

  storage::LogRecord Next() {
    v1::LedgerEntry entry;
    v1::EntrySecret secret;
    entry.set_version(1);
    const int grant = Below(options_.grants);
    const int resource = grant % options_.resources;
    const std::string consumer = System(grant % options_.systems);
    entry.set_actor(consumer);
    entry.set_trace(absl::StrCat("trace-", absl::Hex(random_(), absl::kZeroPad16)));
    const int kind = Below(100);
    if (kind < options_.refused_percent) {
      Refusal(*entry.mutable_denial(), consumer, grant, resource);
    } else if (kind < options_.refused_percent + options_.other_percent) {
      Move(entry, consumer, grant, resource);
    } else {
      Release(*entry.mutable_exchange(), consumer, grant, resource);
      secret.add_subjects(SubjectToken(key_, Person(Below(options_.persons))));
    }
    secret.set_seed(Noise());
    return {entry.SerializeAsString(), secret.SerializeAsString()};
  }

 private:
  int Below(int bound) { return static_cast<int>(random_() % static_cast<uint64_t>(bound)); }
  std::string Noise() {
    std::string bytes;
    for (int i = 0; i < 4; ++i) bytes += storage::BigEndian(random_());
    return bytes;
  }
  void Refusal(v1::Denial& denial, const std::string& consumer, int grant, int resource) {
    constexpr const char* kReasons[] = {"FIELD_NOT_GRANTED", "GRANT_NOT_ACTIVE", "QUOTA_EXCEEDED",
                                        "CONNECTOR_UNAVAILABLE"};
    const int reason = Below(4);
    denial.set_link(reason == 3 ? "connector" : "grant");
    denial.set_reason(kReasons[reason]);
    denial.set_code(7);
    denial.set_method("/zhanqiao.v1.ExchangeService/Query");
    denial.set_grant(Grant(grant));
    denial.set_consumer(consumer);
    denial.set_resource(Resource(resource));
    denial.add_fields("name");
    denial.set_matter(absl::StrCat("matter-", Below(1 << 30)));
    denial.set_count(1);
    denial.set_request_commitment(Noise());
  }
  void Move(v1::LedgerEntry& entry, const std::string& consumer, int grant, int resource) {
    constexpr const char* kVerbs[] = {"submitted", "proposed", "approved", "revoked"};
    entry.set_actor(absl::StrCat(Provider(resource), "/persons/approver-", Below(3)));
    auto& event = *entry.mutable_grant_event();
    event.set_grant(Grant(grant));
    event.set_revision(static_cast<uint64_t>(Below(9) + 1));
    event.set_verb(kVerbs[Below(4)]);
    event.set_consumer(consumer);
    event.set_resource(Resource(resource));
    event.add_fields("name");
    event.add_masks(v1::MASK_NAME);
    event.set_commitment(Noise());
  }
  void Release(v1::Exchange& exchange, const std::string& consumer, int grant, int resource) {
    exchange.set_grant(Grant(grant));
    exchange.set_grant_revision(4);
    exchange.set_grant_index(static_cast<uint64_t>(grant) * 5 + 1);
    exchange.set_consumer(consumer);
    exchange.set_provider(Provider(resource));
    exchange.set_resource(Resource(resource));
    exchange.set_connector(absl::StrCat(Provider(resource), "/connectors/main"));
    for (const char* field : {"id_number", "name", "address"}) {
      exchange.add_fields(field);
      exchange.add_masks(v1::MASK_NAME);
    }
    exchange.set_rows(static_cast<uint32_t>(Below(5)));
    exchange.set_request_bytes(180);
    exchange.set_released_bytes(static_cast<uint32_t>(200 + Below(800)));
    exchange.set_request_commitment(Noise());
    exchange.set_answer_commitment(Noise());
    exchange.set_released_commitment(Noise());
    exchange.set_subjects_commitment(Noise());
    exchange.set_matter(absl::StrCat("matter-", Below(1 << 30)));
    exchange.set_queue_us(static_cast<uint32_t>(Below(200)));
    exchange.set_connector_us(static_cast<uint32_t>(Below(5000)));
  }

  const Options options_;
  std::mt19937_64 random_;
  const std::string key_;
};

}  // namespace zhanqiao::ledger
