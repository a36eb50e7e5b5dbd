// FileService (proto/zhanqiao/v1/file.proto) over the files. Unary methods wait for the store and the disk; streams have
// their work done on the executor.
#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "catalog/base/caller.h"
#include "catalog/base/stream.h"
#include "hub/exchange/files/files.h"
#include "zhanqiao/v1/file.pb.h"

namespace zhanqiao::exchange {

// Thread-safe.
class FileService {
 public:
  // Must outlive it and its streams.
  explicit FileService(Files& files) : files_(files) {}

  absl::StatusOr<v1::File> CreateFile(const Caller&, const v1::CreateFileRequest&);
  absl::StatusOr<v1::File> GetFile(const Caller&, const v1::GetFileRequest&);
  absl::StatusOr<v1::ListFilesResponse> ListFiles(const Caller&, const v1::ListFilesRequest&);
  absl::StatusOr<v1::File> DeleteFile(const Caller&, const v1::DeleteFileRequest&);

  std::unique_ptr<StreamHandler<v1::UploadRequest>> Upload(std::shared_ptr<StreamSink<v1::File>> sink);
  std::unique_ptr<StreamHandler<v1::DownloadRequest>> Download(std::shared_ptr<StreamSink<v1::DownloadResponse>> sink);

 private:
  v1::File Filled(const Files::Known& known);

  Files& files_;
};

// OK for who may leave files of `resource`: connectors it names; systems and org_clerk of its provider.
// PERMISSION_DENIED / UPLOADER_NOT_NAMED.
absl::Status CheckUploader(const Caller& caller, const v1::Resource& resource);

}  // namespace zhanqiao::exchange
