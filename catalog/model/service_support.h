// What the methods of CatalogService share: role checks, the times of a read, reading and writing one document
// with its etag.
#pragma once

#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/error.h"
#include "catalog/documents/document_store.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// OK if the caller holds `office`, or one of `roles` in `organization`; PERMISSION_DENIED / ROLE_REQUIRED.
absl::Status RequireRole(const Caller& caller, std::string_view organization,
                         std::initializer_list<std::string_view> roles);

// The times of a request. INVALID_ARGUMENT / DATE_INVALID.
absl::StatusOr<documents::ReadAt> ReadAtOf(const v1::ReadAt& at);

// Adds what is wrong with the reason of a write.
void CheckReason(std::string_view reason, bool required, std::vector<Violation>& violations);

// NOT_FOUND / DOCUMENT_NOT_FOUND.
absl::Status NotFound(std::string_view name);

// The revision in the etag of an update. INVALID_ARGUMENT / ETAG_REQUIRED, ETAG_INVALID.
absl::StatusOr<uint64_t> RevisionInUpdate(std::string_view etag, std::string_view field);

// A moment in the form of messages, in microseconds.
google::protobuf::Timestamp ToTimestamp(absl::Time time);

// ABORTED / ETAG_MISMATCH unless `etag` is empty or of `stored`.
absl::Status RequireEtag(std::string_view etag, std::string_view name, uint64_t stored);

inline void Stamp(const documents::Version& version, v1::Resource& resource) {
  resource.set_revision(version.revision);
  resource.set_etag(version.etag());
}
template <typename Message>
void Stamp(const documents::Version& version, Message& message) {
  message.set_etag(version.etag());
}

// The document of a version, with its etag.
template <typename Message>
absl::StatusOr<Message> DocumentOf(const documents::Version& version) {
  Message message = TRY(version.As<Message>());
  Stamp(version, message);
  return message;
}

template <typename Message>
absl::StatusOr<Message> Fetch(const documents::DocumentStore& store, std::string_view name, const v1::ReadAt& at) {
  const documents::ReadAt read_at = TRY(ReadAtOf(at));
  const documents::Version version = TRY(store.Get(name, read_at));
  return DocumentOf<Message>(version);
}

// `message` as a change that replaces `expected_revision` (0: creates). Etag and revision are not stored.
template <typename Message>
documents::Change ChangeTo(Message message, uint64_t expected_revision) {
  message.clear_etag();
  if constexpr (requires { message.clear_revision(); }) message.clear_revision();
  documents::Change change;
  change.name = message.name();
  change.type = Message::descriptor()->full_name();
  change.document = documents::Canonical(message);
  change.expected_revision = expected_revision;
  return change;
}

template <typename Message>
absl::StatusOr<Message> Put(documents::DocumentStore& store, const Caller& caller, const Message& message,
                            uint64_t expected_revision, const std::string& reason) {
  documents::Transaction transaction;
  transaction.changes.push_back(ChangeTo(message, expected_revision));
  transaction.actor = caller.subject;
  transaction.reason = reason;
  const std::vector<documents::Version> versions = TRY(store.Apply(std::move(transaction)));
  return DocumentOf<Message>(versions.at(0));
}

}  // namespace zhanqiao::catalog
