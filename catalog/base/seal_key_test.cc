// Promises of seal_key.h.
#include "catalog/base/seal_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "catalog/base/digest.h"
#include "catalog/base/error.h"

namespace zhanqiao {
namespace {

class SealKeyTest : public testing::Test {
 protected:
  SealKeyTest() {
    char name[] = "/tmp/zhanqiao-seal-XXXXXX";
    directory_ = mkdtemp(name);
  }
  ~SealKeyTest() override { std::filesystem::remove_all(directory_); }
  SystemRandom random_;
  std::filesystem::path directory_;
};

TEST_F(SealKeyTest, OpensWhatItSealedAndNothingElse) {
  const SealKey key(std::string(32, 'k'));
  for (const std::string& plain : {std::string(), std::string("青岛"), std::string(100'000, 'x')}) {
    const std::string sealed = key.Seal(plain, "for whom", random_);
    EXPECT_EQ(key.Open(sealed, "for whom").value(), plain);
    EXPECT_EQ(ReasonOf(key.Open(sealed, "for another").status()), "SEAL_BROKEN");
    EXPECT_EQ(ReasonOf(SealKey(std::string(32, 'j')).Open(sealed, "for whom").status()), "SEAL_BROKEN");
    EXPECT_EQ(ReasonOf(key.Open(sealed.substr(0, sealed.size() - 1), "for whom").status()), "SEAL_BROKEN");
  }
}

TEST_F(SealKeyTest, EveryAlteredBitIsFound) {
  const SealKey key(std::string(32, 'k'));
  const std::string sealed = key.Seal("cursor", "c", random_);
  for (size_t bit = 0; bit < sealed.size() * 8; ++bit) {
    std::string altered = sealed;
    altered[bit / 8] = static_cast<char>(altered[bit / 8] ^ (1 << (bit % 8)));
    EXPECT_EQ(ReasonOf(key.Open(altered, "c").status()), "SEAL_BROKEN") << bit;
  }
}

TEST_F(SealKeyTest, EqualTextsDoNotLookEqual) {
  const SealKey key(std::string(32, 'k'));
  EXPECT_NE(key.Seal("same", "c", random_), key.Seal("same", "c", random_));
}

// The cipher is the standard's: test case 13 of the GCM specification (empty text, zero key, zero nonce).
TEST_F(SealKeyTest, IsAes256Gcm) {
  const std::string published = *FromHex("000000000000000000000000530f8afbc74536b9a963b4f1c4cb738b");
  EXPECT_EQ(SealKey(std::string(32, '\0')).Open(published, "").value(), "");
}

TEST_F(SealKeyTest, KeepsItsKeyAcrossOpenings) {
  const auto file = directory_ / "resume.key";
  const SealKey made = SealKey::OpenOrMake(file, random_).value();
  struct stat info {};
  ASSERT_EQ(stat(file.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const std::string sealed = made.Seal("p", "c", random_);
  EXPECT_EQ(SealKey::OpenOrMake(file, random_).value().Open(sealed, "c").value(), "p");
}

TEST_F(SealKeyTest, RefusesAKeyOthersMayReadAndOneThatIsNone) {
  const auto file = directory_ / "resume.key";
  std::ofstream(file) << "no key\n";
  chmod(file.c_str(), 0600);
  EXPECT_EQ(ReasonOf(SealKey::OpenOrMake(file, random_).status()), "SEAL_KEY_INVALID");
  chmod(file.c_str(), 0644);
  EXPECT_EQ(ReasonOf(SealKey::OpenOrMake(file, random_).status()), "SEAL_KEY_MODE");
  EXPECT_EQ(ReasonOf(SealKey::OpenOrMake(directory_ / "none" / "a.key", random_).status()), "SEAL_KEY_UNWRITABLE");
}

}  // namespace
}  // namespace zhanqiao
