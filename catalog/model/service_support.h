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
#include "catalog/documents/page_token.h"
#include "catalog/documents/request_id.h"
#include "zhanqiao/v1/catalog.pb.h"

namespace zhanqiao::catalog {

// OK if the caller holds `office`, or one of `roles` in `organization`; PERMISSION_DENIED / ROLE_REQUIRED.
absl::Status RequireRole(const Caller& caller, std::string_view organization,
                         std::initializer_list<std::string_view> roles);

// The times of a request. INVALID_ARGUMENT / DATE_INVALID.
absl::StatusOr<documents::ReadAt> ReadAtOf(const v1::ReadAt& at);

// Adds what is wrong with the reason of a write.
void CheckReason(std::string_view reason, bool required, std::vector<Violation>& violations);

// Paths of a document inside its request: `path`.{field}.
std::vector<Violation> Below(std::string_view path, std::vector<Violation> violations);

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

// `message` as a change that replaces `expected_revision` (0: creates). Etag, revision and findings are not stored.
template <typename Message>
documents::Change ChangeTo(Message message, uint64_t expected_revision) {
  message.clear_etag();
  if constexpr (requires { message.clear_revision(); }) message.clear_revision();
  if constexpr (requires { message.clear_findings(); }) message.clear_findings();
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

// Creates `message`, remembering it under `key` (documents/request_id.h).
template <typename Message>
absl::StatusOr<Message> Create(documents::DocumentStore& store, const Caller& caller, const Message& message,
                               std::string_view key, const std::string& reason) {
  documents::Transaction transaction;
  transaction.changes.push_back(ChangeTo(message, 0));
  transaction.actor = caller.subject;
  transaction.reason = reason;
  const documents::Version version = TRY(documents::CreateOnce(store, key, std::move(transaction)));
  return DocumentOf<Message>(version);
}

// What ties the page tokens of a list to everything that decides what is in it.
template <typename Request>
std::string ListTag(Request request) {
  request.clear_page_size();
  request.clear_page_token();
  return documents::PageTag(Request::descriptor()->full_name() + "\n" + documents::Canonical(request));
}

inline bool IsPast(const v1::ReadAt& at) { return !at.as_of().empty() || at.has_known_at(); }

// A page of what `visit(after, each)` goes through in name order (Catalog::Visit…): those for which `keep` is true, as
// `show` gives them.
template <typename Request, typename Message, typename Visit, typename Keep, typename Show>
absl::Status PageNow(const Request& request, const Visit& visit, const Keep& keep, const Show& show,
                     google::protobuf::RepeatedPtrField<Message>* out, std::string* next) {
  const size_t size = TRY(documents::PageSize(request.page_size()));
  const std::string tag = ListTag(request);
  const std::string last = TRY(documents::LastOfPage(request.page_token(), tag));
  visit(last, [&](const std::shared_ptr<const Message>& one) {
    if (!keep(*one)) return true;
    if (static_cast<size_t>(out->size()) == size) {
      *next = documents::PageToken(tag, out->rbegin()->name());
      return false;
    }
    *out->Add() = show(*one);
    return true;
  });
  return absl::OkStatus();
}

// The same of documents under `prefix` at a time in the past.
template <typename Request, typename Message, typename Keep, typename Show>
absl::Status PagePast(const documents::DocumentStore& store, std::string_view prefix, const Request& request,
                      const Keep& keep, const Show& show, google::protobuf::RepeatedPtrField<Message>* out,
                      std::string* next) {
  const std::string tag = ListTag(request);
  const std::string inner = TRY(documents::LastOfPage(request.page_token(), tag));
  const documents::ReadAt read_at = TRY(ReadAtOf(request.read_at()));
  const auto kept = [&](const documents::Version& version) {
    const auto message = DocumentOf<Message>(version);
    return message.ok() && keep(*message);
  };
  const documents::DocumentStore::Page page = TRY(store.List(prefix, request.page_size(), inner, read_at, kept));
  for (const documents::Version& version : page.versions) {
    Message message = TRY(DocumentOf<Message>(version));
    *out->Add() = show(std::move(message));
  }
  if (!page.next_page_token.empty()) *next = documents::PageToken(tag, page.next_page_token);
  return absl::OkStatus();
}

}  // namespace zhanqiao::catalog
