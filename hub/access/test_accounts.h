// The test city with accounts: persons who sign in, at the lowest cost of a hash, under a clock that moves when told.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hub/access/account_service.h"
#include "hub/access/break_glass_service.h"
#include "hub/access/session_gate.h"
#include "hub/access/test_city.h"

namespace zhanqiao::access {

inline constexpr char kClerk[] = "organizations/370200-GAJ/persons/clerk";
inline constexpr char kApprover[] = "organizations/370200-GAJ/persons/approver";
inline constexpr char kSecurity[] = "organizations/370200-ZWFWB/persons/security";
inline constexpr char kOffice[] = "organizations/370200-ZWFWB/persons/office";
inline constexpr char kGoodPassword[] = "correct horse battery";

class TestAccounts : public TestCity {
 public:
  explicit TestAccounts(OidcProvider* oidc = nullptr) {
    Register(kClerk, {v1::ROLE_ORG_CLERK});
    Register(kApprover, {v1::ROLE_ORG_APPROVER});
    Register(kSecurity, {v1::ROLE_SECURITY_ADMIN});
    Register(kOffice, {v1::ROLE_OFFICE});
    AccountOptions options;
    options.cost = {.passes = 1, .memory_kib = 8};
    people = std::make_unique<AccountService>(AccountService::Parts{.documents = documents,
                                                                     .pipeline = pipeline,
                                                                     .accounts = accounts,
                                                                     .sessions = sessions,
                                                                     .key = *key,
                                                                     .refusals = refusals,
                                                                     .clock = clock,
                                                                     .random = random,
                                                                     .oidc = oidc},
                                              options);
    if (!break_glass.Follow().ok()) std::abort();
  }
  ~TestAccounts() { pipeline.Stop(); }

  void Register(const std::string& name, const std::vector<v1::Role>& roles,
                v1::RegistrationState state = v1::REGISTRATION_STATE_ACTIVE) {
    v1::Person person;
    person.set_name(name);
    person.set_display_name("某人");
    person.set_state(state);
    for (const v1::Role role : roles) person.add_roles(role);
    Put(name, person);
  }

  static Caller Nobody(std::string address = "192.0.2.1:40000") {
    Caller caller;
    caller.address = std::move(address);
    caller.trace = "trace";
    return caller;
  }
  Caller security_admin() const { return directory.ResolvePerson(kSecurity, "192.0.2.9:1").value(); }
  Caller office() const { return directory.ResolvePerson(kOffice, "192.0.2.9:1").value(); }

  std::string Open(const std::string& person) {
    v1::CreateAccountRequest request;
    request.set_person(person);
    return people->CreateAccount(security_admin(), request).value().initial_password();
  }
  // With the good password in place of the initial one.
  void OpenFully(const std::string& person) {
    v1::SignInRequest request = Asking(person, Open(person));
    request.set_new_password(kGoodPassword);
    const auto session = people->SignIn(Nobody(), request);
    if (!session.ok()) std::abort();
    people->SignOut(As(session->token()), {}).value();
  }
  static v1::SignInRequest Asking(std::string person, std::string password, std::string totp = "") {
    v1::SignInRequest request;
    request.set_person(std::move(person));
    request.set_password(std::move(password));
    request.set_totp(std::move(totp));
    return request;
  }
  absl::StatusOr<v1::SignInResponse> SignIn(std::string person, std::string password, std::string totp = "",
                                            std::string address = "192.0.2.1:40000") {
    return people->SignIn(Nobody(std::move(address)), Asking(std::move(person), std::move(password), std::move(totp)));
  }
  // Who comes with `token`.
  absl::StatusOr<Caller> Comes(const std::string& token) const {
    const std::vector<std::pair<std::string, std::string>> headers = {{"authorization", "Bearer " + token}};
    return gate.Resolve(headers, "192.0.2.1:40001");
  }
  Caller As(const std::string& token) const { return Comes(token).value(); }

  // Refusals of sign-ins in the log, newest last.
  std::vector<std::string> SignInsRefused() const {
    std::vector<std::string> reasons;
    for (const auto& entry : Entries()) {
      if (entry.sign_in().refused()) reasons.push_back(entry.sign_in().reason());
    }
    return reasons;
  }
  std::vector<std::string> AccountVerbs() const {
    std::vector<std::string> verbs;
    for (const auto& entry : Entries()) {
      if (entry.has_account_event()) verbs.push_back(entry.account_event().verb());
    }
    return verbs;
  }

  std::unique_ptr<AccountKey> key = AccountKey::Fleeting(random);
  AccountStore accounts{store, pipeline, *key};
  Sessions sessions{store, pipeline, clock, random, {}};
  SessionGate gate{sessions, directory};
  BreakGlassService break_glass{documents, clock};
  std::unique_ptr<AccountService> people;
};

}  // namespace zhanqiao::access
