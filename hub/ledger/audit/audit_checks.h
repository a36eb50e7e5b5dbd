// What AuditService checks of every question before it looks for an answer.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"

namespace zhanqiao::ledger {

// PERMISSION_DENIED / CALLER_UNREGISTERED for callers nobody registered.
absl::Status CheckRegistered(const Caller& caller);
// PERMISSION_DENIED / ROLE_REQUIRED (fact: roles) unless the caller holds one of them.
absl::Status RequireRole(const Caller& caller, std::initializer_list<std::string_view> roles);
// INVALID_ARGUMENT / TEXT_REQUIRED unless 1 to 500 code points of clean text.
absl::Status CheckWords(std::string_view field, std::string_view text);
// The ID number brought into form; INVALID_ARGUMENT / ID_NUMBER. The error does not repeat it.
absl::StatusOr<std::string> CheckedIdNumber(std::string_view text);
// What the commitment of a question or erasure is made over (FORMAT.md): "ZQP1" str(subject).
std::string CanonicalQuestion(std::string_view subject);

}  // namespace zhanqiao::ledger
