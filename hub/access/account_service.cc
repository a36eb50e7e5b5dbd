#include "hub/access/account_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"

namespace zhanqiao::access {
namespace {

constexpr size_t kReasonMax = 500;
constexpr size_t kSubjectMax = 255;  // OpenID Connect Core 1.0 section 2: `sub`

absl::Status CheckPersonName(std::string_view name, std::string_view field) {
  if (IsSubjectName(name, "persons")) return absl::OkStatus();
  return BadField("NAME_INVALID", field, "Not a name of the right form; give organizations/{code}/persons/{id}.");
}

absl::Status RequireSecurity(const Caller& caller) {
  return HoldsAny(caller, {"security_admin"}) ? absl::OkStatus() : RoleRequired("security_admin");
}

absl::Status CheckSubject(std::string_view subject) {
  const bool printable = std::all_of(subject.begin(), subject.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (printable && subject.size() <= kSubjectMax) return absl::OkStatus();
  return BadField("OIDC_SUBJECT_INVALID", "subject", "Give the provider's identifier: at most 255 printable ASCII characters.");
}

}  // namespace

AccountService::AccountService(Parts parts, AccountOptions options)
    : parts_(parts), options_(std::move(options)), hasher_(options_.cost), limits_(parts.clock, options_.limits) {}

bool AccountService::Active(std::string_view person) const {
  const auto version = parts_.documents.Get(person);
  if (!version.ok()) return false;
  const auto document = version->As<v1::Person>();
  return document.ok() && document->state() == v1::REGISTRATION_STATE_ACTIVE;
}

v1::LedgerEntry AccountService::Entry(const Caller& caller, std::string_view actor) const {
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(actor.empty() ? "hub" : std::string(actor));
  entry.set_trace(caller.trace);
  return entry;
}

storage::LogRecord AccountService::EventOf(const Caller& caller, std::string_view person, std::string_view verb,
                                           std::string_view reason, std::string_view session, absl::Time until) const {
  v1::LedgerEntry entry = Entry(caller, caller.subject.empty() ? person : std::string_view(caller.subject));
  v1::AccountEvent& event = *entry.mutable_account_event();
  event.set_person(std::string(person));
  event.set_verb(std::string(verb));
  event.set_reason(std::string(reason));
  event.set_session(std::string(session));
  event.set_until_us(static_cast<uint64_t>(absl::ToUnixMicros(until)));
  return {entry.SerializeAsString(), {}};
}

storage::Commit AccountService::Ending(const Caller& caller, std::string_view person, std::string_view except,
                                       std::string_view reason) const {
  storage::Commit ending;
  for (const auto& row : parts_.sessions.EndAll(person, except, ending)) {
    ending.records.push_back(EventOf(caller, person, "session-revoked", reason, row.id()));
  }
  return ending;
}

void AccountService::Append(const storage::Commit& from, storage::Commit& to) {
  to.records.insert(to.records.end(), from.records.begin(), from.records.end());
  for (const auto& write : from.writes.writes()) to.writes.writes().push_back(write);
}

absl::Status AccountService::CheckNewPassword(std::string_view person, std::string_view password, std::string_view field) const {
  std::vector<std::string> personal = absl::StrSplit(Absl(person), '/');  // organizations, code, persons, id
  const auto version = parts_.documents.Get(person);
  if (version.ok()) {
    if (const auto document = version->As<v1::Person>(); document.ok()) personal.push_back(document->display_name());
  }
  return CheckPassword(options_.password, password, personal, field);
}

absl::StatusOr<std::string> AccountService::Issue(HeldAccount& held) const {
  // Nearly 100 random bits in groups of five letters and digits that nobody confuses; x stands for two values.
  constexpr std::string_view kLetters = "abcdefghjkmnpqrstuvwxyz23456789x";
  std::string bytes(20, '\0');
  parts_.random.Fill(bytes.data(), bytes.size());
  std::string password;
  for (size_t i = 0; i < bytes.size(); ++i) {
    if (i > 0 && i % 5 == 0) password += '-';
    password += kLetters[static_cast<unsigned char>(bytes[i]) & 31];
  }
  held.secrets.Clear();
  held.secrets.set_password_hash(TRY(hasher_.Hash(password)));
  held.row.set_password_initial(true);
  held.row.set_password_time_us(absl::ToUnixMicros(parts_.clock.Now()));
  held.row.set_totp(false);
  held.row.set_failed_tries(0);
  held.row.set_locked_until_us(0);
  return password;
}

absl::StatusOr<v1::IssuedAccount> AccountService::CreateAccount(const Caller& caller, const v1::CreateAccountRequest& request) {
  TRY(RequireSecurity(caller));
  TRY(CheckPersonName(request.person(), "person"));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  const auto version = parts_.documents.Get(request.person());
  if (!version.ok() || !version->As<v1::Person>().ok()) {
    return BadField("PERSON_UNKNOWN", "person", "No such person is registered; register the person first.");
  }
  HeldAccount held;
  held.person = request.person();
  held.row.set_create_time_us(absl::ToUnixMicros(parts_.clock.Now()));
  v1::IssuedAccount issued;
  issued.set_initial_password(TRY(Issue(held)));
  storage::Commit commit;
  commit.records.push_back(EventOf(caller, held.person, "created", request.reason()));
  *issued.mutable_account() = ToAccount(held, parts_.clock.Now());
  TRY(parts_.accounts.Create(std::move(held), std::move(commit)));
  return issued;
}

absl::StatusOr<v1::Account> AccountService::GetAccount(const Caller& caller, const v1::GetAccountRequest& request) {
  TRY(CheckPersonName(request.person(), "person"));
  if (!HoldsAny(caller, {"security_admin", "auditor"}) && caller.subject != request.person()) {
    return RoleRequired("security_admin, auditor, or the person");
  }
  const HeldAccount held = TRY(parts_.accounts.Get(request.person()));
  return ToAccount(held, parts_.clock.Now());
}

absl::StatusOr<v1::ListAccountsResponse> AccountService::ListAccounts(const Caller& caller,
                                                                      const v1::ListAccountsRequest& request) {
  if (!HoldsAny(caller, {"security_admin", "auditor"})) return RoleRequired("security_admin, auditor");
  constexpr std::string_view kPrefix = "organizations/";
  const std::string_view parent = request.parent();
  const std::string_view code = parent.substr(std::min(kPrefix.size(), parent.size()));
  if (parent.substr(0, kPrefix.size()) != kPrefix || (code != "-" && !IsOrganizationCode(code))) {
    return BadField("NAME_INVALID", "parent", "Not a name of the right form; give organizations/{code} or organizations/-.");
  }
  const int size = TRY(PageSize(request.page_size()));
  if (!request.page_token().empty() && !IsSubjectName(request.page_token(), "persons")) {
    return BadField("PAGE_TOKEN_INVALID", "page_token", "Send the next_page_token of the previous response, or nothing.");
  }
  const std::string prefix = code == "-" ? std::string(kPrefix) : absl::StrCat(Absl(parent), "/");
  const auto accounts = TRY(parts_.accounts.List(prefix, request.page_token(), size));
  v1::ListAccountsResponse response;
  for (const HeldAccount& held : accounts) *response.add_accounts() = ToAccount(held, parts_.clock.Now());
  if (accounts.size() == static_cast<size_t>(size)) response.set_next_page_token(accounts.back().person);
  return response;
}

absl::StatusOr<v1::IssuedAccount> AccountService::ResetAccount(const Caller& caller, const v1::ResetAccountRequest& request) {
  TRY(RequireSecurity(caller));
  TRY(CheckPersonName(request.person(), "person"));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  HeldAccount fresh;
  v1::IssuedAccount issued;
  issued.set_initial_password(TRY(Issue(fresh)));
  const storage::Commit ending = Ending(caller, request.person(), "", request.reason());
  const HeldAccount held = TRY(parts_.accounts.Change(request.person(), [&](HeldAccount& account, storage::Commit& commit) {
    account.secrets = fresh.secrets;
    account.row.set_password_initial(true);
    account.row.set_password_time_us(fresh.row.password_time_us());
    account.row.set_totp(false);
    account.row.set_failed_tries(0);
    account.row.set_locked_until_us(0);
    commit.records.push_back(EventOf(caller, account.person, "reset", request.reason()));
    Append(ending, commit);
    return absl::OkStatus();
  }));
  *issued.mutable_account() = ToAccount(held, parts_.clock.Now());
  return issued;
}

absl::StatusOr<v1::Account> AccountService::UnlockAccount(const Caller& caller, const v1::UnlockAccountRequest& request) {
  TRY(RequireSecurity(caller));
  TRY(CheckPersonName(request.person(), "person"));
  TRY(CheckText("reason", request.reason(), kReasonMax, true));
  const HeldAccount held = TRY(parts_.accounts.Change(request.person(), [&](HeldAccount& account, storage::Commit& commit) {
    account.row.set_failed_tries(0);
    account.row.set_locked_until_us(0);
    commit.records.push_back(EventOf(caller, account.person, "unlocked", request.reason()));
    return absl::OkStatus();
  }));
  return ToAccount(held, parts_.clock.Now());
}

absl::StatusOr<v1::Account> AccountService::LinkOidcSubject(const Caller& caller, const v1::LinkOidcSubjectRequest& request) {
  TRY(RequireSecurity(caller));
  TRY(CheckPersonName(request.person(), "person"));
  TRY(CheckSubject(request.subject()));
  TRY(CheckText("reason", request.reason(), kReasonMax, false));
  const auto held = parts_.accounts.Change(request.person(), [&](HeldAccount& account, storage::Commit& commit) {
    AccountStore::LinkSubject(commit, account.person, account.row.oidc_subject(), request.subject());
    account.row.set_oidc_subject(request.subject());
    commit.records.push_back(
        EventOf(caller, account.person, request.subject().empty() ? "oidc-unlinked" : "oidc-linked", request.reason()));
    return absl::OkStatus();
  });
  if (ReasonOf(held.status()) == "PRECONDITION_FAILED") {
    return Fail(absl::StatusCode::kAlreadyExists, "OIDC_SUBJECT_TAKEN", "Another account has this subject; unlink it there first.",
                {{"field", "subject"}});
  }
  TRY(held.status());
  return ToAccount(*held, parts_.clock.Now());
}

}  // namespace zhanqiao::access
