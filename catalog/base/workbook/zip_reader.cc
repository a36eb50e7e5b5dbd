#include "catalog/base/workbook/zip_reader.h"

#include <zip.h>

#include <array>
#include <map>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/workbook/sheet.h"

namespace zhanqiao::sheets {
namespace {

absl::Status Damaged(std::string_view detail) {
  return Fail(absl::StatusCode::kInvalidArgument, "ZIP_DAMAGED",
              "The file's ZIP container is damaged; open it in a spreadsheet program and save it again.",
              {{"problem", std::string(detail)}});
}

absl::Status Bomb(std::string_view limit, size_t value) {
  return BeyondLimit("ZIP_BOMB", "The file grows beyond all measure when it is unpacked; it is not taken in.", limit, value);
}

bool IsSafePath(std::string_view name) {
  if (name.empty() || name.size() > 512 || name.front() == '/' || name.find('\\') != std::string_view::npos ||
      name.find(':') != std::string_view::npos) {
    return false;
  }
  for (size_t at = 0; at <= name.size();) {
    const size_t end = std::min(name.find('/', at), name.size());
    const std::string_view part = name.substr(at, end - at);
    if (part == ".." || part == ".") return false;
    at = end + 1;
  }
  return true;
}

bool IsArchive(std::string_view name) {
  static constexpr std::array kEndings = {".zip",  ".rar",  ".7z",   ".gz",   ".tar",  ".jar", ".xlsx", ".xlsm", ".xlsb",
                                          ".xls",  ".docx", ".docm", ".doc",  ".pptx", ".ppt", ".ods",  ".exe"};
  const std::string lower = absl::AsciiStrToLower(Absl(name));
  for (const char* ending : kEndings) {
    if (absl::EndsWith(lower, ending)) return true;
  }
  return false;
}

struct CloseArchive {
  void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseFile {
  void operator()(zip_file_t* file) const { zip_fclose(file); }
};

struct Part {
  zip_uint64_t index = 0;
  uint64_t size = 0;
  uint64_t compressed = 0;
};

class LibzipReader final : public ZipReader {
 public:
  LibzipReader(const SheetLimits& limits, std::unique_ptr<zip_t, CloseArchive> archive)
      : limits_(limits), archive_(std::move(archive)) {}

  absl::Status Look() {
    const zip_int64_t count = zip_get_num_entries(archive_.get(), 0);
    if (count <= 0) return Damaged("no entries");
    if (static_cast<size_t>(count) > limits_.zip_entries_max) {
      return BeyondLimit("ZIP_TOO_MANY_ENTRIES", "The file's ZIP container holds more parts than any workbook does.",
                         "zip_entries_max", limits_.zip_entries_max);
    }
    uint64_t declared = 0;
    for (zip_int64_t at = 0; at < count; ++at) {
      zip_stat_t stat;
      zip_stat_init(&stat);
      constexpr zip_uint64_t kNeeded = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE;
      if (zip_stat_index(archive_.get(), static_cast<zip_uint64_t>(at), ZIP_FL_ENC_RAW, &stat) != 0 ||
          (stat.valid & kNeeded) != kNeeded) {
        return Damaged("an entry's directory record");
      }
      TRY(Take(stat, static_cast<zip_uint64_t>(at)));
      if (stat.size > limits_.inflated_bytes_max) return Bomb("inflated_bytes_max", limits_.inflated_bytes_max);
      declared += stat.size;
      if (declared > limits_.inflated_bytes_max) return Bomb("inflated_bytes_max", limits_.inflated_bytes_max);
    }
    return absl::OkStatus();
  }

  const std::vector<std::string>& names() const override { return names_; }
  bool Has(std::string_view name) const override { return parts_.contains(name); }

