#include "hub/cli/datasets.h"

#include "absl/strings/str_cat.h"
#include "catalog/base/digest.h"
#include "google/protobuf/util/json_util.h"

namespace zhanqiao::cli {
namespace {

constexpr size_t kPart = 1 << 20;

absl::Status Parse(std::string_view json, std::string_view reason, google::protobuf::Message& message) {
  const auto parsed = google::protobuf::util::JsonStringToMessage({json.data(), json.size()}, &message);
  if (parsed.ok()) return absl::OkStatus();
  return Fail(absl::StatusCode::kInvalidArgument, reason, "The file is not the JSON that is read here; correct the named place.",
              {{"problem", std::string(parsed.message().data(), parsed.message().size())}});
}

}  // namespace

absl::StatusOr<v1::ListDatasetsResponse> ParseDatasets(std::string_view json) {
  const size_t first = json.find_first_not_of(" \t\r\n");
  v1::ListDatasetsResponse all;
  if (first != std::string_view::npos && json[first] == '[') {
    TRY(Parse(absl::StrCat("{\"datasets\":", Absl(json), "}"), "DATASETS_UNREADABLE", all));
    return all;
  }
  if (json.find("\"datasets\"") != std::string_view::npos) {
    TRY(Parse(json, "DATASETS_UNREADABLE", all));
    return all;
  }
  TRY(Parse(json, "DATASETS_UNREADABLE", *all.add_datasets()));
  return all;
}

absl::StatusOr<v1::Distribution> ParseColumns(std::string_view json) {
  v1::Distribution distribution;
  const size_t first = json.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && json[first] == '[') {
    TRY(Parse(absl::StrCat("{\"columns\":", Absl(json), "}"), "COLUMNS_UNREADABLE", distribution));
  } else {
    TRY(Parse(json, "COLUMNS_UNREADABLE", distribution));
  }
  return distribution;
}

absl::StatusOr<v1::Dataset> SendData(Session& session, const std::string& dataset, const v1::Distribution& like, std::string_view csv,
                                     const std::string& update_date, const std::function<void(int64_t)>& progress) {
  const Digest digest = Sha256(csv);
  size_t sent = 0;
  do {
    const std::string_view part = csv.substr(sent, kPart);
    v1::UploadDataRequest request;
    request.set_name(dataset);
    request.set_distribution(like.id());
    request.set_title(like.title());
    request.set_offset(static_cast<int64_t>(sent));
    request.set_part(std::string(part));
    sent += part.size();
    request.set_last(sent == csv.size());
    if (request.last()) {
      request.set_sha256(std::string(Bytes(digest)));
      *request.mutable_columns() = like.columns();
      request.set_data_update_date(update_date);
    }
    const auto answer = TRY(session.Call(&v1::DatasetService::Stub::UploadData, request));
    if (progress) progress(static_cast<int64_t>(sent));
    if (request.last()) return answer.dataset();
  } while (true);
}

std::string DatasetArgument(std::string_view text) {
  const size_t slash = text.find('/');
  if (text.starts_with("organizations/") || slash == std::string_view::npos) return std::string(text);
  return absl::StrCat("organizations/", Absl(text.substr(0, slash)), "/datasets/", Absl(text.substr(slash + 1)));
}

}  // namespace zhanqiao::cli
