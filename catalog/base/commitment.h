// Salted commitments: what the ledger holds in place of payload.
//
// Each entry has one secret seed of 32 random bytes, kept apart from the entry. For each label ("request",
// "answer", "released", "document") a salt follows from it, so that a party can be given the salt of what it
// holds without learning the others; erasing the seed makes every commitment of the entry unopenable.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "catalog/base/digest.h"
#include "catalog/base/ids.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao {

inline std::string NewSeed(Random& random) {
  std::string seed(32, '\0');
  random.Fill(seed.data(), seed.size());
  return seed;
}

// What is kept beside an entry without signatures, a serialised v1.EntrySecret: its seed (empty: none) and the tokens
// of the persons it concerns.
inline std::string SecretOf(std::string_view seed, const std::vector<std::string>& subjects = {}) {
  v1::EntrySecret secret;
  secret.set_seed(seed.data(), seed.size());
  for (const std::string& token : subjects) secret.add_subjects(token);
  return secret.SerializeAsString();
}

// HMAC-SHA256(seed, label).
inline Digest SaltFor(std::string_view seed, std::string_view label) { return HmacSha256(seed, label); }

// HMAC-SHA256(SaltFor(seed, label), payload).
inline Digest Commitment(std::string_view seed, std::string_view label, std::string_view payload) {
  return HmacSha256(Bytes(SaltFor(seed, label)), payload);
}

}  // namespace zhanqiao
