// Open datasets and what the public says to the portal, in the method table: two methods need no caller.
#include "absl/strings/str_cat.h"
#include "hub/api/services.h"
#include "hub/oversight/datasets/dataset_service.h"
#include "hub/portal/submissions.h"

namespace zhanqiao::api {
namespace {

template <typename Service, typename Req, typename Resp>
void Add(MethodTable& table, Service& service, std::string_view name, absl::StatusOr<Resp> (Service::*run)(const Caller&, const Req&),
         RegisterOptions options = {}) {
  table.Unary<Req, Resp>(
      absl::StrCat("zhanqiao.v1.", Absl(name)),
      [&service, run](const Caller& caller, const Req& request) { return (service.*run)(caller, request); }, options);
}

}  // namespace

void RegisterDatasets(MethodTable& table, datasets::DatasetService& service, portal::PortalService& submissions) {
  using D = datasets::DatasetService;
  using P = portal::PortalService;
  Add(table, service, "DatasetService.CreateDataset", &D::CreateDataset);
  Add(table, service, "DatasetService.GetDataset", &D::GetDataset);
  Add(table, service, "DatasetService.ListDatasets", &D::ListDatasets);
  Add(table, service, "DatasetService.UpdateDataset", &D::UpdateDataset);
  Add(table, service, "DatasetService.UploadData", &D::UploadData);
  Add(table, service, "DatasetService.AddAddress", &D::AddAddress);
  Add(table, service, "DatasetService.RemoveDistribution", &D::RemoveDistribution);
  Add(table, service, "DatasetService.AssessDataset", &D::AssessDataset);
  Add(table, service, "DatasetService.GetRiskReport", &D::GetRiskReport);
  Add(table, service, "DatasetService.ProposeDataset", &D::ProposeDataset);
  Add(table, service, "DatasetService.DecideDataset", &D::DecideDataset);
  Add(table, service, "DatasetService.WithdrawDataset", &D::WithdrawDataset);
  Add(table, service, "DatasetService.RecallDataset", &D::RecallDataset);
  Add(table, service, "DatasetService.ProbeDataset", &D::ProbeDataset);
  Add(table, service, "DatasetService.GetDatasetProbe", &D::GetDatasetProbe);
  Add(table, service, "DatasetService.CountDatasets", &D::CountDatasets);
  Add(table, submissions, "PortalService.CreateSubmission", &P::CreateSubmission, {.anonymous = true});
  Add(table, submissions, "PortalService.GetSubmission", &P::GetSubmission, {.anonymous = true});
  Add(table, submissions, "PortalService.ListSubmissions", &P::ListSubmissions);
  Add(table, submissions, "PortalService.ModerateSubmission", &P::ModerateSubmission);
  Add(table, submissions, "PortalService.AnswerSubmission", &P::AnswerSubmission);
}

}  // namespace zhanqiao::api
