#include "hub/ledger/note.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/error.h"
#include "catalog/base/identifiers.h"
#include "hub/ledger/checkpointer.h"
#include "hub/ledger/suite.h"

namespace zhanqiao::ledger {
namespace {

using Pkey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using DigestContext = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;

constexpr std::string_view kDash = "\xE2\x80\x94 ";  // EM DASH and a space begin a signature line
constexpr size_t kSignaturesMax = 64;
constexpr size_t kPublicKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kTimeBytesOfCosignature = 8;

const unsigned char* Unsigned(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

absl::Status Malformed() {
  return Fail(absl::StatusCode::kInvalidArgument, "NOTE_MALFORMED",
              "A signed note is text, an empty line, and signature lines (C2SP signed-note).");
}

absl::Status BadSignature(std::string_view key) {
  return Fail(absl::StatusCode::kDataLoss, "NOTE_SIGNATURE", "No known key signed this text; it is altered or foreign.",
              {{"key", std::string(key)}});
}

absl::Status BadKey(std::string_view reason, std::string_view message, const std::filesystem::path& path) {
  return Fail(absl::StatusCode::kInvalidArgument, reason, message, {{"file", path.string()}});
}

bool IsSignatureOf(std::string_view public_key, std::string_view text, std::string_view signature) {
  const Pkey pkey(EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr, Unsigned(public_key), public_key.size()),
                  &EVP_PKEY_free);
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  return pkey && context && EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, pkey.get()) == 1 &&
         EVP_DigestVerify(context.get(), Unsigned(signature), signature.size(), Unsigned(text), text.size()) == 1;
}

// What a cosignature signs: two lines of its own before the text of the checkpoint.
std::string CosignedText(std::string_view text, uint64_t time_s) {
  return absl::StrCat("cosignature/v1\ntime ", time_s, "\n", Absl(text));
}

std::string BigEndianBytes(uint64_t number, int bytes) {
  std::string text;
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) text += static_cast<char>(number >> shift);
  return text;
}

uint64_t NumberFrom(std::string_view big_endian) {
  uint64_t number = 0;
  for (const char byte : big_endian) number = number << 8 | static_cast<unsigned char>(byte);
  return number;
}

// When `signature` was given if it is good for `text`; 0 for kinds that do not say.
std::optional<uint64_t> TimeIfGood(const VerifierKey& key, std::string_view text, std::string_view signature) {
  if (key.kind == KeyKind::kEd25519) {
    return IsSignatureOf(key.public_key, text, signature) ? std::optional<uint64_t>(0) : std::nullopt;
  }
  if (signature.size() != kTimeBytesOfCosignature + kSignatureBytes) return std::nullopt;
  const uint64_t time_s = NumberFrom(signature.substr(0, kTimeBytesOfCosignature));
  if (time_s >> 63 != 0) return std::nullopt;
  return IsSignatureOf(key.public_key, CosignedText(text, time_s), signature.substr(kTimeBytesOfCosignature))
             ? std::optional<uint64_t>(time_s)
             : std::nullopt;
}

// Valid UTF-8 without ASCII control characters other than the line break.
bool IsNoteText(std::string_view text) {
  return IsCleanText(text) && text.find_first_of("\t\r") == std::string_view::npos;
}

absl::StatusOr<NoteSignature> ParseSignature(std::string_view line) {
  if (!line.starts_with(kDash)) return Malformed();
  line.remove_prefix(kDash.size());
  const size_t space = line.find(' ');
  if (space == std::string_view::npos) return Malformed();
  const absl::StatusOr<std::string> blob = FromBase64(line.substr(space + 1));
  if (!blob.ok() || blob->size() < 5 || !IsKeyName(line.substr(0, space))) return Malformed();
  return NoteSignature{std::string(line.substr(0, space)), static_cast<uint32_t>(NumberFrom(blob->substr(0, 4))),
                       blob->substr(4)};
}

// Takes the text up to the next line break from `rest`; nothing if there is none.
std::optional<std::string_view> TakeLine(std::string_view& rest) {
  const size_t end = rest.find('\n');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view line = rest.substr(0, end);
  rest.remove_prefix(end + 1);
  return line;
}

