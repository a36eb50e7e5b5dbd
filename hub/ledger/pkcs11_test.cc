// Against SoftHSM2, the security module in software that Debian packages.
#include "hub/ledger/pkcs11.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/test_log.h"

// Of LeakSanitizer; absent in other builds.
extern "C" {
void __lsan_disable() __attribute__((weak));
void __lsan_enable() __attribute__((weak));
}

namespace zhanqiao::ledger {
namespace {

constexpr char kModule[] = "/usr/lib/softhsm/libsofthsm2.so";

// A token of its own for each test.
class Pkcs11Test : public testing::Test {
 protected:
  // SoftHSM2 2.6.1 keeps the name of each key's curve (24 + 13 bytes) for ever; that is not ours to find.
  Pkcs11Test() {
    if (__lsan_disable) __lsan_disable();
  }
  ~Pkcs11Test() override {
    if (__lsan_enable) __lsan_enable();
  }
  void SetUp() override {
    ASSERT_TRUE(std::filesystem::exists(kModule)) << "install softhsm2 (deploy/packages.txt)";
    const std::string conf = Path("softhsm2.conf");
    std::filesystem::create_directory(Path("tokens"));
    std::ofstream(conf) << "directories.tokendir = " << Path("tokens") << "\nobjectstore.backend = file\nlog.level = ERROR\n";
    ASSERT_EQ(setenv("SOFTHSM2_CONF", conf.c_str(), 1), 0);
    const std::string make = "softhsm2-util --init-token --free --label zhanqiao --pin 4711 --so-pin 08154711 > /dev/null 2>&1";
    ASSERT_EQ(std::system(make.c_str()), 0);
    WritePin("4711\n", 0600);
  }
  std::string Path(std::string_view name) const { return (directory_.path() / name).string(); }
  void WritePin(std::string_view pin, mode_t mode) {
    std::ofstream(Path("pin"), std::ios::trunc) << pin;
    ASSERT_EQ(chmod(Path("pin").c_str(), mode), 0);
  }
  Pkcs11Options Options() const { return {kModule, "zhanqiao", "log", Path("pin")}; }
  std::string Refusal(const Pkcs11Options& options) { return ReasonOf(Pkcs11KeyVault::Open(options, TestLog::kOrigin).status()); }
  std::unique_ptr<Pkcs11KeyVault> Vault() {
    auto vault = Pkcs11KeyVault::Open(Options(), TestLog::kOrigin);
    EXPECT_TRUE(vault.ok()) << vault.status();
    return *std::move(vault);
  }

  const storage::TemporaryDirectory directory_;
};

TEST_F(Pkcs11Test, SignsCheckpointsThatOpenSslVerifies) {
  const auto signer = Vault()->First();
  ASSERT_TRUE(signer.ok()) << signer.status();
  const Checkpoint checkpoint{TestLog::kOrigin, 7, EmptyRoot()};
  const auto note = SignNote(checkpoint.ToText(), **signer);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(OpenCheckpoint(*note, VerifierKeyOf(**signer))->size, 7u);
}

TEST_F(Pkcs11Test, FindsItsKeysAgain) {
  std::string first;
  std::string second;
  {
    const auto vault = Vault();
    first = (*vault->First())->public_key();
    EXPECT_EQ((*vault->First())->public_key(), first) << "made once";
    second = (*vault->Create())->public_key();
    EXPECT_NE(first, second);
  }
  const auto vault = Vault();
  for (const std::string& key : {first, second}) {
    const auto signer = vault->Find(key);
    ASSERT_TRUE(signer.ok()) << signer.status();
    EXPECT_TRUE(OpenNote(*SignNote("text\n", **signer), std::vector<VerifierKey>{{TestLog::kOrigin, key}}).ok());
  }
  EXPECT_EQ(ReasonOf(vault->Find(std::string(32, 'k')).status()), "SIGNING_KEY_MISSING");
  EXPECT_EQ(ReasonOf(vault->First().status()), "SIGNING_KEY_AMBIGUOUS");
}

TEST_F(Pkcs11Test, ALogRotatesOnTheToken) {
  storage::MemoryStore store;
  const SystemClock clock;
  auto keys = LogKeys::Open(store, Vault(), TestLog::kOrigin);
  ASSERT_TRUE(keys.ok()) << keys.status();
  const auto log = *Log::Open(store, clock);
  storage::CommitPipeline pipeline(store, log.get(), {});
  storage::Commit genesis;
  genesis.records.push_back(GenesisRecord(TestLog::kOrigin, (*keys)->Active().front()->public_key()));
  ASSERT_TRUE(pipeline.Run(std::move(genesis)).ok());
  const auto added = (*keys)->Add(pipeline, "hub");
  ASSERT_TRUE(added.ok()) << added.status();
  const auto note = SignHead(*log->head(), **keys);
  ASSERT_TRUE(note.ok()) << note.status();
  EXPECT_EQ(VerifySignatures(*ParseNote(note->note), (*keys)->Known())->size(), 2u);
}

TEST_F(Pkcs11Test, SaysWhatIsWrong) {
  Pkcs11Options options = Options();
  options.module = "/none.so";
  EXPECT_EQ(Refusal(options), "PKCS11_MODULE");
  options.module = "/usr/lib/x86_64-linux-gnu/libcrypto.so.3";
  EXPECT_EQ(Refusal(options), "PKCS11_MODULE") << "a library, but not of a security module";
  options = Options();
  options.token = "another";
  EXPECT_EQ(Refusal(options), "PKCS11_TOKEN");
  WritePin("0000", 0600);
  const absl::Status wrong = Pkcs11KeyVault::Open(Options(), TestLog::kOrigin).status();
  EXPECT_EQ(ReasonOf(wrong), "PKCS11_FAILED");
  EXPECT_EQ(FactOf(wrong, "call"), "C_Login");
  EXPECT_EQ(FactOf(wrong, "code"), "0x000000a0");
  WritePin("4711", 0640);
  EXPECT_EQ(Refusal(Options()), "PKCS11_PIN_FILE");
  WritePin("", 0600);
  EXPECT_EQ(Refusal(Options()), "PKCS11_PIN_FILE");
}

}  // namespace
}  // namespace zhanqiao::ledger
