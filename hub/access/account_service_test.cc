#include "hub/access/account_service.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <thread>

#include "hub/access/test_accounts.h"
#include "hub/access/totp.h"

namespace zhanqiao::access {
namespace {

using ::testing::Contains;
using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class AccountServiceTest : public ::testing::Test, protected TestAccounts {
 protected:
  std::string Refusal(const absl::StatusOr<v1::SignInResponse>& response) { return ReasonOf(response.status()); }
  void FailTimes(int times, const std::string& person = kClerk) {
    for (int i = 0; i < times; ++i) EXPECT_EQ(Refusal(SignIn(person, "wrong wrong wrong")), "SIGN_IN_REFUSED");
  }
  // The raw secret of a confirmed enrolment.
  std::string Enrolled(const Caller& caller) {
    v1::EnrolTotpRequest enrol;
    enrol.set_password(kGoodPassword);
    EXPECT_TRUE(people->EnrolTotp(caller, enrol).ok());
    const std::string secret = accounts.Get(caller.subject)->secrets.totp_pending();
    v1::ConfirmTotpRequest confirm;
    confirm.set_totp(TotpCode(secret, TotpStep(clock.Now())));
    EXPECT_TRUE(people->ConfirmTotp(caller, confirm).ok());
    return secret;
  }
};

TEST_F(AccountServiceTest, AnInitialPasswordOpensOnlyTogetherWithANewOne) {
  const std::string initial = Open(kClerk);
  EXPECT_EQ(Refusal(SignIn(kClerk, initial)), "PASSWORD_CHANGE_REQUIRED");
  auto request = Asking(kClerk, initial);
  request.set_new_password("password12345");
  EXPECT_EQ(Refusal(people->SignIn(Nobody(), request)), "PASSWORD_WEAK");
  request.set_new_password(initial);
  EXPECT_EQ(Refusal(people->SignIn(Nobody(), request)), "PASSWORD_WEAK");
  request.set_new_password(kGoodPassword);
  ASSERT_TRUE(people->SignIn(Nobody(), request).ok());
  EXPECT_EQ(Refusal(SignIn(kClerk, initial)), "SIGN_IN_REFUSED");
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());
  EXPECT_EQ(Refusal(people->SignIn(Nobody(), request)), "SIGN_IN_REFUSED");
  EXPECT_THAT(AccountVerbs(), ElementsAre("created", "password-changed"));
}

TEST_F(AccountServiceTest, ASessionActsAsItsPersonUntilItIsSignedOut) {
  OpenFully(kClerk);
  const auto begun = SignIn("370200-GAJ/clerk", kGoodPassword);
  ASSERT_TRUE(begun.ok()) << begun.status();
  const Caller caller = As(begun->token());
  EXPECT_EQ(caller.subject, kClerk);
  EXPECT_THAT(caller.roles, ElementsAre("org_clerk"));
  EXPECT_EQ(caller.session, begun->session().id());
  EXPECT_EQ(people->GetSession(caller, {})->method(), "password");
  ASSERT_TRUE(people->SignOut(caller, {}).ok());
  EXPECT_EQ(ReasonOf(Comes(begun->token()).status()), "SESSION_UNKNOWN");
  EXPECT_EQ(Entries().back().account_event().verb(), "signed-out");
  EXPECT_EQ(Entries().back().account_event().session(), begun->session().id());
}

TEST_F(AccountServiceTest, EveryTryIsAnEntryAndNoneTellsWhatWasWrong) {
  OpenFully(kClerk);
  const auto wrong = SignIn(kClerk, "wrong wrong wrong").status();
  const auto unknown = SignIn("370200-GAJ/nobody", "wrong wrong wrong").status();
  const auto without = SignIn(kApprover, "wrong wrong wrong").status();
  const auto nonsense = SignIn("my password typed here", "x").status();
  for (const auto& status : {unknown, without, nonsense}) {
    EXPECT_EQ(status.code(), wrong.code());
    EXPECT_EQ(status.message(), wrong.message());
    EXPECT_EQ(ToDetails(status), ToDetails(wrong));
  }
  EXPECT_THAT(SignInsRefused(), ElementsAre("PASSWORD_WRONG", "ACCOUNT_UNKNOWN", "ACCOUNT_UNKNOWN", "ACCOUNT_UNKNOWN"));
  for (const auto& entry : Entries()) {
    EXPECT_THAT(entry.ShortDebugString(), Not(HasSubstr("typed here")));
    if (entry.has_sign_in()) {
      EXPECT_EQ(entry.sign_in().address(), "192.0.2.1");
    }
  }
}

TEST_F(AccountServiceTest, TheFifthFailureLocksForHalfAnHour) {
  OpenFully(kClerk);
  FailTimes(4);
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());  // a success forgives
  FailTimes(5);
  EXPECT_EQ(AccountVerbs().back(), "locked");
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "SIGN_IN_REFUSED");
  EXPECT_EQ(SignInsRefused().back(), "ACCOUNT_LOCKED");
  EXPECT_TRUE(people->GetAccount(security_admin(), [] {
    v1::GetAccountRequest request;
    request.set_person(kClerk);
    return request;
  }())->has_locked_until());
  clock.Advance(absl::Minutes(30) - absl::Seconds(1));
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "SIGN_IN_REFUSED");
  clock.Advance(absl::Seconds(1));
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());
}

