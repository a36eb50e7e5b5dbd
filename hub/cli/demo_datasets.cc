// The demonstration's open datasets: described, uploaded, assessed and proposed by one person of the body, published by
// another.
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "catalog/base/text.h"
#include "hub/cli/datasets.h"
#include "hub/cli/demo_story.h"
#include "hub/cli/files.h"
#include "hub/cli/paging.h"
#include "zhanqiao/v1/catalog.grpc.pb.h"

namespace zhanqiao::cli {
namespace {

using Stub = v1::DatasetService::Stub;

// "fgw" of organizations/370200-FGW/datasets/…: how the ids of a body's players begin.
std::string BodyOf(std::string_view dataset) {
  const size_t dash = dataset.find('-');
  return absl::AsciiStrToLower(Absl(dataset.substr(dash + 1, dataset.find("/datasets/") - dash - 1)));
}

template <typename Request>
Request About(const std::string& name) {
  Request request;
  request.set_name(name);
  return request;
}

// The code of a sample entry follows from the whole sample catalogue: datasets.json names such entries by their display name.
absl::Status NameEntry(Session& session, v1::Dataset& dataset) {
  if (dataset.resource().starts_with("resources/")) return absl::OkStatus();
  v1::ListResourcesRequest request;
  request.set_provider(dataset.name().substr(0, dataset.name().find("/datasets/")));
  const auto all = TRY(ListAll(session, &v1::CatalogService::Stub::ListResources, request, &v1::ListResourcesResponse::mutable_resources));
  for (const v1::Resource& entry : all.resources()) {
    if (entry.display_name() != dataset.resource()) continue;
    dataset.set_resource(entry.name());
    return absl::OkStatus();
  }
  return Fail(absl::StatusCode::kNotFound, "ENTRY_UNKNOWN", "A dataset of the demonstration names no entry of its body.",
              {{"dataset", dataset.name()}, {"entry", dataset.resource()}});
}

// From where it stands to the public.
absl::Status Publish(Session& clerk, Session& approver, const v1::Dataset& wanted, const std::string& data) {
  auto stored = clerk.Call(&Stub::GetDataset, About<v1::GetDatasetRequest>(wanted.name()));
  if (stored.ok() && stored->state() == v1::DATASET_STATE_PUBLISHED) return absl::OkStatus();
  if (!stored.ok()) {
    v1::CreateDatasetRequest create;
    *create.mutable_dataset() = wanted;
    create.mutable_dataset()->clear_candidate();
    create.set_reason("demonstration");
    TRY(clerk.Call(&Stub::CreateDataset, create));
  }
  if (!stored.ok() || stored->candidate_state() != v1::CANDIDATE_STATE_PROPOSED) {
    for (const v1::Distribution& one : wanted.candidate().distributions()) {
      const std::string csv = TRY(ReadFile(absl::StrCat(data, "/", one.address())));
      TRY(SendData(clerk, wanted.name(), one, csv, "", nullptr));
    }
    TRY(clerk.Call(&Stub::AssessDataset, About<v1::AssessDatasetRequest>(wanted.name())));
    TRY(clerk.Call(&Stub::ProposeDataset, About<v1::ProposeDatasetRequest>(wanted.name())));
  }
  auto decide = About<v1::DecideDatasetRequest>(wanted.name());
  decide.set_approved(true);
  decide.set_comment("demonstration");
  return approver.Call(&Stub::DecideDataset, decide).status();
}

}  // namespace

absl::Status LoadDatasets(Stage& stage, const std::string& data) {
  const std::string json = TRY(ReadFile(data + "/datasets.json"));
  auto wanted = TRY(ParseDatasets(json));
  for (v1::Dataset& dataset : *wanted.mutable_datasets()) {
    const std::string body = BodyOf(dataset.name());
    Session* const clerk = TRY(stage.As(body + "-clerk"));
    Session* const approver = TRY(stage.As(body + "-approver"));
    TRY(NameEntry(*clerk, dataset));
    TRY(Publish(*clerk, *approver, dataset, data));
  }
  stage.narrator().Note(absl::StrCat("开放数据集 open datasets: ", wanted.datasets_size()));
  return absl::OkStatus();
}

}  // namespace zhanqiao::cli
