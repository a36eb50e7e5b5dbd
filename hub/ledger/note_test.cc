#include "hub/ledger/note.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include "catalog/base/error.h"
#include "catalog/storage/temporary_directory.h"
#include "hub/ledger/merkle.h"

namespace zhanqiao::ledger {
namespace {

// The example of Go's golang.org/x/mod/sumdb/note.
constexpr std::string_view kPeterKey = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
constexpr std::string_view kPeterText =
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n";
constexpr std::string_view kPeterLine =
    "\xE2\x80\x94 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBw"
    "JnAM=\n";

std::string PeterNote() { return std::string(kPeterText) + "\n" + std::string(kPeterLine); }

std::unique_ptr<Ed25519FileSigner> TestSigner(std::string name = "ledger.example/zhanqiao", char seed = 7) {
  return *Ed25519FileSigner::FromSeed(std::string(32, seed), std::move(name));
}

std::string ReasonOfOpening(std::string_view note, const VerifierKey& key) {
  return ReasonOf(OpenNote(note, {&key, 1}).status());
}

TEST(Note, TheGoExampleVerifies) {
  const absl::StatusOr<VerifierKey> key = ParseVerifierKey(kPeterKey);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->id(), 0xc74f20a3u);
  EXPECT_EQ(key->ToText(), kPeterKey);
  const absl::StatusOr<std::string> text = OpenNote(PeterNote(), {&*key, 1});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, kPeterText);
}

TEST(Note, EveryChangedByteOfANoteIsRefused) {
  const VerifierKey key = *ParseVerifierKey(kPeterKey);
  const std::string note = PeterNote();
  for (size_t at = 0; at < note.size(); ++at) {
    for (const char flip : {'\x01', '\x20', '\x80'}) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ flip);
      EXPECT_FALSE(OpenNote(changed, {&key, 1}).ok()) << at;
    }
  }
}

TEST(Note, EveryShortenedNoteIsRefused) {
  const VerifierKey key = *ParseVerifierKey(kPeterKey);
  const std::string note = PeterNote();
  for (size_t size = 0; size < note.size(); ++size) EXPECT_FALSE(OpenNote(note.substr(0, size), {&key, 1}).ok());
}

TEST(Note, WhatWeSignVerifiesAndIsDeterministic) {
  const auto signer = TestSigner();
  const VerifierKey key = VerifierKeyOf(*signer);
  const std::string note = *SignNote("text\nin two lines\n", *signer);
  EXPECT_EQ(note, *SignNote("text\nin two lines\n", *signer));
  EXPECT_EQ(*OpenNote(note, {&key, 1}), "text\nin two lines\n");
}

TEST(Note, SignatureLinesOfOthersAreIgnored) {
  const auto ours = TestSigner();
  const auto witness = TestSigner("witness.example", 9);
  const VerifierKey key = VerifierKeyOf(*ours);
  const std::string note = *SignNote("text\n", *ours);
  const std::string foreign = *SignNote("other\n", *witness);
  const std::string foreign_line = foreign.substr(foreign.find("\n\n") + 2);
  EXPECT_TRUE(OpenNote(note + foreign_line, {&key, 1}).ok());
  EXPECT_TRUE(OpenNote("text\n\n" + foreign_line + note.substr(6), {&key, 1}).ok());
  EXPECT_EQ(ReasonOfOpening(foreign, key), "NOTE_SIGNATURE");
}

TEST(Note, AWrongLineOfAKnownKeyRefusesTheNote) {
  const auto ours = TestSigner();
  const VerifierKey key = VerifierKeyOf(*ours);
  const std::string good = *SignNote("text\n", *ours);
  const std::string other = *SignNote("other\n", *ours);
  EXPECT_EQ(ReasonOfOpening(good + other.substr(other.find("\n\n") + 2), key), "NOTE_SIGNATURE");
}

TEST(Note, MalformedNotesAreRefused) {
  const auto ours = TestSigner();
  const VerifierKey key = VerifierKeyOf(*ours);
  const std::string good = *SignNote("text\n", *ours);
  for (const std::string& note :
       {std::string(), std::string("text\n"), std::string("text\n\n"), good + "\n", good + "junk\n", good + "junk",
        "\t" + good, std::string("text\r\n\n") + good.substr(6)}) {
    EXPECT_EQ(ReasonOfOpening(note, key), "NOTE_MALFORMED") << note;
  }
  EXPECT_FALSE(SignNote("no line break", *ours).ok());
}

