// Request ids: what a creation made is kept under the caller's own id for it, in the same commit, so that a retry gets
// the first answer instead of a second document.
//
//   const std::string key = RequestKey("grant", caller.subject, request.request_id());
//   if (std::optional<Version> made = TRY(MadeBefore(store, key))) return … *made;
//   … check, build `transaction` for a document called `name` …
//   const Version made = TRY(CreateOnce(store, key, std::move(transaction)));
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::documents {

// INVALID_ARGUMENT / TEXT_TOO_LONG, TEXT_UNCLEAN unless it is one line of at most 64 characters, or empty.
absl::Status CheckRequestId(std::string_view request_id);

// The document that remembers it: {kind}Requests/{SHA-256 of subject and request id}; empty without a request id.
std::string RequestKey(std::string_view kind, std::string_view subject, std::string_view request_id);

// The newest version of what was made under `key`; nothing if nothing was, or without a key.
absl::StatusOr<std::optional<Version>> MadeBefore(const DocumentStore& store, std::string_view key);

// The change that remembers, under `key`, that a document called `name` was made; for transactions of one's own.
Change Remember(std::string_view key, std::string_view name);

// Applies `transaction`, whose first change creates a document, and remembers it under `key` (if any) in the same
// commit. Of two at once with one key, the second gets what the first made.
absl::StatusOr<Version> CreateOnce(DocumentStore& store, std::string_view key, Transaction transaction);

}  // namespace zhanqiao::documents
