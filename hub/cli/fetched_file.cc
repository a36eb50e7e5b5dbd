#include "hub/cli/fetched_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/csv.h"
#include "catalog/base/error.h"
#include "hub/cli/files.h"
#include "hub/cli/output.h"

namespace zhanqiao::cli {
namespace {

namespace fs = std::filesystem;

absl::Status NotWritable(const std::string& path) {
  return Fail(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE",
              "The file cannot be written; look at its directory, its rights and the disk, then run again with --resume.",
              {{"file", path}});
}

std::string StateOf(const std::string& path) { return path + ".fetch"; }

std::string RowsAsCsv(const v1::RecordBatch& records) {
  std::string text;
  for (const auto& row : records.rows()) {
    for (int i = 0; i < row.values_size(); ++i) {
      if (i > 0) text += ',';
      text += CsvCell(ValueText(row.values(i)));
    }
    text += '\n';
  }
  return text;
}

std::string Heading(const v1::RecordBatch& records) {
  std::string text;
  for (const auto& field : records.fields()) absl::StrAppend(&text, text.empty() ? "" : ",", CsvCell(field));
  return text + "\n";
}

bool WriteAll(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written <= 0) return false;
    text.remove_prefix(static_cast<size_t>(written));
  }
  return true;
}

}  // namespace

absl::StatusOr<FetchedFile> FetchedFile::Create(std::string path, const v1::FetchRequest& request) {
  std::error_code error;
  if (fs::exists(StateOf(path), error)) {
    return Fail(absl::StatusCode::kAlreadyExists, "FETCH_UNFINISHED",
                "A fetch into this file has not ended; go on with --resume, or remove the file and FILE.fetch.",
                {{"file", path}});
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno == EEXIST) {
    return Fail(absl::StatusCode::kAlreadyExists, "FILE_EXISTS", "The file is there already; name another.",
                {{"file", path}});
  }
  if (fd < 0) return NotWritable(path);
  FetchedFile file(std::move(path), fd, request, 0);
  TRY(file.Keep());
  return file;
}

absl::StatusOr<FetchedFile> FetchedFile::Resume(std::string path) {
  const absl::StatusOr<std::string> state = ReadFile(StateOf(path));
  const size_t line = state.ok() ? state->find('\n') : std::string::npos;
  int64_t bytes = 0;
  v1::FetchRequest request;
  if (line == std::string::npos || !absl::SimpleAtoi(state->substr(0, line), &bytes) ||
      !request.ParseFromString(state->substr(line + 1))) {
    return Fail(absl::StatusCode::kNotFound, "FETCH_NOT_FOUND", "There is no unfinished fetch into this file; leave out --resume.",
                {{"file", path}});
  }
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  if (fd < 0 || ftruncate(fd, bytes) != 0 || lseek(fd, bytes, SEEK_SET) != bytes) {
    if (fd >= 0) close(fd);
    return NotWritable(path);
  }
  return FetchedFile(std::move(path), fd, std::move(request), bytes);
}

FetchedFile::FetchedFile(FetchedFile&& other) noexcept
    : path_(std::move(other.path_)), fd_(std::exchange(other.fd_, -1)), request_(std::move(other.request_)),
      bytes_(other.bytes_) {}

FetchedFile::~FetchedFile() {
  if (fd_ >= 0) close(fd_);
}

absl::Status FetchedFile::Keep() const {
  return WriteFile(StateOf(path_), absl::StrCat(bytes_, "\n", request_.SerializeAsString()), 0600);
}

absl::Status FetchedFile::Add(const v1::FetchResponse& chunk) {
  const std::string text = (bytes_ == 0 ? Heading(chunk.records()) : "") + RowsAsCsv(chunk.records());
  if (!WriteAll(fd_, text) || fdatasync(fd_) != 0) return NotWritable(path_);
  bytes_ += static_cast<int64_t>(text.size());
  request_.set_resume_token(chunk.resume_token());
  if (!chunk.complete()) return Keep();
  std::error_code error;
  fs::remove(StateOf(path_), error);
  return absl::OkStatus();
}

}  // namespace zhanqiao::cli
