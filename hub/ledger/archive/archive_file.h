// The archive file of one sealed segment: a tar whose members are a part of the log that proves itself
// (part.h).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "hub/ledger/archive/part.h"
#include "hub/ledger/archive/ustar.h"

namespace zhanqiao::ledger {

inline constexpr std::string_view kArchiveExtension = ".tar";

// The bytes of the archive of `part`. Equal parts give equal bytes: the members' time is that of the last
// entry.
absl::StatusOr<std::string> BuildArchive(const PartReader& part, const Entries& entries, uint64_t last_index);

// An archive file open for reading: mapped, its members known, nothing proved yet. Thread-safe.
class ArchiveFile {
 public:
  // NOT_FOUND / ARCHIVE_MISSING, UNAVAILABLE / FILE_READ_FAILED, DATA_LOSS / ARCHIVE_FORM (fact: file).
  static absl::StatusOr<std::shared_ptr<const ArchiveFile>> Open(const std::filesystem::path& path);
  ~ArchiveFile();
  ArchiveFile(const ArchiveFile&) = delete;
  ArchiveFile& operator=(const ArchiveFile&) = delete;

  std::string_view bytes() const { return bytes_; }
  Digest sha256() const;
  uint64_t from() const { return from_; }
  uint64_t to() const { return to_; }
  // A member's content. NOT_FOUND / ARCHIVE_MEMBER.
  absl::StatusOr<std::string_view> Member(std::string_view name) const;
  // One entry, from() <= index < to(). DATA_LOSS / ARCHIVE_FORM.
  absl::StatusOr<std::string_view> Entry(uint64_t index) const;

  // VerifyPart over its members; besides, it must hold no others.
  absl::StatusOr<PartReport> Verify(absl::Span<const VerifierKey> keys,
                                    const std::function<void(uint64_t, std::string_view)>& entry = {}) const;

 private:
  ArchiveFile() = default;
  void* mapped_ = nullptr;
  std::string_view bytes_;
  absl::flat_hash_map<std::string, UstarMember> members_;
  uint64_t from_ = 0;
  uint64_t to_ = 0;
  uint64_t size_ = 0;  // of the checkpoint's tree, as it says; unproved
};

}  // namespace zhanqiao::ledger
