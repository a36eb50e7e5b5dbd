// Counts releases and refusals from the ledger's entries alone, to hold the hub's roll-ups against.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "zhanqiao/v1/ledger.pb.h"
#include "zhanqiao/v1/oversight.pb.h"

namespace zhanqiao::cli {

// Entries are added in the order of the log. Not thread-safe.
class Recount {
 public:
  // What the roll-ups are asked by. The provider of a refusal stands in no entry, so it is not compared.
  static constexpr v1::SharingKey kKeys[] = {v1::SHARING_KEY_DAY,      v1::SHARING_KEY_CONSUMER, v1::SHARING_KEY_PROVIDER,
                                             v1::SHARING_KEY_RESOURCE, v1::SHARING_KEY_PURPOSE,  v1::SHARING_KEY_REASON};

  // An entry as stored. DATA_LOSS / LEDGER_ENTRY_MALFORMED.
  absl::Status Add(std::string_view entry);

  // What differs, each in one line; empty: every sum is the same.
  std::vector<std::string> Differences(const v1::Sharing& told) const;

  uint64_t releases() const { return releases_; }
  uint64_t refusals() const { return refusals_; }
  size_t cells() const { return Counted().size(); }

 private:
  struct Sums {
    uint64_t count = 0;
    uint64_t rows = 0;
    uint64_t bytes = 0;
    bool operator==(const Sums&) const = default;
  };
  using Cell = std::vector<std::string>;  // day, consumer, provider, resource, grant or purpose, reason
  // With grants turned into the purposes their events told.
  std::map<Cell, Sums> Counted() const;

  std::map<Cell, Sums> by_grant_;
  absl::flat_hash_map<std::string, std::string> purposes_;  // by grant
  uint64_t releases_ = 0;
  uint64_t refusals_ = 0;
};

}  // namespace zhanqiao::cli