TEST_F(AccountServiceTest, ALockSurvivesARestart) {
  OpenFully(kClerk);
  FailTimes(5);
  AccountStore again(store, pipeline, *key);
  EXPECT_GT(again.Get(kClerk)->row.locked_until_us(), absl::ToUnixMicros(clock.Now()));
}

TEST_F(AccountServiceTest, TheSecurityAdministratorUnlocks) {
  OpenFully(kClerk);
  FailTimes(5);
  v1::UnlockAccountRequest request;
  request.set_person(kClerk);
  EXPECT_EQ(ReasonOf(people->UnlockAccount(security_admin(), request).status()), "TEXT_REQUIRED");
  request.set_reason("called and was recognised");
  EXPECT_EQ(ReasonOf(people->UnlockAccount(office(), request).status()), "ROLE_REQUIRED");
  ASSERT_TRUE(people->UnlockAccount(security_admin(), request).ok());
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());
  EXPECT_THAT(AccountVerbs(), Contains("unlocked"));
}

TEST_F(AccountServiceTest, ManyTriesAtOnceCountAsMany) {
  OpenFully(kClerk);
  std::vector<std::thread> tries;
  for (int i = 0; i < 8; ++i) tries.emplace_back([this] { SignIn(kClerk, "wrong wrong wrong").IgnoreError(); });
  for (auto& one : tries) one.join();
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "SIGN_IN_REFUSED");
  EXPECT_EQ(SignInsRefused().size(), 9u);
  int locks = 0;
  for (const auto& verb : AccountVerbs()) locks += verb == "locked" ? 1 : 0;
  EXPECT_EQ(locks, 1);
}

TEST_F(AccountServiceTest, ANetworkThatFailsTooOftenWaits) {
  OpenFully(kClerk);
  for (int i = 0; i < 30; ++i) SignIn(absl::StrCat("370200-GAJ/guess", i), "wrong wrong wrong").IgnoreError();
  const auto status = SignIn(kClerk, kGoodPassword).status();
  EXPECT_EQ(ReasonOf(status), "SIGN_IN_TOO_OFTEN");
  EXPECT_FALSE(FactOf(status, "ledger_index").empty());
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword, "", "192.0.2.2:1").ok());
  clock.Advance(absl::Minutes(10));
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());
}

