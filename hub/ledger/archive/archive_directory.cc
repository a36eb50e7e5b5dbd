#include "hub/ledger/archive/archive_directory.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/ledger/index/index.h"
#include "hub/ledger/index/terms.h"

namespace zhanqiao::ledger {
namespace {

namespace fs = std::filesystem;

constexpr size_t kFilesOpenMax = 8;

// N of "segment-00000N.tar"; nothing for other names.
std::optional<uint64_t> SegmentIn(const fs::path& path) {
  const std::string name = path.filename().string();
  uint64_t number = 0;
  constexpr std::string_view kPrefix = "segment-";
  const bool ours =
      name.starts_with(kPrefix) && name.ends_with(kArchiveExtension) &&
      absl::SimpleAtoi(name.substr(kPrefix.size(), name.size() - kPrefix.size() - kArchiveExtension.size()),
                       &number);
  return ours && SegmentFile(number, kArchiveExtension) == name ? std::optional(number) : std::nullopt;
}

absl::Status AppendAll(const Entries& entries, MemorySegment& segment) {
  return entries.Read(segment.first(), segment.first() + kSegmentEntries,
                      [&](uint64_t, std::string_view entry, std::string_view secret) {
                        return segment.Append(entry, secret);
                      });
}

}  // namespace

absl::StatusOr<std::shared_ptr<const ArchiveFile>> ArchiveEntries::File(uint64_t segment) const {
  absl::MutexLock lock(&mu_);
  const auto found = files_.find(segment);
  if (found != files_.end()) return found->second;
  auto file = TRY(ArchiveFile::Open(directory_ / SegmentFile(segment, kArchiveExtension)));
  if (files_.size() >= kFilesOpenMax) files_.erase(files_.begin());
  files_[segment] = file;
  return file;
}

absl::StatusOr<std::string> ArchiveEntries::Entry(uint64_t index) const {
  const auto file = TRY(File(index / kSegmentEntries));
  const std::string_view entry = TRY(file->Entry(index));
  return std::string(entry);
}

absl::Status ArchiveEntries::Read(uint64_t from, uint64_t to, Visit visit) const {
  for (uint64_t index = from; index < to;) {
    const auto file = TRY(File(index / kSegmentEntries));
    const uint64_t number = index / kTileWidth;
    const std::string_view bundle = TRY(file->Member(BundlePath(number)));
    uint64_t at = number * kTileWidth;
    absl::Status status;
    const bool whole = ReadBundle(bundle, kTileWidth, [&](std::string_view entry) {
      if (at >= index && at < to) status = visit(at, entry, {});
      ++at;
      return status.ok();
    });
    TRY(std::move(status));
    if (!whole) return EntryMissing(at);
    index = at;
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> OnlineEntries::Entry(uint64_t index) const {
  const uint64_t minimum = TRY(MinimumIndex(reader_));
  return index < minimum ? archives_.Entry(index) : store_.Entry(index);
}

absl::Status OnlineEntries::Read(uint64_t from, uint64_t to, Visit visit) const {
  const uint64_t minimum = TRY(MinimumIndex(reader_));
  if (from < minimum) TRY(archives_.Read(from, std::min(to, minimum), visit));
  if (std::max(from, minimum) >= to) return absl::OkStatus();
  return store_.Read(std::max(from, minimum), to, visit);
}

absl::StatusOr<std::unique_ptr<ArchiveDirectory>> ArchiveDirectory::Open(const fs::path& path) {
  std::vector<uint64_t> numbers;
  std::error_code error;
  for (const auto& file : fs::directory_iterator(path, error)) {
    if (const auto number = SegmentIn(file.path())) numbers.push_back(*number);
  }
  std::sort(numbers.begin(), numbers.end());
  if (numbers.empty()) {
    return Fail(
        absl::StatusCode::kNotFound, "ARCHIVE_MISSING",
        "The directory holds no archive file segment-NNNNNN.tar; name the hub's archive directory or a copy.",
        {{"file", path.string()}});
  }
  std::unique_ptr<ArchiveDirectory> directory(new ArchiveDirectory(path));
  directory->first_ = numbers.front();
  std::vector<std::shared_ptr<const Segment>> segments;
  for (const uint64_t number : numbers) {
    if (number != numbers.front() + segments.size()) {
      return Fail(absl::StatusCode::kFailedPrecondition, "ARCHIVE_GAP",
                  "An archive file is missing between others; answers would leave its entries out.",
                  {{"segment", absl::StrCat(numbers.front() + segments.size())}});
    }
    auto indexed = SealedSegment::Open(path / SegmentFile(number, kIndexExtension), number);
    if (indexed.ok()) {
      segments.push_back(*std::move(indexed));
      continue;
    }
    directory->persons_ = false;
    auto built = std::make_shared<MemorySegment>(number);
    TRY(AppendAll(directory->entries_, *built));
    segments.push_back(std::move(built));
  }
  directory->count_ = segments.size();
  const uint64_t reached = (numbers.back() + 1) * kSegmentEntries;
  directory->segments_ = SegmentSet(std::move(segments), reached);
  return directory;
}

absl::Status ArchiveDirectory::Verify(absl::Span<const VerifierKey> keys) const {
  for (uint64_t number = first_; number < first_ + count_; ++number) {
    const auto file = TRY(entries_.File(number));
    const std::string name = SegmentFile(number, kArchiveExtension);
    MemorySegment built(number);
    absl::Status appended;
    const auto report = file->Verify(keys, [&](uint64_t, std::string_view entry) {
      if (appended.ok()) appended = built.Append(entry, {});
    });
    if (!report.ok()) return WithFact(report.status(), "archive", name);
    if (report->from != number * kSegmentEntries || report->to != report->from + kSegmentEntries) {
      return Fail(absl::StatusCode::kDataLoss, "PART_UNPROVED",
                  "The archive is that of another segment than its name says.",
                  {{"problem", "RANGE"}, {"file", name}, {"archive", name}});
    }
    TRY(std::move(appended));
    const auto indexed = SealedSegment::Open(directory_ / SegmentFile(number, kIndexExtension), number);
    if (!indexed.ok() && indexed.status().code() == absl::StatusCode::kNotFound) continue;
    if (!indexed.ok()) return indexed.status();
    if ((*indexed)->WithoutField(IndexField::kSubject) != built.Encode()) {
      return Fail(absl::StatusCode::kDataLoss, "INDEX_DAMAGED",
                  "An index file does not say what its entries say; remove it, it is built anew.",
                  {{"file", SegmentFile(number, kIndexExtension)}});
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<VerifierKey>> KeysInArchives(const ArchiveDirectory& directory) {
  const auto& entries = static_cast<const ArchiveEntries&>(directory.entries());
  const auto file = TRY(entries.File(directory.first() + directory.count() - 1));
  std::string_view lines = TRY(file->Member(kKeysFile));
  std::vector<VerifierKey> keys;
  for (size_t end = lines.find('\n'); end != lines.npos; end = lines.find('\n')) {
    keys.push_back(TRY(ParseVerifierKey(lines.substr(0, end))));
    lines.remove_prefix(end + 1);
  }
  return keys;
}

}  // namespace zhanqiao::ledger
