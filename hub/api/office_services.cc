// What the office keeps, in the method table.
#include "hub/api/registrar.h"
#include "hub/api/services.h"
#include "hub/oversight/reports/report_service.h"
#include "hub/oversight/tasks/task_service.h"

namespace zhanqiao::api {

void RegisterReports(MethodTable& table, oversight::ReportService& service) {
  using S = oversight::ReportService;
  Registrar<S> methods(table, "ReportService", service);
  methods.Unary("GetReport", &S::GetReport);
  methods.Unary("ListReports", &S::ListReports);
  methods.Unary("ListDueReports", &S::ListDueReports);
  methods.Unary("UpdateReport", &S::UpdateReport);
  methods.Unary("SubmitReport", &S::SubmitReport);
  methods.Unary("ReturnReport", &S::ReturnReport);
  methods.Unary("AcceptReport", &S::AcceptReport);
  methods.Unary("CorrectReport", &S::CorrectReport);
  methods.Unary("GetCitySummary", &S::GetCitySummary);
  methods.Unary("RemindBodies", &S::RemindBodies);
  methods.Unary("ExportReport", &S::ExportReport);
  methods.Unary("ExportVersions", &S::ExportVersions);
}

void RegisterTasks(MethodTable& table, oversight::TaskService& service) {
  using S = oversight::TaskService;
  Registrar<S> methods(table, "TaskService", service);
  methods.Unary("ImportTasks", &S::ImportTasks);
  methods.Unary("GetTask", &S::GetTask);
  methods.Unary("ListTasks", &S::ListTasks);
  methods.Unary("AttestTask", &S::AttestTask);
  methods.Unary("DraftCriticism", &S::DraftCriticism);
  methods.Unary("GetCriticism", &S::GetCriticism);
  methods.Unary("ListCriticisms", &S::ListCriticisms);
  methods.Unary("PublishCriticism", &S::PublishCriticism);
}

}  // namespace zhanqiao::api