TEST_F(AccountServiceTest, ADisabledPersonHasNoWayIn) {
  OpenFully(kClerk);
  const auto begun = SignIn(kClerk, kGoodPassword);
  Register(kClerk, {v1::ROLE_ORG_CLERK}, v1::REGISTRATION_STATE_DISABLED);
  EXPECT_EQ(ReasonOf(Comes(begun->token()).status()), "CALLER_DISABLED");
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "SIGN_IN_REFUSED");
  EXPECT_EQ(SignInsRefused().back(), "PERSON_DISABLED");
}

TEST_F(AccountServiceTest, CodesAreAskedForOnceConfirmedAndNeverTakenTwice) {
  OpenFully(kClerk);
  const Caller caller = As(SignIn(kClerk, kGoodPassword)->token());
  const std::string secret = Enrolled(caller);
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "TOTP_REQUIRED");
  // The code that confirmed is used up.
  const std::string confirming = TotpCode(secret, TotpStep(clock.Now()));
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword, confirming)), "SIGN_IN_REFUSED");
  clock.Advance(absl::Seconds(30));
  const std::string code = TotpCode(secret, TotpStep(clock.Now()));
  const auto begun = SignIn(kClerk, kGoodPassword, code);
  ASSERT_TRUE(begun.ok()) << begun.status();
  EXPECT_EQ(begun->session().method(), "password+totp");
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword, code)), "SIGN_IN_REFUSED");
  EXPECT_THAT(SignInsRefused(), ElementsAre("TOTP_REQUIRED", "TOTP_WRONG", "TOTP_WRONG"));
}

TEST_F(AccountServiceTest, WrongCodesLockAsWrongPasswordsDo) {
  OpenFully(kClerk);
  const std::string secret = Enrolled(As(SignIn(kClerk, kGoodPassword)->token()));
  for (int i = 0; i < 5; ++i) EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword, "000000x")), "SIGN_IN_REFUSED");
  clock.Advance(absl::Minutes(1));
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword, TotpCode(secret, TotpStep(clock.Now())))), "SIGN_IN_REFUSED");
  EXPECT_EQ(SignInsRefused().back(), "ACCOUNT_LOCKED");
}

TEST_F(AccountServiceTest, ANewEnrolmentWaitsForItsFirstCode) {
  OpenFully(kClerk);
  const Caller caller = As(SignIn(kClerk, kGoodPassword)->token());
  v1::ConfirmTotpRequest confirm;
  confirm.set_totp("000000");
  EXPECT_EQ(ReasonOf(people->ConfirmTotp(caller, confirm).status()), "TOTP_NOT_PENDING");
  v1::EnrolTotpRequest enrol;
  enrol.set_password("wrong wrong wrong");
  EXPECT_EQ(ReasonOf(people->EnrolTotp(caller, enrol).status()), "SIGN_IN_REFUSED");
  enrol.set_password(kGoodPassword);
  const auto enrolled = people->EnrolTotp(caller, enrol);
  ASSERT_TRUE(enrolled.ok()) << enrolled.status();
  EXPECT_THAT(enrolled->uri(), HasSubstr("otpauth://totp/zhanqiao%20qingdao:370200-GAJ%2Fclerk?secret=" + enrolled->secret()));
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());
}

TEST_F(AccountServiceTest, CodesGoWithPasswordAndCode) {
  OpenFully(kClerk);
  const Caller caller = As(SignIn(kClerk, kGoodPassword)->token());
  const std::string secret = Enrolled(caller);
  clock.Advance(absl::Seconds(30));
  v1::DisableTotpRequest request;
  request.set_password(kGoodPassword);
  request.set_totp("000000x");
  EXPECT_EQ(ReasonOf(people->DisableTotp(caller, request).status()), "SIGN_IN_REFUSED");
  request.set_totp(TotpCode(secret, TotpStep(clock.Now())));
  ASSERT_TRUE(people->DisableTotp(caller, request).ok());
  EXPECT_TRUE(SignIn(kClerk, kGoodPassword).ok());
  EXPECT_EQ(ReasonOf(people->DisableTotp(caller, request).status()), "TOTP_NOT_ENROLLED");
}

