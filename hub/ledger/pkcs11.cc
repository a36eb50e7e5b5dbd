#include "hub/ledger/pkcs11.h"

#include <dlfcn.h>
#include <p11-kit/pkcs11.h>
#include <sys/stat.h>

#include <cstdio>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "catalog/base/error.h"

namespace zhanqiao::ledger {
namespace {

constexpr size_t kPublicKeyBytes = 32;
constexpr size_t kSignatureBytes = 64;
constexpr size_t kSlotsMax = 256;
constexpr size_t kKeysMax = 256;
// PrintableString "edwards25519": the curve as PKCS#11 3.0 names it (CKA_EC_PARAMS).
constexpr std::string_view kCurve = "\x13\x0c" "edwards25519";

absl::Status Refused(std::string_view call, CK_RV code) {
  return Fail(absl::StatusCode::kUnavailable, "PKCS11_FAILED",
              "The security module refused a call; its manual explains the code.",
              {{"call", std::string(call)}, {"code", absl::StrFormat("0x%08x", static_cast<uint64_t>(code))}});
}

absl::StatusOr<std::string> ReadPin(const std::string& file) {
  struct stat info {};
  const std::unique_ptr<FILE, int (*)(FILE*)> in(fopen(file.c_str(), "re"), &fclose);
  char buffer[256];
  if (in && fstat(fileno(in.get()), &info) == 0 && (info.st_mode & 077) == 0) {
    std::string pin(buffer, fread(buffer, 1, sizeof buffer, in.get()));
    while (!pin.empty() && (pin.back() == '\n' || pin.back() == '\r')) pin.pop_back();
    if (!pin.empty() && pin.size() < sizeof buffer) return pin;
  }
  return Fail(absl::StatusCode::kFailedPrecondition, "PKCS11_PIN_FILE",
              "The PIN file cannot be read, is empty, or others than its owner may read it; set its mode to 0600.",
              {{"file", file}});
}

CK_ATTRIBUTE Attribute(CK_ATTRIBUTE_TYPE type, const void* value, size_t size) {
  return {type, const_cast<void*>(value), static_cast<CK_ULONG>(size)};
}

// A token's label is 32 bytes, filled with spaces.
std::string LabelOf(const CK_TOKEN_INFO& info) {
  std::string label(reinterpret_cast<const char*>(info.label), sizeof info.label);
  label.erase(label.find_last_not_of(' ') + 1);
  return label;
}

// The 32 bytes of an Ed25519 key in CKA_EC_POINT: bare, or as a DER OCTET STRING, as modules differ.
std::string PointOf(std::string_view attribute) {
  if (attribute.size() == kPublicKeyBytes + 2 && attribute.starts_with("\x04\x20")) attribute.remove_prefix(2);
  return attribute.size() == kPublicKeyBytes ? std::string(attribute) : std::string();
}

}  // namespace

// The module, one token, one session. The mutex makes each use of the session one step: it is one conversation.
class Pkcs11KeyVault::Token {
 public:
  explicit Token(Pkcs11Options options) : options_(std::move(options)) {}
  ~Token() {
    if (functions_ != nullptr && initialized_) functions_->C_Finalize(nullptr);
    if (library_ != nullptr) dlclose(library_);
  }

  absl::Status Open() {
    absl::MutexLock lock(&mu_);
    TRY(Load());
    return LogIn();
  }

  absl::StatusOr<std::vector<std::string>> PublicKeys() {
    absl::MutexLock lock(&mu_);
    std::vector<std::string> keys;
    const std::vector<CK_OBJECT_HANDLE> found = TRY(Objects(CKO_PUBLIC_KEY, {}));
    for (const CK_OBJECT_HANDLE object : found) {
      const std::string point = PointOf(Value(object, CKA_EC_POINT));
      if (!point.empty()) keys.push_back(point);
    }
    return keys;
  }

