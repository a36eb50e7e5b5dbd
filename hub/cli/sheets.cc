#include "hub/cli/sheets.h"

#include <unistd.h>

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "catalog/base/text.h"
#include "zhanqiao/v1/operation.grpc.pb.h"
#include "zhanqiao/v1/sheet.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

constexpr size_t kChunkBytes = 1 << 20;
constexpr int kWaitMs = 500;  // between two looks at an operation

absl::Status ErrorOf(const v1::Operation& operation) {
  return FromDetails(static_cast<absl::StatusCode>(operation.error().code()), operation.error().message(),
                     operation.error().SerializeAsString());
}

// Watches `operation` until it is done.
absl::StatusOr<v1::Operation> Watch(Session& session, v1::Operation operation, ProgressBar& bar) {
  while (!operation.done()) {
    bar.Show(operation.stage(), operation.progress_permille(), operation.items_done(), operation.items_total());
    v1::WaitOperationRequest request;
    request.set_name(operation.name());
    request.set_timeout_ms(kWaitMs);
    operation = TRY(session.Call(&v1::OperationService::Stub::WaitOperation, request));
  }
  bar.Clear();
  return operation;
}

// Reads a stream of chunks to its end.
template <typename Reader>
absl::StatusOr<std::string> Collect(Reader& reader, ProgressBar& bar) {
  std::string content;
  int64_t total = 0;
  v1::SheetChunk chunk;
  while (reader.Read(&chunk)) {
    if (chunk.file_bytes() > 0) total = chunk.file_bytes();
    content += chunk.chunk();
    const auto done = static_cast<int64_t>(content.size());
    if (total > static_cast<int64_t>(kChunkBytes)) bar.Show("receiving", static_cast<int>(done * 1000 / total), done, total);
  }
  bar.Clear();
  const grpc::Status status = reader.Finish();
  if (!status.ok()) return FromGrpc(status);
  return content;
}

}  // namespace

bool IsWatched() { return ::isatty(STDERR_FILENO) == 1; }

void ProgressBar::Show(std::string_view stage, int permille, int64_t done, int64_t total) {
  if (quiet_) return;
  constexpr int kCells = 30;
  const int filled = std::clamp(permille, 0, 1000) * kCells / 1000;
  const std::string items = total > 0 ? absl::StrCat(done, "/", total) : done > 0 ? absl::StrCat(done) : "";
  err_ << absl::StrFormat("\r%-11s [%s%s] %3d%%  %-20s", std::string(stage), std::string(static_cast<size_t>(filled), '#'),
                          std::string(static_cast<size_t>(kCells - filled), ' '), permille / 10, items)
       << std::flush;
  shown_ = true;
}

void ProgressBar::Clear() {
  if (shown_) err_ << "\r" << std::string(78, ' ') << "\r" << std::flush;
  shown_ = false;
}

absl::StatusOr<Imported> ImportSheet(Session& session, const v1::ImportSettings& settings, const std::string& file,
                                     ProgressBar& bar) {
  const std::shared_ptr<grpc::Channel> channel = TRY(session.Channel());
  v1::SheetService::Stub stub(channel);
  grpc::ClientContext context;
  session.Prepare(context);
  v1::Operation operation;
  const auto writer = stub.ImportSheet(&context, &operation);
  v1::ImportSheetRequest request;
  *request.mutable_settings() = settings;
  bool going = writer->Write(request);
  for (size_t at = 0; going && at < file.size(); at += kChunkBytes) {
    const size_t size = std::min(kChunkBytes, file.size() - at);
    request.set_chunk(file.data() + at, size);
    going = writer->Write(request);
    if (file.size() > kChunkBytes) {
      bar.Show("sending", static_cast<int>((at + size) * 1000 / file.size()), static_cast<int64_t>(at + size),
               static_cast<int64_t>(file.size()));
    }
  }
  if (going) writer->WritesDone();
  const grpc::Status status = writer->Finish();
  if (!status.ok()) return FromGrpc(status);
  operation = TRY(Watch(session, std::move(operation), bar));
  if (operation.has_error()) return ErrorOf(operation);
  Imported imported;
  imported.operation = operation.name();
  if (!operation.response().UnpackTo(&imported.response)) {
    return Fail(absl::StatusCode::kInternal, "ANSWER_UNREADABLE", "The hub answered with something else; versions differ.");
  }
  return imported;
}

absl::StatusOr<std::string> ExportSheet(Session& session, const v1::ExportSheetRequest& request, ProgressBar& bar) {
  const std::shared_ptr<grpc::Channel> channel = TRY(session.Channel());
  v1::SheetService::Stub stub(channel);
  grpc::ClientContext context;
  session.Prepare(context);
  bar.Show("exporting", 0, 0, 0);
  const auto reader = stub.ExportSheet(&context, request);
  return Collect(*reader, bar);
}

absl::StatusOr<std::string> DownloadMarkedSheet(Session& session, const std::string& operation, ProgressBar& bar) {
  const std::shared_ptr<grpc::Channel> channel = TRY(session.Channel());
  v1::SheetService::Stub stub(channel);
  grpc::ClientContext context;
  session.Prepare(context);
  v1::DownloadMarkedSheetRequest request;
  request.set_operation(operation);
  const auto reader = stub.DownloadMarkedSheet(&context, request);
  return Collect(*reader, bar);
}

}  // namespace zhanqiao::cli