TEST_F(AccountServiceTest, ANewPasswordEndsTheOtherSessions) {
  OpenFully(kClerk);
  const std::string mine = SignIn(kClerk, kGoodPassword)->token();
  const std::string other = SignIn(kClerk, kGoodPassword)->token();
  v1::ChangePasswordRequest request;
  request.set_password("wrong wrong wrong");
  request.set_new_password("staple of another kind");
  EXPECT_EQ(ReasonOf(people->ChangePassword(As(mine), request).status()), "SIGN_IN_REFUSED");
  request.set_password(kGoodPassword);
  ASSERT_TRUE(people->ChangePassword(As(mine), request).ok());
  EXPECT_TRUE(Comes(mine).ok());
  EXPECT_EQ(ReasonOf(Comes(other).status()), "SESSION_UNKNOWN");
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "SIGN_IN_REFUSED");
  EXPECT_TRUE(SignIn(kClerk, "staple of another kind").ok());
}

TEST_F(AccountServiceTest, AResetLocksEverybodyElseOut) {
  OpenFully(kClerk);
  const std::string token = SignIn(kClerk, kGoodPassword)->token();
  Enrolled(As(token));
  v1::ResetAccountRequest request;
  request.set_person(kClerk);
  request.set_reason("telephone lost");
  EXPECT_EQ(ReasonOf(people->ResetAccount(office(), request).status()), "ROLE_REQUIRED");
  const auto issued = people->ResetAccount(security_admin(), request);
  ASSERT_TRUE(issued.ok()) << issued.status();
  EXPECT_FALSE(issued->account().totp());
  EXPECT_FALSE(Comes(token).ok());
  EXPECT_EQ(Refusal(SignIn(kClerk, kGoodPassword)), "SIGN_IN_REFUSED");
  EXPECT_EQ(Refusal(SignIn(kClerk, issued->initial_password())), "PASSWORD_CHANGE_REQUIRED");
}

TEST_F(AccountServiceTest, OthersEndASessionOnlyAsSecurityAdministrator) {
  OpenFully(kClerk);
  OpenFully(kApprover);
  const auto begun = SignIn(kClerk, kGoodPassword);
  v1::RevokeSessionRequest request;
  request.set_id(begun->session().id());
  const Caller approver = As(SignIn(kApprover, kGoodPassword)->token());
  EXPECT_EQ(ReasonOf(people->RevokeSession(approver, request).status()), "ROLE_REQUIRED");
  EXPECT_TRUE(Comes(begun->token()).ok());
  ASSERT_TRUE(people->RevokeSession(security_admin(), request).ok());
  EXPECT_FALSE(Comes(begun->token()).ok());
  EXPECT_EQ(ReasonOf(people->RevokeSession(security_admin(), request).status()), "SESSION_NOT_FOUND");
  v1::ListSessionsRequest list;
  list.set_person(kClerk);
  EXPECT_EQ(ReasonOf(people->ListSessions(approver, list).status()), "ROLE_REQUIRED");
  EXPECT_EQ(people->ListSessions(security_admin(), list)->sessions_size(), 0);
  EXPECT_EQ(people->ListSessions(approver, {})->sessions_size(), 1);
}

TEST_F(AccountServiceTest, AccountsAreOpenedForRegisteredPersonsOnce) {
  v1::CreateAccountRequest request;
  request.set_person("organizations/370200-GAJ/persons/stranger");
  EXPECT_EQ(ReasonOf(people->CreateAccount(security_admin(), request).status()), "PERSON_UNKNOWN");
  request.set_person(kClerk);
  EXPECT_EQ(ReasonOf(people->CreateAccount(clerk(), request).status()), "ROLE_REQUIRED");
  ASSERT_TRUE(people->CreateAccount(security_admin(), request).ok());
  EXPECT_EQ(ReasonOf(people->CreateAccount(security_admin(), request).status()), "ACCOUNT_EXISTS");
}

