#include "hub/own_certificates.h"

#include <openssl/bio.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

#include <algorithm>
#include <ctime>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace zhanqiao {
namespace {

std::string NameOf(const X509_NAME* name) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> out(BIO_new(BIO_s_mem()), BIO_free);
  X509_NAME_print_ex(out.get(), name, 0, XN_FLAG_RFC2253 & ~ASN1_STRFLGS_ESC_MSB);
  char* text = nullptr;
  const long size = BIO_get_mem_data(out.get(), &text);
  return std::string(text, static_cast<size_t>(size));
}

// Every certificate of a PEM file.
void Read(const std::string& file, const std::string& listener, std::string_view use, std::vector<v1::OwnCertificate>& all) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> in(BIO_new_file(file.c_str(), "r"), BIO_free);
  while (in) {
    const std::unique_ptr<X509, decltype(&X509_free)> certificate(PEM_read_bio_X509(in.get(), nullptr, nullptr, nullptr), X509_free);
    std::tm end{};
    if (!certificate || ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) return;
    v1::OwnCertificate& one = all.emplace_back();
    one.set_listener(listener);
    one.set_use(std::string(use));
    one.set_subject(NameOf(X509_get_subject_name(certificate.get())));
    one.mutable_expire_time()->set_seconds(timegm(&end));
    one.set_file(file);
  }
}

}  // namespace

std::vector<v1::OwnCertificate> OwnCertificates(const std::vector<ListenerConfig>& listeners) {
  std::vector<v1::OwnCertificate> all;
  std::set<std::string> read;
  for (const ListenerConfig& listener : listeners) {
    if (!listener.tls) continue;
    if (read.insert(listener.certificate).second) Read(listener.certificate, listener.name, "server", all);
    if (!listener.client_ca.empty() && read.insert(listener.client_ca).second) Read(listener.client_ca, listener.name, "client_ca", all);
  }
  std::stable_sort(all.begin(), all.end(), [](const v1::OwnCertificate& a, const v1::OwnCertificate& b) {
    return a.expire_time().seconds() < b.expire_time().seconds();
  });
  return all;
}

}  // namespace zhanqiao