  absl::StatusOr<std::string> Generate() {
    absl::MutexLock lock(&mu_);
    const CK_BBOOL yes = CK_TRUE;
    const CK_BBOOL no = CK_FALSE;
    // Pairs belong together by CKA_ID, which is the public key; known only once it is made.
    std::vector<CK_ATTRIBUTE> open = {Attribute(CKA_TOKEN, &yes, sizeof yes), Attribute(CKA_VERIFY, &yes, sizeof yes),
                                      Attribute(CKA_LABEL, options_.label.data(), options_.label.size()),
                                      Attribute(CKA_EC_PARAMS, kCurve.data(), kCurve.size())};
    std::vector<CK_ATTRIBUTE> closed = {Attribute(CKA_TOKEN, &yes, sizeof yes), Attribute(CKA_PRIVATE, &yes, sizeof yes),
                                        Attribute(CKA_SENSITIVE, &yes, sizeof yes),
                                        Attribute(CKA_EXTRACTABLE, &no, sizeof no), Attribute(CKA_SIGN, &yes, sizeof yes),
                                        Attribute(CKA_LABEL, options_.label.data(), options_.label.size())};
    CK_MECHANISM mechanism = {CKM_EC_EDWARDS_KEY_PAIR_GEN, nullptr, 0};
    CK_OBJECT_HANDLE public_key = 0;
    CK_OBJECT_HANDLE private_key = 0;
    TRY(Done("C_GenerateKeyPair",
             functions_->C_GenerateKeyPair(session_, &mechanism, open.data(), open.size(), closed.data(), closed.size(),
                                           &public_key, &private_key)));
    const std::string point = PointOf(Value(public_key, CKA_EC_POINT));
    if (point.empty()) return Refused("CKA_EC_POINT", CKR_GENERAL_ERROR);
    CK_ATTRIBUTE id = Attribute(CKA_ID, point.data(), point.size());
    TRY(Done("C_SetAttributeValue", functions_->C_SetAttributeValue(session_, public_key, &id, 1)));
    TRY(Done("C_SetAttributeValue", functions_->C_SetAttributeValue(session_, private_key, &id, 1)));
    return point;
  }

  absl::StatusOr<std::string> Sign(const std::string& public_key, std::string_view text) {
    absl::MutexLock lock(&mu_);
    absl::StatusOr<std::string> signature = TrySign(public_key, text);
    if (signature.ok()) return signature;
    functions_->C_CloseAllSessions(slot_);
    TRY(LogIn());
    return TrySign(public_key, text);
  }

 private:
  static absl::Status Done(std::string_view call, CK_RV code) {
    return code == CKR_OK ? absl::OkStatus() : Refused(call, code);
  }

  absl::Status Load() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    library_ = dlopen(options_.module.c_str(), RTLD_NOW | RTLD_LOCAL);
    const auto list = library_ ? reinterpret_cast<CK_C_GetFunctionList>(dlsym(library_, "C_GetFunctionList")) : nullptr;
    if (list == nullptr || list(&functions_) != CKR_OK || functions_ == nullptr) {
      const char* const cause = dlerror();
      return Fail(absl::StatusCode::kInvalidArgument, "PKCS11_MODULE",
                  "The PKCS#11 module does not load; give the path of the library that came with the security module.",
                  {{"module", options_.module}, {"cause", cause ? cause : "no C_GetFunctionList"}});
    }
    CK_C_INITIALIZE_ARGS arguments{};
    arguments.flags = CKF_OS_LOCKING_OK;
    const CK_RV code = functions_->C_Initialize(&arguments);
    initialized_ = code == CKR_OK;  // else someone in this process did, and will undo, it
    return code == CKR_CRYPTOKI_ALREADY_INITIALIZED ? absl::OkStatus() : Done("C_Initialize", code);
  }

