#include "hub/ledger/merkle.h"

#include <bit>
#include <cassert>
#include <utility>

#include "catalog/base/error.h"
#include "hub/ledger/suite.h"

namespace zhanqiao::ledger {
namespace {

// D[begin:end], a range that begins at a multiple of the smallest power of two that covers it.
struct Range {
  uint64_t begin;
  uint64_t end;
  uint64_t size() const { return end - begin; }
  // Where the left subtree ends: the largest power of two below the size.
  uint64_t split() const { return begin + std::bit_floor(size() - 1); }
};

absl::StatusOr<Digest> HashOf(const HashSource& source, Range range) {
  if (std::has_single_bit(range.size())) {
    const int level = std::countr_zero(range.size());
    return source.HashAt(level, range.begin >> level);
  }
  const Digest left = TRY(HashOf(source, {range.begin, range.split()}));
  const Digest right = TRY(HashOf(source, {range.split(), range.end}));
  return NodeHash(left, right);
}

absl::Status BadRange() {
  return Fail(absl::StatusCode::kOutOfRange, "PROOF_RANGE",
              "The index or old size lies outside the tree; ask within the size of a checkpoint.");
}

absl::Status BadProof() {
  return Fail(absl::StatusCode::kDataLoss, "PROOF_INVALID", "The proof does not lead to the root of the checkpoint.");
}

}  // namespace

Digest LeafHash(std::string_view entry) { return Suite::Hash(std::string_view("\0", 1), entry); }

Digest NodeHash(const Digest& left, const Digest& right) { return Suite::Hash(std::string_view("\x01", 1), Bytes(left), Bytes(right)); }

Digest EmptyRoot() { return Suite::Hash(std::string_view()); }

Frontier::Frontier(uint64_t size, std::vector<Digest> hashes) : size_(size), hashes_(std::move(hashes)) {
  assert(hashes_.size() == static_cast<size_t>(std::popcount(size_)));
}

Digest Frontier::Root() const {
  if (hashes_.empty()) return EmptyRoot();
  Digest root = hashes_.back();
  for (size_t i = hashes_.size() - 1; i-- > 0;) root = NodeHash(hashes_[i], root);
  return root;
}

absl::StatusOr<Digest> RootAt(const HashSource& source, uint64_t size) {
  if (size == 0) return EmptyRoot();
  return HashOf(source, {0, size});
}

absl::StatusOr<Proof> InclusionProof(const HashSource& source, uint64_t index, uint64_t size) {
  if (index >= size) return BadRange();
  Proof downwards;
  for (Range range{0, size}; range.size() > 1;) {
    const uint64_t split = range.split();
    const bool in_left = index < split;
    const Digest sibling = TRY(HashOf(source, in_left ? Range{split, range.end} : Range{range.begin, split}));
    downwards.push_back(sibling);
    range = in_left ? Range{range.begin, split} : Range{split, range.end};
  }
  return Proof(downwards.rbegin(), downwards.rend());
}

absl::StatusOr<Proof> ConsistencyProof(const HashSource& source, uint64_t old_size, uint64_t size) {
  if (old_size > size) return BadRange();
  if (old_size == 0 || old_size == size) return Proof();
  Proof downwards;
  bool old_root_known = true;  // `b` of SUBPROOF: the range so far starts at leaf 0
  Range range{0, size};
  while (range.end != old_size) {
    const uint64_t split = range.split();
    const bool in_left = old_size <= split;
    const Digest sibling = TRY(HashOf(source, in_left ? Range{split, range.end} : Range{range.begin, split}));
    downwards.push_back(sibling);
    if (!in_left) old_root_known = false;
    range = in_left ? Range{range.begin, split} : Range{split, range.end};
  }
  if (!old_root_known) {
    const Digest last = TRY(HashOf(source, range));
    downwards.push_back(last);
  }
  return Proof(downwards.rbegin(), downwards.rend());
}

absl::Status VerifyInclusion(const Digest& leaf, uint64_t index, uint64_t size, absl::Span<const Digest> proof,
                             const Digest& root) {
  if (index >= size) return BadProof();
  uint64_t fn = index;
  uint64_t sn = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (sn == 0) return BadProof();
    if ((fn & 1) != 0 || fn == sn) {
      hash = NodeHash(sibling, hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      hash = NodeHash(hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0 || hash != root) return BadProof();
  return absl::OkStatus();
}

absl::Status VerifyConsistency(uint64_t old_size, uint64_t size, absl::Span<const Digest> proof,
                               const Digest& old_root, const Digest& root) {
  if (old_size > size) return BadProof();
  if (old_size == size) return proof.empty() && old_root == root ? absl::OkStatus() : BadProof();
  if (old_size == 0) return proof.empty() && old_root == EmptyRoot() ? absl::OkStatus() : BadProof();
  if (proof.empty()) return BadProof();
  uint64_t fn = old_size - 1;
  uint64_t sn = size - 1;
  while ((fn & 1) != 0) {
    fn >>= 1;
    sn >>= 1;
  }
  // When old_size is a power of two its root is itself the first hash.
  const bool implied = std::has_single_bit(old_size);
  Digest old_hash = implied ? old_root : proof[0];
  Digest new_hash = old_hash;
  for (const Digest& sibling : proof.subspan(implied ? 0 : 1)) {
    if (sn == 0) return BadProof();
    if ((fn & 1) != 0 || fn == sn) {
      old_hash = NodeHash(sibling, old_hash);
      new_hash = NodeHash(sibling, new_hash);
      while ((fn & 1) == 0 && fn != 0) {
        fn >>= 1;
        sn >>= 1;
      }
    } else {
      new_hash = NodeHash(new_hash, sibling);
    }
    fn >>= 1;
    sn >>= 1;
  }
  if (sn != 0 || old_hash != old_root || new_hash != root) return BadProof();
  return absl::OkStatus();
}

}  // namespace zhanqiao::ledger
