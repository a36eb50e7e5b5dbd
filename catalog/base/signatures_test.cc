#include "catalog/base/signatures.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "catalog/base/error.h"
#include "catalog/base/journal.h"

namespace zhanqiao {
namespace {

std::vector<Digest> Digests(size_t count) {
  std::vector<Digest> digests;
  for (size_t i = 0; i < count; ++i) digests.push_back(Sha256("message " + std::to_string(i)));
  return digests;
}

std::vector<std::string_view> Views(const std::vector<Digest>& digests) {
  std::vector<std::string_view> views;
  for (const Digest& digest : digests) views.push_back(Bytes(digest));
  return views;
}

// The root as RFC 6962 2.1 defines it.
Digest NaiveRoot(const std::vector<Digest>& digests, size_t begin, size_t end) {
  if (end - begin == 1) return Sha256(std::string_view("\0", 1), Bytes(digests[begin]));
  size_t k = 1;
  while (k * 2 < end - begin) k *= 2;
  return Sha256("\x01", Bytes(NaiveRoot(digests, begin, begin + k)),
                Bytes(NaiveRoot(digests, begin + k, end)));
}

const Ed25519Key& Key() {
  static const auto* const key = new Ed25519Key(Ed25519Key::FromSeed(std::string(32, 9)));
  return *key;
}

TEST(Ed25519, IsThatOfRfc8032) {
  // Section 7.1, test 2.
  const Ed25519Key key =
      Ed25519Key::FromSeed(*FromHex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb"));
  EXPECT_EQ(ToHex(key.public_key()), "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c");
  EXPECT_EQ(ToHex(key.Sign("\x72")),
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00");
  EXPECT_TRUE(VerifyEd25519(key.public_key(), "\x72", key.Sign("\x72")));
  EXPECT_FALSE(VerifyEd25519(key.public_key(), "\x73", key.Sign("\x72")));
  EXPECT_FALSE(VerifyEd25519("short", "\x72", key.Sign("\x72")));
  EXPECT_FALSE(VerifyEd25519(key.public_key(), "\x72", "short"));
}

TEST(Ed25519, AKeyFileIsItsOwnersAlone) {
  const std::string path = testing::TempDir() + "/signing.pem";
  std::ofstream(path) << Key().ToPem();
  ::chmod(path.c_str(), 0644);
  EXPECT_EQ(ReasonOf(Ed25519Key::Open(path).status()), "SIGNING_KEY_MODE");
  ::chmod(path.c_str(), 0600);
  const auto opened = Ed25519Key::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ(opened->public_key(), Key().public_key());
  std::ofstream(path) << "not a key";
  EXPECT_EQ(ReasonOf(Ed25519Key::Open(path).status()), "SIGNING_KEY_INVALID");
  EXPECT_EQ(ReasonOf(Ed25519Key::Open(path + ".missing").status()), "SIGNING_KEY_MISSING");
}

TEST(Signatures, EveryPlaceInEveryBatchProvesItsMessageAndNoOther) {
  for (size_t count = 1; count <= kSignedMax; ++count) {
    const std::vector<Digest> digests = Digests(count);
    const SignedTree tree(digests);
    ASSERT_EQ(tree.root(), NaiveRoot(digests, 0, count)) << count;
    const std::string signature = Key().Sign(tree.SignedBytes(kSignedAnswers));
    const auto batch = SignedBatch::Check(kSignedAnswers, Key().public_key(), Views(digests), signature);
    ASSERT_TRUE(batch.ok()) << count;
    EXPECT_EQ((*batch)->signature_hash(), Sha256(signature));
    for (size_t i = 0; i < count; ++i) {
      const v1::BatchSignature place = (*batch)->Place(i);
      ASSERT_TRUE(CheckSignature(kSignedAnswers, place, digests[i]).ok()) << count << " " << i;
      ASSERT_FALSE(CheckSignature(kSignedAnswers, place, Sha256("another")).ok()) << count << " " << i;
      ASSERT_LE(place.path_size(), 6);
    }
  }
}

TEST(Signatures, ADifferenceAnywhereIsRefused) {
  const std::vector<Digest> digests = Digests(5);
  const SignedTree tree(digests);
  const std::string signature = Key().Sign(tree.SignedBytes(kSignedRequests));
  const auto refused = [&](std::string_view purpose, std::string_view key,
                           std::vector<std::string_view> views, std::string_view signed_by) {
    return ReasonOf(SignedBatch::Check(purpose, key, views, signed_by).status()) == "SIGNATURE_WRONG";
  };
  EXPECT_FALSE(refused(kSignedRequests, Key().public_key(), Views(digests), signature));
  EXPECT_TRUE(refused(kSignedAnswers, Key().public_key(), Views(digests), signature)) << "another purpose";
  EXPECT_TRUE(refused(kSignedRequests, Ed25519Key::FromSeed(std::string(32, 8)).public_key(), Views(digests),
                      signature));
  EXPECT_TRUE(refused(kSignedRequests, "", Views(digests), signature)) << "no key";
  EXPECT_TRUE(refused(kSignedRequests, Key().public_key(), {}, signature));
  EXPECT_TRUE(refused(kSignedRequests, Key().public_key(), {"short"}, signature));
  EXPECT_TRUE(refused(kSignedRequests, Key().public_key(), Views(Digests(65)), signature));
  EXPECT_TRUE(refused(kSignedRequests, Key().public_key(), Views(Digests(4)), signature));
  const v1::BatchSignature good = tree.Place(2, Key().public_key(), signature);
  ASSERT_TRUE(CheckSignature(kSignedRequests, good, digests[2]).ok());
  const auto broken = [&](auto change) {
    v1::BatchSignature place = good;
    change(place);
    return !CheckSignature(kSignedRequests, place, digests[2]).ok();
  };
  EXPECT_TRUE(broken([](auto& place) { place.set_count(6); }));
  EXPECT_TRUE(broken([](auto& place) { place.set_count(0); }));
  EXPECT_TRUE(broken([](auto& place) { place.set_position(3); }));
  EXPECT_TRUE(broken([](auto& place) { place.set_position(5); }));
  EXPECT_TRUE(broken([](auto& place) { place.mutable_path()->RemoveLast(); }));
  EXPECT_TRUE(broken([](auto& place) { place.add_path(std::string(32, 'x')); }));
  EXPECT_TRUE(broken([](auto& place) { place.set_path(0, "short"); }));
  EXPECT_TRUE(broken([](auto& place) { (*place.mutable_signature())[5] ^= 1; }));
}

TEST(Signatures, EveryPartOfAnAnswerCounts) {
  const Digest base = AnswerDigest("c", "resources/r", false, "rows");
  EXPECT_NE(AnswerDigest("d", "resources/r", false, "rows"), base);
  EXPECT_NE(AnswerDigest("c", "resources/s", false, "rows"), base);
  EXPECT_NE(AnswerDigest("c", "resources/r", true, "rows"), base);
  EXPECT_NE(AnswerDigest("c", "resources/r", false, "row"), base);
}

TEST(Journal, ALineComesBackAsItWasWritten) {
  JournalLine line{
      1'795'000'000'000'001, "resources/306001~000001", std::string(32, 'c'), std::string(32, '\xD1'), 7, ""};
  for (const std::string& hash : {std::string(), std::string(32, 's')}) {
    line.signature_hash = hash;
    const std::string text = ToText(line);
    const auto parsed = ParseJournalLine(std::string_view(text).substr(0, text.size() - 1));
    ASSERT_TRUE(parsed.ok()) << text;
    EXPECT_EQ(*parsed, line);
    for (size_t cut = 1; cut < 20; ++cut) {
      EXPECT_EQ(ReasonOf(ParseJournalLine(std::string_view(text).substr(0, text.size() - 1 - cut)).status()),
                "JOURNAL_LINE");
    }
  }
}

}  // namespace
}  // namespace zhanqiao