absl::Status WriteNewFile(const std::filesystem::path& path, std::string_view bytes) {
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  const bool written = fd >= 0 && write(fd, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()) &&
                       fsync(fd) == 0;
  if (fd >= 0) close(fd);
  if (written) return absl::OkStatus();
  return Fail(absl::StatusCode::kUnavailable, "SIGNING_KEY_WRITE",
              "The signing key cannot be written; check the directory, its rights and its disk.",
              {{"file", path.string()}});
}

}  // namespace

struct Ed25519FileSigner::Key {
  Pkey pkey;
};

Ed25519FileSigner::Ed25519FileSigner(std::unique_ptr<Key> key, std::string name, std::string public_key)
    : key_(std::move(key)), name_(std::move(name)), public_key_(std::move(public_key)) {}

Ed25519FileSigner::~Ed25519FileSigner() = default;

absl::StatusOr<std::unique_ptr<Ed25519FileSigner>> Ed25519FileSigner::Open(const std::filesystem::path& path,
                                                                          std::string name) {
  struct stat info {};
  std::unique_ptr<FILE, int (*)(FILE*)> file(fopen(path.c_str(), "re"), &fclose);
  if (!file || fstat(fileno(file.get()), &info) != 0) {
    return Fail(absl::StatusCode::kNotFound, "SIGNING_KEY_MISSING",
                "The log's signing key cannot be read; put it back or correct the path in the configuration.",
                {{"file", path.string()}});
  }
  if ((info.st_mode & 077) != 0) {
    return Fail(absl::StatusCode::kFailedPrecondition, "SIGNING_KEY_MODE",
                "Others than its owner may use the log's signing key; set its mode to 0600.",
                {{"file", path.string()}});
  }
  auto key = std::make_unique<Key>(Key{Pkey(PEM_read_PrivateKey(file.get(), nullptr, nullptr, nullptr), &EVP_PKEY_free)});
  std::string public_key(32, '\0');
  size_t size = public_key.size();
  if (!key->pkey || EVP_PKEY_get_id(key->pkey.get()) != EVP_PKEY_ED25519 ||
      EVP_PKEY_get_raw_public_key(key->pkey.get(), reinterpret_cast<unsigned char*>(public_key.data()), &size) != 1) {
    return BadKey("SIGNING_KEY_INVALID", "The log's signing key is an Ed25519 private key in PKCS#8 PEM form.", path);
  }
  if (!IsKeyName(name)) {
    return BadKey("KEY_NAME_INVALID", "The origin of a log is non-empty text without spaces and '+'.", path);
  }
  return std::unique_ptr<Ed25519FileSigner>(
      new Ed25519FileSigner(std::move(key), std::move(name), std::move(public_key)));
}

absl::StatusOr<std::unique_ptr<Ed25519FileSigner>> Ed25519FileSigner::OpenOrCreate(const std::filesystem::path& path,
                                                                                  std::string name) {
  std::error_code error;
  if (std::filesystem::exists(path, error)) return Open(path, std::move(name));
  const Pkey pkey(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"), &EVP_PKEY_free);
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new(BIO_s_mem()), &BIO_free);
  char* pem = nullptr;
  if (!pkey || !bio || PEM_write_bio_PKCS8PrivateKey(bio.get(), pkey.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Fail(absl::StatusCode::kInternal, "SIGNING_KEY_CREATE", "OpenSSL could not make an Ed25519 key.");
  }
  const auto size = static_cast<size_t>(BIO_get_mem_data(bio.get(), &pem));
  TRY(WriteNewFile(path, {pem, size}));
  if (!SyncDirectory(path.parent_path())) return BadKey("SIGNING_KEY_WRITE", "The key's directory cannot be synced.", path);
  return Open(path, std::move(name));
}

absl::StatusOr<std::unique_ptr<Ed25519FileSigner>> Ed25519FileSigner::FromSeed(std::string_view seed, std::string name) {
  auto key = std::make_unique<Key>(Key{
      Pkey(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, Unsigned(seed), seed.size()), &EVP_PKEY_free)});
  std::string public_key(32, '\0');
  size_t size = public_key.size();
  if (!key->pkey || !IsKeyName(name) ||
      EVP_PKEY_get_raw_public_key(key->pkey.get(), reinterpret_cast<unsigned char*>(public_key.data()), &size) != 1) {
    return BadKey("SIGNING_KEY_INVALID", "An Ed25519 seed has 32 bytes and the key a valid name.", {});
  }
  return std::unique_ptr<Ed25519FileSigner>(
      new Ed25519FileSigner(std::move(key), std::move(name), std::move(public_key)));
}

