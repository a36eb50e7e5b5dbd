// Signatures of the parties: one Ed25519 signature over up to 64 messages. What is signed is the root of the
// tree over their digests, so that a message takes its place in the batch (six hashes at most) with it and
// not the batch. Grammar and worked example: hub/ledger/FORMAT.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/digest.h"
#include "catalog/base/ed25519.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao {

inline constexpr size_t kSignedMax = 64;  // messages under one signature
inline constexpr std::string_view kSignedRequests =
    "request";  // purposes: a signature of one is none of the other
inline constexpr std::string_view kSignedAnswers = "answer";

// SHA-256 of the canonical answer ("ZQA1"): what a connector says it answered. `commitment` is that of the
// request it was asked, as the request's ledger entry carries it; `rows` are canonical ("ZQR1").
Digest AnswerDigest(std::string_view commitment, std::string_view resource, bool truncated,
                    std::string_view rows);

// The RFC 6962 tree over 1 to 64 digests. Immutable.
class SignedTree {
 public:
  explicit SignedTree(const std::vector<Digest>& digests);
  size_t count() const { return levels_.front().size(); }
  const Digest& root() const { return levels_.back().front(); }
  // What the signature is made over.
  std::string SignedBytes(std::string_view purpose) const;
  // The place of message `position` under `signature`.
  v1::BatchSignature Place(size_t position, std::string_view public_key, std::string_view signature) const;

 private:
  std::vector<std::vector<Digest>> levels_;  // leaves first
};

// Digests whose signature by `public_key` was checked. Immutable; shared by the messages of a batch.
class SignedBatch {
 public:
  // PERMISSION_DENIED / SIGNATURE_WRONG for anything but 1 to 64 digests of 32 bytes and their signature.
  static absl::StatusOr<std::shared_ptr<const SignedBatch>> Check(
      std::string_view purpose, std::string_view public_key, const std::vector<std::string_view>& digests,
      std::string_view signature);
  v1::BatchSignature Place(size_t position) const { return tree_.Place(position, public_key_, signature_); }
  const Digest& signature_hash() const { return hash_; }  // SHA-256 of the signature, as entries carry it

 private:
  SignedBatch(SignedTree tree, std::string_view public_key, std::string_view signature)
      : tree_(std::move(tree)), public_key_(public_key), signature_(signature), hash_(Sha256(signature)) {}
  const SignedTree tree_;
  const std::string public_key_;
  const std::string signature_;
  const Digest hash_;
};

// OK if `place` proves that the holder of its key signed `digest`: DATA_LOSS / SIGNATURE_WRONG otherwise.
absl::Status CheckSignature(std::string_view purpose, const v1::BatchSignature& place, const Digest& digest);

}  // namespace zhanqiao
