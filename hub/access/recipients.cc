#include "hub/access/recipients.h"

#include <set>

#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/ledger/index/terms.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {

RecipientsOf RecipientsByLedger(const ledger::Index& index, const ledger::Entries& entries,
                                const ledger::SubjectKeys& subjects) {
  return [&](std::string_view resource, std::string_view id_number,
             absl::Time deadline) -> absl::StatusOr<std::vector<std::string>> {
    ledger::IndexQuery query;
    ledger::Clause tokens;
    for (const std::string& token : subjects.TokensOf(id_number)) {
      tokens.any_of.push_back(ledger::Term(ledger::IndexField::kSubject, token));
    }
    if (tokens.any_of.empty()) return std::vector<std::string>();
    query.all_of.push_back(std::move(tokens));
    query.all_of.push_back({{ledger::Term(ledger::IndexField::kResource, resource)}});
    query.all_of.push_back({{ledger::Term(ledger::IndexField::kOutcome, "released")}});
    std::set<std::string> organizations;
    absl::Status broken;
    index.Snapshot(deadline).Walk(query, std::nullopt, [&](uint64_t at) {
      const auto bytes = entries.Entry(at);
      // An entry that was retired to its archive, or is gone, names nobody any more.
      v1::LedgerEntry entry;
      if (!bytes.ok()) {
        broken = bytes.status();
      } else if (entry.ParseFromString(*bytes)) {
        organizations.insert(OrganizationOf(entry.exchange().consumer()));
      }
      return broken.ok();
    });
    TRY(broken);
    return std::vector<std::string>(organizations.begin(), organizations.end());
  };
}

}  // namespace zhanqiao::access
