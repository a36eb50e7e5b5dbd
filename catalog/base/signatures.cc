#include "catalog/base/signatures.h"

#include <algorithm>
#include <cassert>

#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

void AppendU32(uint32_t number, std::string& out) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

void AppendText(std::string_view text, std::string& out) {
  AppendU32(static_cast<uint32_t>(text.size()), out);
  out += text;
}

Digest Leaf(std::string_view digest) {
  return Sha256(std::string_view("\x00", 1), digest);
}
Digest Node(const Digest& left, const Digest& right) {
  return Sha256(std::string_view("\x01", 1), Bytes(left), Bytes(right));
}

std::string SignedBytesOf(std::string_view purpose, size_t count, const Digest& root) {
  std::string bytes = "ZQS1";
  AppendText(purpose, bytes);
  AppendU32(static_cast<uint32_t>(count), bytes);
  bytes += Bytes(root);
  return bytes;
}

absl::Status Wrong(absl::StatusCode code) {
  return Fail(code, "SIGNATURE_WRONG", "The signature is not of these messages by this key.");
}

}  // namespace

Digest AnswerDigest(std::string_view commitment, std::string_view resource, bool truncated,
                    std::string_view rows) {
  std::string head = "ZQA1";
  AppendText(commitment, head);
  AppendText(resource, head);
  head += truncated ? '\x01' : '\x00';
  return Sha256(head, rows);
}

SignedTree::SignedTree(const std::vector<Digest>& digests) {
  assert(!digests.empty() && digests.size() <= kSignedMax);
  std::vector<Digest> level;
  level.reserve(digests.size());
  for (const Digest& digest : digests) level.push_back(Leaf(Bytes(digest)));
  levels_.push_back(std::move(level));
  while (levels_.back().size() > 1) {
    const std::vector<Digest>& below = levels_.back();
    std::vector<Digest> above;
    for (size_t i = 0; i + 1 < below.size(); i += 2) above.push_back(Node(below[i], below[i + 1]));
    // One without a sibling goes up as it is: the same tree as RFC 6962 splits.
    if (below.size() % 2 != 0) above.push_back(below.back());
    levels_.push_back(std::move(above));
  }
}

std::string SignedTree::SignedBytes(std::string_view purpose) const {
  return SignedBytesOf(purpose, count(), root());
}

v1::BatchSignature SignedTree::Place(size_t position, std::string_view public_key,
                                     std::string_view signature) const {
  v1::BatchSignature place;
  place.set_public_key(public_key.data(), public_key.size());
  place.set_signature(signature.data(), signature.size());
  place.set_count(static_cast<uint32_t>(count()));
  place.set_position(static_cast<uint32_t>(position));
  for (size_t level = 0; level + 1 < levels_.size(); ++level, position /= 2) {
    if ((position ^ 1) >= levels_[level].size()) continue;
    place.add_path(levels_[level][position ^ 1].data(), sizeof(Digest));
  }
  return place;
}

absl::StatusOr<std::shared_ptr<const SignedBatch>> SignedBatch::Check(
    std::string_view purpose, std::string_view public_key, const std::vector<std::string_view>& digests,
    std::string_view signature) {
  std::vector<Digest> leaves;
  leaves.reserve(digests.size());
  for (const std::string_view digest : digests) {
    if (digest.size() == sizeof(Digest)) leaves.push_back(DigestFrom(digest));
  }
  if (leaves.size() != digests.size() || leaves.empty() || leaves.size() > kSignedMax) {
    return Wrong(absl::StatusCode::kPermissionDenied);
  }
  SignedTree tree(leaves);
  if (!VerifyEd25519(public_key, tree.SignedBytes(purpose), signature))
    return Wrong(absl::StatusCode::kPermissionDenied);
  return std::shared_ptr<const SignedBatch>(new SignedBatch(std::move(tree), public_key, signature));
}

absl::Status CheckSignature(std::string_view purpose, const v1::BatchSignature& place, const Digest& digest) {
  const bool sized = std::all_of(place.path().begin(), place.path().end(),
                                 [](const std::string& hash) { return hash.size() == sizeof(Digest); });
  if (!sized || place.count() < 1 || place.count() > kSignedMax || place.position() >= place.count()) {
    return Wrong(absl::StatusCode::kDataLoss);
  }
  Digest hash = Leaf(Bytes(digest));
  int used = 0;
  for (size_t position = place.position(), width = place.count(); width > 1;
       position /= 2, width = (width + 1) / 2) {
    if ((position ^ 1) >= width) continue;
    if (used == place.path_size()) return Wrong(absl::StatusCode::kDataLoss);
    const Digest sibling = DigestFrom(place.path(used++));
    hash = position % 2 == 0 ? Node(hash, sibling) : Node(sibling, hash);
  }
  if (used != place.path_size() ||
      !VerifyEd25519(place.public_key(), SignedBytesOf(purpose, place.count(), hash), place.signature())) {
    return Wrong(absl::StatusCode::kDataLoss);
  }
  return absl::OkStatus();
}

}  // namespace zhanqiao
