#include "hub/cli/certificates.h"

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>

#include <array>
#include <ctime>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/digest.h"
#include "catalog/base/error.h"
#include "catalog/model/names.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

template <auto Free>
struct Freer {
  template <typename T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Key = std::unique_ptr<EVP_PKEY, Freer<EVP_PKEY_free>>;
using Certificate = std::unique_ptr<X509, Freer<X509_free>>;
using Extension = std::unique_ptr<X509_EXTENSION, Freer<X509_EXTENSION_free>>;
using Buffer = std::unique_ptr<BIO, Freer<BIO_free>>;
using Number = std::unique_ptr<BIGNUM, Freer<BN_free>>;
using Names = std::unique_ptr<GENERAL_NAMES, Freer<GENERAL_NAMES_free>>;

absl::Status WrongOrder(std::string_view what, std::string_view expected) {
  return Fail(absl::StatusCode::kInvalidArgument, "CERTIFICATE_ORDER",
              "The certificate cannot be made as asked; correct the named part.",
              {{"part", std::string(what)}, {"expected", std::string(expected)}});
}

absl::Status CryptoFailed() {
  return Fail(absl::StatusCode::kInternal, "CRYPTO_FAILED",
              "The cryptographic library refused; report this.");
}

absl::Status UnusableAuthority(std::string_view why) {
  return Fail(absl::StatusCode::kInvalidArgument, "AUTHORITY_UNUSABLE",
              "The authority's certificate and key cannot sign; give the files zq cert ca wrote.",
              {{"why", std::string(why)}});
}

std::string Drain(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return std::string(data, static_cast<size_t>(size));
}

Buffer Reading(std::string_view text) {
  return Buffer(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
}

Certificate ReadCertificate(std::string_view pem) {
  const Buffer bio = Reading(pem);
  return Certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
}

// An encrypted key would make OpenSSL ask at the terminal; an empty answer refuses it instead.
int NoPassword(char*, int, int, void*) {
  return 0;
}

Key ReadKey(std::string_view pem) {
  const Buffer bio = Reading(pem);
  return Key(PEM_read_bio_PrivateKey(bio.get(), nullptr, NoPassword, nullptr));
}

absl::StatusOr<Credentials> ToPem(X509* certificate, EVP_PKEY* key) {
  const Buffer certificate_text(BIO_new(BIO_s_mem()));
  const Buffer key_text(BIO_new(BIO_s_mem()));
  if (PEM_write_bio_X509(certificate_text.get(), certificate) != 1 ||
      PEM_write_bio_PKCS8PrivateKey(key_text.get(), key, nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return CryptoFailed();
  }
  return Credentials{Drain(certificate_text.get()), Drain(key_text.get())};
}

bool AddExtension(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  const Extension extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  return extension && X509_add_ext(certificate, extension.get(), -1) == 1;
}

// Built by hand: the configuration syntax of OpenSSL would take commas in a URI for separators.
bool AddAlternativeNames(X509* certificate, const CertificateOrder& order) {
  const Names names(sk_GENERAL_NAME_new_null());
  const auto add = [&](int type, const void* data, size_t size) {
    GENERAL_NAME* name = GENERAL_NAME_new();
    ASN1_STRING* text = type == GEN_IPADD ? ASN1_OCTET_STRING_new() : ASN1_IA5STRING_new();
    if (name == nullptr || text == nullptr || ASN1_STRING_set(text, data, static_cast<int>(size)) != 1)
      return false;
    GENERAL_NAME_set0_value(name, type, text);
    return sk_GENERAL_NAME_push(names.get(), name) > 0;
  };
  for (const std::string& uri : order.uris) {
    if (!add(GEN_URI, uri.data(), uri.size())) return false;
  }
  for (const std::string& dns : order.dns_names) {
    if (!add(GEN_DNS, dns.data(), dns.size())) return false;
  }
  for (const std::string& address : order.addresses) {
    std::array<unsigned char, 16> bytes{};
    const bool four = inet_pton(AF_INET, address.c_str(), bytes.data()) == 1;
    if (!four && inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) return false;
    if (!add(GEN_IPADD, bytes.data(), four ? 4 : 16)) return false;
  }
  if (sk_GENERAL_NAME_num(names.get()) == 0) return true;
  return X509_add1_ext_i2d(certificate, NID_subject_alt_name, names.get(), 0, X509V3_ADD_DEFAULT) == 1;
}

// Version 3, a random 127-bit serial, the name, the term and the public key.
Certificate Blank(const std::string& common_name, absl::Time from, absl::Time to, EVP_PKEY* key) {
  Certificate certificate(X509_new());
  std::array<unsigned char, 16> serial{};
  if (!certificate || RAND_bytes(serial.data(), serial.size()) != 1) return nullptr;
  serial[0] = static_cast<unsigned char>((serial[0] & 0x7F) | 0x40);
  const Number number(BN_bin2bn(serial.data(), serial.size(), nullptr));
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(common_name.data());
  const bool good = X509_set_version(certificate.get(), 2) == 1 &&
                    BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get())) != nullptr &&
                    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text,
                                               static_cast<int>(common_name.size()), -1, 0) == 1 &&
                    ASN1_TIME_set(X509_getm_notBefore(certificate.get()), absl::ToTimeT(from)) != nullptr &&
                    ASN1_TIME_set(X509_getm_notAfter(certificate.get()), absl::ToTimeT(to)) != nullptr &&
                    X509_set_pubkey(certificate.get(), key) == 1;
  return good ? std::move(certificate) : nullptr;
}

