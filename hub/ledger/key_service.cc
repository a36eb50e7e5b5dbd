#include "hub/ledger/key_service.h"

#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

absl::Status CheckRegistered(const Caller& caller) {
  if (caller.kind != SubjectKind::kNone) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "CALLER_UNREGISTERED",
              "The certificate is not of a registered subject; have it registered by the security administrator.",
              {{"link", std::string(kLinkCaller)}});
}

absl::Status CheckMayChange(const Caller& caller) {
  TRY(CheckRegistered(caller));
  if (caller.HasRole("security_admin")) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "ROLE_REQUIRED",
              "Only the security administrator changes the keys of the log.",
              {{"link", std::string(kLinkCaller)}, {"roles", "security_admin"}});
}

v1::LedgerKey ToProto(const LogKey& key) {
  v1::LedgerKey proto;
  proto.set_key_id(key.id());
  proto.set_verifier_key(key.key.ToText());
  proto.set_added_index(key.added);
  proto.set_retired(key.retired.has_value());
  proto.set_retired_index(key.retired.value_or(0));
  return proto;
}

}  // namespace

absl::StatusOr<v1::ListLedgerKeysResponse> LedgerKeyService::ListLedgerKeys(const Caller& caller,
                                                                            const v1::ListLedgerKeysRequest&) const {
  TRY(CheckRegistered(caller));
  v1::ListLedgerKeysResponse response;
  for (const LogKey& key : keys_.List()) *response.add_keys() = ToProto(key);
  return response;
}

absl::StatusOr<v1::LedgerKey> LedgerKeyService::AddLedgerKey(const Caller& caller, const v1::AddLedgerKeyRequest&) {
  TRY(CheckMayChange(caller));
  const LogKey added = TRY(keys_.Add(pipeline_, caller.subject));
  return ToProto(added);
}

absl::StatusOr<v1::LedgerKey> LedgerKeyService::RetireLedgerKey(const Caller& caller,
                                                                const v1::RetireLedgerKeyRequest& request) {
  TRY(CheckMayChange(caller));
  const LogKey retired = TRY(keys_.Retire(pipeline_, request.key_id(), caller.subject));
  return ToProto(retired);
}

}  // namespace zhanqiao::ledger
