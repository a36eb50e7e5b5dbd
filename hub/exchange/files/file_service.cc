#include "hub/exchange/files/file_service.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "hub/access/access_rules.h"
#include "hub/exchange/files/download.h"
#include "hub/exchange/files/upload.h"

namespace zhanqiao::exchange {
namespace {

constexpr int64_t kSizeMax = 50LL << 30;

absl::Status CheckFile(const v1::File& file) {
  std::vector<Violation> violations;
  const absl::Status named = access::CheckText("file.display_name", file.display_name(), 100, true);
  if (!named.ok()) violations = ViolationsOf(named);
  if (file.display_name().find('/') != std::string::npos) {
    violations.push_back({"file.display_name", "FILE_NAME", "Give a file's name without its directory."});
  }
  if (file.size_bytes() < 1 || file.size_bytes() > kSizeMax) {
    violations.push_back({"file.size_bytes", "FILE_SIZE", "Give 1 to 53687091200 bytes (50 GiB)."});
  }
  if (file.sha256().size() != 32) violations.push_back({"file.sha256", "DIGEST_SIZE", "Give the 32 bytes of the file's SHA-256."});
  if (!file.sm3().empty() && file.sm3().size() != 32) {
    violations.push_back({"file.sm3", "DIGEST_SIZE", "Give the 32 bytes of the file's SM3, or nothing."});
  }
  if (file.retention_hours() < 1 || file.retention_hours() > absl::ToInt64Hours(kRetentionMax)) {
    violations.push_back({"file.retention_hours", "RETENTION_HOURS", "Give 1 to 2160 hours (90 days)."});
  }
  return BadFields(violations);
}

class DownloadStream final : public StreamHandler<v1::DownloadRequest> {
 public:
  explicit DownloadStream(std::shared_ptr<class Download> download) : download_(std::move(download)) {}
  ~DownloadStream() override { download_->Gone(); }
  void OnMessage(const Caller& caller, v1::DownloadRequest& request) override { download_->Start(caller, request); }
  void OnHalfClose() override {}
  void OnCancel() override { download_->Gone(); }
  void OnDrained() override { download_->Wake(); }

 private:
  const std::shared_ptr<class Download> download_;  // shared with its work under way
};

}  // namespace

absl::Status CheckUploader(const Caller& caller, const v1::Resource& resource) {
  const auto& connectors = resource.connectors();
  const bool connector = caller.kind == SubjectKind::kConnector &&
                         std::find(connectors.begin(), connectors.end(), caller.subject) != connectors.end();
  const bool system = caller.kind == SubjectKind::kSystem && caller.organization == resource.provider();
  if (connector || system || access::HoldsAnyAt(caller, resource.provider(), {"org_clerk"})) return absl::OkStatus();
  return Fail(absl::StatusCode::kPermissionDenied, "UPLOADER_NOT_NAMED",
              "Files of a resource are left by its connectors, and by systems and clerks of its provider.",
              {{"link", std::string(kLinkCaller)}, {"resource", resource.name()}});
}

namespace {

absl::Status CheckConcernedWith(const Caller& caller, const FileParts& parts, const std::string& resource) {
  const auto found = parts.catalog.FindResource(resource);
  return access::CheckConcerned(caller, parts.grants, resource, found ? found->provider() : "",
                                CivilDayOf(parts.clock.Now()));
}

}  // namespace

v1::File FileService::Filled(const Files::Known& known) {
  v1::File file = known.file;
  file.set_received_bytes(files_.Received(known));
  documents::Version version;
  version.revision = known.revision;
  file.set_etag(version.etag());
  return file;
}

absl::StatusOr<v1::File> FileService::CreateFile(const Caller& caller, const v1::CreateFileRequest& request) {
  const auto resource = files_.parts().catalog.FindResource(request.file().resource());
  if (resource == nullptr) return BadField("RESOURCE_UNKNOWN", "file.resource", "There is no such resource; give resources/{code}.");
  TRY(CheckUploader(caller, *resource));
  TRY(CheckFile(request.file()));
  if (resource->state() != v1::RESOURCE_STATE_PUBLISHED || resource->share_mode_type() != v1::SHARE_MODE_TYPE_FILE) {
    return Fail(absl::StatusCode::kFailedPrecondition, "RESOURCE_NOT_FILE",
                "The resource is not published or its 共享方式 is not 文件; correct its entry first.",
                {{"resource", resource->name()}});
  }
  v1::File file;
  file.set_resource(request.file().resource());
  file.set_display_name(request.file().display_name());
  file.set_size_bytes(request.file().size_bytes());
  file.set_sha256(request.file().sha256());
  file.set_sm3(request.file().sm3());
  file.set_retention_hours(request.file().retention_hours());
  const Files::Known known = TRY(files_.Announce(caller, std::move(file)));
  return Filled(known);
}

absl::StatusOr<v1::File> FileService::GetFile(const Caller& caller, const v1::GetFileRequest& request) {
  const Files::Known known = TRY(files_.Find(request.name()));
  TRY(CheckConcernedWith(caller, files_.parts(), known.file.resource()));
  return Filled(known);
}

absl::StatusOr<v1::ListFilesResponse> FileService::ListFiles(const Caller& caller, const v1::ListFilesRequest& request) {
  const auto resource = files_.parts().catalog.FindResource(request.parent());
  if (resource == nullptr) return BadField("RESOURCE_UNKNOWN", "parent", "There is no such resource; give resources/{code}.");
  TRY(CheckConcernedWith(caller, files_.parts(), resource->name()));
  const bool all = CheckUploader(caller, *resource).ok() || access::HoldsAny(caller, {"office", "auditor"});
  const int page_size = TRY(access::PageSize(request.page_size()));
  v1::ListFilesResponse response;
  for (const Files::Known& known : files_.Of(request.parent())) {
    if (!request.page_token().empty() && known.file.name() >= request.page_token()) continue;
    if (!all && known.file.state() != v1::FILE_STATE_READY) continue;
    if (response.files_size() == page_size) {
      response.set_next_page_token(response.files(page_size - 1).name());
      break;
    }
    *response.add_files() = Filled(known);
  }
  return response;
}

absl::StatusOr<v1::File> FileService::DeleteFile(const Caller& caller, const v1::DeleteFileRequest& request) {
  const Files::Known known = TRY(files_.Find(request.name()));
  const auto resource = files_.parts().catalog.FindResource(known.file.resource());
  if (resource == nullptr) return BadField("RESOURCE_UNKNOWN", "name", "The resource of the file is not known any more.");
  TRY(CheckUploader(caller, *resource));
  TRY(access::CheckText("reason", request.reason(), 500, true));
  TRY(files_.Remove(caller.subject, known, "deleted", request.reason()));
  v1::File file = known.file;
  file.set_state(v1::FILE_STATE_DELETED);
  return file;
}

std::unique_ptr<StreamHandler<v1::UploadRequest>> FileService::Upload(std::shared_ptr<StreamSink<v1::File>> sink) {
  return NewUploadStream(files_, std::move(sink));
}

std::unique_ptr<StreamHandler<v1::DownloadRequest>> FileService::Download(
    std::shared_ptr<StreamSink<v1::DownloadResponse>> sink) {
  return std::make_unique<DownloadStream>(std::make_shared<class Download>(files_, std::move(sink)));
}

}  // namespace zhanqiao::exchange