absl::Time TimeOf(const ASN1_TIME* time) {
  std::tm parts{};
  ASN1_TIME_to_tm(time, &parts);
  return absl::FromTM(parts, absl::UTCTimeZone());
}

std::string NameText(const X509_NAME* name) {
  const Buffer bio(BIO_new(BIO_s_mem()));
  X509_NAME_print_ex(bio.get(), name, 0, XN_FLAG_ONELINE & ~ASN1_STRFLGS_ESC_MSB);
  return Drain(bio.get());
}

std::string TextOf(const ASN1_STRING* text) {
  return std::string(reinterpret_cast<const char*>(ASN1_STRING_get0_data(text)),
                     static_cast<size_t>(ASN1_STRING_length(text)));
}

void ReadAlternativeNames(X509* certificate, CertificateFacts& facts) {
  const Names names(
      static_cast<GENERAL_NAMES*>(X509_get_ext_d2i(certificate, NID_subject_alt_name, nullptr, nullptr)));
  for (int at = 0; names && at < sk_GENERAL_NAME_num(names.get()); ++at) {
    int type = 0;
    const auto* text = static_cast<const ASN1_STRING*>(
        GENERAL_NAME_get0_value(sk_GENERAL_NAME_value(names.get(), at), &type));
    if (type == GEN_URI) facts.uris.push_back(TextOf(text));
    if (type == GEN_DNS) facts.dns_names.push_back(TextOf(text));
    if (type == GEN_IPADD) {
      std::array<char, INET6_ADDRSTRLEN> shown{};
      const int family = ASN1_STRING_length(text) == 4 ? AF_INET : AF_INET6;
      inet_ntop(family, ASN1_STRING_get0_data(text), shown.data(), shown.size());
      facts.addresses.emplace_back(shown.data());
    }
  }
}

