// The accounts of persons in the store: one row each under Table::kMeta "accounts/{person}" (account_row.proto), apart from
// the documents, so that neither a person's history nor the ledger ever shows a hash.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "catalog/base/clock.h"
#include "catalog/storage/pipeline.h"
#include "hub/access/account_key.h"
#include "zhanqiao/v1/account.pb.h"
#include "zhanqiao/v1/account_row.pb.h"

namespace zhanqiao::access {

// An account as read.
struct HeldAccount {
  std::string person;
  v1::AccountRow row;
  v1::AccountSecrets secrets;
};

// What may be told of it.
v1::Account ToAccount(const HeldAccount& held, absl::Time now);

// Thread-safe; writes block until durable: never on the commit thread or an edge thread.
class AccountStore {
 public:
  // All outlive it.
  AccountStore(const storage::Store& store, storage::CommitPipeline& pipeline, const AccountKey& key)
      : store_(store), pipeline_(pipeline), key_(key) {}

  // True if `reader` holds any account: then its key must be there.
  static absl::StatusOr<bool> Any(const storage::Reader& reader);

  // NOT_FOUND / ACCOUNT_NOT_FOUND; DATA_LOSS / ACCOUNT_SEAL_BROKEN.
  absl::StatusOr<HeldAccount> Get(std::string_view person) const;

  // Persons with an account below `prefix` ("organizations/", "organizations/{code}/"), after `after`, at most `limit`.
  absl::StatusOr<std::vector<HeldAccount>> List(std::string_view prefix, std::string_view after, int limit) const;

  // Whose account the identity provider's `subject` opens; empty: nobody's.
  absl::StatusOr<std::string> PersonOf(std::string_view oidc_subject) const;

  // ALREADY_EXISTS / ACCOUNT_EXISTS. `commit` brings the entries that go with it.
  absl::Status Create(HeldAccount held, storage::Commit commit);

  // Reads the account, lets `change` alter it and fill the commit (entries, further rows), and writes both if nobody changed
  // the account in between; else does it all again, at most a few times (ABORTED / ACCOUNT_BUSY). What `change` returns
  // other than OK ends it unwritten. `applied` of the commit is `change`'s to set.
  absl::StatusOr<HeldAccount> Change(std::string_view person,
                                     absl::FunctionRef<absl::Status(HeldAccount&, storage::Commit&)> change);

  // Adds to `commit` that `subject` opens this account and `before` no longer does (either may be empty). The commit then
  // fails if another account has `subject`.
  static void LinkSubject(storage::Commit& commit, std::string_view person, std::string_view before, std::string_view subject);

 private:
  absl::StatusOr<HeldAccount> Opened(std::string_view person, std::string_view bytes) const;
  std::string Closed(const HeldAccount& held) const;

  const storage::Store& store_;
  storage::CommitPipeline& pipeline_;
  const AccountKey& key_;
};

}  // namespace zhanqiao::access
