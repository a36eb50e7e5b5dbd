// What zq fetch keeps: rows in a CSV file, and beside it where to go on, so that a broken fetch (of zq, the hub or the
// connector, by kill -9 or power) goes on without a row lost or doubled.
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "zhanqiao/v1/exchange.pb.h"

namespace zhanqiao::cli {

// FILE holds a heading and the rows; FILE.fetch, as long as the fetch is not complete, the request with its resume
// token and the bytes of FILE that belong to it (a line with their number, then the request in protobuf). Not thread-safe.
class FetchedFile {
 public:
  // A new file. ALREADY_EXISTS / FETCH_UNFINISHED if there is one that can be resumed, ALREADY_EXISTS / FILE_EXISTS if
  // there is one at all.
  static absl::StatusOr<FetchedFile> Create(std::string path, const v1::FetchRequest& request);
  // Goes on with an unfinished one: cuts off what came after the last whole chunk. NOT_FOUND / FETCH_NOT_FOUND.
  static absl::StatusOr<FetchedFile> Resume(std::string path);

  FetchedFile(FetchedFile&& other) noexcept;
  FetchedFile& operator=(FetchedFile&&) = delete;
  ~FetchedFile();

  // What to ask for next, with the token to go on.
  const v1::FetchRequest& request() const { return request_; }

  // Appends a chunk's rows and keeps them and its token, durable in that order. Of the last chunk the file is whole and
  // FILE.fetch goes. UNAVAILABLE / FILE_NOT_WRITABLE.
  absl::Status Add(const v1::FetchResponse& chunk);

 private:
  FetchedFile(std::string path, int fd, v1::FetchRequest request, int64_t bytes)
      : path_(std::move(path)), fd_(fd), request_(std::move(request)), bytes_(bytes) {}
  absl::Status Keep() const;

  std::string path_;
  int fd_;
  v1::FetchRequest request_;
  int64_t bytes_;
};

}  // namespace zhanqiao::cli
