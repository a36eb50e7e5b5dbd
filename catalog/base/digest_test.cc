#include "catalog/base/digest.h"

#include <gtest/gtest.h>

#include "catalog/base/commitment.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

std::string Hex(const Digest& digest) { return ToHex(Bytes(digest)); }

TEST(Sha256, GivesThePublishedVectors) {  // FIPS 180-2 appendix B
  EXPECT_EQ(Hex(Sha256("")), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(Hex(Sha256("abc")), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(Hex(Sha256(std::string(1'000'000, 'a'))),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST(Sha256, OfPartsIsThatOfTheirConcatenation) {
  EXPECT_EQ(Sha256("ab", "c"), Sha256("abc"));
  EXPECT_EQ(Sha256("a", "", "bc"), Sha256("abc"));
}

TEST(HmacSha256, GivesTheVectorsOfRfc4231) {
  const auto hmac = [](const std::string& key, const std::string& data) { return Hex(HmacSha256(key, data)); };
  EXPECT_EQ(hmac(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(hmac(std::string(20, '\xaa'), std::string(50, '\xdd')),
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe");
  std::string counting;
  for (char c = 1; c <= 25; ++c) counting += c;
  EXPECT_EQ(hmac(counting, std::string(50, '\xcd')),
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b");
  EXPECT_EQ(hmac(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
  EXPECT_EQ(hmac(std::string(131, '\xaa'),
                 "This is a test using a larger than block-size key and a larger than block-size data. The key needs "
                 "to be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2");
}

TEST(Hex, IsReadBackAsItWas) {
  EXPECT_EQ(ToHex(std::string_view("\x00\xFF", 2)), "00ff");
  EXPECT_EQ(FromHex("00fF").value(), std::string_view("\x00\xFF", 2));
  EXPECT_EQ(FromHex("").value(), "");
  for (const char* bad : {"0", "0g", "0x12", " 00"}) EXPECT_EQ(ReasonOf(FromHex(bad).status()), "HEX_INVALID") << bad;
}

TEST(Base64, GivesTheVectorsOfRfc4648) {
  EXPECT_EQ(ToBase64(""), "");
  EXPECT_EQ(ToBase64("f"), "Zg==");
  EXPECT_EQ(ToBase64("fo"), "Zm8=");
  EXPECT_EQ(ToBase64("foobar"), "Zm9vYmFy");
  EXPECT_EQ(FromBase64("Zm9vYg==").value(), "foob");
}

TEST(Base64, RefusesOtherWaysToWriteTheSameBytes) {
  for (const char* bad : {"Zg", "Zg=", "Zh==", "Zm9v\n", " Zm9v", "Zm-_", "Zg==Zg=="}) {
    EXPECT_EQ(ReasonOf(FromBase64(bad).status()), "BASE64_INVALID") << bad;
  }
}

TEST(DigestFrom, IsTheInverseOfBytes) {
  const Digest digest = Sha256("abc");
  EXPECT_EQ(DigestFrom(Bytes(digest)), digest);
}

TEST(Commitment, IsTwoHmacsAndDependsOnSeedLabelAndPayload) {
  const std::string seed(32, 's');
  EXPECT_EQ(Commitment(seed, "request", "x"), HmacSha256(Bytes(HmacSha256(seed, "request")), "x"));
  EXPECT_NE(Commitment(seed, "request", "x"), Commitment(seed, "answer", "x"));
  EXPECT_NE(Commitment(seed, "request", "x"), Commitment(std::string(32, 't'), "request", "x"));
  EXPECT_NE(Commitment(seed, "request", "x"), Commitment(seed, "request", "y"));
  SeededRandom random(1);
  EXPECT_EQ(NewSeed(random).size(), 32u);
}

}  // namespace
}  // namespace zhanqiao
