// Less than what is applied for: what a decision in part may say, and the grant it makes. Pure.
#pragma once

#include "absl/status/status.h"
#include "zhanqiao/v1/access.pb.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::access {

// A value under `mask` shows no more than under `other`.
bool AtLeastAsStrong(v1::Mask mask, v1::Mask other);

// What the application asks for, as terms.
v1::GrantTerms TermsOf(const v1::Grant& grant);

// INVALID_ARGUMENT (paths begin with "terms.") unless `terms` are within what `grant` applies for: TERMS_EXCEED for more
// than that, and the reasons of CheckApplication for what is malformed. An empty `terms` is.
absl::Status CheckTerms(const v1::GrantTerms& terms, const v1::Grant& grant, const v1::Resource& resource);

// `grant` under `terms` that were checked: what they leave out stays, conditions are added.
v1::Grant Narrowed(v1::Grant grant, const v1::GrantTerms& terms);

}  // namespace zhanqiao::access
