#include "hub/ledger/merkle.h"

#include <gtest/gtest.h>

#include <map>
#include <string>

#include "catalog/base/error.h"
#include "hub/ledger/tiles.h"

namespace zhanqiao::ledger {
namespace {

constexpr uint64_t kSizeMax = 300;
constexpr uint64_t kTamperedMax = 130;  // sizes up to which every alteration of every proof is tried

std::string Unhex(std::string_view hex) { return *FromHex(hex); }

// The eight leaves of the Certificate Transparency test data and the roots of their prefixes.
const std::vector<std::string> kLeaves = {"",         "00",       "10",
                                          "2021",     "3031",     "40414243",
                                          "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
const std::vector<std::string> kRoots = {
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"};

// RFC 6962 2.1 word for word, over leaf hashes [begin, end).
Digest NaiveRoot(const std::vector<Digest>& leaves, size_t begin, size_t end) {
  if (begin == end) return EmptyRoot();
  if (end - begin == 1) return leaves[begin];
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return NodeHash(NaiveRoot(leaves, begin, begin + k), NaiveRoot(leaves, begin + k, end));
}

class NaiveSource final : public HashSource {
 public:
  explicit NaiveSource(const std::vector<Digest>& leaves) : leaves_(leaves) {}
  absl::StatusOr<Digest> HashAt(int level, uint64_t index) const override {
    const auto [at, isNew] = known_.try_emplace({level, index});
    if (isNew) at->second = NaiveRoot(leaves_, index << level, (index + 1) << level);
    return at->second;
  }

 private:
  const std::vector<Digest>& leaves_;
  mutable std::map<std::pair<int, uint64_t>, Digest> known_;
};

class MerkleTest : public testing::Test {
 protected:
  MerkleTest() {
    for (uint64_t i = 0; i < kSizeMax; ++i) leaves_.push_back(LeafHash("leaf " + std::to_string(i)));
    for (uint64_t size = 0; size <= kSizeMax; ++size) roots_.push_back(NaiveRoot(leaves_, 0, size));
  }
  std::vector<Digest> leaves_;
  std::vector<Digest> roots_;
  const NaiveSource source_{leaves_};
};

// The proof with one bit of one hash turned, one hash too few, and one too many.
std::vector<Proof> Tampered(const Proof& proof) {
  std::vector<Proof> all;
  for (size_t i = 0; i < proof.size(); ++i) {
    Proof changed = proof;
    changed[i][(i * 7) % 32] ^= 0x10;
    all.push_back(std::move(changed));
    Proof shorter = proof;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(i));
    all.push_back(std::move(shorter));
  }
  all.push_back(proof);
  all.back().push_back(EmptyRoot());
  return all;
}

TEST_F(MerkleTest, PublishedRootsOfNoneToEightLeaves) {
  Frontier frontier;
  EXPECT_EQ(ToHex(Bytes(frontier.Root())), kRoots[0]);
  for (size_t i = 0; i < kLeaves.size(); ++i) {
    frontier.Append(LeafHash(Unhex(kLeaves[i])));
    EXPECT_EQ(ToHex(Bytes(frontier.Root())), kRoots[i + 1]) << i + 1 << " leaves";
  }
}

TEST_F(MerkleTest, PublishedInclusionProof) {
  // CT test data: leaf 6 (0-based 5) of 8.
  std::vector<Digest> leaves;
  for (const auto& leaf : kLeaves) leaves.push_back(LeafHash(Unhex(leaf)));
  const absl::StatusOr<Proof> proof = InclusionProof(NaiveSource(leaves), 5, 8);
  ASSERT_TRUE(proof.ok());
  ASSERT_EQ(proof->size(), 3u);
  EXPECT_EQ(ToHex(Bytes((*proof)[0])), "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b");
  EXPECT_EQ(ToHex(Bytes((*proof)[1])), "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0");
  EXPECT_EQ(ToHex(Bytes((*proof)[2])), kRoots[4]);
}

TEST_F(MerkleTest, FrontierGivesTheRootOfEverySize) {
  Frontier frontier;
  for (uint64_t size = 0; size <= kSizeMax; ++size) {
    EXPECT_EQ(frontier.Root(), roots_[size]);
    EXPECT_EQ(*RootAt(source_, size), roots_[size]);
    if (size < kSizeMax) frontier.Append(leaves_[size]);
  }
}

TEST_F(MerkleTest, EveryInclusionProofVerifiesAndNoTamperedOneDoes) {
  for (uint64_t size = 1; size <= kSizeMax; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const absl::StatusOr<Proof> proof = InclusionProof(source_, index, size);
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(VerifyInclusion(leaves_[index], index, size, *proof, roots_[size]).ok()) << index << "/" << size;
      for (const Proof& tampered : size <= kTamperedMax ? Tampered(*proof) : std::vector<Proof>()) {
        ASSERT_FALSE(VerifyInclusion(leaves_[index], index, size, tampered, roots_[size]).ok());
      }
      ASSERT_FALSE(VerifyInclusion(EmptyRoot(), index, size, *proof, roots_[size]).ok());
      ASSERT_FALSE(VerifyInclusion(leaves_[index], index, size, *proof, EmptyRoot()).ok());
      ASSERT_FALSE(VerifyInclusion(leaves_[index], size, size, *proof, roots_[size]).ok());
    }
  }
}

TEST_F(MerkleTest, AnInclusionProofHoldsForNoOtherIndex) {
  for (uint64_t size = 2; size <= 66; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      const Proof proof = *InclusionProof(source_, index, size);
      for (uint64_t other = 0; other < size; ++other) {
        if (other == index) continue;
        ASSERT_FALSE(VerifyInclusion(leaves_[index], other, size, proof, roots_[size]).ok()) << other << "/" << size;
      }
    }
  }
}

// The hash chain of RFC 9162 does not fix the size by itself (it is signed with the root), so a wrong size is
// refused because its root is another one.
TEST_F(MerkleTest, AProofHoldsForNoOtherSizeWithItsRoot) {
  for (uint64_t size = 1; size <= 66; ++size) {
    for (uint64_t other = 1; other <= 66; ++other) {
      if (other == size) continue;
      const Proof proof = *InclusionProof(source_, 0, size);
      ASSERT_FALSE(VerifyInclusion(leaves_[0], 0, other, proof, roots_[other]).ok());
    }
  }
}

TEST_F(MerkleTest, EveryConsistencyProofVerifiesAndNoTamperedOneDoes) {
  for (uint64_t size = 0; size <= kSizeMax; ++size) {
    for (uint64_t old_size = 0; old_size <= size; ++old_size) {
      const absl::StatusOr<Proof> proof = ConsistencyProof(source_, old_size, size);
      ASSERT_TRUE(proof.ok());
      ASSERT_TRUE(VerifyConsistency(old_size, size, *proof, roots_[old_size], roots_[size]).ok())
          << old_size << "/" << size;
      for (const Proof& tampered : size <= kTamperedMax ? Tampered(*proof) : std::vector<Proof>()) {
        ASSERT_FALSE(VerifyConsistency(old_size, size, tampered, roots_[old_size], roots_[size]).ok())
            << old_size << "/" << size;
      }
      ASSERT_FALSE(VerifyConsistency(old_size, size, *proof, NodeHash(roots_[0], roots_[0]), roots_[size]).ok());
      if (old_size == 0) continue;  // from nothing, anything follows
      ASSERT_FALSE(VerifyConsistency(old_size, size, *proof, roots_[old_size], NodeHash(roots_[0], roots_[0])).ok());
    }
  }
}

TEST_F(MerkleTest, AConsistencyProofHoldsForNoOtherOldSize) {
  for (uint64_t size = 2; size <= 66; ++size) {
    for (uint64_t old_size = 1; old_size < size; ++old_size) {
      const Proof proof = *ConsistencyProof(source_, old_size, size);
      for (uint64_t other = 1; other <= size; ++other) {
        if (other == old_size) continue;
        ASSERT_FALSE(VerifyConsistency(other, size, proof, roots_[other], roots_[size]).ok()) << other;
      }
    }
  }
}

// RFC 6962 2.1.1 and 2.1.2 word for word, over leaf hashes [begin, end).
Proof NaivePath(const std::vector<Digest>& leaves, size_t index, size_t begin, size_t end) {
  if (end - begin == 1) return {};
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  const bool left = index < k;
  Proof path = left ? NaivePath(leaves, index, begin, begin + k) : NaivePath(leaves, index - k, begin + k, end);
  path.push_back(left ? NaiveRoot(leaves, begin + k, end) : NaiveRoot(leaves, begin, begin + k));
  return path;
}
Proof NaiveSubproof(const std::vector<Digest>& leaves, size_t old_size, size_t begin, size_t end, bool whole) {
  if (old_size == end - begin) return whole ? Proof{} : Proof{NaiveRoot(leaves, begin, end)};
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  const bool left = old_size <= k;
  Proof proof = left ? NaiveSubproof(leaves, old_size, begin, begin + k, whole)
                     : NaiveSubproof(leaves, old_size - k, begin + k, end, false);
  proof.push_back(left ? NaiveRoot(leaves, begin + k, end) : NaiveRoot(leaves, begin, begin + k));
  return proof;
}

TEST_F(MerkleTest, ProofsAreThoseOfTheNaiveReference) {
  for (uint64_t size = 1; size <= 64; ++size) {
    for (uint64_t index = 0; index < size; ++index) {
      ASSERT_EQ(*InclusionProof(source_, index, size), NaivePath(leaves_, index, 0, size)) << index << "/" << size;
    }
    for (uint64_t old_size = 1; old_size <= size; ++old_size) {
      ASSERT_EQ(*ConsistencyProof(source_, old_size, size), NaiveSubproof(leaves_, old_size, 0, size, true))
          << old_size << "/" << size;
    }
  }
  for (uint64_t size = 65; size <= kSizeMax; ++size) {
    for (const uint64_t index : {uint64_t{0}, size / 3, size - 1}) {
      ASSERT_EQ(*InclusionProof(source_, index, size), NaivePath(leaves_, index, 0, size)) << index << "/" << size;
      ASSERT_EQ(*ConsistencyProof(source_, index + 1, size), NaiveSubproof(leaves_, index + 1, 0, size, true));
    }
  }
}

TEST_F(MerkleTest, RangesOutsideTheTreeAreRefused) {
  EXPECT_EQ(ReasonOf(InclusionProof(source_, 5, 5).status()), "PROOF_RANGE");
  EXPECT_EQ(ReasonOf(ConsistencyProof(source_, 6, 5).status()), "PROOF_RANGE");
  EXPECT_FALSE(VerifyConsistency(6, 5, {}, roots_[6], roots_[5]).ok());
}

TEST(Tiles, NumbersAreWrittenInGroupsOfThree) {
  EXPECT_EQ(TileNumber(0), "000");
  EXPECT_EQ(TileNumber(999), "999");
  EXPECT_EQ(TileNumber(1000), "x001/000");
  EXPECT_EQ(TileNumber(1234067), "x001/x234/067");
  EXPECT_EQ(TilePath(1, 273, 112), "tile/1/273.p/112");
  EXPECT_EQ(TilePath(1, 273, 256), "tile/1/273");
  EXPECT_EQ(BundlePath(1234067, 7), "tile/entries/x001/x234/067.p/7");
}

TEST(Tiles, SeventyThousandLeavesMakeTheTilesOfTheSpecification) {
  TileBuilder tree;
  std::map<int, int> full;
  for (uint64_t i = 0; i < 70'000; ++i) {
    tree.Append(LeafHash(std::to_string(i)), [&](int level, uint64_t number, std::string bytes) {
      EXPECT_EQ(number, static_cast<uint64_t>(full[level]++));
      EXPECT_EQ(bytes.size(), kTileBytes);
    });
  }
  EXPECT_EQ(full, (std::map<int, int>{{0, 273}, {1, 1}}));
  EXPECT_EQ(tree.partial(0).size(), 112u * 32);
  EXPECT_EQ(tree.partial(1).size(), 17u * 32);
  EXPECT_EQ(tree.partial(2).size(), 1u * 32);
}

TEST(Tiles, ATreeIsRebuiltFromItsUnfinishedTiles) {
  TileBuilder tree;
  for (uint64_t i = 0; i < 66'000; ++i) {
    if (i % 997 == 0 || i % 256 < 2) {
      std::vector<std::string> partials;
      for (int level = 0; level < kTileLevels; ++level) partials.push_back(tree.partial(level));
      const TileBuilder again = TileBuilder::From(i, std::move(partials));
      ASSERT_EQ(again.frontier().hashes(), tree.frontier().hashes()) << i;
    }
    tree.Append(LeafHash(std::to_string(i)), [](int, uint64_t, std::string) {});
  }
}

}  // namespace
}  // namespace zhanqiao::ledger
