#include "hub/access/role_event.h"

#include <algorithm>
#include <vector>

#include "hub/access/access_rules.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::access {
namespace {

std::vector<std::string_view> RolesOf(const v1::Person& person) {
  std::vector<std::string_view> roles;
  if (person.state() != v1::REGISTRATION_STATE_ACTIVE) return roles;
  for (const int role : person.roles()) roles.push_back(RoleName(static_cast<v1::Role>(role)));
  std::sort(roles.begin(), roles.end());
  return roles;
}

}  // namespace

storage::LogRecord RoleEventOf(std::string_view actor, std::string_view trace, const v1::Person& before,
                               const v1::Person& after, std::string_view reason) {
  const std::vector<std::string_view> held = RolesOf(before);
  const std::vector<std::string_view> holds = RolesOf(after);
  if (held == holds) return {};
  v1::LedgerEntry entry;
  entry.set_version(1);
  entry.set_actor(std::string(actor));
  entry.set_trace(std::string(trace));
  v1::RoleEvent& event = *entry.mutable_role_event();
  event.set_person(after.name());
  for (const std::string_view role : held) event.add_before(std::string(role));
  for (const std::string_view role : holds) event.add_after(std::string(role));
  event.set_reason(std::string(reason));
  return {entry.SerializeAsString(), {}};
}

}  // namespace zhanqiao::access
