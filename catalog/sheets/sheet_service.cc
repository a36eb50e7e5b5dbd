#include "catalog/sheets/sheet_service.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "catalog/base/error.h"
#include "catalog/base/text.h"
#include "catalog/model/names.h"
#include "catalog/model/service_support.h"
#include "catalog/sheets/chunk_feed.h"
#include "catalog/sheets/columns.h"
#include "catalog/sheets/export.h"
#include "catalog/sheets/import_sheet.h"
#include "catalog/base/workbook/limits.h"

namespace zhanqiao::sheets {
namespace {

constexpr size_t kUploadingMax = size_t{128} << 20;  // of all files that are coming in or wait to be read

// Bytes counted in a total until they go.
class Counted {
 public:
  explicit Counted(std::atomic<size_t>& total) : total_(total) {}
  ~Counted() { total_ -= bytes_; }
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  // The total with `more`.
  size_t Add(size_t more) {
    bytes_ += more;
    return total_.fetch_add(more) + more;
  }

 private:
  std::atomic<size_t>& total_;
  size_t bytes_ = 0;
};

absl::Status CheckKind(v1::SheetKind kind, std::string_view field) {
  if (kind != v1::SHEET_KIND_UNSPECIFIED && v1::SheetKind_IsValid(kind)) return absl::OkStatus();
  return BadField("ENUM_VALUE", field, "Required; give one of SHEET_KIND_RESOURCES, SHEET_KIND_ORGANIZATIONS, "
                                       "SHEET_KIND_INFORMATION_SYSTEMS.");
}

absl::Status CheckForm(v1::SheetFormat format, v1::SheetEncoding encoding) {
  if (!v1::SheetFormat_IsValid(format)) return BadField("ENUM_VALUE", "format", "Give SHEET_FORMAT_XLSX or _CSV.");
  if (!v1::SheetEncoding_IsValid(encoding)) {
    return BadField("ENUM_VALUE", "encoding", "Give SHEET_ENCODING_UTF8 or _GB18030.");
  }
  return absl::OkStatus();
}

absl::Status Overloaded() {
  return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "HUB_OVERLOADED",
                             "The hub is busy; try again a little later.", {{"link", std::string(kLinkHub)}}),
                        1000);
}

}  // namespace

// Takes the file in; lives on the stream's thread.
class SheetService::Import final : public StreamHandler<v1::ImportSheetRequest> {
 public:
  Import(SheetService& service, OperationSink sink)
      : service_(service), sink_(std::move(sink)), counted_(std::make_shared<Counted>(service.uploading_)) {
    job_.held = counted_;
  }

  void OnMessage(const Caller& caller, v1::ImportSheetRequest& message) override {
    if (ended_) return;
    const absl::Status taken = message.has_settings() ? Begin(caller, message) : Take(caller, message);
    if (!taken.ok()) End(taken);
  }

  void OnHalfClose() override {
    if (ended_) return;
    if (!begun_) return End(SettingsMissing());
    const std::string subject = job_.caller.subject;
    auto started = service_.operations_.Start(
        subject, "sheet_import", [&service = service_, job = std::move(job_)](operations::Progress& progress) mutable {
          return ImportFile(std::move(job), service.store_, service.catalog_, service.clock_, service.notices_, progress);
        });
    if (started.ok()) sink_->Write(*started);
    End(started.status());
  }

  void OnCancel() override { ended_ = true; }

 private:
  static absl::Status SettingsMissing() {
    return BadField("SETTINGS_MISSING", "settings", "Send the settings first and once, then the file in chunks.");
  }

  absl::Status Begin(const Caller& caller, v1::ImportSheetRequest& message) {
    if (begun_) return SettingsMissing();
    const v1::ImportSettings& settings = message.settings();
    TRY(CheckKind(settings.kind(), "settings.kind"));
    const bool organizations = settings.kind() == v1::SHEET_KIND_ORGANIZATIONS;
    TRY(organizations ? catalog::RequireRole(caller, "", {})
                      : catalog::RequireRole(caller, caller.organization, {"org_clerk", "org_approver"}));
    std::vector<Violation> violations;
    catalog::CheckReason(settings.reason(), false, violations);
    for (Violation& violation : violations) violation.field = absl::StrCat("settings.", violation.field);
    TRY(BadFields(violations));
    if (!v1::SheetEncoding_IsValid(settings.encoding())) {
      return BadField("ENUM_VALUE", "settings.encoding", "Give SHEET_ENCODING_UTF8 or _GB18030, or nothing.");
    }
    begun_ = true;
    job_.caller = caller;
    job_.settings = std::move(*message.mutable_settings());
    return absl::OkStatus();
  }

