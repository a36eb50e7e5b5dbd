// Several kinds of signatures under one note, with vectors others published.
#include <gtest/gtest.h>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/note.h"

namespace zhanqiao::ledger {
namespace {

// The example of C2SP signed-note.
constexpr std::string_view kFooKey = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
constexpr std::string_view kFooNote =
    "This is an example message.\n\n\xE2\x80\x94 example.com/foo "
    "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHjG1Yu72IneyaQM=\n";

// A checkpoint of a public staging log, with an RFC 6962 signature, an Ed25519 one, and cosignatures of public
// witnesses.
constexpr std::string_view kPublicLogKey =
    "arche2025h1.staging.ct.transparency.dev+ba2f06c0+AU0vHmlGCS/PdN8b2OaGmKprLI8HKM+dJ472xgFYh15f";
constexpr std::string_view kPublicWitnessKeys[] = {
    "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2",
    "witness.stagemole.eu+67f7aea0+BEqSG3yu9YrmcM3BHvQYTxwFj3uSWakQepafafpUqklv",
    "witness1.smartit.nu/witness1+a48c820f+BPSFWg9G6KPiO7QPryYO5Xq4oYJJ+kAvLKLSimDhoxMO",
    "transparency.dev/DEV:witness-little-garden+d8042a87+BCtusOxINQNUTN5Oj8HObRkh2yHf/MwYaGX4CPdiVEPM",
};
constexpr std::string_view kPublicCheckpoint =
    "arche2025h1.staging.ct.transparency.dev\n"
    "1432088532\n"
    "U7WM79jrzyhGZ5/GUBTpM7NzwdyfFx61t3RovgcC4Ro=\n"
    "\n"
    "\xE2\x80\x94 arche2025h1.staging.ct.transparency.dev zTM8sQAAAZ5W0WdjBAMARjBEAiBjW5IQf9pvsYLfQFX6hoGREPMHbdQ3urbllzalApkp"
    "tQIgIpwtEroeW2BXaHAI4kJXFbon5Ch9MNL5zRNZ55lvGt0=\n"
    "\xE2\x80\x94 arche2025h1.staging.ct.transparency.dev ui8GwCF1+kWqZrxGdhj4aX3gcw7XUlXQQabg/27lefwhUkzbC3NygNI75MdhL1bfTW9g8Ei"
    "59RA23oHP7Ry1k3ZFWwQ=\n"
    "\xE2\x80\x94 transparency.dev/DEV:witness-little-garden 2AQqhwAAAABqEiEgzgFIqqhbUoDwjMWE6UP8nd8/KYTzwZ2rhIgcqoXHAwVkjZr4Ascy"
    "lP3v7sEodkRAErumC2q44vdgJY096st5BQ==\n"
    "\xE2\x80\x94 witness1.smartit.nu/witness1 pIyCDwAAAABqEiEghIp82KWebrw7/oHQwlTAm3g2RKS4+eebl8eO0WH+/iEcxZ75W3u5hNI7TOQtmJbqmN"
    "WVuE0tgh0XwzdZsDsUAQ==\n"
    "\xE2\x80\x94 remora.n621.de 2net5wAAAABqEiEgPlfF3V06o0Y+fHM+J5J9s27wgxxcOVSpZ/2g/KSiXCg9DEZI+aVCIobWX9sXTynk5XeU/zZ0WBxtqB0Dr"
    "AWfBw==\n"
    "\xE2\x80\x94 witness.stagemole.eu Z/euoAAAAABqEiEgw0i+7g2ENfDAWHmtRzCfKTHSDwYDJA2NmKeGi9Y8FtEyOUvVr+AJmIY/2TUFucgKi7lI7cUiOvK"
    "FYe/TmN9DAg==\n";

const std::string kText = "ledger.example/zhanqiao\n1\n47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\n";

std::unique_ptr<Signer> SignerOf(std::string name, char seed) {
  return *Ed25519FileSigner::FromSeed(std::string(32, seed), std::move(name));
}

std::vector<VerifierKey> PublicWitnesses() {
  std::vector<VerifierKey> keys;
  for (const std::string_view text : kPublicWitnessKeys) keys.push_back(*ParseVerifierKey(text));
  return keys;
}

TEST(Cosignature, TheSignedNoteExampleVerifies) {
  const VerifierKey key = *ParseVerifierKey(kFooKey);
  EXPECT_EQ(key.id(), 0x530d903au);
  const auto text = OpenNote(kFooNote, {&key, 1});
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(*text, "This is an example message.\n");
}

TEST(Cosignature, APublicLogAndItsPublicWitnessesVerify) {
  const VerifierKey log = *ParseVerifierKey(kPublicLogKey);
  const auto checkpoint = OpenCheckpoint(kPublicCheckpoint, log);
  ASSERT_TRUE(checkpoint.ok()) << checkpoint.status();
  EXPECT_EQ(checkpoint->size, 1432088532u);

  const auto verified = VerifySignatures(*ParseNote(kPublicCheckpoint), PublicWitnesses());
  ASSERT_TRUE(verified.ok()) << verified.status();
  ASSERT_EQ(verified->size(), 4u);
  for (const VerifiedSignature& one : *verified) {
    EXPECT_EQ(one.key.kind, KeyKind::kCosignature);
    EXPECT_EQ(one.time_s, 0x6a122120u) << one.key.name;
  }
}

TEST(Cosignature, VouchesForNoOtherTextAndNoOtherTime) {
  Note note = *ParseNote(kPublicCheckpoint);
  const std::vector<VerifierKey> keys = PublicWitnesses();
  Note other = note;
  other.text.replace(other.text.find("1432088532"), 10, "1432088533");
  EXPECT_EQ(ReasonOf(VerifySignatures(other, keys).status()), "NOTE_SIGNATURE");
  note.signatures[2].signature[7] = static_cast<char>(note.signatures[2].signature[7] ^ 1);  // a second later
  EXPECT_EQ(ReasonOf(VerifySignatures(note, keys).status()), "NOTE_SIGNATURE");
}

TEST(Cosignature, ANoteTakenApartIsPutTogetherUnchanged) {
  EXPECT_EQ(ParseNote(kPublicCheckpoint)->ToText(), kPublicCheckpoint);
}

TEST(Cosignature, WhatWeCosignVerifiesWithItsTime) {
  const auto witness = SignerOf("witness.example/audit", 9);
  Note note{kText, {*Cosign(kText, *witness, 1'795'000'000)}};
  const VerifierKey key = CosignerKeyOf(*witness);
  const auto verified = VerifySignatures(note, {&key, 1});
  ASSERT_TRUE(verified.ok()) << verified.status();
  ASSERT_EQ(verified->size(), 1u);
  EXPECT_EQ((*verified)[0].time_s, 1'795'000'000u);
  EXPECT_EQ(*ParseVerifierKey(key.ToText()), key);
}

// One key pair may not stand for two kinds: the key ids differ, so that neither line passes for the other.
TEST(Cosignature, IsNoSignatureOfTheLogAndTheOtherWayRound) {
  const auto signer = SignerOf("one.example", 9);
  const VerifierKey as_log = VerifierKeyOf(*signer);
  const VerifierKey as_witness = CosignerKeyOf(*signer);
  EXPECT_NE(as_log.id(), as_witness.id());
  const Note cosigned{kText, {*Cosign(kText, *signer, 1)}};
  EXPECT_EQ(ReasonOf(OpenNote(cosigned.ToText(), {&as_log, 1}).status()), "NOTE_SIGNATURE");
  const Note signed_note = *ParseNote(*SignNote(kText, *signer));
  EXPECT_TRUE(VerifySignatures(signed_note, {&as_witness, 1})->empty());
}

TEST(Cosignature, GreaseLinesAreIgnoredWhereverTheyStand) {
  const auto log = SignerOf("ledger.example/zhanqiao", 7);
  const VerifierKey key = VerifierKeyOf(*log);
  const Note good = *ParseNote(*SignNote(kText, *log));
  for (size_t before = 0; before <= 20; ++before) {
    Note note{kText, {}};
    for (size_t i = 0; i < 20; ++i) {
      if (i == before) note.signatures.push_back(good.signatures[0]);
      note.signatures.push_back({absl::StrCat("grease.example/", i), static_cast<uint32_t>(i), std::string(i + 1, '\x5a')});
    }
    if (before == 20) note.signatures.push_back(good.signatures[0]);
    EXPECT_TRUE(OpenNote(note.ToText(), {&key, 1}).ok()) << before;
  }
}

TEST(Cosignature, AnOwnKindIsKeptAndNeitherBelievedNorRefused) {
  const auto log = SignerOf("ledger.example/zhanqiao", 7);
  const VerifierKey own{"ledger.example/zhanqiao", "sm2-sm3.example/v1 and the key", KeyKind::kOpaque};
  EXPECT_EQ(*ParseVerifierKey(own.ToText()), own);
  Note note = *ParseNote(*SignNote(kText, *log));
  note.signatures.push_back({own.name, own.id(), "an SM2 signature in DER"});
  const std::vector<VerifierKey> keys = {VerifierKeyOf(*log), own};
  EXPECT_TRUE(OpenNote(note.ToText(), keys).ok());
  EXPECT_EQ(ParseNote(note.ToText())->signatures[1].signature, "an SM2 signature in DER");
  EXPECT_EQ(ReasonOf(OpenNote(note.ToText(), {&own, 1}).status()), "NOTE_SIGNATURE") << "alone it proves nothing";
}

TEST(Cosignature, KeysOfUnknownKindsAreRefused) {
  const std::string key(32, 'k');
  for (const int type : {0x00, 0x02, 0x05, 0x06, 0xfa}) {
    const VerifierKey unknown{"x.example", key, KeyKind{static_cast<uint8_t>(type)}};
    EXPECT_EQ(ReasonOf(ParseVerifierKey(unknown.ToText()).status()), "VERIFIER_KEY_INVALID") << type;
  }
  const VerifierKey cut_short{"x.example", key.substr(1), KeyKind::kCosignature};
  EXPECT_EQ(ReasonOf(ParseVerifierKey(cut_short.ToText()).status()), "VERIFIER_KEY_INVALID");
}

TEST(Cosignature, ALogWithTwoKeysIsOpenedByEither) {
  const auto before = SignerOf("ledger.example/zhanqiao", 7);
  const auto after = SignerOf("ledger.example/zhanqiao", 8);
  const Signer* const both[] = {before.get(), after.get()};
  const std::string note = *SignNote(kText, both);
  for (const auto& signer : {before.get(), after.get()}) {
    EXPECT_EQ(OpenCheckpoint(note, VerifierKeyOf(*signer))->size, 1u);
  }
  const std::vector<VerifierKey> known = {VerifierKeyOf(*before), VerifierKeyOf(*after)};
  EXPECT_TRUE(OpenCheckpoint(*SignNote(kText, *after), known).ok());
}

}  // namespace
}  // namespace zhanqiao::ledger
