// zq file: leaves files with the hub and takes them, going on where a break was.
#include <CLI/CLI.hpp>

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "catalog/base/file_digests.h"
#include "hub/cli/commands.h"
#include "hub/cli/display.h"
#include "hub/cli/output.h"
#include "hub/cli/paging.h"
#include "hub/cli/progress.h"
#include "zhanqiao/v1/file.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

namespace fs = std::filesystem;
using Stub = v1::FileService::Stub;

constexpr size_t kPiece = 1 << 20;

std::string FileArgument(std::string_view text) {
  return text.starts_with("files/") ? std::string(text) : absl::StrCat("files/", std::string(text));
}

void PrintFile(Context& context, const v1::File& file) {
  if (context.json()) return PrintJson(file, context.out);
  Sheet sheet;
  sheet.Add("file", file.name());
  sheet.Add("name", file.display_name());
  sheet.Add("resource", file.resource());
  sheet.Add("size", absl::StrCat(file.size_bytes(), " bytes, ", file.received_bytes(), " arrived"));
  sheet.Add("sha-256", ToHex(file.sha256()));
  sheet.Add("state", EnumText(v1::FileState_descriptor(), file.state()));
  sheet.Add("until", TimeText(file.expire_time()));
  context.out << sheet.Render();
}

absl::Status NotReadable(const std::string& path) {
  return Fail(absl::StatusCode::kNotFound, "FILE_NOT_READABLE", "The file cannot be read.", {{"file", path}});
}

struct Putting {
  std::string resource;
  std::string path;
  std::string resume;  // files/{id} announced before
  int hours = 72;
};

// SHA-256 of a file of any size.
absl::StatusOr<std::string> DigestOf(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return NotReadable(path);
  FileDigests digest(false);
  std::string piece(kPiece, '\0');
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
    digest.Add(std::string_view(piece).substr(0, static_cast<size_t>(in.gcount())));
  }
  return digest.sha256();
}

absl::StatusOr<v1::File> Send(Context& context, Session& session, const v1::File& file, const std::string& path) {
  const auto channel = TRY(session.Channel());
  Stub stub(channel);
  grpc::ClientContext call;
  v1::File answer;
  const auto stream = stub.Upload(&call, &answer);
  std::ifstream in(path, std::ios::binary);
  in.seekg(file.received_bytes());
  if (!in) return NotReadable(path);
  Progress progress(context.err, "bytes", file.size_bytes());
  std::string piece(kPiece, '\0');
  int64_t offset = file.received_bytes();
  while (in.read(piece.data(), static_cast<std::streamsize>(piece.size())), in.gcount() > 0) {
    v1::UploadRequest message;
    message.set_file(file.name());
    message.set_offset(offset);
    message.set_data(piece.data(), static_cast<size_t>(in.gcount()));
    if (!stream->Write(message)) break;
    offset += in.gcount();
    progress.Set(offset);
  }
  stream->WritesDone();
  const grpc::Status ended = stream->Finish();
  if (!ended.ok()) return WithFact(FromGrpc(ended), "file", file.name());
  return answer;
}

absl::Status Put(Context& context, const Putting& putting) {
  Session session(context.options);
  v1::File file;
  if (putting.resume.empty()) {
    std::error_code error;
    v1::CreateFileRequest request;
    auto& announced = *request.mutable_file();
    announced.set_resource(ResourceArgument(putting.resource));
    announced.set_display_name(fs::path(putting.path).filename().string());
    announced.set_size_bytes(static_cast<int64_t>(fs::file_size(putting.path, error)));
    if (error) return NotReadable(putting.path);
    announced.set_sha256(TRY(DigestOf(putting.path)));
    announced.set_retention_hours(putting.hours);
    file = TRY(session.Call(&Stub::CreateFile, request));
  } else {
    v1::GetFileRequest request;
    request.set_name(FileArgument(putting.resume));
    file = TRY(session.Call(&Stub::GetFile, request));
  }
  PrintFile(context, TRY(Send(context, session, file, putting.path)));
  return absl::OkStatus();
}

struct Getting {
  v1::DownloadRequest request;
  std::string path;
};

