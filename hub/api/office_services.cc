// What the office keeps, in the method table.
#include "hub/api/registrar.h"
#include "hub/api/services.h"
#include "hub/oversight/alarms/alarm_service.h"
#include "hub/oversight/evaluation/evaluation_service.h"
#include "hub/oversight/projects/project_service.h"
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

void RegisterEvaluations(MethodTable& table, oversight::EvaluationService& service) {
  using S = oversight::EvaluationService;
  Registrar<S> methods(table, "EvaluationService", service);
  methods.Unary("PutIndicatorSystem", &S::PutIndicatorSystem);
  methods.Unary("GetIndicatorSystem", &S::GetIndicatorSystem);
  methods.Unary("GetEvaluation", &S::GetEvaluation);
  methods.Unary("ProposeEvaluation", &S::ProposeEvaluation);
  methods.Unary("ObjectToScore", &S::ObjectToScore);
  methods.Unary("AnswerScoreObjection", &S::AnswerScoreObjection);
  methods.Unary("PublishEvaluation", &S::PublishEvaluation);
}

void RegisterProjects(MethodTable& table, oversight::ProjectService& service) {
  using S = oversight::ProjectService;
  Registrar<S> methods(table, "ProjectService", service);
  methods.Unary("CreateProject", &S::CreateProject);
  methods.Unary("GetProject", &S::GetProject);
  methods.Unary("ListProjects", &S::ListProjects);
  methods.Unary("UpdateProject", &S::UpdateProject);
  methods.Unary("FileProject", &S::FileProject);
  methods.Unary("RequestFunding", &S::RequestFunding);
  methods.Unary("DecideFunding", &S::DecideFunding);
  methods.Unary("AcceptProject", &S::AcceptProject);
  methods.Unary("RecordAuditOpinion", &S::RecordAuditOpinion);
}

void RegisterAlarms(MethodTable& table, oversight::AlarmService& service) {
  using S = oversight::AlarmService;
  Registrar<S> methods(table, "AlarmService", service);
  methods.Unary("ListAlarms", &S::ListAlarms);
  methods.Unary("GetAlarm", &S::GetAlarm);
  methods.Unary("ScanDay", &S::ScanDay);
  methods.Unary("CloseAlarm", &S::CloseAlarm);
}

}  // namespace zhanqiao::api
