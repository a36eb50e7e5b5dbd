#include "proof.h"

#include <openssl/evp.h>

#include <memory>
#include <sstream>
#include <stdexcept>
#include <vector>

namespace {

void Expect(bool holds, const char* problem) {
  if (!holds) throw std::runtime_error(problem);
}

std::string Sha256(const std::string& data) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  EVP_Digest(data.data(), data.size(), digest, &size, EVP_sha256(), nullptr);
  return {reinterpret_cast<char*>(digest), size};
}

std::string FromBase64(const std::string& text) {
  std::string out(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  Expect(size >= 0, "not base64");
  const size_t last = text.find_last_not_of('=');
  const size_t padding = last == std::string::npos ? 0 : text.size() - 1 - last;
  out.resize(static_cast<size_t>(size) - padding);
  return out;
}

std::string Hex(const std::string& bytes) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

bool SignedBy(const std::string& key, const std::string& signature, const std::string& body) {
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> public_key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, reinterpret_cast<const unsigned char*>(key.data()), key.size()),
      EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  return public_key != nullptr && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, public_key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                          reinterpret_cast<const unsigned char*>(body.data()), body.size()) == 1;
}

struct Head {
  uint64_t size = 0;
  std::string root;
};

// Size and root of a checkpoint, once its signature by `vkey` holds.
Head OpenCheckpoint(const std::string& checkpoint, const std::string& vkey) {
  const size_t id = vkey.find('+'), key = vkey.find('+', id + 1), split = checkpoint.find("\n\n");
  Expect(key != std::string::npos && split != std::string::npos, "not a verifier key or a checkpoint");
  const std::string public_key = FromBase64(vkey.substr(key + 1));
  Expect(public_key.size() == 33 && public_key[0] == 1, "not an Ed25519 verifier key");
  const std::string body = checkpoint.substr(0, split + 1);
  const std::string ours = "\u2014 " + vkey.substr(0, id) + " ";
  std::istringstream signatures(checkpoint.substr(split + 2));
  for (std::string line; std::getline(signatures, line);) {
    if (line.compare(0, ours.size(), ours) != 0) continue;
    const std::string signature = FromBase64(line.substr(ours.size()));
    if (signature.size() != 68 || Hex(signature.substr(0, 4)) != vkey.substr(id + 1, key - id - 1)) continue;
    Expect(SignedBy(public_key.substr(1), signature.substr(4), body), "wrong signature");
    std::istringstream lines(body);
    std::string origin, size, root;
    std::getline(lines, origin) && std::getline(lines, size) && std::getline(lines, root);
    return {std::stoull(size), FromBase64(root)};
  }
  throw std::runtime_error("the checkpoint is not signed by this key");
}

// RFC 9162, 2.1.3.2.
std::string RootOf(const std::string& entry, uint64_t index, uint64_t size, const std::vector<std::string>& hashes) {
  uint64_t node = index, last = size - 1;
  std::string result = Sha256(std::string(1, '\0') + entry);
  for (const std::string& sibling : hashes) {
    Expect(last > 0, "the proof is too long");
    if ((node & 1) == 1 || node == last) {
      result = Sha256('\1' + sibling + result);
      while ((node & 1) == 0 && node > 0) node >>= 1, last >>= 1;
    } else {
      result = Sha256('\1' + result + sibling);
    }
    node >>= 1, last >>= 1;
  }
  Expect(last == 0, "the proof is too short");
  return result;
}

}  // namespace

uint64_t VerifyReceipt(const std::string& entry, const std::string& proof, const std::string& vkey) {
  const size_t split = proof.find("\n\n");
  Expect(split != std::string::npos, "not a tlog-proof");
  std::istringstream lines(proof.substr(0, split));
  std::string version, index;
  std::getline(lines, version) && std::getline(lines, index);
  Expect(version == "c2sp.org/tlog-proof@v1" && index.compare(0, 6, "index ") == 0, "not a tlog-proof");
  std::vector<std::string> hashes;
  for (std::string line; std::getline(lines, line);) hashes.push_back(FromBase64(line));
  const Head head = OpenCheckpoint(proof.substr(split + 2), vkey);
  const uint64_t number = std::stoull(index.substr(6));
  Expect(RootOf(entry, number, head.size, hashes) == head.root, "the entry is not in this tree");
  return number;
}
