#include "catalog/model/information_system.h"

#include "catalog/model/names.h"
#include "catalog/model/text_rules.h"

namespace zhanqiao::catalog {

std::vector<Violation> Check(const v1::InformationSystem& system) {
  using Presence = Violations::Presence;
  Violations found;
  found.Require(IsMemberName(system.name(), kSystems), "name", "SYSTEM_NAME",
                "Give organizations/{code}/systems/{id}; the id is 1 to 63 of a-z, 0-9 and inner hyphens.");
  found.Text("display_name", system.display_name(), Presence::kRequired, 100);
  found.Text("function", system.function(), Presence::kOptional, 2000, /*lines=*/true);
  found.Require(
      system.state() != v1::REGISTRATION_STATE_UNSPECIFIED && v1::RegistrationState_IsValid(system.state()), "state",
      "ENUM_VALUE", OneOf(v1::RegistrationState_descriptor()));
  found.Require(system.signing_key().empty() || system.signing_key().size() == 32, "signing_key", "SIGNING_KEY_SIZE",
                "Give an Ed25519 public key of 32 bytes, or leave it empty.");
  return found.Take();
}

}  // namespace zhanqiao::catalog
