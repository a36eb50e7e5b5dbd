// The keys of one log over time: those that sign now, and all it ever had.
#pragma once

#include <memory>
#include <vector>

#include "hub/ledger/note.h"

namespace zhanqiao::ledger {

// Thread-safe.
class Signers {
 public:
  virtual ~Signers() = default;
  // Those that sign now, oldest first; at least one. A signer lives as long as someone holds it.
  virtual std::vector<std::shared_ptr<const Signer>> Active() const = 0;
  // The keys of every signer the log ever had, oldest first: what older checkpoints bear.
  virtual std::vector<VerifierKey> Known() const = 0;
};

inline std::vector<VerifierKey> ActiveKeys(const Signers& signers) {
  std::vector<VerifierKey> keys;
  for (const auto& signer : signers.Active()) keys.push_back(VerifierKeyOf(*signer));
  return keys;
}

// A log that has one key. `signer` must outlive it.
class OneSigner final : public Signers {
 public:
  explicit OneSigner(const Signer& signer) : signer_(signer) {}
  std::vector<std::shared_ptr<const Signer>> Active() const override {
    return {std::shared_ptr<const Signer>(std::shared_ptr<void>(), &signer_)};  // owned by nobody here
  }
  std::vector<VerifierKey> Known() const override { return {VerifierKeyOf(signer_)}; }

 private:
  const Signer& signer_;
};

}  // namespace zhanqiao::ledger
