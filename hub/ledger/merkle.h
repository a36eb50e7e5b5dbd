// The Merkle tree of RFC 6962 section 2.1 (RFC 9162 section 2.1) with SHA-256: hashes, roots, proofs.
//
// A position in the tree is (level, index): the hash over the complete subtree of the 2^level leaves that
// begins at leaf index * 2^level. Everything here is a pure function or a value; no locks.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "catalog/base/digest.h"

namespace zhanqiao::ledger {

// SHA-256(0x00 || entry).
Digest LeafHash(std::string_view entry);
// SHA-256(0x01 || left || right).
Digest NodeHash(const Digest& left, const Digest& right);
// The root of the empty tree, SHA-256("").
Digest EmptyRoot();

// The right edge of a growing tree: the roots of its complete subtrees, largest first (at most 64).
class Frontier {
 public:
  Frontier() = default;
  // Of a known size; `hashes` holds one for each set bit of `size`, asserted.
  Frontier(uint64_t size, std::vector<Digest> hashes);

  // Adds one leaf. `completed(level, hash)` is told each subtree that this leaf completes, level 0 first.
  template <typename Completed>
  void Append(const Digest& leaf, Completed&& completed) {
    Digest hash = leaf;
    completed(0, hash);
    int level = 0;
    for (uint64_t bits = size_; (bits & 1) != 0; bits >>= 1) {
      hash = NodeHash(hashes_.back(), hash);
      hashes_.pop_back();
      completed(++level, hash);
    }
    hashes_.push_back(hash);
    ++size_;
  }
  void Append(const Digest& leaf) {
    Append(leaf, [](int, const Digest&) {});
  }

  uint64_t size() const { return size_; }
  const std::vector<Digest>& hashes() const { return hashes_; }
  // MTH of all leaves so far.
  Digest Root() const;

 private:
  uint64_t size_ = 0;
  std::vector<Digest> hashes_;
};

// Where proofs take their hashes from. Asked only for complete subtrees of the tree the source was made for.
class HashSource {
 public:
  virtual ~HashSource() = default;
  virtual absl::StatusOr<Digest> HashAt(int level, uint64_t index) const = 0;
};

using Proof = std::vector<Digest>;

// The root of the first `size` leaves.
absl::StatusOr<Digest> RootAt(const HashSource& source, uint64_t size);
// PATH(index, D[size]) of RFC 6962 2.1.1. OUT_OF_RANGE / PROOF_RANGE unless index < size.
absl::StatusOr<Proof> InclusionProof(const HashSource& source, uint64_t index, uint64_t size);
// PROOF(old_size, D[size]) of RFC 6962 2.1.2; empty for old_size 0 or equal sizes. OUT_OF_RANGE / PROOF_RANGE
// if old_size > size.
absl::StatusOr<Proof> ConsistencyProof(const HashSource& source, uint64_t old_size, uint64_t size);

// RFC 9162 2.1.3.2. DATA_LOSS / PROOF_INVALID when the proof does not lead to `root`.
absl::Status VerifyInclusion(const Digest& leaf, uint64_t index, uint64_t size, absl::Span<const Digest> proof,
                             const Digest& root);
// RFC 9162 2.1.4.2; for old_size 0 the proof must be empty and old_root that of the empty tree.
absl::Status VerifyConsistency(uint64_t old_size, uint64_t size, absl::Span<const Digest> proof,
                               const Digest& old_root, const Digest& root);

}  // namespace zhanqiao::ledger
