// How a version lies in the store: keys and row bytes, as FORMAT.md writes them down.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "catalog/documents/document_store.h"

namespace zhanqiao::documents {

// Table::kDocuments: 'h' name                            the document exists: etag text of its revision
//                    't' name                            it was deleted: etag text of the deletion's revision
//                    'v' name 0x00 revision              one version (EncodeVersion); revision is 8 bytes big-endian
// Table::kFeed:      known_at ordinal                    key of the version row; 8 and 4 bytes, big-endian
std::string HeadKey(std::string_view name);
std::string TombstoneKey(std::string_view name);
std::string VersionKey(std::string_view name, uint64_t revision);
// The part of a version's key before the revision: all versions of one document.
std::string VersionsPrefix(std::string_view name);
std::string FeedKey(uint64_t known_at, uint32_t ordinal);

// The etag text of a revision: "r3".
std::string EtagOf(uint64_t revision);

// The name inside a version's key; nothing unless it is one.
std::optional<std::string_view> NameIn(std::string_view version_key);

// The row under VersionKey. Name and revision stand in the key.
std::string EncodeVersion(const Version& version);
// INTERNAL / DOCUMENT_ROW if key or row are not what EncodeVersion wrote.
absl::StatusOr<Version> DecodeVersion(std::string_view key, std::string_view row);

}  // namespace zhanqiao::documents
