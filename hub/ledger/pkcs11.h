// Log keys in a security module, reached through its PKCS#11 library: the private key never leaves it.
//
// Ed25519 by PKCS#11 3.0: key type CKK_EC_EDWARDS, mechanism CKM_EDDSA. Tried against SoftHSM2.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "hub/ledger/log_keys.h"

namespace zhanqiao::ledger {

struct Pkcs11Options {
  std::string module;    // path of the library, such as /usr/lib/softhsm/libsofthsm2.so
  std::string token;     // label of the token
  std::string label;     // label of the log's keys in it
  std::string pin_file;  // holds the user PIN, nothing else; only its owner may read it
};

// The keys called `label` on one token, under one session. Thread-safe: one signature at a time. When the module loses
// its session (token taken out, module restarted) the next call logs in again once.
class Pkcs11KeyVault final : public KeyVault {
 public:
  // Loads the module and logs in.
  //   INVALID_ARGUMENT    / PKCS11_MODULE    the library does not load, or is none (facts: module, cause)
  //   NOT_FOUND           / PKCS11_TOKEN     no token bears that label
  //   FAILED_PRECONDITION / PKCS11_PIN_FILE  the PIN file cannot be read, or others may read it
  //   UNAVAILABLE         / PKCS11_FAILED    the module refused (facts: call, code in hex)
  static absl::StatusOr<std::unique_ptr<Pkcs11KeyVault>> Open(Pkcs11Options options, std::string origin);
  ~Pkcs11KeyVault() override;

  // Makes the key on the token if there is none of that label. Keys made here are sensitive and not extractable.
  absl::StatusOr<std::shared_ptr<const Signer>> First() override;
  absl::StatusOr<std::shared_ptr<const Signer>> Find(std::string_view public_key) override;
  absl::StatusOr<std::shared_ptr<const Signer>> Create() override;

 private:
  class Token;
  class TokenSigner;
  explicit Pkcs11KeyVault(std::shared_ptr<Token> token, std::string origin);
  const std::shared_ptr<Token> token_;  // shared with the signers, which may outlive the vault
  const std::string origin_;
};

}  // namespace zhanqiao::ledger