TEST_F(AccountServiceTest, AccountsAreListedInPages) {
  for (const char* person : {kClerk, kApprover, kSecurity}) Open(person);
  v1::ListAccountsRequest request;
  request.set_parent("organizations/-");
  request.set_page_size(2);
  EXPECT_EQ(ReasonOf(people->ListAccounts(office(), request).status()), "ROLE_REQUIRED");
  const auto first = people->ListAccounts(security_admin(), request);
  ASSERT_EQ(first->accounts_size(), 2);
  EXPECT_EQ(first->accounts(0).person(), kApprover);
  request.set_page_token(first->next_page_token());
  const auto second = people->ListAccounts(security_admin(), request);
  ASSERT_EQ(second->accounts_size(), 1);
  EXPECT_EQ(second->accounts(0).person(), kSecurity);
  request.set_page_token("");
  request.set_parent("organizations/370200-GAJ");
  EXPECT_EQ(people->ListAccounts(security_admin(), request)->accounts_size(), 2);
}

TEST_F(AccountServiceTest, NoSecretStandsInDocumentsOrLedgerOrOpenInTheStore) {
  OpenFully(kClerk);
  const std::string token = SignIn(kClerk, kGoodPassword)->token();
  const std::string secret = Enrolled(As(token));
  const std::string hash = accounts.Get(kClerk)->secrets.password_hash();
  int rows = 0;
  for (const auto table : {storage::Table::kMeta, storage::Table::kDocuments, storage::Table::kFeed, storage::Table::kEntries,
                           storage::Table::kTiles, storage::Table::kSalts}) {
    ASSERT_TRUE(store.Scan(table, "", "", [&](std::string_view key_of, std::string_view value) {
      const std::string row = absl::StrCat(Absl(key_of), Absl(value));
      for (const std::string& hidden : {token, secret, hash, std::string("$argon2id"), std::string(kGoodPassword)}) {
        EXPECT_THAT(row, Not(HasSubstr(hidden)));
      }
      ++rows;
      return true;
    }).ok());
  }
  EXPECT_GT(rows, 20);
}

TEST_F(AccountServiceTest, ADearerHashIsMadeAtTheNextSignIn) {
  OpenFully(kClerk);
  AccountOptions dearer;
  dearer.cost = {.passes = 2, .memory_kib = 16};
  AccountService later({.documents = documents, .pipeline = pipeline, .accounts = accounts, .sessions = sessions, .key = *key,
                        .refusals = refusals, .clock = clock, .random = random, .oidc = nullptr},
                       dearer);
  ASSERT_TRUE(later.SignIn(Nobody(), Asking(kClerk, kGoodPassword)).ok());
  EXPECT_THAT(accounts.Get(kClerk)->secrets.password_hash(), HasSubstr("$m=16,t=2,p=1$"));
  EXPECT_TRUE(later.SignIn(Nobody(), Asking(kClerk, kGoodPassword)).ok());
}

TEST(AccountKeyTest, SealsForOneAccountOnly) {
  SystemRandom random;
  const auto key = AccountKey::Fleeting(random);
  const std::string sealed = key->Seal("secret", "organizations/A/persons/p");
  EXPECT_EQ(key->Open(sealed, "organizations/A/persons/p").value(), "secret");
  EXPECT_EQ(ReasonOf(key->Open(sealed, "organizations/A/persons/q").status()), "ACCOUNT_SEAL_BROKEN");
  EXPECT_EQ(ReasonOf(AccountKey::Fleeting(random)->Open(sealed, "organizations/A/persons/p").status()), "ACCOUNT_SEAL_BROKEN");
  for (size_t i = 0; i < sealed.size(); ++i) {
    std::string altered = sealed;
    altered[i] = static_cast<char>(altered[i] ^ 1);
    EXPECT_FALSE(key->Open(altered, "organizations/A/persons/p").ok()) << i;
    EXPECT_FALSE(key->Open(sealed.substr(0, i), "organizations/A/persons/p").ok()) << i;
  }
}

}  // namespace
}  // namespace zhanqiao::access