TEST(Note, KeyNamesHaveNoSpacesOfAnyScript) {
  for (const char* name : {"ledger.example/x", "青岛", "a—b"}) EXPECT_TRUE(IsKeyName(name)) << name;
  for (const char* name : {"", "a b", "a+b", "a\nb", "a\u3000b", "a\u00A0b", "a\u2003b", "a\u2028b", "\xff"}) {
    EXPECT_FALSE(IsKeyName(name)) << name;
  }
}

TEST(Note, VerifierKeysAreParsedStrictly) {
  const std::string good(kPeterKey);
  for (const std::string& text : {std::string(), good + " ", good.substr(1), "PeterNeumann+c74f20a4" + good.substr(21),
                                  "PeterNeumann+C74F20A3" + good.substr(21), good.substr(0, good.size() - 4)}) {
    EXPECT_EQ(ReasonOf(ParseVerifierKey(text).status()), "VERIFIER_KEY_INVALID") << text;
  }
}

TEST(CheckpointText, RoundTripsAndIgnoresExtensions) {
  const Checkpoint checkpoint{"ledger.example/zhanqiao", 20852163, EmptyRoot()};
  const std::string text = checkpoint.ToText();
  EXPECT_EQ(text, "ledger.example/zhanqiao\n20852163\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n");
  const absl::StatusOr<Checkpoint> parsed = ParseCheckpoint(text + "extension\n");
  ASSERT_TRUE(parsed.ok());
  EXPECT_EQ(parsed->size, checkpoint.size);
  EXPECT_EQ(parsed->root, checkpoint.root);
}

TEST(CheckpointText, OtherFormsAreRefused) {
  const std::string root = "\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";
  for (const std::string& text :
       {std::string(), std::string("o\n1"), "o\n01" + root, "o\n-1" + root, "o\n+1" + root, "o\n1 " + root, "o\n" + root,
        "\n1" + root, "o\n18446744073709551616" + root, std::string("o\n1\nAAAA\n"), "o\n1" + root + "no break",
        "o\n1" + root + "\n"}) {
    EXPECT_EQ(ReasonOf(ParseCheckpoint(text).status()), "CHECKPOINT_MALFORMED") << text;
  }
}

TEST(CheckpointText, TheOriginMustBeTheKeysName) {
  const auto signer = TestSigner();
  const std::string note = *SignNote(Checkpoint{"elsewhere", 1, EmptyRoot()}.ToText(), *signer);
  EXPECT_EQ(ReasonOf(OpenCheckpoint(note, VerifierKeyOf(*signer)).status()), "CHECKPOINT_ORIGIN");
}

TEST(SigningKey, IsCreatedOnceForItsOwnerOnly) {
  const storage::TemporaryDirectory directory;
  const auto path = directory.path() / "log.key";
  EXPECT_EQ(ReasonOf(Ed25519FileSigner::Open(path, "o").status()), "SIGNING_KEY_MISSING");
  const auto created = Ed25519FileSigner::OpenOrCreate(path, "o");
  ASSERT_TRUE(created.ok()) << created.status();
  struct stat info {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600u);
  const auto opened = Ed25519FileSigner::OpenOrCreate(path, "o");
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((*opened)->public_key(), (*created)->public_key());
  const VerifierKey key = VerifierKeyOf(**created);
  EXPECT_TRUE(OpenNote(*SignNote("text\n", **opened), {&key, 1}).ok());
}

TEST(SigningKey, IsRefusedWhenOthersMayReadItOrItIsNone) {
  const storage::TemporaryDirectory directory;
  const auto path = directory.path() / "log.key";
  ASSERT_TRUE(Ed25519FileSigner::OpenOrCreate(path, "o").ok());
  ASSERT_EQ(chmod(path.c_str(), 0640), 0);
  EXPECT_EQ(ReasonOf(Ed25519FileSigner::Open(path, "o").status()), "SIGNING_KEY_MODE");
  std::ofstream(path, std::ios::trunc) << "nothing of the kind";
  ASSERT_EQ(chmod(path.c_str(), 0600), 0);
  EXPECT_EQ(ReasonOf(Ed25519FileSigner::Open(path, "o").status()), "SIGNING_KEY_INVALID");
  EXPECT_EQ(ReasonOf(Ed25519FileSigner::FromSeed("short", "o").status()), "SIGNING_KEY_INVALID");
}

}  // namespace
}  // namespace zhanqiao::ledger
