// Electronic certificates (电子证照): base item 1 05 of the guide, and the graded authorisation (分类授权) of the plan
// 二（五）: what a grant needs follows from the class and level of the certificate.
#pragma once

#include <string_view>

#include "catalog/model/text_rules.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// True for codes of base item 1 05.
bool IsCertificateCode(std::string_view resource_code);

// 证照类型代码: 18 characters of the body that defines the type and 3 digits of the type.
bool IsCertificateTypeCode(std::string_view code);

// Adds what is wrong: the element stands exactly for base item 1 05, complete.
void CheckCertificate(const v1::Resource& resource, Violations& found);

// What a grant of an electronic certificate needs. Each level asks for what the one below it asks for, and more.
struct CertificateNeeds {
  int level = 0;                     // 0: the resource is no electronic certificate, nothing further is needed
  bool provider_approval = false;    // from 2: the provider decides, whatever the share type
  bool legal_basis = false;          // from 3: the application names the law its checking rests on
  bool four_eyes = false;            // from 3: one proposes, another decides
  bool key_condition = false;        // from 3: every call names a key (one holder), nothing is listed
  bool risk_assessment = false;      // 4: 共享风险评估 before it can be approved
  bool matter = false;               // 4: every call names its business matter (case by case)
};

// Pure: for applications, approvals and the exchange alike.
CertificateNeeds NeedsOf(const v1::Resource& resource);

}  // namespace zhanqiao::catalog
