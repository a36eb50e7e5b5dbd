// The reading half of DocumentStore: one document, pages of documents, history and the change feed.
#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/documents/document_store.h"
#include "catalog/documents/page_token.h"
#include "catalog/documents/version_row.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/io/zero_copy_stream_impl_lite.h"

namespace zhanqiao::documents {
namespace {

using storage::PrefixEnd;
using storage::Table;

absl::Status NotFound(std::string_view name) {
  return Fail(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND",
              "There is no such document; check the name and the dates asked for.",
              {{"document", std::string(name)}});
}

// Ties a page token to the list it continues.
std::string TagOf(std::string_view list, const ReadAt& at) {
  return PageTag(absl::StrCat(Absl(list), "|", at.as_of ? FormatDay(*at.as_of) : "", "|",
                              at.known_at ? absl::StrCat(*at.known_at) : ""));
}

// Whether `candidate`, of a later revision than `best`, is the better answer at `at`.
bool IsBetter(const std::optional<Version>& best, const Version& candidate, const ReadAt& at) {
  if (at.known_at && candidate.known_at > *at.known_at) return false;
  if (!at.as_of) return true;
  if (candidate.effective > *at.as_of) return false;
  return !best || candidate.effective >= best->effective;
}

// The version of one document that holds at `at`, deletions included.
absl::StatusOr<std::optional<Version>> VersionAt(const storage::Reader& reader, std::string_view name,
                                                 const ReadAt& at) {
  std::optional<Version> best;
  absl::Status broken;
  const bool newest_only = !at.as_of && !at.known_at;
  const auto visit = [&](std::string_view key, std::string_view row) {
    auto version = DecodeVersion(key, row);
    broken = version.status();
    if (!version.ok()) return false;
    if (IsBetter(best, *version, at)) best = *std::move(version);
    return !newest_only;
  };
  const std::string from = VersionsPrefix(name);
  if (newest_only) {
    TRY(reader.ScanBackwards(Table::kDocuments, from, PrefixEnd(from), visit));
  } else {
    TRY(reader.Scan(Table::kDocuments, from, PrefixEnd(from), visit));
  }
  TRY(broken);
  return best;
}

// Names under `prefix` after `last`, in order, each once, until `visit` returns an error or false.
using VisitName = std::function<absl::StatusOr<bool>(std::string_view name)>;
absl::Status EachName(const storage::Reader& reader, std::string_view prefix, std::string_view last,
                      bool deleted_too, const VisitName& visit) {
  absl::Status broken;
  std::string name;
  const auto go_on = [&](std::string_view next) {
    const auto more = visit(next);
    broken = more.status();
    return more.ok() && *more;
  };
  if (!deleted_too) {
    const std::string heads = HeadKey(prefix);
    const std::string from = last.empty() ? heads : HeadKey(last) + '\0';
    TRY(reader.Scan(Table::kDocuments, from, PrefixEnd(heads),
                    [&](std::string_view key, std::string_view) { return go_on(key.substr(1)); }));
    return broken;
  }
  const std::string versions = absl::StrCat("v", Absl(prefix));
  const std::string from = last.empty() ? versions : PrefixEnd(VersionsPrefix(last));
  TRY(reader.Scan(Table::kDocuments, from, PrefixEnd(versions), [&](std::string_view key, std::string_view) {
    const std::optional<std::string_view> next = NameIn(key);
    if (!next || *next == name) return true;
    name = std::string(*next);
    return go_on(name);
  }));
  return broken;
}

}  // namespace

std::string Canonical(const google::protobuf::Message& message) {
  std::string bytes;
  bytes.reserve(message.ByteSizeLong());
  google::protobuf::io::StringOutputStream out(&bytes);
  google::protobuf::io::CodedOutputStream coded(&out);
  coded.SetSerializationDeterministic(true);
  message.SerializeToCodedStream(&coded);
  coded.Trim();
  return bytes;
}

absl::StatusOr<Version> DocumentStore::Get(std::string_view name, const ReadAt& at) const {
  std::optional<Version> version = TRY(VersionAt(store_, name, at));
  if (!version || version->deleted) return NotFound(name);
  return *std::move(version);
}

absl::StatusOr<DocumentStore::Page> DocumentStore::List(std::string_view prefix, int page_size,
                                                        std::string_view page_token, const ReadAt& at,
                                                        const std::function<bool(const Version&)>& keep) const {
  const size_t size = TRY(PageSize(page_size));
  const std::string tag = TagOf(absl::StrCat("list|", Absl(prefix)), at);
  const std::string last = TRY(LastOfPage(page_token, tag));
  const auto state = store_.Snapshot();
  Page page;
  const bool past = at.as_of || at.known_at;
  const auto visit = [&](std::string_view name) -> absl::StatusOr<bool> {
    std::optional<Version> version = TRY(VersionAt(*state, name, at));
    if (!version || version->deleted || (keep && !keep(*version))) return true;
    if (page.versions.size() == size) {
      page.next_page_token = PageToken(tag, page.versions.back().name);
      return false;
    }
    page.versions.push_back(*std::move(version));
    return true;
  };
  TRY(EachName(*state, prefix, last, past, visit));
  return page;
}

absl::StatusOr<DocumentStore::Page> DocumentStore::History(std::string_view name, int page_size,
                                                           std::string_view page_token) const {
  const size_t size = TRY(PageSize(page_size));
  const std::string tag = TagOf(absl::StrCat("history|", Absl(name)), {});
  const std::string last = TRY(LastOfPage(page_token, tag));
  const std::string from = VersionsPrefix(name);
  const std::string to = last.empty() ? PrefixEnd(from) : from + last;
  Page page;
  absl::Status broken;
  TRY(store_.ScanBackwards(Table::kDocuments, from, to, [&](std::string_view key, std::string_view row) {
    if (page.versions.size() == size) {
      page.next_page_token = PageToken(tag, storage::BigEndian(page.versions.back().revision));
      return false;
    }
    auto version = DecodeVersion(key, row);
    broken = version.status();
    if (version.ok()) page.versions.push_back(*std::move(version));
    return broken.ok();
  }));
  TRY(broken);
  if (page.versions.empty() && last.empty()) return NotFound(name);
  return page;
}

absl::StatusOr<std::vector<Version>> DocumentStore::ChangesSince(std::optional<uint64_t> position,
                                                                int limit) const {
  return ChangesIn(store_, position, limit);
}

absl::StatusOr<std::vector<Version>> DocumentStore::ChangesIn(const storage::Store& store,
                                                             std::optional<uint64_t> position, int limit) {
  std::vector<Version> changes;
  if (limit <= 0 || position == UINT64_MAX) return changes;
  const size_t most = static_cast<size_t>(limit);
  const auto state = store.Snapshot();
  std::vector<std::string> keys;
  size_t whole = 0;  // keys before the last position seen, which may not be complete yet
  std::string current;
  const std::string from = position ? storage::BigEndian(*position + 1) : "";
  TRY(state->Scan(Table::kFeed, from, "", [&](std::string_view key, std::string_view version_key) {
    if (key.substr(0, 8) != current) {
      if (keys.size() >= most) return false;
      whole = keys.size();
      current = key.substr(0, 8);
    }
    keys.emplace_back(version_key);
    // Beyond the limit inside one position: cut before it, unless it is the first.
    return keys.size() <= most || whole == 0;
  }));
  if (keys.size() > most && whole > 0) keys.resize(whole);
  for (const auto& key : keys) {
    const std::optional<std::string> row = TRY(state->Get(Table::kDocuments, key));
    Version version = TRY(DecodeVersion(key, row.value_or("")));
    changes.push_back(std::move(version));
  }
  return changes;
}

}  // namespace zhanqiao::documents