absl::StatusOr<std::string> Ed25519FileSigner::Sign(std::string_view text) const {
  const DigestContext context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::string signature(64, '\0');
  size_t size = signature.size();
  if (!context || EVP_DigestSignInit(context.get(), nullptr, nullptr, nullptr, key_->pkey.get()) != 1 ||
      EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, Unsigned(text),
                     text.size()) != 1) {
    return Fail(absl::StatusCode::kInternal, "SIGNING_FAILED", "OpenSSL could not sign the checkpoint.");
  }
  return signature;
}

uint32_t VerifierKey::id() const {
  const char type = static_cast<char>(kind);
  const Digest digest = Sha256(absl::StrCat(name, "\n", absl::string_view(&type, 1), public_key));
  return static_cast<uint32_t>(NumberFrom(Bytes(digest).substr(0, 4)));
}

std::string VerifierKey::ToText() const {
  return absl::StrCat(name, "+", absl::StrFormat("%08x", id()), "+",
                      ToBase64(std::string(1, static_cast<char>(kind)) + public_key));
}

VerifierKey VerifierKeyOf(const Signer& signer) {
  return {signer.name(), signer.public_key(), KeyKind{Suite::kSignatureType}};
}

VerifierKey CosignerKeyOf(const Signer& signer) {
  return {signer.name(), signer.public_key(), KeyKind::kCosignature};
}

absl::StatusOr<VerifierKey> ParseVerifierKey(std::string_view text) {
  const auto bad = [] {
    return Fail(absl::StatusCode::kInvalidArgument, "VERIFIER_KEY_INVALID",
                "A verifier key is name+hex id+base64 of an Ed25519 key, as the log prints it (log.vkey).");
  };
  const size_t first = text.find('+');
  if (first == std::string_view::npos || text.size() < first + 11 || text[first + 9] != '+') return bad();
  const absl::StatusOr<std::string> blob = FromBase64(text.substr(first + 10));
  if (!blob.ok() || blob->size() < 2) return bad();
  const VerifierKey key{std::string(text.substr(0, first)), blob->substr(1), KeyKind{static_cast<uint8_t>((*blob)[0])}};
  const bool ed25519 = key.kind == KeyKind::kEd25519 || key.kind == KeyKind::kCosignature;
  if (ed25519 ? key.public_key.size() != kPublicKeyBytes : key.kind != KeyKind::kOpaque) return bad();
  if (!IsKeyName(key.name) || key.ToText() != text) return bad();
  return key;
}

bool IsKeyName(std::string_view name) {
  if (name.empty() || !IsNoteText(name) || name.find_first_of("+ \n") != std::string_view::npos) return false;
  // White space beyond ASCII: U+0085, U+00A0, U+1680, U+2000-200A, U+2028, U+2029, U+202F, U+205F, U+3000.
  for (const std::string_view space : {"\xC2\x85", "\xC2\xA0", "\xE1\x9A\x80", "\xE2\x80\xA8", "\xE2\x80\xA9",
                                       "\xE2\x80\xAF", "\xE2\x81\x9F", "\xE3\x80\x80"}) {
    if (name.find(space) != std::string_view::npos) return false;
  }
  for (size_t at = name.find("\xE2\x80"); at != std::string_view::npos; at = name.find("\xE2\x80", at + 1)) {
    if (static_cast<unsigned char>(name[at + 2]) <= 0x8A) return false;
  }
  return true;
}

std::string NoteSignature::ToLine() const {
  return absl::StrCat(Absl(kDash), name, " ", ToBase64(BigEndianBytes(id, 4) + signature), "\n");
}

std::string Note::ToText() const {
  std::string note = text + "\n";
  for (const NoteSignature& line : signatures) note += line.ToLine();
  return note;
}

absl::StatusOr<std::string> SignNote(std::string_view text, const Signer& signer) {
  const Signer* const one = &signer;
  return SignNote(text, {&one, 1});
}

absl::StatusOr<std::string> SignNote(std::string_view text, absl::Span<const Signer* const> signers) {
  if (text.empty() || text.back() != '\n' || !IsNoteText(text)) return Malformed();
  Note note{std::string(text), {}};
  for (const Signer* const signer : signers) {
    std::string signature = TRY(signer->Sign(text));
    note.signatures.push_back({signer->name(), VerifierKeyOf(*signer).id(), std::move(signature)});
  }
  return note.ToText();
}

