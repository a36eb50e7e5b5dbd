#include "hub/access/account_store.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao::access {
namespace {

using storage::Table;

constexpr std::string_view kAccounts = "accounts/";
constexpr std::string_view kSubjects = "accountSubjects/";  // + SHA-256 of the provider's subject, hex: the person
constexpr int kTries = 8;

std::string KeyOf(std::string_view person) { return absl::StrCat(Absl(kAccounts), Absl(person)); }
std::string SubjectKey(std::string_view subject) { return absl::StrCat(Absl(kSubjects), ToHex(Bytes(Sha256(subject)))); }

absl::Status NotFound(std::string_view person) {
  return Fail(absl::StatusCode::kNotFound, "ACCOUNT_NOT_FOUND",
              "The person has no account; the security administrator opens one.", {{"person", std::string(person)}});
}

void SetTime(int64_t micros, google::protobuf::Timestamp* into) {
  into->set_seconds(micros / 1'000'000);
  into->set_nanos(static_cast<int32_t>(micros % 1'000'000 * 1000));
}

}  // namespace

v1::Account ToAccount(const HeldAccount& held, absl::Time now) {
  v1::Account account;
  account.set_person(held.person);
  account.set_password_initial(held.row.password_initial());
  account.set_totp(held.row.totp());
  account.set_oidc_subject(held.row.oidc_subject());
  account.set_failed_tries(held.row.failed_tries());
  if (held.row.locked_until_us() > absl::ToUnixMicros(now)) SetTime(held.row.locked_until_us(), account.mutable_locked_until());
  SetTime(held.row.create_time_us(), account.mutable_create_time());
  SetTime(held.row.password_time_us(), account.mutable_password_time());
  if (held.row.sign_in_time_us() != 0) SetTime(held.row.sign_in_time_us(), account.mutable_sign_in_time());
  return account;
}

absl::StatusOr<bool> AccountStore::Any(const storage::Reader& reader) {
  bool any = false;
  TRY(reader.Scan(Table::kMeta, kAccounts, storage::PrefixEnd(kAccounts), [&](std::string_view, std::string_view) {
    any = true;
    return false;
  }));
  return any;
}

absl::StatusOr<HeldAccount> AccountStore::Opened(std::string_view person, std::string_view bytes) const {
  HeldAccount held;
  held.person = std::string(person);
  if (!held.row.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
    return Fail(absl::StatusCode::kDataLoss, "ACCOUNT_ROW_MALFORMED", "The row of an account is not in its form; restore the store.",
                {{"link", std::string(kLinkHub)}, {"person", held.person}});
  }
  const std::string plain = TRY(key_.Open(held.row.sealed(), person));
  held.secrets.ParseFromString(plain);
  return held;
}

std::string AccountStore::Closed(const HeldAccount& held) const {
  v1::AccountRow row = held.row;
  row.set_sealed(key_.Seal(held.secrets.SerializeAsString(), held.person));
  return row.SerializeAsString();
}

absl::StatusOr<HeldAccount> AccountStore::Get(std::string_view person) const {
  const auto bytes = TRY(store_.Get(Table::kMeta, KeyOf(person)));
  if (!bytes) return NotFound(person);
  return Opened(person, *bytes);
}

absl::StatusOr<std::vector<HeldAccount>> AccountStore::List(std::string_view prefix, std::string_view after, int limit) const {
  std::vector<HeldAccount> accounts;
  absl::Status broken;
  const std::string all = KeyOf(prefix);
  const std::string from = after.empty() ? all : KeyOf(after) + '\0';
  TRY(store_.Scan(Table::kMeta, from, storage::PrefixEnd(all), [&](std::string_view key, std::string_view bytes) {
    auto held = Opened(key.substr(kAccounts.size()), bytes);
    if (held.ok()) {
      accounts.push_back(*std::move(held));
    } else {
      broken = held.status();
    }
    return broken.ok() && accounts.size() < static_cast<size_t>(limit);
  }));
  TRY(broken);
  return accounts;
}

absl::StatusOr<std::string> AccountStore::PersonOf(std::string_view oidc_subject) const {
  const auto person = TRY(store_.Get(Table::kMeta, SubjectKey(oidc_subject)));
  return person.value_or("");
}

absl::Status AccountStore::Create(HeldAccount held, storage::Commit commit) {
  const std::string key = KeyOf(held.person);
  commit.preconditions.push_back({Table::kMeta, key, std::nullopt});
  commit.writes.Put(Table::kMeta, key, Closed(held));
  const absl::Status status = pipeline_.Run(std::move(commit)).status();
  if (ReasonOf(status) != "PRECONDITION_FAILED") return status;
  return Fail(absl::StatusCode::kAlreadyExists, "ACCOUNT_EXISTS", "The person has an account; reset it to give a new password.",
              {{"person", held.person}});
}

absl::StatusOr<HeldAccount> AccountStore::Change(std::string_view person,
                                                 absl::FunctionRef<absl::Status(HeldAccount&, storage::Commit&)> change) {
  const std::string key = KeyOf(person);
  for (int i = 0; i < kTries; ++i) {
    const auto bytes = TRY(store_.Get(Table::kMeta, key));
    if (!bytes) return NotFound(person);
    HeldAccount held = TRY(Opened(person, *bytes));
    storage::Commit commit;
    TRY(change(held, commit));
    // First, so that the position of another that fails tells what it was.
    commit.preconditions.insert(commit.preconditions.begin(), {Table::kMeta, key, *bytes});
    commit.writes.Put(Table::kMeta, key, Closed(held));
    const absl::Status status = pipeline_.Run(std::move(commit)).status();
    if (status.ok()) return held;
    if (ReasonOf(status) != "PRECONDITION_FAILED" || FactOf(status, "precondition") != "0") return status;
  }
  return Fail(absl::StatusCode::kAborted, "ACCOUNT_BUSY", "The account is being changed by others; try again.",
              {{"link", std::string(kLinkHub)}});
}

void AccountStore::LinkSubject(storage::Commit& commit, std::string_view person, std::string_view before, std::string_view subject) {
  if (before == subject) return;
  if (!before.empty()) commit.writes.Delete(Table::kMeta, SubjectKey(before));
  if (subject.empty()) return;
  commit.preconditions.push_back({Table::kMeta, SubjectKey(subject), std::nullopt});
  commit.writes.Put(Table::kMeta, SubjectKey(subject), std::string(person));
}

}  // namespace zhanqiao::access
