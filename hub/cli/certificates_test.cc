#include "hub/cli/certificates.h"

#include <gtest/gtest.h>
#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <sys/stat.h>

#include <filesystem>

#include "catalog/base/error.h"
#include "hub/cli/files.h"

namespace zhanqiao::cli {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1511481600);  // 2017-11-24
constexpr char kUri[] = "zhanqiao://qingdao/org/370200-ZWFWB/system/approval";

Credentials Authority() {
  return NewAuthority("Demo CA", kNow, kNow + absl::Hours(24 * 365)).value();
}

CertificateOrder SystemOrder() {
  CertificateOrder order;
  order.common_name = "approval";
  order.uris = {kUri};
  order.from = kNow;
  order.to = kNow + absl::Hours(24 * 90);
  return order;
}

X509* Parse(const std::string& pem) {
  BIO* bio = BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size()));
  X509* certificate = PEM_read_bio_X509(bio, nullptr, nullptr, nullptr);
  BIO_free(bio);
  return certificate;
}

// OpenSSL's own verdict on a chain of two.
int VerifyAt(const std::string& authority, const std::string& leaf, absl::Time time, int purpose) {
  X509* root = Parse(authority);
  X509* end = Parse(leaf);
  X509_STORE* store = X509_STORE_new();
  X509_STORE_add_cert(store, root);
  X509_STORE_CTX* context = X509_STORE_CTX_new();
  X509_STORE_CTX_init(context, store, end, nullptr);
  X509_STORE_CTX_set_time(context, 0, absl::ToTimeT(time));
  X509_STORE_CTX_set_purpose(context, purpose);
  X509_verify_cert(context);
  const int verdict = X509_STORE_CTX_get_error(context);
  X509_STORE_CTX_free(context);
  X509_STORE_free(store);
  X509_free(root);
  X509_free(end);
  return verdict;
}

TEST(CertificatesTest, AnIssuedCertificateVerifiesForItsUseInItsTerm) {
  const Credentials authority = Authority();
  const auto issued = Issue(authority, SystemOrder());
  ASSERT_TRUE(issued.ok()) << issued.status();
  const auto& leaf = issued->certificate;
  EXPECT_EQ(VerifyAt(authority.certificate, leaf, kNow + absl::Hours(1), X509_PURPOSE_SSL_CLIENT), X509_V_OK);
  EXPECT_EQ(VerifyAt(authority.certificate, leaf, kNow + absl::Hours(1), X509_PURPOSE_SSL_SERVER),
            X509_V_ERR_INVALID_PURPOSE);
  EXPECT_EQ(VerifyAt(authority.certificate, leaf, kNow + absl::Hours(24 * 91), X509_PURPOSE_SSL_CLIENT),
            X509_V_ERR_CERT_HAS_EXPIRED);
  EXPECT_NE(VerifyAt(Authority().certificate, leaf, kNow + absl::Hours(1), X509_PURPOSE_SSL_CLIENT),
            X509_V_OK);
}

TEST(CertificatesTest, ACertificateSaysWhatWasOrdered) {
  CertificateOrder order = SystemOrder();
  order.server = true;
  order.dns_names = {"localhost"};
  order.addresses = {"127.0.0.1", "::1"};
  const auto facts = Describe(Issue(Authority(), order)->certificate);
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->uris, std::vector<std::string>{kUri});
  EXPECT_EQ(facts->dns_names, std::vector<std::string>{"localhost"});
  EXPECT_EQ(facts->addresses, (std::vector<std::string>{"127.0.0.1", "::1"}));
  EXPECT_EQ(facts->subject, "CN = approval");
  EXPECT_EQ(facts->issuer, "CN = Demo CA");
  EXPECT_EQ(facts->from, order.from);
  EXPECT_EQ(facts->to, order.to);
  EXPECT_EQ(facts->fingerprint.size(), 64u);
  EXPECT_FALSE(facts->authority);
  EXPECT_TRUE(Describe(Authority().certificate)->authority);
}

TEST(CertificatesTest, TwoCertificatesOfOneSubjectDiffer) {
  const Credentials authority = Authority();
  const auto first = Describe(Issue(authority, SystemOrder())->certificate);
  const auto second = Describe(Issue(authority, SystemOrder())->certificate);
  EXPECT_NE(first->serial, second->serial);
  EXPECT_NE(first->fingerprint, second->fingerprint);
}

TEST(CertificatesTest, WhatCannotBeMadeIsNamed) {
  CertificateOrder order = SystemOrder();
  order.addresses = {"localhost"};
  EXPECT_EQ(ReasonOf(Issue(Authority(), order).status()), "CERTIFICATE_ORDER");
  EXPECT_EQ(FactOf(Issue(Authority(), order).status(), "part"), "address");
  order = SystemOrder();
  order.to = order.from;
  EXPECT_EQ(FactOf(Issue(Authority(), order).status(), "part"), "to");
  const Credentials authority = Authority();
  EXPECT_EQ(ReasonOf(Issue({authority.certificate, Authority().key}, SystemOrder()).status()),
            "AUTHORITY_UNUSABLE");
  EXPECT_EQ(ReasonOf(Issue({"", ""}, SystemOrder()).status()), "AUTHORITY_UNUSABLE");
  EXPECT_EQ(ReasonOf(Issue(*Issue(authority, SystemOrder()), SystemOrder()).status()), "AUTHORITY_UNUSABLE");
  EXPECT_EQ(ReasonOf(Describe("no certificate").status()), "CERTIFICATE_UNREADABLE");
}

TEST(CertificatesTest, IdentitiesAndResourceNamesMapOntoEachOther) {
  const auto uri = IdentityUri("qingdao", "organizations/370200-ZWFWB/systems/approval");
  ASSERT_TRUE(uri.ok()) << uri.status();
  EXPECT_EQ(*uri, kUri);
  EXPECT_EQ(SubjectOf(*uri), "organizations/370200-ZWFWB/systems/approval");
  EXPECT_EQ(SubjectOf("https://example"), "");
  for (const char* bad :
       {"", "organizations/370200-ZWFWB", "organizations/x/systems/a", "organizations/370200/cats/a"}) {
    EXPECT_EQ(ReasonOf(IdentityUri("qingdao", bad).status()), "SUBJECT_INVALID") << bad;
  }
}

TEST(CertificatesTest, OnlyTheOwnerReadsAKey) {
  const auto directory = std::filesystem::path(testing::TempDir()) / "zq-certificates";
  std::filesystem::remove_all(directory);
  ASSERT_TRUE(MakeDirectories(directory.string()).ok());
  const std::string prefix = (directory / "approval").string();
  const Credentials credentials = *Issue(Authority(), SystemOrder());
  ASSERT_TRUE(WriteCredentials(prefix, credentials).ok());
  struct stat facts {};
  ASSERT_EQ(::stat((prefix + ".key").c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 0777u, 0600u);
  EXPECT_EQ(*ReadFile(prefix + ".crt"), credentials.certificate);
  EXPECT_EQ(*ReadFile(prefix + ".key"), credentials.key);
  EXPECT_EQ(ReasonOf(WriteCredentials("/nowhere/at/all", credentials)), "FILE_NOT_WRITABLE");
}

}  // namespace
}  // namespace zhanqiao::cli