  absl::StatusOr<CK_SLOT_ID> FindSlot() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    CK_SLOT_ID slots[kSlotsMax];
    CK_ULONG count = kSlotsMax;
    TRY(Done("C_GetSlotList", functions_->C_GetSlotList(CK_TRUE, slots, &count)));
    for (CK_ULONG i = 0; i < count; ++i) {
      CK_TOKEN_INFO info{};
      if (functions_->C_GetTokenInfo(slots[i], &info) == CKR_OK && LabelOf(info) == options_.token) return slots[i];
    }
    return Fail(absl::StatusCode::kNotFound, "PKCS11_TOKEN", "The security module shows no token of this label.",
                {{"module", options_.module}, {"token", options_.token}});
  }

  absl::Status LogIn() ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::string pin = TRY(ReadPin(options_.pin_file));
    slot_ = TRY(FindSlot());
    TRY(Done("C_OpenSession", functions_->C_OpenSession(slot_, CKF_SERIAL_SESSION | CKF_RW_SESSION, nullptr, nullptr,
                                                        &session_)));
    const CK_RV code = functions_->C_Login(session_, CKU_USER, reinterpret_cast<CK_UTF8CHAR*>(pin.data()), pin.size());
    return code == CKR_USER_ALREADY_LOGGED_IN ? absl::OkStatus() : Done("C_Login", code);
  }

  // The objects of `kind` under the label, and with `id` as CKA_ID unless that is empty.
  absl::StatusOr<std::vector<CK_OBJECT_HANDLE>> Objects(CK_OBJECT_CLASS kind, std::string_view id)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const CK_KEY_TYPE type = CKK_EC_EDWARDS;
    std::vector<CK_ATTRIBUTE> wanted = {Attribute(CKA_CLASS, &kind, sizeof kind), Attribute(CKA_KEY_TYPE, &type, sizeof type),
                                        Attribute(CKA_LABEL, options_.label.data(), options_.label.size())};
    if (!id.empty()) wanted.push_back(Attribute(CKA_ID, id.data(), id.size()));
    TRY(Done("C_FindObjectsInit", functions_->C_FindObjectsInit(session_, wanted.data(), wanted.size())));
    std::vector<CK_OBJECT_HANDLE> found(kKeysMax);
    CK_ULONG count = 0;
    const CK_RV code = functions_->C_FindObjects(session_, found.data(), found.size(), &count);
    functions_->C_FindObjectsFinal(session_);
    TRY(Done("C_FindObjects", code));
    found.resize(count);
    return found;
  }

  // Empty when the object does not have it.
  std::string Value(CK_OBJECT_HANDLE object, CK_ATTRIBUTE_TYPE type) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::string value(256, '\0');
    CK_ATTRIBUTE wanted = Attribute(type, value.data(), value.size());
    if (functions_->C_GetAttributeValue(session_, object, &wanted, 1) != CKR_OK || wanted.ulValueLen > value.size()) return {};
    value.resize(wanted.ulValueLen);
    return value;
  }

  // The private half: CKA_ID is the public key of keys made here, or that of the public half made elsewhere.
  absl::StatusOr<CK_OBJECT_HANDLE> PrivateKey(const std::string& public_key) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    std::string id = public_key;
    const std::vector<CK_OBJECT_HANDLE> halves = TRY(Objects(CKO_PUBLIC_KEY, {}));
    for (const CK_OBJECT_HANDLE half : halves) {
      if (PointOf(Value(half, CKA_EC_POINT)) == public_key) id = Value(half, CKA_ID);
    }
    const std::vector<CK_OBJECT_HANDLE> found = TRY(Objects(CKO_PRIVATE_KEY, id));
    if (found.size() == 1) return found.front();
    return Fail(absl::StatusCode::kNotFound, "SIGNING_KEY_MISSING",
                "The token holds no private key for a key of the log, or several; give each pair its own CKA_ID.",
                {{"token", options_.token}, {"label", options_.label}});
  }

  absl::StatusOr<std::string> TrySign(const std::string& public_key, std::string_view text)
      ABSL_EXCLUSIVE_LOCKS_REQUIRED(mu_) {
    const CK_OBJECT_HANDLE key = TRY(PrivateKey(public_key));
    CK_MECHANISM mechanism = {CKM_EDDSA, nullptr, 0};
    TRY(Done("C_SignInit", functions_->C_SignInit(session_, &mechanism, key)));
    std::string data(text);
    std::string signature(kSignatureBytes, '\0');
    CK_ULONG size = signature.size();
    TRY(Done("C_Sign", functions_->C_Sign(session_, reinterpret_cast<CK_BYTE*>(data.data()), data.size(),
                                          reinterpret_cast<CK_BYTE*>(signature.data()), &size)));
    if (size != kSignatureBytes) return Refused("C_Sign", CKR_GENERAL_ERROR);
    return signature;
  }

  const Pkcs11Options options_;
  absl::Mutex mu_;
  void* library_ = nullptr;
  CK_FUNCTION_LIST* functions_ = nullptr;
  bool initialized_ = false;
  CK_SLOT_ID slot_ ABSL_GUARDED_BY(mu_) = 0;
  CK_SESSION_HANDLE session_ ABSL_GUARDED_BY(mu_) = 0;
};