  absl::Status Take(const Caller& caller, const v1::ImportSheetRequest& message) {
    if (!begun_) return SettingsMissing();
    job_.caller = caller;  // as it is now: the roles may have changed
    const size_t size = message.chunk().size();
    const SheetLimits limits;
    if (job_.file.size() + size > limits.file_bytes_max) {
      return Fail(absl::StatusCode::kInvalidArgument, "FILE_TOO_LARGE",
                  "The file is larger than the hub takes in; split it into several.",
                  {{"file_bytes_max", absl::StrCat(limits.file_bytes_max)}});
    }
    if (counted_->Add(size) > kUploadingMax) {
      return WithRetryAfter(Fail(absl::StatusCode::kResourceExhausted, "UPLOADS_FULL",
                                 "Too many files are coming in; try again a little later."),
                            2000);
    }
    job_.file += message.chunk();
    return absl::OkStatus();
  }

  void End(const absl::Status& status) {
    ended_ = true;
    job_ = ImportJob();
    counted_.reset();
    sink_->Finish(status);
  }

  SheetService& service_;
  const OperationSink sink_;
  ImportJob job_;
  bool begun_ = false;
  bool ended_ = false;
  std::shared_ptr<Counted> counted_;  // shared with the job, which takes it along
};

class SheetService::Export final : public StreamHandler<v1::ExportSheetRequest> {
 public:
  Export(SheetService& service, ChunkSink sink) : service_(service), feed_(std::make_shared<ChunkFeed>(std::move(sink))) {}

  void OnMessage(const Caller&, v1::ExportSheetRequest& message) override {
    const absl::Status checked = Check(message);
    if (!checked.ok()) return feed_->Fail(checked);
    const bool submitted = service_.submit_([&service = service_, feed = feed_, request = message] {
      if (feed->ended()) return;
      const SheetTable& table = TableOf(request.kind());
      const absl::CivilDay today = CivilDayOf(service.clock_.Now());
      auto file = sheets::Export(service.catalog_, table, request.format(), request.encoding(), request.parent(), today);
      if (!file.ok()) return feed->Fail(file.status());
      feed->Send(FileNameOf(table, request.format(), absl::StrCat("-", FormatDay(today))),
                 std::make_shared<const std::string>(*std::move(file)));
    });
    if (!submitted) feed_->Fail(Overloaded());
  }
  void OnHalfClose() override {}
  void OnCancel() override { feed_->End(); }
  void OnDrained() override { feed_->Go(); }

 private:
  static absl::Status Check(const v1::ExportSheetRequest& request) {
    TRY(CheckKind(request.kind(), "kind"));
    TRY(CheckForm(request.format(), request.encoding()));
    if (request.parent().empty() || catalog::IsOrganizationName(request.parent())) return absl::OkStatus();
    return BadField("ORGANIZATION_NAME", "parent", "Give organizations/{code}, or nothing for all.");
  }

  SheetService& service_;
  const std::shared_ptr<ChunkFeed> feed_;  // shared with the task that makes the file
};

class SheetService::Download final : public StreamHandler<v1::DownloadMarkedSheetRequest> {
 public:
  Download(SheetService& service, ChunkSink sink) : service_(service), feed_(std::move(sink)) {}

  void OnMessage(const Caller& caller, v1::DownloadMarkedSheetRequest& message) override {
    auto file = service_.operations_.FileOf(caller.subject, message.operation());
    if (!file.ok()) return feed_.Fail(file.status());
    if (file->content == nullptr) {
      return feed_.Fail(Fail(absl::StatusCode::kNotFound, "MARKED_SHEET_NOT_FOUND",
                             "The import left no marked sheet, or it is kept no longer; import again and ask for it.",
                             {{"operation", message.operation()}}));
    }
    feed_.Send(std::move(file->name), std::move(file->content));
  }
  void OnHalfClose() override {}
  void OnCancel() override { feed_.End(); }
  void OnDrained() override { feed_.Go(); }

 private:
  SheetService& service_;
  ChunkFeed feed_;
};

std::unique_ptr<StreamHandler<v1::ImportSheetRequest>> SheetService::ImportSheet(OperationSink sink) {
  return std::make_unique<Import>(*this, std::move(sink));
}

std::unique_ptr<StreamHandler<v1::ExportSheetRequest>> SheetService::ExportSheet(ChunkSink sink) {
  return std::make_unique<Export>(*this, std::move(sink));
}

std::unique_ptr<StreamHandler<v1::DownloadMarkedSheetRequest>> SheetService::DownloadMarkedSheet(ChunkSink sink) {
  return std::make_unique<Download>(*this, std::move(sink));
}

absl::StatusOr<v1::SheetFile> SheetService::GetTemplate(const Caller&, const v1::GetTemplateRequest& request) {
  TRY(CheckKind(request.kind(), "kind"));
  TRY(CheckForm(request.format(), request.encoding()));
  const SheetTable& table = TableOf(request.kind());
  v1::SheetFile file;
  file.set_file_name(FileNameOf(table, request.format(), "-模板"));
  file.set_content(TRY(Template(table, request.format(), request.encoding())));
  return file;
}

}  // namespace zhanqiao::sheets
