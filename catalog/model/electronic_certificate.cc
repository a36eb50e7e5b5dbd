#include "catalog/model/electronic_certificate.h"

#include <algorithm>

namespace zhanqiao::catalog {
namespace {

constexpr int kLevelMax = 4;

}  // namespace

bool IsCertificateTypeCode(std::string_view code) {
  if (code.size() != 21) return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  return std::all_of(code.begin(), code.begin() + 18, [&](char c) { return digit(c) || (c >= 'A' && c <= 'Z'); }) &&
         std::all_of(code.begin() + 18, code.end(), digit);
}

bool IsCertificateCode(std::string_view resource_code) { return resource_code.starts_with("105"); }

void CheckCertificate(const v1::Resource& resource, Violations& found) {
  if (!resource.has_electronic_certificate()) {
    found.Require(!IsCertificateCode(resource.resource_code()), "electronic_certificate", "CERTIFICATE_REQUIRED",
                  "Base item 1 05 is 电子证照: give its type, holder and authorisation level.");
    return;
  }
  found.Require(IsCertificateCode(resource.resource_code()), "electronic_certificate", "CERTIFICATE_ELSEWHERE",
                "Only entries of base item 1 05 hold electronic certificates; leave it out or correct the code.");
  const v1::ElectronicCertificate& certificate = resource.electronic_certificate();
  found.Require(IsCertificateTypeCode(certificate.type_code()), "electronic_certificate.type_code", "CERTIFICATE_TYPE",
                "Give the 18 characters of the defining body and three digits, for example 11100000000013127D001.");
  const std::string& holder = certificate.holder_kind();
  found.Require(holder == "natural_person" || holder == "legal_person" || holder == "mixed",
                "electronic_certificate.holder_kind", "CERTIFICATE_HOLDER",
                "Give natural_person, legal_person or mixed.");
  found.Require(certificate.authorisation_level() >= 1 && certificate.authorisation_level() <= kLevelMax,
                "electronic_certificate.authorisation_level", "CERTIFICATE_LEVEL",
                "Give 1 (open to every granted system) to 4 (case by case).");
}

CertificateNeeds NeedsOf(const v1::Resource& resource) {
  CertificateNeeds needs;
  if (!resource.has_electronic_certificate()) return needs;
  needs.level = std::clamp(resource.electronic_certificate().authorisation_level(), 1, kLevelMax);
  needs.provider_approval = needs.level >= 2;
  needs.legal_basis = needs.level >= 3;
  needs.four_eyes = needs.level >= 3;
  needs.key_condition = needs.level >= 3;
  needs.risk_assessment = needs.level >= 4;
  needs.matter = needs.level >= 4;
  return needs;
}

}  // namespace zhanqiao::catalog