class Pkcs11KeyVault::TokenSigner final : public Signer {
 public:
  TokenSigner(std::shared_ptr<Token> token, std::string name, std::string public_key)
      : token_(std::move(token)), name_(std::move(name)), public_key_(std::move(public_key)) {}
  const std::string& name() const override { return name_; }
  const std::string& public_key() const override { return public_key_; }
  absl::StatusOr<std::string> Sign(std::string_view text) const override { return token_->Sign(public_key_, text); }

 private:
  const std::shared_ptr<Token> token_;
  const std::string name_;
  const std::string public_key_;
};

Pkcs11KeyVault::Pkcs11KeyVault(std::shared_ptr<Token> token, std::string origin)
    : token_(std::move(token)), origin_(std::move(origin)) {}
Pkcs11KeyVault::~Pkcs11KeyVault() = default;

absl::StatusOr<std::unique_ptr<Pkcs11KeyVault>> Pkcs11KeyVault::Open(Pkcs11Options options, std::string origin) {
  auto token = std::make_shared<Token>(std::move(options));
  TRY(token->Open());
  return std::unique_ptr<Pkcs11KeyVault>(new Pkcs11KeyVault(std::move(token), std::move(origin)));
}

absl::StatusOr<std::shared_ptr<const Signer>> Pkcs11KeyVault::First() {
  const std::vector<std::string> keys = TRY(token_->PublicKeys());
  if (keys.empty()) return Create();
  if (keys.size() == 1) return std::make_shared<const TokenSigner>(token_, origin_, keys.front());
  return Fail(absl::StatusCode::kFailedPrecondition, "SIGNING_KEY_AMBIGUOUS",
              "The token holds several keys of the label and the log none yet; leave one, or give another label.");
}

absl::StatusOr<std::shared_ptr<const Signer>> Pkcs11KeyVault::Find(std::string_view public_key) {
  const std::vector<std::string> keys = TRY(token_->PublicKeys());
  for (const std::string& key : keys) {
    if (key == public_key) return std::make_shared<const TokenSigner>(token_, origin_, key);
  }
  return Fail(absl::StatusCode::kNotFound, "SIGNING_KEY_MISSING",
              "A signing key of the log is not on the token; put it back or correct the configuration.",
              {{"key_id", absl::StrFormat("%08x", VerifierKey{origin_, std::string(public_key)}.id())}});
}

absl::StatusOr<std::shared_ptr<const Signer>> Pkcs11KeyVault::Create() {
  std::string public_key = TRY(token_->Generate());
  return std::make_shared<const TokenSigner>(token_, origin_, std::move(public_key));
}

}  // namespace zhanqiao::ledger