  absl::Status Read(std::string_view name, absl::FunctionRef<absl::Status(std::string_view)> take) override {
    const auto part = parts_.find(name);
    if (part == parts_.end()) {
      return Fail(absl::StatusCode::kInvalidArgument, "PART_MISSING",
                  "The workbook lacks a part it refers to; open it in a spreadsheet program and save it again.",
                  {{"part", std::string(name)}});
    }
    const std::unique_ptr<zip_file_t, CloseFile> file(zip_fopen_index(archive_.get(), part->second.index, 0));
    if (file == nullptr) return Damaged("a part cannot be unpacked");
    std::array<char, 64 << 10> buffer;
    uint64_t inflated = 0;
    while (true) {
      const zip_int64_t got = zip_fread(file.get(), buffer.data(), buffer.size());
      if (got < 0) return Damaged("a part breaks off or fails its checksum");
      if (got == 0) return absl::OkStatus();
      inflated += static_cast<uint64_t>(got);
      TRY(Count(static_cast<uint64_t>(got), inflated, part->second.compressed));
      TRY(take({buffer.data(), static_cast<size_t>(got)}));
    }
  }

 private:
  absl::Status Take(const zip_stat_t& stat, zip_uint64_t index) {
    const std::string name(stat.name);
    if (!IsSafePath(name) || parts_.contains(name)) {
      return Fail(absl::StatusCode::kInvalidArgument, "ZIP_PATH",
                  "The file's ZIP container has names that leave it or stand in it twice; it is not taken in.");
    }
    if ((stat.valid & ZIP_STAT_ENCRYPTION_METHOD) != 0 && stat.encryption_method != ZIP_EM_NONE) {
      return Fail(absl::StatusCode::kInvalidArgument, "ZIP_ENCRYPTED",
                  "The file is protected by a password; save it without one and send it again.");
    }
    if (IsArchive(name)) {
      return Fail(absl::StatusCode::kInvalidArgument, "ZIP_NESTED",
                  "The workbook holds another document, archive or program; remove what is embedded and save it again.");
    }
    TRY(CheckRatio(stat.size, stat.comp_size));
    parts_[name] = {index, stat.size, stat.comp_size};
    names_.push_back(name);
    return absl::OkStatus();
  }

  absl::Status CheckRatio(uint64_t inflated, uint64_t compressed) const {
    if (inflated < limits_.ratio_from_bytes || inflated / std::max<uint64_t>(compressed, 1) <= limits_.ratio_max) {
      return absl::OkStatus();
    }
    return Bomb("ratio_max", limits_.ratio_max);
  }

  absl::Status Count(uint64_t more, uint64_t inflated, uint64_t compressed) {
    total_ += more;
    if (total_ > limits_.inflated_bytes_max) return Bomb("inflated_bytes_max", limits_.inflated_bytes_max);
    return CheckRatio(inflated, compressed);
  }

  const SheetLimits limits_;
  const std::unique_ptr<zip_t, CloseArchive> archive_;
  std::vector<std::string> names_;
  std::map<std::string, Part, std::less<>> parts_;
  uint64_t total_ = 0;  // inflated by all reads
};

}  // namespace

absl::StatusOr<std::unique_ptr<ZipReader>> ZipReader::Open(std::string_view file, const SheetLimits& limits) {
  zip_error_t error;
  zip_error_init(&error);
  zip_source_t* source = zip_source_buffer_create(file.data(), file.size(), 0, &error);
  if (source == nullptr) return Damaged("no source");
  std::unique_ptr<zip_t, CloseArchive> archive(zip_open_from_source(source, ZIP_RDONLY, &error));
  if (archive == nullptr) {
    zip_source_free(source);
    const absl::Status damaged = Damaged(zip_error_strerror(&error));
    zip_error_fini(&error);
    return damaged;
  }
  auto reader = std::make_unique<LibzipReader>(limits, std::move(archive));
  TRY(reader->Look());
  return std::unique_ptr<ZipReader>(std::move(reader));
}

}  // namespace zhanqiao::sheets