absl::StatusOr<NoteSignature> Cosign(std::string_view text, const Signer& signer, uint64_t time_s) {
  const std::string signature = TRY(signer.Sign(CosignedText(text, time_s)));
  return NoteSignature{signer.name(), CosignerKeyOf(signer).id(),
                       BigEndianBytes(time_s, kTimeBytesOfCosignature) + signature};
}

absl::StatusOr<std::vector<NoteSignature>> ParseSignatures(std::string_view lines) {
  std::vector<NoteSignature> signatures;
  if (lines.empty() || lines.back() != '\n') return Malformed();
  while (const auto line = TakeLine(lines)) {
    if (signatures.size() == kSignaturesMax) return Malformed();
    NoteSignature signature = TRY(ParseSignature(*line));
    signatures.push_back(std::move(signature));
  }
  return signatures;
}

absl::StatusOr<Note> ParseNote(std::string_view note) {
  const size_t split = note.rfind("\n\n");
  if (split == std::string_view::npos || note.back() != '\n' || !IsNoteText(note)) return Malformed();
  std::vector<NoteSignature> signatures = TRY(ParseSignatures(note.substr(split + 2)));
  return Note{std::string(note.substr(0, split + 1)), std::move(signatures)};
}

absl::StatusOr<std::vector<VerifiedSignature>> VerifySignatures(const Note& note,
                                                                absl::Span<const VerifierKey> keys) {
  std::vector<VerifiedSignature> verified;
  for (const NoteSignature& line : note.signatures) {
    for (const VerifierKey& key : keys) {
      if (line.name != key.name || line.id != key.id() || key.kind == KeyKind::kOpaque) continue;
      const std::optional<uint64_t> time_s = TimeIfGood(key, note.text, line.signature);
      if (!time_s) return BadSignature(key.name);
      verified.push_back({key, *time_s, line});
    }
  }
  return verified;
}

absl::StatusOr<std::string> OpenNote(std::string_view note, absl::Span<const VerifierKey> keys) {
  Note parsed = TRY(ParseNote(note));
  const std::vector<VerifiedSignature> verified = TRY(VerifySignatures(parsed, keys));
  if (verified.empty()) return BadSignature(keys.empty() ? "" : keys[0].name);
  return std::move(parsed.text);
}

std::string Checkpoint::ToText() const { return absl::StrCat(origin, "\n", size, "\n", ToBase64(Bytes(root)), "\n"); }

absl::StatusOr<Checkpoint> ParseCheckpoint(std::string_view text) {
  const auto bad = [] {
    return Fail(absl::StatusCode::kInvalidArgument, "CHECKPOINT_MALFORMED",
                "A checkpoint is three lines: origin, size in decimal, base64 root hash (C2SP tlog-checkpoint).");
  };
  const auto origin = TakeLine(text);
  const auto size = TakeLine(text);
  const auto root = TakeLine(text);
  if (!origin || !size || !root || origin->empty() || size->empty()) return bad();
  Checkpoint checkpoint;
  checkpoint.origin = std::string(*origin);
  const auto [end, error] = std::from_chars(size->data(), size->data() + size->size(), checkpoint.size);
  if (error != std::errc() || end != size->data() + size->size() || (size->size() > 1 && size->front() == '0')) {
    return bad();
  }
  const absl::StatusOr<std::string> bytes = FromBase64(*root);
  if (!bytes.ok() || bytes->size() != checkpoint.root.size()) return bad();
  checkpoint.root = DigestFrom(*bytes);
  while (!text.empty()) {
    const auto extension = TakeLine(text);
    if (!extension || extension->empty()) return bad();
  }
  return checkpoint;
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, const VerifierKey& key) {
  return OpenCheckpoint(note, absl::Span<const VerifierKey>(&key, 1));
}

absl::StatusOr<Checkpoint> OpenCheckpoint(std::string_view note, absl::Span<const VerifierKey> keys) {
  const std::string text = TRY(OpenNote(note, keys));
  Checkpoint checkpoint = TRY(ParseCheckpoint(text));
  if (checkpoint.origin == keys[0].name) return checkpoint;
  return Fail(absl::StatusCode::kDataLoss, "CHECKPOINT_ORIGIN", "The checkpoint is of another log than its key.",
              {{"origin", checkpoint.origin}, {"key", keys[0].name}});
}

}  // namespace zhanqiao::ledger