absl::Status CheckOrder(const CertificateOrder& order) {
  if (order.common_name.empty() || order.common_name.size() > 64) {
    return WrongOrder("common_name", "1 to 64 bytes");
  }
  if (order.to <= order.from) return WrongOrder("to", "after from");
  for (const std::string& address : order.addresses) {
    std::array<unsigned char, 16> bytes{};
    if (inet_pton(AF_INET, address.c_str(), bytes.data()) != 1 &&
        inet_pton(AF_INET6, address.c_str(), bytes.data()) != 1) {
      return WrongOrder("address", "IPv4 or IPv6 in text form");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<Credentials> NewAuthority(const std::string& common_name, absl::Time from, absl::Time to) {
  TRY(CheckOrder(
      {.common_name = common_name, .uris = {}, .dns_names = {}, .addresses = {}, .from = from, .to = to}));
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return CryptoFailed();
  const Certificate certificate = Blank(common_name, from, to, key.get());
  if (!certificate) return CryptoFailed();
  X509* self = certificate.get();
  const bool good = X509_set_issuer_name(self, X509_get_subject_name(self)) == 1 &&
                    AddExtension(self, self, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
                    AddExtension(self, self, NID_key_usage, "critical,keyCertSign,cRLSign") &&
                    AddExtension(self, self, NID_subject_key_identifier, "hash") &&
                    X509_sign(self, key.get(), EVP_sha256()) > 0;
  if (!good) return CryptoFailed();
  return ToPem(self, key.get());
}

absl::StatusOr<Credentials> Issue(const Credentials& authority, const CertificateOrder& order) {
  TRY(CheckOrder(order));
  const Certificate issuer = ReadCertificate(authority.certificate);
  if (!issuer) return UnusableAuthority("its certificate is not PEM");
  const Key issuer_key = ReadKey(authority.key);
  if (!issuer_key) return UnusableAuthority("its key is not unencrypted PEM");
  if (X509_check_ca(issuer.get()) != 1) return UnusableAuthority("its certificate is not of an authority");
  if (X509_check_private_key(issuer.get(), issuer_key.get()) != 1) {
    return UnusableAuthority("its key belongs to another certificate");
  }
  const Key key(EVP_EC_gen("P-256"));
  if (!key) return CryptoFailed();
  const Certificate certificate = Blank(order.common_name, order.from, order.to, key.get());
  if (!certificate) return CryptoFailed();
  X509* made = certificate.get();
  const bool good =
      X509_set_issuer_name(made, X509_get_subject_name(issuer.get())) == 1 &&
      AddExtension(made, issuer.get(), NID_basic_constraints, "critical,CA:FALSE") &&
      AddExtension(made, issuer.get(), NID_key_usage, "critical,digitalSignature") &&
      AddExtension(made, issuer.get(), NID_ext_key_usage, order.server ? "serverAuth" : "clientAuth") &&
      AddExtension(made, issuer.get(), NID_subject_key_identifier, "hash") &&
      AddExtension(made, issuer.get(), NID_authority_key_identifier, "keyid:always") &&
      AddAlternativeNames(made, order) && X509_sign(made, issuer_key.get(), EVP_sha256()) > 0;
  if (!good) return CryptoFailed();
  return ToPem(made, key.get());
}

absl::StatusOr<CertificateFacts> Describe(std::string_view pem) {
  const Certificate certificate = ReadCertificate(pem);
  if (!certificate) {
    return Fail(absl::StatusCode::kInvalidArgument, "CERTIFICATE_UNREADABLE",
                "The file holds no certificate in PEM form; give the .crt file.");
  }
  CertificateFacts facts;
  facts.subject = NameText(X509_get_subject_name(certificate.get()));
  facts.issuer = NameText(X509_get_issuer_name(certificate.get()));
  const Number serial(ASN1_INTEGER_to_BN(X509_get_serialNumber(certificate.get()), nullptr));
  std::string serial_bytes(static_cast<size_t>(BN_num_bytes(serial.get())), '\0');
  BN_bn2bin(serial.get(), reinterpret_cast<unsigned char*>(serial_bytes.data()));
  facts.serial = ToHex(serial_bytes);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate.get(), EVP_sha256(), digest.data(), &size) != 1) return CryptoFailed();
  facts.fingerprint = ToHex({reinterpret_cast<const char*>(digest.data()), size});
  facts.from = TimeOf(X509_get0_notBefore(certificate.get()));
  facts.to = TimeOf(X509_get0_notAfter(certificate.get()));
  facts.authority = X509_check_ca(certificate.get()) == 1;
  ReadAlternativeNames(certificate.get(), facts);
  return facts;
}

absl::StatusOr<std::string> IdentityUri(std::string_view city, std::string_view subject) {
  using catalog::IsMemberName;
  const std::vector<std::string> parts = absl::StrSplit(Absl(subject), '/');
  const bool member = IsMemberName(subject, catalog::kSystems) || IsMemberName(subject, catalog::kPersons) ||
                      IsMemberName(subject, catalog::kConnectors);
  if (!member || city.empty()) {
    return Fail(absl::StatusCode::kInvalidArgument, "SUBJECT_INVALID",
                "The subject must be organizations/{code}/systems/{id}, …/persons/{id} or …/connectors/{id}.",
                {{"subject", std::string(subject)}});
  }
  return absl::StrCat("zhanqiao://", Absl(city), "/org/", parts[1], "/",
                      parts[2].substr(0, parts[2].size() - 1), "/", parts[3]);
}

std::string SubjectOf(std::string_view uri) {
  const std::vector<std::string> parts = absl::StrSplit(Absl(uri), '/');
  if (parts.size() != 7 || parts[0] != "zhanqiao:" || !parts[1].empty() || parts[3] != "org") return "";
  return absl::StrCat("organizations/", parts[4], "/", parts[5], "s/", parts[6]);
}

absl::Status WriteCredentials(const std::string& prefix, const Credentials& credentials) {
  TRY(WriteFile(prefix + ".key", credentials.key, 0600));
  return WriteFile(prefix + ".crt", credentials.certificate, 0644);
}

}  // namespace zhanqiao::cli