// Into PATH.part, which becomes PATH when every byte is there and has the file's digest. What PATH.part holds already is
// not asked for again.
absl::Status Get(Context& context, const Getting& getting) {
  Session session(context.options);
  const std::string part = getting.path + ".part";
  std::error_code error;
  v1::DownloadRequest request = getting.request;
  request.set_grant(GrantArgument(request.grant()));
  request.set_file(FileArgument(request.file()));
  const auto have = fs::exists(part, error) ? fs::file_size(part, error) : 0;
  request.set_offset(static_cast<int64_t>(have));
  v1::GetFileRequest get;
  get.set_name(request.file());
  v1::File file = TRY(session.Call(&Stub::GetFile, get));
  v1::DownloadEnd end;
  if (request.offset() < file.size_bytes()) {
    const auto channel = TRY(session.Channel());
    Stub stub(channel);
    grpc::ClientContext call;
    const auto stream = stub.Download(&call, request);
    std::ofstream out(part, std::ios::binary | std::ios::app);
    Progress progress(context.err, "bytes", file.size_bytes());
    int64_t done = request.offset();
    for (v1::DownloadResponse response; stream->Read(&response);) {
      if (response.has_end()) end = response.end();
      out << response.data();
      done += static_cast<int64_t>(response.data().size());
      progress.Set(done);
    }
    const grpc::Status ended = stream->Finish();
    out.close();
    if (!ended.ok()) return FromGrpc(ended);
    if (!out) return Fail(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE", "The file cannot be written.", {{"file", part}});
  }
  const std::string digest = TRY(DigestOf(part));
  if (digest != file.sha256()) {
    fs::remove(part, error);
    return Fail(absl::StatusCode::kDataLoss, "FILE_DIGEST", "What arrived has not the file's digest and was removed; get it again.",
                {{"file", getting.path}});
  }
  fs::rename(part, getting.path, error);
  if (error) return Fail(absl::StatusCode::kUnavailable, "FILE_NOT_WRITABLE", "The file cannot be written.", {{"file", getting.path}});
  if (context.json()) {
    PrintJson(end, context.out);
  } else {
    context.out << file.size_bytes() << " bytes in " << getting.path << ", SHA-256 checked, ledger entry " << end.receipt().index() << "\n";
  }
  return absl::OkStatus();
}

absl::Status List(Context& context, const std::string& resource) {
  Session session(context.options);
  v1::ListFilesRequest request;
  request.set_parent(ResourceArgument(resource));
  const auto all = TRY(ListAll(session, &Stub::ListFiles, request, &v1::ListFilesResponse::mutable_files));
  if (context.json()) {
    PrintJson(all, context.out);
    return absl::OkStatus();
  }
  Table table({"FILE", "NAME", "BYTES", "STATE", "UNTIL"});
  for (const auto& file : all.files()) {
    table.Add({file.name(), file.display_name(), absl::StrCat(file.size_bytes()), EnumText(v1::FileState_descriptor(), file.state()),
               TimeText(file.expire_time())});
  }
  context.out << table.Render();
  return absl::OkStatus();
}

absl::Status Delete(Context& context, const v1::DeleteFileRequest& given) {
  Session session(context.options);
  v1::DeleteFileRequest request = given;
  request.set_name(FileArgument(given.name()));
  PrintFile(context, TRY(session.Call(&Stub::DeleteFile, request)));
  return absl::OkStatus();
}

}  // namespace

void AddFileCommands(CLI::App& app, Context& context) {
  auto* group = app.add_subcommand("file", "Files left with the hub for others to take");
  group->require_subcommand(1);

  auto* put = group->add_subcommand("put", "Leaves a file of a resource");
  auto putting = std::make_shared<Putting>();
  put->add_option("resource", putting->resource, "Code of the resource")->required();
  put->add_option("path", putting->path, "The file")->required();
  put->add_option("--hours", putting->hours, "How long it is kept (72; up to 2160)");
  put->add_option("--resume", putting->resume, "Go on with this file, announced before: files/{id}");
  put->callback([&context, putting] { context.action = [&context, putting] { return Put(context, *putting); }; });

  auto* get = group->add_subcommand("get", "Takes a file under a grant; a second run goes on where the first broke off");
  auto getting = std::make_shared<Getting>();
  get->add_option("file", *getting->request.mutable_file(), "files/{id} or id")->required();
  get->add_option("path", getting->path, "Where to put it")->required();
  get->add_option("--grant", *getting->request.mutable_grant(), "grants/{id} or id")->required();
  get->add_option("--matter", *getting->request.mutable_matter(), "Number of the case this is for; logged")->required();
  get->callback([&context, getting] { context.action = [&context, getting] { return Get(context, *getting); }; });

  auto* list = group->add_subcommand("list", "Files of a resource, newest first");
  auto resource = std::make_shared<std::string>();
  list->add_option("resource", *resource, "Code of the resource")->required();
  list->callback([&context, resource] { context.action = [&context, resource] { return List(context, *resource); }; });

  auto* remove = group->add_subcommand("delete", "Takes a file away before its time");
  auto deleting = std::make_shared<v1::DeleteFileRequest>();
  remove->add_option("file", *deleting->mutable_name(), "files/{id} or id")->required();
  remove->add_option("--reason", *deleting->mutable_reason(), "Why; kept in the history")->required();
  remove->callback([&context, deleting] { context.action = [&context, deleting] { return Delete(context, *deleting); }; });
}

}  // namespace zhanqiao::cli
