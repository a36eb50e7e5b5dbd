#include "hub/ledger/archive/archive_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "catalog/base/error.h"
#include "zhanqiao/v1/ledger.pb.h"

namespace zhanqiao::ledger {
namespace {

absl::Status Malformed(const std::filesystem::path& path) {
  return Fail(absl::StatusCode::kDataLoss, "ARCHIVE_FORM",
              "An archive file is damaged or was not written by this program; take another copy of it.",
              {{"file", path.string()}});
}

}  // namespace

absl::StatusOr<std::string> BuildArchive(const PartReader& part, const Entries& entries,
                                         uint64_t last_index) {
  v1::LedgerEntry last;
  const std::string bytes = TRY(entries.Entry(last_index));
  if (!last.ParseFromString(bytes)) return EntryMissing(last_index);
  UstarWriter archive(static_cast<int64_t>(last.time_us() / 1'000'000));
  for (size_t i = 0; i < part.paths().size(); ++i) {
    const std::string content = TRY(part.Read(i));
    archive.Add(part.paths()[i], content);
  }
  return std::move(archive).Finish();
}

absl::StatusOr<std::shared_ptr<const ArchiveFile>> ArchiveFile::Open(const std::filesystem::path& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0 && errno == ENOENT) {
    return Fail(absl::StatusCode::kNotFound, "ARCHIVE_MISSING",
                "An archive file is not there; take another copy of it.", {{"file", path.string()}});
  }
  struct stat info {};
  const bool known = fd >= 0 && fstat(fd, &info) == 0;
  const auto size = static_cast<size_t>(info.st_size);
  void* const mapped = known && size > 0 ? mmap(nullptr, size, PROT_READ, MAP_SHARED, fd, 0) : MAP_FAILED;
  if (fd >= 0) close(fd);
  if (known && size == 0) return Malformed(path);
  if (mapped == MAP_FAILED) {
    return Fail(absl::StatusCode::kUnavailable, "FILE_READ_FAILED",
                "An archive file cannot be read; check its rights and its disk.", {{"file", path.string()}});
  }
  std::shared_ptr<ArchiveFile> file(new ArchiveFile());
  file->mapped_ = mapped;
  file->bytes_ = {static_cast<const char*>(mapped), size};
  auto members = ListUstar(file->bytes_);
  if (!members.ok()) return Malformed(path);
  for (UstarMember& member : *members) file->members_.emplace(member.name, member);
  const auto range = file->Member(kRangeFile);
  const auto note = file->Member(kCheckpointFile);
  if (!range.ok() || !note.ok() || file->members_.size() != members->size()) return Malformed(path);
  const std::vector<absl::string_view> ends = absl::StrSplit(absl::StripSuffix(Absl(*range), "\n"), ' ');
  const std::vector<absl::string_view> lines = absl::StrSplit(Absl(*note), absl::MaxSplits('\n', 2));
  if (ends.size() != 2 || lines.size() != 3 || !absl::SimpleAtoi(ends[0], &file->from_) ||
      !absl::SimpleAtoi(ends[1], &file->to_) || !absl::SimpleAtoi(lines[1], &file->size_) ||
      file->from_ >= file->to_ || file->to_ > file->size_) {
    return Malformed(path);
  }
  return file;
}

ArchiveFile::~ArchiveFile() {
  munmap(mapped_, bytes_.size());
}

Digest ArchiveFile::sha256() const {
  return Sha256(bytes_);
}

absl::StatusOr<std::string_view> ArchiveFile::Member(std::string_view name) const {
  const auto found = members_.find(Absl(name));
  if (found == members_.end()) {
    return Fail(absl::StatusCode::kNotFound, "ARCHIVE_MEMBER", "The archive has no such member.",
                {{"member", std::string(name)}});
  }
  return bytes_.substr(found->second.offset, found->second.size);
}

absl::StatusOr<std::string_view> ArchiveFile::Entry(uint64_t index) const {
  if (index < from_ || index >= to_) return EntryMissing(index);
  const uint64_t number = index / kTileWidth;
  const uint64_t width = std::min(kTileWidth, size_ - number * kTileWidth);
  const auto bundle = Member(BundlePath(number, static_cast<int>(width)));
  std::string_view found;
  uint64_t next = number * kTileWidth;
  const bool whole = bundle.ok() && ReadBundle(*bundle, width, [&](std::string_view entry) {
                       if (next++ == index) found = entry;
                       return true;
                     });
  if (!whole) return EntryMissing(index);
  return found;
}

absl::StatusOr<PartReport> ArchiveFile::Verify(
    absl::Span<const VerifierKey> keys, const std::function<void(uint64_t, std::string_view)>& entry) const {
  const auto member = [&](std::string_view path) -> absl::StatusOr<std::string> {
    const std::string_view content = TRY(Member(path));
    return std::string(content);
  };
  PartReport report = TRY(VerifyPart(member, keys, entry));
  if (PartPaths(report.from, report.to, report.checkpoint.size).size() != members_.size()) {
    return Fail(absl::StatusCode::kDataLoss, "PART_UNPROVED",
                "The archive holds members that do not belong to it.",
                {{"problem", "MEMBERS"}, {"file", ""}});
  }
  return report;
}

}  // namespace zhanqiao::ledger
