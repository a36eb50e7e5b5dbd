// The hash and the signature a log is made with. merkle.cc hashes with `Suite::Hash`, note.cc signs as
// `Suite::kSignatureType` says; nobody else knows them.
//
// A GM profile (SM3, SM2) is another struct like this one: SM3 digests have 32 bytes too, and SM2 signatures are lines
// of type 0xff (KeyKind::kOpaque), which notes carry already. What it needs besides: a Signer for SM2 and its
// verification in note.cc, and, where both trees are to be kept over the same entries, a second Frontier in the log.
#pragma once

#include <cstdint>
#include <string_view>

#include "catalog/base/digest.h"

namespace zhanqiao::ledger {

struct Sha256Ed25519 {
  static constexpr std::string_view kHash = "SHA-256";
  static constexpr std::string_view kSignature = "Ed25519";
  static constexpr uint8_t kSignatureType = 0x01;  // type byte of the log's keys (C2SP signed-note)
  template <typename... Parts>
  static Digest Hash(Parts... parts) {
    return Sha256(parts...);
  }
};

// The suite of every log this program writes and verifies.
using Suite = Sha256Ed25519;

}  // namespace zhanqiao::ledger
